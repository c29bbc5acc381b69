"""The electronic invoice (pure): a bill as EN 16931 in the CII syntax, profile "EN 16931" of Factur-X 1.0.9.

Every figure is one the bill holds; nothing is computed again. Business terms (BT) and groups (BG) are EN 16931-1's.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ledger.catalogue.tariff import Model
from ledger.documents.bills import tax_sentence
from ledger.documents.contact import ContactBlock
from ledger.documents.facts import Bill, Line, Party, TaxGroup
from ledger.documents.glyphs import clean
from ledger.documents.words import say
from ledger.money import Money, exponent
from ledger.periods import Period

PROFILE = "urn:cen.eu:en16931:2017"
INVOICE, CREDIT_NOTE = "380", "381"  # BT-3, UNTDID 1001
SEPA_TRANSFER, PIECE = "58", "C62"  # UNTDID 4461; UN/ECE Recommendation 20
#: The standard's code of why no tax is charged. Source: CEF VATEX code list.
EXEMPTION = {"AE": "VATEX-EU-AE", "G": "VATEX-EU-G"}
NAMESPACES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}
for _prefix, _namespace in NAMESPACES.items():
    ET.register_namespace(_prefix, _namespace)

#: A node: name, what is in it (a text or nodes; None leaves it out), attributes.
Node = tuple[str, Any, dict[str, str]]


def can_be_electronic(bill: Bill) -> bool:
    """Return whether EN 16931 can say it: its amounts have at most two digits (BR-DEC), and the seller a VAT id."""
    return exponent(bill.currency) <= 2 and bool(bill.seller.party.vat_id)


def invoice_xml(bill: Bill, contact: ContactBlock) -> bytes:
    """Return the electronic invoice or credit note."""
    tree = _element(
        _node(
            "rsm:CrossIndustryInvoice",
            _node(
                "rsm:ExchangedDocumentContext",
                _node("ram:GuidelineSpecifiedDocumentContextParameter", _node("ram:ID", PROFILE)),
            ),
            _node(
                "rsm:ExchangedDocument",
                _node("ram:ID", bill.number),
                _node("ram:TypeCode", CREDIT_NOTE if bill.corrects else INVOICE),
                _node("ram:IssueDateTime", _day(bill.issued_on)),
                _node("ram:IncludedNote", _node("ram:Content", bill.reason)) if bill.reason else None,
            ),
            _node(
                "rsm:SupplyChainTradeTransaction",
                *(_line(place, line) for place, line in enumerate(bill.lines, start=1)),
                _agreement(bill, contact),
                _node(
                    "ram:ApplicableHeaderTradeDelivery",
                    _node(
                        "ram:ActualDeliverySupplyChainEvent", _node("ram:OccurrenceDateTime", _day(bill.supplied_on))
                    ),
                ),
                _settlement(bill),
            ),
        )
    )
    written: bytes = ET.tostring(tree, encoding="UTF-8", xml_declaration=True)
    return written


def _node(name: str, *inside: Any, **attributes: str) -> Node:
    return name, inside, attributes


def _element(node: Node) -> ET.Element:
    name, inside, attributes = node
    prefix, _, local = name.partition(":")
    element = ET.Element(f"{{{NAMESPACES[prefix]}}}{local}", attributes)
    for each in inside:
        if isinstance(each, str):
            element.text = clean(each)
        elif each is not None:
            element.append(_element(each))
    return element


def _line(place: int, line: Line) -> Node:
    quantity, price = _quantity_and_price(line)
    return _node(
        "ram:IncludedSupplyChainTradeLineItem",
        _node("ram:AssociatedDocumentLineDocument", _node("ram:LineID", str(place))),
        _node("ram:SpecifiedTradeProduct", _node("ram:Name", line.description)),
        _node(
            "ram:SpecifiedLineTradeAgreement",
            _node("ram:NetPriceProductTradePrice", _node("ram:ChargeAmount", _plain(price))),
        ),
        _node(
            "ram:SpecifiedLineTradeDelivery",
            _node("ram:BilledQuantity", _plain(quantity), unitCode=PIECE),
        ),
        _node(
            "ram:SpecifiedLineTradeSettlement",
            _node(
                "ram:ApplicableTradeTax",
                _node("ram:TypeCode", "VAT"),
                _node("ram:CategoryCode", line.category),
                _node("ram:RateApplicablePercent", _plain(line.rate)),
            ),
            _period(line.period),
            _allowance(line),
            _node(
                "ram:SpecifiedTradeSettlementLineMonetarySummation",
                _node("ram:LineTotalAmount", _amount(line.net)),
            ),
        ),
    )


def _quantity_and_price(line: Line) -> tuple[Decimal, Decimal]:
    """Return quantity and price of one where together they are the line exactly, else the line as one piece."""
    # A price is not below zero (BR-27): a line that is taken back has a quantity below zero instead.
    whole = Decimal(-1 if line.listed.minor < 0 else 1), abs(line.listed.decimal())
    basis = line.basis
    if basis is None or basis.includes_tax or basis.part != 1 or basis.tariff.model is not Model.PER_UNIT:
        return whole
    if basis.quantity * basis.tariff.unit_minor != line.listed.minor or not line.listed:
        return whole
    one = Fraction(basis.tariff.unit_minor) / 10 ** exponent(line.net.currency)
    return _decimal(basis.quantity), _decimal(one)


def _allowance(line: Line) -> Node | None:
    """BG-27: what a discount took off the line, and its name."""
    if not line.discount:
        return None
    names = ", ".join(discount.name for discount in line.basis.discounts) if line.basis else ""
    return _node(
        "ram:SpecifiedTradeAllowanceCharge",
        _node("ram:ChargeIndicator", _node("udt:Indicator", "false")),
        _node("ram:ActualAmount", _amount(line.discount)),
        _node("ram:Reason", names or "Discount"),
    )


def _agreement(bill: Bill, contact: ContactBlock) -> Node:
    seller = bill.seller
    return _node(
        "ram:ApplicableHeaderTradeAgreement",
        _node(
            "ram:SellerTradeParty",
            _node("ram:Name", seller.party.name),
            _node(
                "ram:DefinedTradeContact",
                _node("ram:DepartmentName", "Billing"),
                _node("ram:TelephoneUniversalCommunication", _node("ram:CompleteNumber", contact.number)),
                _node("ram:EmailURIUniversalCommunication", _node("ram:URIID", seller.email)) if seller.email else None,
            ),
            _address(seller.party),
            _vat_id(seller.party),
        ),
        _node(
            "ram:BuyerTradeParty",
            _node("ram:ID", bill.buyer.number) if bill.buyer.number else None,
            _node("ram:Name", bill.buyer.name),
            _address(bill.buyer),
            _vat_id(bill.buyer),
        ),
    )


def _address(party: Party) -> Node:
    parts = [
        ("ram:PostcodeCode", party.postal_code),
        ("ram:LineOne", party.street),
        ("ram:LineTwo", party.more),
        ("ram:CityName", party.city),
        ("ram:CountryID", party.country),
    ]
    return _node("ram:PostalTradeAddress", *(_node(name, value) for name, value in parts if value))


def _vat_id(party: Party) -> Node | None:
    if not party.vat_id:
        return None
    return _node("ram:SpecifiedTaxRegistration", _node("ram:ID", party.vat_id, schemeID="VA"))


def _settlement(bill: Bill) -> Node:
    booked = bill.book_tax
    return _node(
        "ram:ApplicableHeaderTradeSettlement",
        _node("ram:PaymentReference", bill.number),
        _node("ram:TaxCurrencyCode", booked.amount.currency) if booked else None,
        _node("ram:InvoiceCurrencyCode", bill.currency),
        _payment_means(bill),
        *(_tax(group, bill) for group in bill.groups),
        _period(bill.period),
        _terms(bill),
        _sums(bill),
        _corrected(bill),
    )


def _payment_means(bill: Bill) -> Node | None:
    if not bill.seller.iban or bill.corrects:
        return None
    return _node(
        "ram:SpecifiedTradeSettlementPaymentMeans",
        _node("ram:TypeCode", SEPA_TRANSFER),
        _node("ram:PayeePartyCreditorFinancialAccount", _node("ram:IBANID", bill.seller.iban)),
    )


def _tax(group: TaxGroup, bill: Bill) -> Node:
    """BG-23: one breakdown per category and rate."""
    reason = tax_sentence(group, bill.language)
    code = EXEMPTION.get(group.category, "")
    return _node(
        "ram:ApplicableTradeTax",
        _node("ram:CalculatedAmount", _amount(group.tax)),
        _node("ram:TypeCode", "VAT"),
        _node("ram:ExemptionReason", reason) if reason else None,
        _node("ram:BasisAmount", _amount(group.net)),
        _node("ram:CategoryCode", group.category),
        _node("ram:ExemptionReasonCode", code) if code else None,
        _node("ram:RateApplicablePercent", _plain(group.rate)),
    )


def _terms(bill: Bill) -> Node | None:
    if bill.corrects:
        words = say("credit_used_for", bill.language)
        return _node("ram:SpecifiedTradePaymentTerms", _node("ram:Description", words))
    if bill.due_on is None:
        return None
    return _node("ram:SpecifiedTradePaymentTerms", _node("ram:DueDateDateTime", _day(bill.due_on)))


def _sums(bill: Bill) -> Node:
    booked = bill.book_tax
    return _node(
        "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        _node("ram:LineTotalAmount", _amount(bill.net)),
        _node("ram:TaxBasisTotalAmount", _amount(bill.net)),
        _node("ram:TaxTotalAmount", _amount(bill.tax), currencyID=bill.currency),
        _node("ram:TaxTotalAmount", _amount(booked.amount), currencyID=booked.amount.currency) if booked else None,
        _node("ram:GrandTotalAmount", _amount(bill.total)),
        _node("ram:TotalPrepaidAmount", _amount(bill.credit_used)) if bill.credit_used else None,
        _node("ram:DuePayableAmount", _amount(bill.payable)),
    )


def _corrected(bill: Bill) -> Node | None:
    if not bill.corrects:
        return None
    on = bill.corrects_on
    return _node(
        "ram:InvoiceReferencedDocument",
        _node("ram:IssuerAssignedID", bill.corrects),
        _node("ram:FormattedIssueDateTime", _node("qdt:DateTimeString", f"{on:%Y%m%d}", format="102")) if on else None,
    )


def _period(period: Period | None) -> Node | None:
    if period is None:
        return None
    last = date.fromordinal(period.end.toordinal() - 1)
    return _node(
        "ram:BillingSpecifiedPeriod",
        _node("ram:StartDateTime", _day(period.start)),
        _node("ram:EndDateTime", _day(last)),
    )


def _day(day: date) -> Node:
    return _node("udt:DateTimeString", f"{day:%Y%m%d}", format="102")


def _amount(amount: Money) -> str:
    return f"{amount.decimal():f}"


def _decimal(exact: Fraction) -> Decimal:
    return Decimal(exact.numerator) / Decimal(exact.denominator)


def _plain(number: Decimal) -> str:
    """Return a number without an exponent and without zeros at its end: 19, 0.0123."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
