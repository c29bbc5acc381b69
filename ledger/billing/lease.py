"""Who works on a billing run: one worker at a time, known to the database by a lock that dies with its connection.

A worker that is killed, or whose machine is gone, loses its connection and with it the lock; so the row that still says
"running" then is nobody's, and the next worker goes on with it. A worker that lives on without its lock (its connection
broke in between) is stopped by its own next step: a step is written only while the row names its worker.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction

from ledger.billing.models import BillingRun
from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event

#: The two keys of the advisory lock. The books use 7301 with 1 and 2.
LOCK = (7301, 10)


class BillingRunInProgress(DomainError):
    """Another worker is billing at this moment."""


class BillingRunTakenOver(DomainError):
    """The run was given to another worker, or ended, while this one was still at it."""


@contextmanager
def alone() -> Iterator[None]:
    """Hold the right to bill for as long as the block runs.

    :raises BillingRunInProgress: if another worker holds it
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", LOCK)
        if not cursor.fetchone()[0]:
            raise BillingRunInProgress(_who_is_at_it())
    try:
        yield
    finally:
        _let_go()


def _who_is_at_it() -> str:
    run = BillingRun.objects.filter(state=BillingRun.State.RUNNING).first()
    if run is None:
        return "Another worker has just begun a billing run. Look at it on its page; start one again when it is over."
    since = run.started_at.strftime("%d %B %Y, %H:%M %Z")
    return (
        f"Billing run {run.pk} is at work since {since} ({run.billed:,} periods billed so far). "
        "A second run is not started beside it: what is due is billed by the one that runs."
    )


def _let_go() -> None:
    # A broken connection has lost the lock already; asking it would hide what broke it.
    if connection.connection is None or connection.connection.closed:
        return
    if connection.needs_rollback:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", LOCK)


def name_of_worker() -> str:
    """Return a name no other worker has, readable for an operator."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"


@transaction.atomic
def open_run(*, by: Actor, at: datetime) -> BillingRun:
    """This will start a run that waits for a worker; its page shows it from now on.

    :raises BillingRunInProgress: if one is running, or waits for its worker
    """
    run = BillingRun.objects.select_for_update().filter(state=BillingRun.State.RUNNING).first()
    if run is not None:
        raise BillingRunInProgress(_who_is_at_it())
    run = BillingRun.objects.create(as_of=at, started_by=str(by), started_at=at)
    record_event(kinds.BILLING_RUN_STARTED, subject=run, customer_id=None, by=by, at=at)
    return run


@transaction.atomic
def take_over(worker: str, *, by: Actor, at: datetime) -> BillingRun | None:
    """This will give the run that is nobody's to this worker, up to now; None when there is no such run.

    The caller holds the lock of `alone`, so whoever is named in the row works no more.
    """
    run = BillingRun.objects.select_for_update().filter(state=BillingRun.State.RUNNING).first()
    if run is None:
        return None
    before, run.worker = run.worker, worker
    run.as_of, run.heartbeat_at = max(run.as_of, at), at
    if before:
        run.takeovers += 1
        record_event(
            kinds.BILLING_RUN_TAKEN_OVER, subject=run, customer_id=None, by=by, at=at, lost=before, worker=worker
        )
    run.save()
    return run


def hold(run: BillingRun) -> BillingRun:
    """Lock the row of a run for this transaction, as its worker.

    :raises BillingRunTakenOver: if it is not this worker's any more
    """
    held = BillingRun.objects.select_for_update().filter(pk=run.pk, worker=run.worker, state="running").first()
    if held is None:
        raise BillingRunTakenOver(f"Billing run {run.pk} went on without this worker, which stops here.")
    return held
