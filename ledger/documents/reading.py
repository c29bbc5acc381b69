"""From stored rows to facts: an invoice or a credit note as it was issued, whatever happened to it since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.conf import settings
from django.db.models import BigIntegerField, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from ledger.charges.basis import from_json
from ledger.customers.models import Customer
from ledger.documents.facts import Bill, BookTax, Line, Party, Seller, category_of, sentences_in, tax_groups
from ledger.errors import DomainError, NotFound
from ledger.events import kinds
from ledger.events.models import Event
from ledger.invoices.models import CreditNote, CreditNoteLine, Invoice, InvoiceLine
from ledger.money import Money, exponent
from ledger.periods import Period


class NoSuchSubject(NotFound):
    """There is nothing a document could be made of under this name."""


class NotIssuedYet(DomainError):
    """A draft has no number and is no document."""


Wordings = dict[tuple[str, Decimal], Mapping[str, str]]


def read_seller() -> Seller:
    """Return whose bills these are, from the settings."""
    company: Mapping[str, str] = settings.SELLER
    street, _, town = company["address"].rpartition(", ")
    postal_code, _, city = town.partition(" ")
    party = Party(
        name=company["name"],
        country=company["country"],
        street=street,
        postal_code=postal_code,
        city=city,
        vat_id=company["vat_id"],
    )
    return Seller(
        party,
        register=company["register"],
        iban=company["iban"],
        bic=company["bic"],
        email=settings.SUPPORT_ADDRESS,
        account_url=f"{settings.PUBLIC_URL}/account/",
    )


def read_buyer(customer: Customer) -> Party:
    """Return the customer as addressed on documents."""
    return Party(
        name=customer.name,
        country=customer.country,
        street=customer.street,
        more=customer.address_more,
        postal_code=customer.postal_code,
        city=customer.city,
        region=customer.region,
        vat_id=customer.vat_id,
        number=customer.number,
    )


def read_invoice(invoice_id: int) -> tuple[Bill, Customer]:
    """Return an issued invoice.

    :raises NoSuchSubject: if there is none
    :raises NotIssuedYet: if it is a draft
    """
    invoice = Invoice.objects.select_related("customer").filter(pk=invoice_id).first()
    if invoice is None:
        raise NoSuchSubject("There is no such invoice.")
    if invoice.number.startswith("DRAFT"):
        raise NotIssuedYet("This bill is a draft: it has no number yet.")
    wordings: Wordings = {}
    stored = InvoiceLine.objects.filter(invoice=invoice).select_related("charge").order_by("position")
    lines = [_line(invoice, line, wordings) for line in stored]
    bill = Bill(
        number=invoice.number,
        language=invoice.customer.language,
        issued_on=invoice.issued_on,
        issued_at=invoice.issued_at,
        due_on=invoice.due_on,
        seller=read_seller(),
        buyer=read_buyer(invoice.customer),
        lines=tuple(lines),
        groups=tuple(tax_groups(lines, wordings)),
        period=_period(invoice.period_start, invoice.period_end),
        credit_used=_credit_used(invoice),
        book_tax=_book_tax(invoice, invoice.tax_minor),
    )
    return bill, invoice.customer


def read_credit_note(note_id: int) -> tuple[Bill, Customer]:
    """Return a credit note, under the tax of the line it corrects.

    :raises NoSuchSubject: if there is none
    """
    note = CreditNote.objects.select_related("customer", "invoice").filter(pk=note_id).first()
    if note is None:
        raise NoSuchSubject("There is no such credit note.")
    wordings: Wordings = {}
    parts = CreditNoteLine.objects.filter(note=note).select_related("line__charge").order_by("line__position")
    lines = [line for part in parts for line in _credited(note, part, wordings)]
    bill = Bill(
        number=note.number,
        language=note.customer.language,
        issued_on=note.issued_on,
        issued_at=note.issued_at,
        seller=read_seller(),
        buyer=read_buyer(note.customer),
        lines=tuple(lines),
        groups=tuple(tax_groups(lines, wordings)),
        corrects=note.invoice.number,
        corrects_on=note.invoice.issued_on,
        reason=note.reason,
        book_tax=_book_tax(note.invoice, note.tax_minor),
    )
    return bill, note.customer


def _line(invoice: Invoice, line: InvoiceLine, wordings: Wordings) -> Line:
    charge = line.charge
    discount = Money(charge.discount_minor, line.currency)
    if charge.included_tax_minor is not None and discount:
        # The discount was taken off a price with tax inside; on paper lines are without tax, so it is shown without.
        discount = discount.times(Fraction(100) / (100 + Fraction(line.tax_rate)))
    return Line(
        line.description,
        Money(line.net_minor, line.currency),
        Money(line.tax_minor, line.currency),
        line.tax_rate,
        _category(invoice, line, wordings),
        discount,
        period=_period(charge.period_start, charge.period_end),
        basis=from_json(charge.basis) if charge.basis else None,
    )


def _credited(note: CreditNote, part: CreditNoteLine, wordings: Wordings) -> list[Line]:
    """Return what a part takes back: one line, under the tax the line had by then.

    Tax alone has no place in a breakdown by rates (EN 16931, BR-S-09). What is left of the line is taken back at the
    wrong rate and charged at the right one: the nets cancel each other, and the difference of the taxes is the credit.
    """
    corrected = part.line
    before = list(corrected.credited_by.filter(pk__lt=part.pk).order_by("pk"))
    rate, treatment = corrected.tax_rate, corrected.tax_treatment
    for earlier in before:
        if earlier.right_tax_rate is not None:
            rate, treatment = earlier.right_tax_rate, earlier.right_tax_treatment
    net, tax = Money(part.net_minor, part.currency), Money(part.tax_minor, part.currency)
    said = sentences_in(note.invoice.tax_evidence, corrected.charge.tax_category)

    def line(net: Money, tax: Money, rate: Decimal, treatment: str) -> Line:
        code = category_of(treatment, rate)
        if treatment == corrected.tax_treatment:
            wordings[code, rate] = wordings.get((code, rate)) or said
        period = _period(corrected.charge.period_start, corrected.charge.period_end)
        return Line(corrected.description, net, tax, rate, code, Money(0, part.currency), period=period)

    if part.right_tax_rate is None:
        return [line(net, tax, rate, treatment)]
    left = Money(corrected.net_minor - sum(one.net_minor for one in before), part.currency)
    tax_left = Money(corrected.tax_minor - sum(one.tax_minor for one in before), part.currency)
    return [
        line(left, tax_left, rate, treatment),
        line(-left, tax - tax_left, part.right_tax_rate, part.right_tax_treatment),
    ]


def _category(invoice: Invoice, line: InvoiceLine, wordings: Wordings) -> str:
    code = category_of(line.tax_treatment, line.tax_rate)
    said = sentences_in(invoice.tax_evidence, line.charge.tax_category)
    wordings[code, line.tax_rate] = wordings.get((code, line.tax_rate)) or said
    return code


def _credit_used(invoice: Invoice) -> Money | None:
    """Return the credit that paid a part of it in the moment it was issued; what was paid later is another document."""
    used = (
        Event.objects.filter(kind=kinds.CREDIT_APPLIED, subject=f"invoice:{invoice.pk}", occurred_at=invoice.issued_at)
        .annotate(part=Cast(KT("data__amount_minor"), BigIntegerField()))
        .aggregate(used=Sum("part"))["used"]
    )
    return Money(int(used), invoice.currency) if used else None


def _book_tax(invoice: Invoice, tax_minor: int) -> BookTax | None:
    if invoice.book_rate is None or invoice.currency == settings.BOOK_CURRENCY:
        return None
    tax = Money(tax_minor, invoice.currency)
    one = Money(10 ** exponent(settings.BOOK_CURRENCY), settings.BOOK_CURRENCY)
    converted = one.times(tax.decimal() * invoice.book_rate)
    on = invoice.book_rate_on or invoice.issued_on
    return BookTax(converted, invoice.book_rate.normalize(), invoice.book_rate_source, on)


def _period(start: date | None, end: date | None) -> Period | None:
    return Period(start, end) if start and end else None
