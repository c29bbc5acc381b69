"""Reactions: exactly once in effect, in order, and a failing handler harms no other."""

from __future__ import annotations

import threading
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, connections, transaction
from django.test import override_settings

from ledger.customers.models import Customer
from ledger.events import outbox, sealing
from ledger.events.actor import Actor
from ledger.events.models import Event, Reaction
from ledger.events.operations import UnknownEventKind, record_event
from tests.conftest import NOW
from tests.ledger.worlds import open_ana

seen: list[tuple[str, int]] = []


def note(event: Event, at) -> None:
    """Write one row per call, so that a doubled effect would show."""
    Customer.objects.filter(pk=event.customer_id).update(name=str(event.data["step"]))
    seen.append(("note", event.data["step"]))


def fail_on_two(event: Event, at) -> None:
    Customer.objects.filter(pk=event.customer_id).update(vat_id="half done")
    if event.data["step"] == 2:
        raise RuntimeError("no paper left")


TABLE = {"test.happened": (note, fail_on_two), "customer.opened": (), "contact_point.added": (), "test.silent": ()}


@pytest.fixture(autouse=True)
def table():
    outbox.table.cache_clear()
    outbox._by_name.cache_clear()
    seen.clear()
    with override_settings(REACTIONS="tests.ledger.events.test_outbox.TABLE"):
        yield
    outbox.table.cache_clear()
    outbox._by_name.cache_clear()


def happen(step: int, customer_id: int, at=NOW) -> Event:
    return record_event(
        "test.happened", subject="thing:1", customer_id=customer_id, by=Actor.system("test"), at=at, step=step
    )


@pytest.mark.django_db
def test_a_kind_without_a_line_in_the_table_is_refused():
    with pytest.raises(UnknownEventKind):
        record_event("test.unheard", subject="thing:1", customer_id=None, by=Actor.system("test"), at=NOW)


@pytest.mark.django_db
def test_a_failing_handler_keeps_its_error_loses_its_own_effects_and_harms_no_other():
    ana = open_ana()
    happen(2, ana.pk)

    outbox.run_due_reactions(at=NOW)

    failed = Reaction.objects.get(handler__endswith="fail_on_two")
    assert (failed.done_at, failed.attempts, failed.last_error) == (None, 1, "RuntimeError: no paper left")
    assert failed.due_at == NOW + timedelta(seconds=5)
    assert Reaction.objects.get(handler__endswith="note").done_at == NOW
    ana = Customer.objects.get(pk=ana.pk)
    assert (ana.name, ana.vat_id) == ("2", "")


@pytest.mark.django_db
def test_a_later_event_of_a_customer_waits_for_the_failed_one_of_the_same_handler_only():
    ana, other = open_ana(), open_ana(email="other@example.com")
    for step in (1, 2, 3):
        happen(step, ana.pk)
    happen(3, other.pk)

    outbox.run_due_reactions(at=NOW)

    assert [step for _, step in seen if step] == [1, 3, 2, 3] or sorted(seen) == sorted(
        [("note", 1), ("note", 2), ("note", 3), ("note", 3)]
    )
    waiting = Reaction.objects.filter(done_at=None).values_list("event__data__step", flat=True)
    assert sorted(waiting) == [2, 3]


@pytest.mark.django_db
def test_a_rolled_back_act_leaves_neither_event_nor_reaction():
    def act() -> None:
        with transaction.atomic():
            happen(1, open_ana().pk)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()

    assert not Reaction.objects.exists()
    assert not Event.objects.filter(kind="test.happened").exists()


@pytest.mark.django_db(transaction=True)
def test_six_workers_on_one_reaction_run_it_once():
    happen(1, open_ana().pk)

    def work() -> None:
        outbox.run_due_reactions(at=NOW)
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == [("note", 1)]


@pytest.mark.django_db(transaction=True)
def test_the_application_can_neither_change_nor_delete_nor_backdate_the_chain():
    happen(1, open_ana().pk)
    with connection.cursor() as cursor:
        for statement in (
            "UPDATE ledger_event SET actor = 'x'",
            "DELETE FROM ledger_event",
            "TRUNCATE ledger_event CASCADE",
            "UPDATE ledger_event_head SET position = 0",
            "UPDATE ledger_event SET position = 7",
        ):
            with pytest.raises(Exception, match="permission denied"):
                cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_not_even_the_owner_changes_an_event(owner):
    happen(1, open_ana().pk)
    for statement in (
        "UPDATE ledger_event SET actor = 'x'",
        "DELETE FROM ledger_event",
        "TRUNCATE ledger_event CASCADE",
    ):
        with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
            owner.execute(statement)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("tampering", "position", "what"),
    [
        ("UPDATE ledger_event SET data = '{}' WHERE position = 4", 4, "changed"),
        ("UPDATE ledger_event SET occurred_at = occurred_at + interval '1 s' WHERE position = 5", 5, "changed"),
        ("DELETE FROM ledger_reaction; DELETE FROM ledger_event WHERE position = 4", 4, "missing"),
        (
            "UPDATE ledger_event SET position = -position WHERE position IN (4, 5);"
            "UPDATE ledger_event SET position = CASE position WHEN -4 THEN 5 ELSE 4 END WHERE position < 0",
            4,
            "out of order",
        ),
        ("DELETE FROM ledger_reaction; DELETE FROM ledger_event WHERE position = 7", 7, "end of the chain"),
    ],
)
def test_a_superuser_who_tampers_is_named_by_position(owner, tampering, position, what):
    ana = open_ana()  # two events: opened, contact added
    for step in range(5):
        happen(step, ana.pk)
    assert sealing.seal_events() == 7
    assert sealing.first_broken() is None

    owner.execute("SET session_replication_role = replica")
    for statement in tampering.split(";"):
        owner.execute(statement)

    broken = sealing.first_broken()
    assert broken is not None
    assert (broken.position, what in broken.what) == (position, True)


@pytest.mark.django_db(transaction=True)
def test_concurrent_writers_and_sealers_keep_one_chain_even_when_the_clock_steps_back():
    ana = open_ana()

    def write(number: int) -> None:
        for step in range(10):
            happen(step, ana.pk, at=NOW - timedelta(hours=step * number))
            sealing.seal_events()
        connections.close_all()

    threads = [threading.Thread(target=write, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sealing.seal_events()

    assert sealing.chain_length() == 42
    assert sealing.first_broken() is None
