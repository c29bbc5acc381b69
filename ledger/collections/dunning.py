"""run_dunning: take the steps that are due, one message per customer and run, whatever happens in between.

A daily job. Each customer is one transaction under a lock: a run that dies has done whom it has done, two runs at
once share the customers between them, and a second run on the same day finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from ledger.collections.late_fees import charge_late_fee
from ledger.collections.models import Action, DunningStep, Ladder
from ledger.collections.schedule import move_rest
from ledger.collections.scheduling import ONE_DAY, Ladders, as_step, plan_overdue, settle_steps, workday_of
from ledger.customers.models import Customer
from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.holds.models import Hold
from ledger.holds.queries import live_holds
from ledger.invoices.models import Invoice
from ledger.invoices.writing_off import give_up_invoice
from ledger.money import Money
from ledger.workdays import is_workday

RUNNER = Actor.system("dunning")
BATCH = 500
#: The messages, the mildest first: of several that are due on one day, one message goes out, the strongest.
TELLS = (Action.REMINDER, Action.RESTRICT_WARNING, Action.FINAL_NOTICE)


@dataclass(frozen=True, slots=True)
class DunningRun:
    """What a run did: bills planned, customers with a step taken, messages ordered."""

    planned: int
    customers: int
    reminded: int


@dataclass(frozen=True, slots=True)
class Overdue:
    """What a customer has to be asked for: the bills past their day that nothing holds, in one currency."""

    customer: Customer
    today: date
    bills: dict[int, Invoice]

    @property
    def total(self) -> Money:
        """What they come to, disputed parts left out."""
        currency = next(iter(self.bills.values())).currency
        return sum((bill.due_amount for bill in self.bills.values()), Money(0, currency))


def run_dunning(*, at: datetime, by: Actor = RUNNER) -> DunningRun:
    """Plan the steps of bills that became overdue, then take what is due. Repeating it on the same day is harmless."""
    planned = plan_overdue(Ladders(), by=by, at=at)
    settle_steps(by=by, at=at)
    customers = reminded = after = 0
    while True:
        due = _customers_due(at.date() + ONE_DAY, after=after)
        if not due:
            return DunningRun(planned, customers, reminded)
        for customer_id in due:
            taken = take_due_steps(customer_id, by=by, at=at)
            customers += bool(taken)
            reminded += any(step.action in TELLS for step in taken)
        after = due[-1]


def _customers_due(day: date, *, after: int) -> list[int]:
    due = DunningStep.objects.filter(state=DunningStep.State.PLANNED, planned_on__lte=day, customer_id__gt=after)
    return list(due.order_by("customer_id").values_list("customer_id", flat=True).distinct()[:BATCH])


@transaction.atomic
def take_due_steps(customer_id: int, *, by: Actor = RUNNER, at: datetime) -> list[DunningStep]:
    """Take the next step of each of a customer's overdue bills whose day has come; none while somebody else does.

    What is on hold waits, and so does everything while less is overdue than the ladder's threshold.
    """
    customer = Customer.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=customer_id).first()
    if customer is None or not is_workday(customer.local_day(at), customer.country, customer.region):
        return []
    overdue = _overdue(customer, at=at)
    if not overdue.bills:
        return []
    due = [step for step in _next_steps(overdue) if step.planned_on <= overdue.today]
    due = [step for step in due if _is_enough(step.ladder, overdue)]
    if due:
        _take(due, overdue, by=by, at=at)
    return due


def _overdue(customer: Customer, *, at: datetime) -> Overdue:
    today = customer.local_day(at)
    bills = Invoice.objects.filter(customer=customer, state=Invoice.State.OPEN, due_on__lt=today)
    held = live_holds(customer.pk, stop=Hold.Stop.REMINDERS, at=at)
    everything = any(hold.invoice_id is None for hold in held)
    named = {hold.invoice_id for hold in held}
    asked = {bill.pk: bill for bill in bills if bill.due_amount.minor > 0 and bill.pk not in named}
    return Overdue(customer, today, {} if everything else asked)


def _next_steps(overdue: Overdue) -> list[DunningStep]:
    """Return the first step of each bill that was not taken; those after it wait for it."""
    planned = DunningStep.objects.filter(invoice_id__in=list(overdue.bills), state=DunningStep.State.PLANNED)
    first: dict[int, DunningStep] = {}
    for step in planned.select_related("ladder").order_by("invoice__due_on", "invoice_id", "position"):
        first.setdefault(step.invoice_id, step)
    return list(first.values())


def _is_enough(ladder: Ladder, overdue: Overdue) -> bool:
    return overdue.total.minor >= ladder.least_minor


def _take(due: Sequence[DunningStep], overdue: Overdue, *, by: Actor, at: datetime) -> None:
    for step in due:
        outcome = _act(step, overdue.bills[step.invoice_id], by=by, at=at)
        step.take(at=at, outcome=outcome[:200])
        step.save(update_fields=["state", "taken_at", "outcome"])
        _move_rest(step, overdue)
    told = [step for step in due if step.action in TELLS]
    if told:
        _remind(told, overdue, by=by, at=at)
    _finish(due, overdue, by=by, at=at)


def _act(step: DunningStep, bill: Invoice, *, by: Actor, at: datetime) -> str:
    """Do what a step is besides telling the customer; a refusal is its outcome, so the ladder goes on."""
    if step.action in TELLS:
        return ""
    outcome = ""
    try:
        with transaction.atomic():
            if step.action == Action.FEE:
                outcome = "; ".join(fee.explanation for fee in charge_late_fee(bill.pk, by=by, at=at))
            elif step.action == Action.WRITE_OFF_PROPOSAL:
                asked = give_up_invoice(bill.pk, reason="Every step of the ladder was taken.", by=by, at=at)
                outcome = f"write-off proposed, the bill is {asked.state}"
    except DomainError as refusal:
        outcome = str(refusal)
    kind = kinds.DUNNING_PHONE_TASK_DUE if step.action == Action.PHONE_TASK else kinds.DUNNING_STEP_TAKEN
    amount = bill.due_amount
    record_event(
        kind, subject=bill, customer_id=bill.customer_id, by=by, at=at, action=step.action, number=bill.number,
        amount_minor=amount.minor, currency=amount.currency, due_on=bill.due_on.isoformat(), outcome=outcome[:200],
    )  # fmt: skip
    return outcome


def _move_rest(step: DunningStep, overdue: Overdue) -> None:
    late = (overdue.today - step.planned_on).days
    if late <= 0:
        return
    rest = DunningStep.objects.filter(invoice_id=step.invoice_id, position__gt=step.position)
    rows = {row.position: row for row in rest.exclude(state=DunningStep.State.TAKEN).order_by("position")}
    steps = [as_step(row) for row in rows.values()]
    for moved in move_rest(steps, late_days=late, taken_on=overdue.today, workday=workday_of(overdue.customer)):
        row = rows[moved.position]
        row.nominal_on, row.planned_on = moved.nominal_on, moved.planned_on
        row.save(update_fields=["nominal_on", "planned_on"])


def _remind(told: Sequence[DunningStep], overdue: Overdue, *, by: Actor, at: datetime) -> None:
    """Order one message about everything that is overdue, in the words of the strongest step."""
    strongest = max(told, key=lambda step: (TELLS.index(Action(step.action)), step.position))
    bills = sorted(overdue.bills.values(), key=lambda bill: (bill.due_on, bill.pk))
    total = overdue.total
    record_event(
        kinds.DUNNING_REMINDED,
        subject=overdue.customer,
        customer_id=overdue.customer.pk,
        by=by,
        at=at,
        wording=strongest.wording,
        amount_minor=total.minor,
        currency=total.currency,
        bills=[
            {"number": bill.number, "due_on": bill.due_on.isoformat(), "amount_minor": bill.due_amount.minor}
            for bill in bills
        ],
        steps=[step.pk for step in told],
    )


def _finish(due: Sequence[DunningStep], overdue: Overdue, *, by: Actor, at: datetime) -> None:
    """Say once which bills have no step left."""
    left = DunningStep.objects.filter(invoice_id__in=[step.invoice_id for step in due], state=DunningStep.State.PLANNED)
    going_on = set(left.values_list("invoice_id", flat=True))
    over = [overdue.bills[step.invoice_id].number for step in due if step.invoice_id not in going_on]
    if over:
        customer = overdue.customer
        record_event(kinds.DUNNING_FINISHED, subject=customer, customer_id=customer.pk, by=by, at=at, bills=over)
