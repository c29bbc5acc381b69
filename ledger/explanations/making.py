"""One explanation for any subject: what was given to a customer can be made again from its name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from ledger.errors import InvalidInput
from ledger.explanations.changes import explain_change
from ledger.explanations.differences import explain_difference
from ledger.explanations.refunds import explain_refund
from ledger.explanations.telling import Explanation
from ledger.invoices.explain import explain_invoice, explain_lines, get_line
from ledger.invoices.models import InvoiceLine
from ledger.invoices.sentences import sentences
from ledger.subscriptions.models import Subscription


class UnknownSubject(InvalidInput):
    """There is no explanation for a thing of this kind."""


def explain_charge(line_id: int, language: str, *, customer_id: int | None = None) -> Explanation:
    """Return what there is to say about a line of a bill, with the anchor of its subscription.

    :raises NoSuchLine: if there is none, or it is another customer's
    """
    line = get_line(line_id, customer_id=customer_id)
    (explained,) = explain_lines([line], anchors=anchors_of([line]))
    return Explanation(
        subject=f"invoiceline:{line.pk}",
        customer_id=line.invoice.customer_id,
        language=language,
        sentences=tuple(sentences(explained, language)),
        figures=frozenset(explained.figures(language)),
    )


def explain_bill(invoice_id: int, language: str, *, customer_id: int | None = None) -> Explanation:
    """Return every line of a bill explained, one after the other.

    :raises NoSuchInvoice: if there is none, or it is another customer's
    """
    lines = list(InvoiceLine.objects.filter(invoice_id=invoice_id).select_related("charge"))
    explained = explain_invoice(invoice_id, language, customer_id=customer_id, anchors=anchors_of(lines))
    return Explanation(
        subject=f"invoice:{explained.invoice_id}",
        customer_id=explained.customer_id,
        language=language,
        sentences=explained.sentences,
        figures=frozenset(figure for line in explained.lines for figure in line.figures(language)),
    )


def anchors_of(lines: list[InvoiceLine]) -> dict[int, date]:
    """Return the day from which the billing periods of each line count, where a subscription has one."""
    named = {line.pk: line.charge.source.partition(":") for line in lines}
    ids = {int(number) for kind, _, number in named.values() if kind == "subscription" and number.isdecimal()}
    anchors = dict(Subscription.objects.filter(pk__in=ids).values_list("pk", "anchor_on")) if ids else {}
    return {
        pk: anchors[int(number)]
        for pk, (kind, _, number) in named.items()
        if kind == "subscription" and number.isdecimal() and int(number) in anchors
    }


def _difference(invoice_id: int, language: str) -> Explanation:
    return explain_difference(invoice_id, language).explanation


MAKERS: dict[str, Callable[[int, str], Explanation]] = {
    "invoiceline": explain_charge,
    "invoice": explain_bill,
    "difference": _difference,
    "refund": explain_refund,
    "subscriptionchange": explain_change,
}


def explain_subject(subject: str, language: str) -> Explanation:
    """Return the explanation of a thing by its name, e.g. `refund:42`.

    :raises UnknownSubject: if there is no explanation for things of its kind
    :raises NotFound: if there is no such thing
    """
    kind, _, number = subject.partition(":")
    if kind not in MAKERS or not number.isdecimal():
        raise UnknownSubject(f"We explain bills, lines, differences, refunds and changes, not {subject!r}.")
    return MAKERS[kind](int(number), language)
