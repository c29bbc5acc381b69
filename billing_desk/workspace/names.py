"""References such as payment:9 in the words people use, one query for each kind of thing, however many are named."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.formats import date_format

from billing_desk.templatetags.words import object_words
from ledger.disputes.models import Dispute
from ledger.invoices.models import CreditNote, Invoice, InvoiceLine
from ledger.payments.models import Payment
from ledger.refunds.models import Refund

MODELS: dict[str, type[Invoice] | type[Payment] | type[Refund] | type[Dispute] | type[CreditNote]] = {
    "invoice": Invoice,
    "payment": Payment,
    "refund": Refund,
    "dispute": Dispute,
    "credit_note": CreditNote,
}


def names_of(references: Iterable[str], *, with_amounts: bool = False) -> dict[str, str]:
    """Return "Payment P-2026-000004" and the like for each reference; with amounts, so that one can choose."""
    wanted: dict[str, set[int]] = {}
    named = {}
    for reference in references:
        kind, _, number = reference.partition(":")
        named[reference] = object_words(reference)
        if kind in MODELS and number.isdigit():
            wanted.setdefault(kind, set()).add(int(number))
    named |= _lines([reference for reference in named if reference.startswith("invoiceline:")])
    for kind, numbers in wanted.items():
        for found in MODELS[kind]._default_manager.filter(pk__in=numbers):
            named[f"{kind}:{found.pk}"] = _words(kind, found, with_amounts)
    return named


def _words(kind: str, found: Invoice | Payment | Refund | Dispute | CreditNote, with_amounts: bool) -> str:
    noun = object_words(f"{kind}:0").removesuffix(" 0")
    if with_amounts and isinstance(found, Payment):
        return f"{noun} {found.number} · {found.amount} of {date_format(found.received_on, 'j F')}"
    return f"{noun} {found.number}"


def _lines(references: list[str]) -> dict[str, str]:
    """Return "Line 2 of INV-2026-000001" for each line of a bill."""
    ids = [int(number) for number in (each.partition(":")[2] for each in references) if number.isdigit()]
    found = InvoiceLine.objects.filter(pk__in=ids).values_list("pk", "position", "invoice__number") if ids else ()
    return {f"invoiceline:{pk}": f"Line {position} of {number}" for pk, position, number in found}
