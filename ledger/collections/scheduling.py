"""The steps of overdue bills as rows: written once, stopped when nothing is asked for, taken up where they were."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from ledger.collections.models import DunningStep, Ladder, Rung
from ledger.collections.schedule import Step, Workday, plan_steps
from ledger.customers.models import Customer
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import Happening, record_events
from ledger.invoices.models import Invoice
from ledger.workdays import next_workday

#: Bills planned in one transaction.
CHUNK = 500
#: The day of a customer is at most this much ahead of or behind the server's.
ONE_DAY = timedelta(days=1)


class Ladders:
    """The active ladders with their rungs, in memory."""

    def __init__(self) -> None:
        self._ladders = list(Ladder.objects.filter(is_active=True))
        self._rungs: dict[int, list[Rung]] = {}
        for rung in Rung.objects.filter(ladder__is_active=True).order_by("days_after_due"):
            self._rungs.setdefault(rung.ladder_id, []).append(rung)

    def of(self, customer_kind: str, currency: str) -> Ladder | None:
        """Return the most specific ladder of a segment; a currency of its own goes before a kind of its own."""
        fitting = [
            ladder
            for ladder in self._ladders
            if ladder.customer_kind in ("", customer_kind) and ladder.currency in ("", currency)
        ]
        return max(fitting, key=lambda one: (bool(one.currency), bool(one.customer_kind)), default=None)

    def rungs(self, ladder: Ladder) -> Sequence[Rung]:
        """Return the rungs of a ladder, the earliest first."""
        return self._rungs.get(ladder.pk, [])


def workday_of(customer: Customer) -> Workday:
    """Return the function that moves a day to a working day where the customer lives."""
    return partial(next_workday, country=customer.country, region=customer.region)


def plan_overdue(ladders: Ladders, *, by: Actor, at: datetime) -> int:
    """Write the steps of every overdue bill that has none; return how many bills. Repeating it adds nothing."""
    planned, after = 0, 0
    while True:
        bills = list(_without_steps(at.date() + ONE_DAY).filter(pk__gt=after).order_by("pk")[:CHUNK])
        if not bills:
            return planned
        after = bills[-1].pk
        late = [bill for bill in bills if bill.due_on < bill.customer.local_day(at)]
        planned += _plan(late, ladders, by=by, at=at)


def _without_steps(before: date) -> QuerySet[Invoice]:
    has_steps = DunningStep.objects.filter(invoice=OuterRef("pk"))
    asked_for = Q(total_minor__gt=F("paid_minor") + F("credited_minor") + F("disputed_minor"))
    open_bills = Invoice.objects.filter(asked_for, state=Invoice.State.OPEN, due_on__lt=before)
    return open_bills.filter(~Exists(has_steps)).select_related("customer")


@transaction.atomic
def _plan(bills: Iterable[Invoice], ladders: Ladders, *, by: Actor, at: datetime) -> int:
    rows: list[DunningStep] = []
    started: list[Happening] = []
    for bill in bills:
        ladder = ladders.of(bill.customer.kind, bill.currency)
        if ladder is None or not ladders.rungs(ladder):
            continue
        steps = _rows(bill, ladder, ladders.rungs(ladder))
        rows += steps
        about = {"number": bill.number, "ladder": ladder.name, "first_on": steps[0].planned_on.isoformat()}
        started.append(Happening(kinds.DUNNING_STARTED, f"invoice:{bill.pk}", bill.customer_id, about))
    DunningStep.objects.bulk_create(rows)
    record_events(started, by=by, at=at)
    return len(started)


def _rows(bill: Invoice, ladder: Ladder, rungs: Sequence[Rung]) -> list[DunningStep]:
    planned = plan_steps([rung.days_after_due for rung in rungs], bill.due_on, workday_of(bill.customer))
    return [
        DunningStep(
            invoice=bill,
            customer_id=bill.customer_id,
            ladder=ladder,
            position=step.position,
            action=rung.action,
            wording=rung.wording,
            nominal_on=step.nominal_on,
            planned_on=step.planned_on,
        )
        for rung, step in zip(rungs, planned, strict=True)
    ]


@transaction.atomic
def settle_steps(*, customer_id: int | None = None, by: Actor, at: datetime) -> None:
    """Stop the steps of bills nobody has to pay any more, and take up those of bills that are owed again.

    A bill whose open part is all in dispute keeps its steps: they wait.
    """
    found = DunningStep.objects.all() if customer_id is None else DunningStep.objects.filter(customer_id=customer_id)
    _move(found.filter(state=DunningStep.State.PLANNED).exclude(invoice__state=Invoice.State.OPEN), by=by, at=at)
    for step in found.filter(state=DunningStep.State.STOPPED, invoice__state=Invoice.State.OPEN).select_for_update():
        step.resume()
        step.save(update_fields=["state"])


def _move(steps: QuerySet[DunningStep], *, by: Actor, at: datetime) -> None:
    stopped: dict[int, Happening] = {}
    for step in steps.select_related("invoice").select_for_update(of=("self",)).order_by("pk"):
        step.stop()
        step.save(update_fields=["state"])
        bill = step.invoice
        about = {"number": bill.number, "why": str(bill.state)}
        stopped[bill.pk] = Happening(kinds.DUNNING_STOPPED, f"invoice:{bill.pk}", bill.customer_id, about)
    record_events(list(stopped.values()), by=by, at=at)


def as_step(row: DunningStep) -> Step:
    """Return a row as the pure schedule reads it."""
    return Step(row.position, row.nominal_on, row.planned_on)
