"""One step of a run: take some of what is due, bill it and count it, in one transaction.

A bill that the database refuses takes nobody with it: the step is undone to before the writing and done again in
halves, until the one that cannot be written stands alone and goes on the list of exceptions.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models.functions import Now

from ledger.billing import claiming, control
from ledger.billing.bills import Bill, Problem
from ledger.billing.exceptions import close_billed, keep_problems
from ledger.billing.figures import Figures
from ledger.billing.lease import hold
from ledger.billing.models import BillingRun, BillingStep
from ledger.billing.preparing import prepare
from ledger.billing.writing import Written, write_bills
from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.events.operations import caused_by
from ledger.subscriptions.arranged import apply_scheduled_change

log = logging.getLogger(__name__)

#: Another transaction and ours stood in each other's way; nothing is wrong with the step itself.
PASSING = ("40P01", "40001", "55P03")
TRIES = 5
#: Planned changes per step: each issues bills and notes of its own.
CHANGES = 100
RUNNER = Actor.system("billing_run")


def do_step(run: BillingRun, figures: Figures, *, size: int, at: datetime) -> int:
    """This will do some of what is due: changes, then periods, then the use of what has ended; return how much.

    A change waits for the bills of the periods before it, and a period for the changes up to its first day, so each
    subscription goes through its days in their order, however many were missed. Nothing done means nothing is left.
    """
    with caused_by(f"billingrun:{run.pk}"):
        return (
            _again(lambda: _apply_changes(run, figures, size=size, at=at))
            or _again(lambda: _bill(run, figures, claiming.claim_periods, size=size, at=at))
            or _again(lambda: _bill(run, figures, claiming.claim_last_use, size=size, at=at))
        )


def _again(step: Callable[[], int]) -> int:
    """Do a step once more when another transaction stood in its way."""
    for last_try in [False] * (TRIES - 1) + [True]:
        try:
            return step()
        except OperationalError as problem:
            state = getattr(problem.__cause__, "sqlstate", None)
            if last_try or connection.in_atomic_block or state not in PASSING:
                raise
            time.sleep((20 + secrets.randbelow(80)) / 1000)
    raise AssertionError("unreachable")


@transaction.atomic
def _bill(
    run: BillingRun, figures: Figures, claim: Callable[..., list[claiming.Claimed]], *, size: int, at: datetime
) -> int:
    claimed = claim(figures.days, run_id=run.pk, limit=size)
    if not claimed:
        return 0
    bills, problems = prepare(claimed, figures, is_last=claim is claiming.claim_last_use)
    written, refused = write_or_split(bills, by=RUNNER, at=at)
    problems += refused
    keep_problems(problems, run_id=run.pk, by=RUNNER, at=at)
    failed = {problem.subscription_id for problem in problems}
    close_billed([b.subscription_id for b in bills if b.subscription_id not in failed], by=RUNNER, at=at)
    count_step(run, written, exceptions=len(problems))
    return len(claimed)


def _apply_changes(run: BillingRun, figures: Figures, *, size: int, at: datetime) -> int:
    """Make planned changes whose day has come: one of each subscription, each in its own savepoint."""
    with transaction.atomic():
        claimed = claiming.claim_changes(figures.days, run_id=run.pk, limit=min(size, CHANGES))
        problems, applied, seen = [], 0, set[int]()
        for due in claimed:
            if due.subscription_id in seen:
                continue
            seen.add(due.subscription_id)
            problem = _apply(due, at=at)
            problems += [problem] if problem else []
            applied += problem is None
        if claimed:
            keep_problems(problems, run_id=run.pk, by=RUNNER, at=at)
            count_step(run, (), exceptions=len(problems), applied=applied)
        return len(claimed)


def _apply(due: claiming.ChangeDue, *, at: datetime) -> Problem | None:
    try:
        with transaction.atomic():
            change = apply_scheduled_change(due.change_id, by=RUNNER, at=at)
            return None if change.decided_at else _undone(due, "ChangeNotMade", "it is not its day yet")
    except OperationalError:
        raise
    except Exception as cause:
        log.error("change %s could not be made", due.change_id, exc_info=cause)
        return _undone(due, type(cause).__name__, str(cause))


def _undone(due: claiming.ChangeDue, code: str, why: str) -> Problem:
    words = f"The change planned for {due.effective_on} could not be made: {why}"
    return Problem(due.subscription_id, due.customer_id, due.effective_on, code, words[:500])


def write_or_split(bills: Sequence[Bill], *, by: Actor, at: datetime) -> tuple[list[Written], list[Problem]]:
    """Write bills together; where the database refuses, by halves. Return what was written, and who could not be."""
    if not bills:
        return [], []
    try:
        with transaction.atomic():
            return [write_bills(bills, by=by, at=at)], []
    except OperationalError:
        raise
    except (DomainError, DatabaseError) as refusal:
        if len(bills) == 1:
            return [], [_problem(bills[0], refusal)]
    half = len(bills) // 2
    first, second = (write_or_split(part, by=by, at=at) for part in (bills[:half], bills[half:]))
    return first[0] + second[0], first[1] + second[1]


def _problem(bill: Bill, refusal: Exception) -> Problem:
    if isinstance(refusal, DomainError):
        words = str(refusal)
    else:
        log.error("subscription %s could not be billed", bill.subscription_id, exc_info=refusal)
        words = f"The database refused the bill: {str(refusal).splitlines()[0]}"
    return Problem(bill.subscription_id, bill.customer_id, bill.period.start, type(refusal).__name__, words)


def count_step(run: BillingRun, written: Sequence[Written], *, exceptions: int = 0, applied: int = 0) -> None:
    """This will count a step on the row of its run, with the totals of its bills and what the books say of them.

    :raises BillingRunTakenOver: if the run is another worker's by now; the step is undone
    """
    held = hold(run)
    invoice_ids = [pk for one in written for pk in one.invoice_ids]
    periods = sum(one.periods for one in written)
    held.billed, held.invoices = held.billed + periods, held.invoices + len(invoice_ids)
    held.exceptions, held.applied = held.exceptions + exceptions, held.applied + applied
    if invoice_ids:
        held.totals = control.add_totals(held.totals, control.billed(invoice_ids))
        sums = control.booked(invoice_ids)
        held.booked = {name: held.booked.get(name, 0) + sums.get(name, 0) for name in {*held.booked, *sums}}
    held.save()
    BillingRun.objects.filter(pk=run.pk).update(heartbeat_at=Now())
    if periods:
        numbered = [one for one in written if one.first_number]
        BillingStep.objects.create(
            run=run,
            worker=run.worker,
            billed=periods,
            invoice_ids=invoice_ids,
            first_number=numbered[0].first_number if numbered else "",
            last_number=numbered[-1].last_number if numbered else "",
        )
