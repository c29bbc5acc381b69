"""The finding "tax of a rate that was not in force": the rules of the day, as they are known now, say another rate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Prefetch

from ledger.adjustments.hits import NOT_ASKED, Hit
from ledger.charges.amounts import tax_inside
from ledger.invoices.models import Invoice, InvoiceLine
from ledger.invoices.tax import RightTax, tax_on_lines
from ledger.jurisdictions import tax
from ledger.jurisdictions.queries import TaxRules, rule_book
from ledger.jurisdictions.rules import RuleBook
from ledger.jurisdictions.tax import NoTaxRule, TaxSubject
from ledger.money import Money


@dataclass(frozen=True, slots=True)
class WrongTax:
    """Lines taxed at a higher rate than the rules of their day say, on bills issued in a span of days.

    What the bill knew of its customer then is asked again; a rate that was given by hand has no rule to ask. Lines
    taxed too little are no hits: a bill is not raised afterwards by a credit note.
    """

    first: date
    last: date

    @property
    def name(self) -> str:
        """What the same finding is known by, whoever finds it again."""
        return "wrong_tax"

    def terms(self) -> dict[str, Any]:
        """What it was asked with, for the record."""
        return {"kind": "wrong_tax", "first": str(self.first), "last": str(self.last)}

    def hits(self, currency: str) -> Iterator[Hit]:
        """List every line it hit."""
        lines = InvoiceLine.objects.select_related("charge").order_by("position")
        bills = Invoice.objects.filter(issued_on__gte=self.first, issued_on__lte=self.last, currency=currency)
        asked = bills.exclude(state__in=NOT_ASKED).exclude(tax_evidence={}).order_by("pk")
        book = rule_book(tax.TAX_KINDS)
        days: dict[date, TaxRules] = {}
        for invoice in asked.prefetch_related(Prefetch("lines", lines)).iterator(chunk_size=1000):
            yield from _hits(invoice, right_taxes(invoice.tax_evidence, book, days))


def right_taxes(evidence: Mapping[str, Any], book: RuleBook, days: dict[date, TaxRules]) -> dict[str, RightTax]:
    """Return what the rules say now of the day of a bill, by category; what they do not say is left as it was."""
    found = {}
    for category, decision in (evidence.get("decisions") or {}).items():
        on = date.fromisoformat(decision["evidence"]["on"])
        rules = days.setdefault(on, TaxRules(book, on, settings.SELLER_COUNTRY))
        try:
            now = rules.decide(subject_then(decision["evidence"]), category)
        except NoTaxRule:
            continue
        found[category] = RightTax(now.rate, now.treatment)
    return found


def subject_then(evidence: Mapping[str, Any]) -> TaxSubject:
    """Return what was known of the customer when the tax was decided."""
    check = evidence.get("vat_id_check") or {}
    checked_on = check.get("checked_on")
    return TaxSubject(
        evidence["country"],
        evidence["region"],
        evidence["customer_type"],
        evidence.get("vat_id", ""),
        vat_id_valid=check.get("registered"),
        vat_id_checked_on=date.fromisoformat(checked_on) if checked_on else None,
        vat_id_source=check.get("source", ""),
        vat_id_check=check.get("id"),
        is_below_threshold=bool((evidence.get("threshold") or {}).get("is_within")),
    )


def _hits(invoice: Invoice, right: Mapping[str, RightTax]) -> Iterator[Hit]:
    wrong = [line for line in invoice.lines.all() if _is_wrong(line, right)]
    yield from (_inclusive(line, invoice.customer_id, right) for line in wrong if _includes_tax(line))
    added = [line for line in wrong if not _includes_tax(line)]
    taxes = tax_on_lines([(Money(line.net_minor, line.currency), _right(line, right).rate) for line in added])
    for line, tax_now in zip(added, taxes, strict=True):
        amount = Money(line.tax_minor, line.currency) - tax_now
        if amount.minor > 0:
            yield Hit(line.pk, invoice.customer_id, amount, _right(line, right))


def _inclusive(line: InvoiceLine, customer_id: int, right: Mapping[str, RightTax]) -> Hit:
    """Return a line whose price was agreed with its tax: the customer paid what was agreed, whatever its parts are."""
    amount = Money(line.tax_minor, line.currency) - tax_inside(line.total, _right(line, right).rate)
    return Hit(line.pk, customer_id, amount, _right(line, right))


def _is_wrong(line: InvoiceLine, right: Mapping[str, RightTax]) -> bool:
    if not line.tax_treatment or line.charge.tax_category not in right or line.tax_minor <= 0:
        return False
    return Decimal(line.tax_rate) > _right(line, right).rate


def _right(line: InvoiceLine, right: Mapping[str, RightTax]) -> RightTax:
    return right[line.charge.tax_category]


def _includes_tax(line: InvoiceLine) -> bool:
    return line.charge.included_tax_minor is not None
