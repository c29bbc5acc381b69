"""One worker bills at a time; a dead one's run goes on, a broken one's is given up, and nobody works on unseen."""

from __future__ import annotations

import threading
from datetime import timedelta

import psycopg
import pytest
from django.db import ProgrammingError, connection

from ledger.billing import lease
from ledger.billing.exceptions import ExceptionResolved, NoSuchException, resolve_exception
from ledger.billing.lease import BillingRunInProgress, BillingRunTakenOver, alone, hold, open_run, take_over
from ledger.billing.models import BillingException, BillingRun, BillingStep
from ledger.billing.operations import (
    BillingRunNotInState,
    NoSuchRun,
    give_up_run,
    request_run,
    resume_billing,
    run_billing,
)
from ledger.errors import InvalidInput
from ledger.events.models import Event
from ledger.invoices.models import Invoice
from ledger.subscriptions.models import Subscription
from tests.conftest import NOW
from tests.ledger.billing.worlds import customer, plan_with_price, subscribe
from tests.ledger.worlds import SYSTEM


@pytest.mark.django_db(transaction=True)
def test_a_second_run_beside_one_that_works_is_refused_in_words_and_bills_nothing():
    subscribe(customer(), plan_with_price())
    open_run(by=SYSTEM, at=NOW)
    holds, done = threading.Event(), threading.Event()

    def first_worker() -> None:
        with alone():
            holds.set()
            done.wait(20)
        connection.close()

    worker = threading.Thread(target=first_worker)
    worker.start()
    holds.wait(20)
    try:
        with pytest.raises(BillingRunInProgress, match=r"Billing run \d+ is at work since 02 March 2026, 09:00 UTC"):
            run_billing(at=NOW)
    finally:
        done.set()
        worker.join()

    assert not Invoice.objects.exists()
    assert run_billing(at=NOW).billed == 2


@pytest.mark.django_db
def test_the_run_of_a_dead_worker_is_taken_over_with_its_counts():
    plan = plan_with_price()
    subscribe(customer(), plan)
    dead = open_run(by=SYSTEM, at=NOW - timedelta(hours=1))
    BillingRun.objects.filter(pk=dead.pk).update(worker="gone:1", billed=5, due=9)

    run = resume_billing(at=NOW)

    assert (run.pk, run.state, run.takeovers, run.billed, run.due) == (dead.pk, "finished", 1, 7, 9)
    assert Event.objects.get(kind="billing_run.taken_over").data["lost"] == "gone:1"
    assert resume_billing(at=NOW) is None


@pytest.mark.django_db
def test_a_worker_that_lost_its_run_stops_before_it_counts_anything():
    open_run(by=SYSTEM, at=NOW)
    first = take_over("first", by=SYSTEM, at=NOW)
    take_over("second", by=SYSTEM, at=NOW)

    with pytest.raises(BillingRunTakenOver, match="went on without this worker"):
        hold(first)


@pytest.mark.django_db(transaction=True)
def test_a_run_that_meets_a_fault_of_its_own_is_abandoned_with_the_reason_and_the_next_one_bills(owner):
    subscribe(customer(), plan_with_price())

    owner.execute("ALTER TABLE ledger_price RENAME TO mislaid")
    with pytest.raises(ProgrammingError):
        run_billing(at=NOW)
    owner.execute("ALTER TABLE mislaid RENAME TO ledger_price")

    abandoned = BillingRun.objects.get()
    assert abandoned.state == "abandoned"
    assert 'relation "ledger_price" does not exist' in abandoned.note
    assert run_billing(at=NOW).billed == 2


@pytest.mark.django_db
def test_a_run_asked_for_waits_for_a_worker_and_a_second_one_is_refused():
    subscribe(customer(), plan_with_price())
    asked = request_run(by=SYSTEM, at=NOW)

    with pytest.raises(BillingRunInProgress):
        request_run(by=SYSTEM, at=NOW)

    run = resume_billing(at=NOW)
    assert (run.pk, run.started_by, run.takeovers, run.billed) == (asked.pk, "system:test", 0, 2)


@pytest.mark.django_db
def test_a_run_is_stopped_by_hand_with_a_reason_once():
    run = open_run(by=SYSTEM, at=NOW)

    with pytest.raises(InvalidInput, match="why the run is stopped"):
        give_up_run(run.pk, reason=" ", by=SYSTEM, at=NOW)
    assert give_up_run(run.pk, reason="Wrong prices", by=SYSTEM, at=NOW).state == "abandoned"
    with pytest.raises(BillingRunNotInState, match="abandoned already"):
        give_up_run(run.pk, reason="Wrong prices", by=SYSTEM, at=NOW)
    with pytest.raises(NoSuchRun):
        give_up_run(999, reason="Wrong prices", by=SYSTEM, at=NOW)


@pytest.mark.django_db
def test_an_exception_is_closed_by_hand_with_a_reason_once_and_comes_back_while_it_is_due():
    row = subscribe(customer(), plan_with_price())
    Subscription.objects.filter(pk=row.pk).update(currency="USD")
    run_billing(at=NOW)
    found = BillingException.objects.get()

    with pytest.raises(InvalidInput, match="why the exception is closed"):
        resolve_exception(found.pk, reason="", by=SYSTEM, at=NOW)
    resolve_exception(found.pk, reason="Billed elsewhere", by=SYSTEM, at=NOW)
    with pytest.raises(ExceptionResolved):
        resolve_exception(found.pk, reason="Billed elsewhere", by=SYSTEM, at=NOW)
    with pytest.raises(NoSuchException):
        resolve_exception(999, reason="Billed elsewhere", by=SYSTEM, at=NOW)

    assert run_billing(at=NOW).exceptions == 1
    assert BillingException.objects.filter(resolved_at=None).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("write", ["UPDATE ledger_billingstep SET billed = 9", "DELETE FROM ledger_billingstep"])
def test_not_even_the_owner_changes_what_a_step_did(transactional_db, owner, write):
    subscribe(customer(), plan_with_price())
    run_billing(at=NOW)

    with pytest.raises(psycopg.errors.RestrictViolation, match="never changed"):
        owner.execute(write)
    assert BillingStep.objects.count() == 2


def test_the_key_of_the_lock_is_not_one_of_the_books():
    assert lease.LOCK not in {(7301, 1), (7301, 2)}
