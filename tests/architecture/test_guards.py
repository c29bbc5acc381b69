"""The database refuses, whoever writes: moves the diagrams do not have, changed facts, and deleting what was said."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction
from django_fsm import FSMField

from ledger.events.actor import Actor
from notifications.models import Consent, DeliveryAttempt
from notifications.models import Message as Delivered
from notifications.preferences.operations import record_consent
from tests.conftest import NOW
from tests.tickets.worlds import open_ana, open_desk, opened
from tickets.conversations.operations import resolve_ticket
from tickets.models import Clock
from verification.models import Check
from verification.operations import start_check

SYSTEM = Actor.system("test")
OWN_APPS = ("ledger", "notifications", "verification", "tickets", "billing_desk")
KEPT_FOR_GOOD = [
    "tickets_ticket",
    "tickets_message",
    "tickets_attachment",
    "notifications_message",
    "notifications_deliveryattempt",
    "notifications_consent",
    "verification_check",
    "verification_challenge",
]


def drawn_moves(model) -> set[str]:
    """Return the moves of a model's transitions as "from>to"."""
    (field,) = (field for field in model._meta.fields if isinstance(field, FSMField))
    return {f"{move.source}>{move.target}" for move in field.get_all_transitions(model)}


@pytest.mark.django_db
def test_every_state_machine_is_guarded_by_exactly_the_moves_its_model_draws():
    models = [
        model
        for app in OWN_APPS
        for model in apps.get_app_config(app).get_models()
        if any(isinstance(field, FSMField) for field in model._meta.fields)
    ]
    guarded = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgargs FROM pg_trigger WHERE tgname = 'guard_state' AND tgenabled = 'O'"
        )
        for table, arguments in cursor.fetchall():
            guarded[table] = {part.decode() for part in bytes(arguments).split(b"\0") if part}

    assert {model._meta.db_table: drawn_moves(model) for model in models} == guarded


@pytest.fixture
def case(db):
    """Ana's case with its clocks, a code on its way, one consent and one failed attempt."""
    open_desk()
    ana = open_ana(at=NOW - timedelta(days=60))
    ticket = opened()
    start_check(customer_id=ana.pk, conversation=f"ticket:{ticket.pk}", purpose="request_refund", by=SYSTEM, at=NOW)
    record_consent(ana.pk, kind="sms", source="portal", by=SYSTEM, at=NOW)
    DeliveryAttempt.objects.create(message=Delivered.objects.get(), tried_at=NOW, succeeded=False, answer="busy")
    return ticket


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("table", "before", "after"),
    [
        ("tickets_ticket", "resolved", "waiting"),
        ("tickets_clock", "stopped", "running"),
        ("notifications_message", "sent", "queued"),
        ("verification_check", "expired", "passed"),
        ("verification_check", "locked", "open"),
    ],
)
def test_not_even_the_owner_makes_a_move_the_diagram_does_not_have(transactional_db, case, owner, table, before, after):
    resolve_ticket(case.pk, by=SYSTEM, at=NOW)
    more = {
        "tickets_clock": ", stopped_at = now()",
        "notifications_message": ", sent_at = now()",
    }.get(table, "")
    if table != "tickets_ticket":
        owner.execute(f"UPDATE {table} SET state = %s{more}", [before])

    with pytest.raises(psycopg.errors.CheckViolation, match=f"may not go from {before} to {after}"):
        owner.execute(f"UPDATE {table} SET state = %s, {FILLED[table]}", [after])


#: What the table's own constraints ask for in the new state, so that only the guard can refuse.
FILLED = {
    "tickets_ticket": "resolved_at = NULL",
    "tickets_clock": "due_at = now()",
    "notifications_message": "due_at = now()",
    "verification_check": "passed_at = now()",
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["notifications_deliveryattempt", "notifications_consent"])
@pytest.mark.parametrize("write", ["UPDATE {} SET id = id", "DELETE FROM {}"], ids=["update", "delete"])
def test_not_even_the_owner_changes_what_was_tried_or_agreed_to(transactional_db, case, owner, table, write):
    with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
        owner.execute(write.format(table))

    assert (DeliveryAttempt.objects.count(), Consent.objects.count()) == (1, 1)


@pytest.mark.parametrize("table", KEPT_FOR_GOOD)
@pytest.mark.parametrize("write", ["DELETE FROM {}", "TRUNCATE {} CASCADE"], ids=["delete", "truncate"])
def test_the_application_deletes_nothing_that_was_said_sent_or_proved(case, table, write):
    refused = pytest.raises(ProgrammingError, match="permission denied")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(write.format(table))


def test_what_the_product_does_itself_is_still_allowed(case):
    resolve_ticket(case.pk, by=SYSTEM, at=NOW)

    assert Clock.objects.filter(ticket=case).exists()
    assert Check.objects.get().state == "open"
