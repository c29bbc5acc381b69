"""run_billing: bill everything that is due, exactly once, however often it is started, killed and started again."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import OperationalError, transaction
from django.db.models.functions import Now

from ledger.billing import claiming, steps
from ledger.billing.figures import Figures
from ledger.billing.lease import BillingRunTakenOver, alone, hold, name_of_worker, open_run, take_over
from ledger.billing.models import BillingRun
from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.later import run_later

log = logging.getLogger(__name__)

#: Subscriptions per step. Larger steps gain little and hold the numbers longer.
STEP = 1_000
RUNNER = steps.RUNNER


class NoSuchRun(NotFound):
    """There is no such billing run."""


class BillingRunNotInState(DomainError):
    """The billing run is over."""


def run_billing(*, by: Actor = RUNNER, at: datetime, size: int = STEP) -> BillingRun:
    """This will bill each period that has begun where its customer lives, and apply what was planned for its day.

    One transaction per step; what is done stays done, so a run that dies is gone on with by the next call. What cannot
    be billed is an exception of the run and harms nobody else.

    :raises BillingRunInProgress: if another worker is billing
    """
    with alone():
        worker = name_of_worker()
        run = take_over(worker, by=by, at=at)
        if run is None:
            open_run(by=by, at=at)
            run = take_over(worker, by=by, at=at)
            assert run is not None
        try:
            return _work(run, by=by, at=run.as_of, size=size)
        except (OperationalError, BillingRunTakenOver):
            # The connection gave way, or somebody else has it: the row stays as it is, and its next worker goes on.
            raise
        except Exception as fault:
            _abandon(run, why=f"{type(fault).__name__}: {fault}", by=by, at=at)
            raise


def resume_billing(*, at: datetime) -> BillingRun | None:
    """This will go on with a run that nobody works on, and return it; None when there is none."""
    if not BillingRun.objects.filter(state=BillingRun.State.RUNNING).exists():
        return None
    return run_billing(at=at)


@transaction.atomic
def request_run(*, by: Actor, at: datetime) -> BillingRun:
    """This will start a run in the background.

    :raises BillingRunInProgress: if one is running already
    """
    run = open_run(by=by, at=at)
    run_later("ledger.tasks.resume_billing")
    return run


def _work(run: BillingRun, *, by: Actor, at: datetime, size: int) -> BillingRun:
    days = claiming.Days.at(run.as_of)
    if not run.due:
        BillingRun.objects.filter(pk=run.pk).update(due=claiming.count_due(days, run_id=run.pk))
    figures = Figures.load(days)
    while steps.do_step(run, figures, size=size, at=at):
        continue
    return _finish(run, days, by=by, at=at)


@transaction.atomic
def _finish(run: BillingRun, days: claiming.Days, *, by: Actor, at: datetime) -> BillingRun:
    held = hold(run)
    held.skipped = claiming.count_due(days, run_id=run.pk)
    held.finish(at=at)
    held.heartbeat_at = Now()
    held.save()
    record_event(
        kinds.BILLING_RUN_FINISHED,
        subject=held,
        customer_id=None,
        by=by,
        at=at,
        billed=held.billed,
        invoices=held.invoices,
        applied=held.applied,
        exceptions=held.exceptions,
        skipped=held.skipped,
        totals=held.totals,
        booked=held.booked,
        is_balanced=held.is_balanced,
    )
    return BillingRun.objects.get(pk=held.pk)


@transaction.atomic
def _abandon(run: BillingRun, *, why: str, by: Actor, at: datetime) -> None:
    held = hold(run)
    held.abandon(why=why, at=at)
    held.save()
    record_event(kinds.BILLING_RUN_ABANDONED, subject=held, customer_id=None, by=by, at=at, why=held.note)


@transaction.atomic
def give_up_run(run_id: int, *, reason: str, by: Actor, at: datetime) -> BillingRun:
    """This will stop a run before its next step; what it billed stays billed, and the next run does the rest.

    :raises NoSuchRun: if there is none
    :raises BillingRunNotInState: if it is over
    :raises InvalidInput: if no reason is given, or one of more than 300 characters
    """
    if not reason.strip() or len(reason) > 300:
        raise InvalidInput("Say in at most 300 characters why the run is stopped.")
    run = BillingRun.objects.select_for_update().filter(pk=run_id).first()
    if run is None:
        raise NoSuchRun("There is no such billing run.")
    if run.state != BillingRun.State.RUNNING:
        raise BillingRunNotInState(f"This run is {run.get_state_display().lower()} already.")
    run.abandon(why=reason.strip(), at=at)
    run.save()
    record_event(kinds.BILLING_RUN_ABANDONED, subject=run, customer_id=None, by=by, at=at, why=run.note)
    return run
