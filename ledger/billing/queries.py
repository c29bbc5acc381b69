"""Every read of billing runs worth a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max, Min, QuerySet, Sum

from ledger.billing import control
from ledger.billing.models import BillingException, BillingRun, BillingStep
from ledger.money import Money

#: Exceptions listed on the page of a run; all of them stand in their own list.
LISTED = 100


@dataclass(frozen=True, slots=True)
class ControlLine:
    """One currency of a run: net, tax and total of its bills, and what the books ask for by the same bills."""

    invoices: int
    net: Money
    tax: Money
    billed: Money
    booked: Money

    @property
    def difference(self) -> Money:
        """What the books ask for more than was billed; anything but nothing is a fault."""
        return self.booked - self.billed


@dataclass(frozen=True, slots=True)
class RunView:
    """What the page of a run shows."""

    lines: Sequence[ControlLine]
    exceptions: Sequence[BillingException]
    exceptions_open: int
    last_step: BillingStep | None
    first_number: str
    last_number: str
    per_second: int


def control_lines(run: BillingRun) -> list[ControlLine]:
    """Return the totals of a run against the books, as they were counted step by step."""
    return [
        ControlLine(
            invoices=sums["invoices"],
            net=Money(sums["net"], currency),
            tax=Money(sums["tax"], currency),
            billed=Money(sums["total"], currency),
            booked=Money(run.booked.get(currency, 0), currency),
        )
        for currency, sums in sorted(run.totals.items())
    ]


def recount(run_id: int) -> tuple[control.Totals, dict[str, int]]:
    """Return the totals of a run and what the books say of them, summed anew over all its bills."""
    ids = control.invoices_of(run_id)
    return control.billed(ids), control.booked(ids)


def exceptions_of(run_id: int) -> QuerySet[BillingException]:
    """Return what a run could not bill, the open ones first; those open since an earlier run included."""
    found = BillingException.objects.filter(first_run_id__lte=run_id, last_run_id__gte=run_id)
    return found.select_related("customer", "subscription").order_by("resolved_at", "pk")


def view_run(run: BillingRun) -> RunView:
    """Return what the page of a run shows."""
    steps = BillingStep.objects.filter(run=run)
    span = steps.aggregate(first=Min("written_at"), last=Max("written_at"), billed=Sum("billed"))
    numbered = steps.exclude(first_number="")
    first, last = numbered.order_by("pk").first(), numbered.order_by("pk").last()
    seconds = (span["last"] - span["first"]).total_seconds() if span["last"] else 0
    found = exceptions_of(run.pk)
    return RunView(
        lines=control_lines(run),
        exceptions=list(found[:LISTED]),
        exceptions_open=found.filter(resolved_at=None).count(),
        last_step=last,
        first_number=first.first_number if first else "",
        last_number=last.last_number if last else "",
        per_second=int((span["billed"] or 0) / seconds) if seconds else 0,
    )
