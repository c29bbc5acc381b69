"""S1-114: the control room. Queues rest, refunds freeze, limits change: at once, with a reason, on record, and back."""

from __future__ import annotations

from datetime import timedelta
from threading import Event as Signal
from threading import Thread

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client

from ledger.authority.limiting import (
    LimitChangedMeanwhile,
    LimitChangeSettled,
    LimitChangeWaits,
    LimitUnchanged,
    ProfiteerAlone,
    Terms,
    change_limit,
    confirm_limit_change,
    drop_limit_change,
    undo_limit_change,
)
from ledger.authority.models import AuthorityLimit, Freeze, LimitChange
from ledger.customers.models import Customer
from ledger.errors import InvalidInput
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.payments.models import Payment
from ledger.refunds.models import Refund
from ledger.refunds.operations import request_refund
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, eur, pay, prove
from tests.tickets.worlds import now_of, open_desk, opened
from tickets.queues.models import Queue, QueuePause
from tickets.queues.operations import assign_ticket, take_next_ticket
from tickets.queues.pausing import QueueNotPaused, QueuePaused, pause_queue, resume_queue
from tickets.sla.models import Clock
from tickets.sla.operations import escalate_overdue, promise_time

pytestmark = pytest.mark.django_db
HOME = "/desk/control/"


def page(client: Client, address: str = HOME) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.fixture
def payment(ana: Customer) -> Payment:
    bill(ana, 10_000)
    return pay(ana, 10_000)


def ask(payment: Payment, minor: int, by: Actor) -> Refund:
    proof = prove(payment.customer)
    return request_refund(payment.pk, amount=eur(minor), reason="x", proof=proof, is_goodwill=True, by=by, at=NOW)


def limit(role: str = "agent") -> AuthorityLimit:
    return AuthorityLimit.objects.get(role=role, act="refund", currency="EUR")


# Queues


def test_a_paused_queue_hands_out_nothing_tells_the_agents_and_goes_on(ana, staff):
    case = opened()
    mia, pia = staff("mia", "agent"), staff("pia", "supervisor")

    paused = pia.post(f"{HOME}queues/{case.queue_id}/pause", {"why": "A wrong bill run"}, follow=True)
    told = mia.post("/desk/tickets/next", follow=True)
    taken = mia.post(f"/desk/tickets/{case.pk}/take", follow=True)

    assert f"{case.queue} is paused: no new case of it is handed out." in paused.content.decode()
    assert "is paused, no new case of it is handed out: A wrong bill run. Pia" in told.content.decode()
    assert "A supervisor lets it go on." in taken.content.decode()
    assert now_of(case).assignee_id is None
    pia.post(f"{HOME}queues/{case.queue_id}/resume")
    mia.post("/desk/tickets/next")
    assert now_of(case).assignee_id is not None
    happened = Event.objects.filter(kind__startswith="queue.").order_by("pk")
    assert [(event.kind, event.data["why"], event.data["actor_name"]) for event in happened] == [
        ("queue.paused", "A wrong bill run.", "Pia"), ("queue.resumed", "A wrong bill run.", "Pia"),
    ]  # fmt: skip


def test_another_queue_goes_on_and_a_case_somebody_has_may_go_to_a_colleague(ana, mia, noe, pia):
    first, other = opened(), opened(subject="Cancel", text="Please cancel my plan.", message_id="<2@x>")
    assert first.queue_id != other.queue_id
    assign_ticket(first.pk, to=mia, by=mia, at=NOW)

    pause_queue(first.queue_id, why="Check", by=pia, at=NOW)

    assert take_next_ticket(by=mia, at=NOW).pk == other.pk
    assert assign_ticket(first.pk, to=noe, by=mia, at=NOW).assignee_id == 2


def test_the_time_promised_to_a_customer_stays_while_their_queue_is_paused_and_a_late_one_is_told(ana, pia):
    case = opened()
    promised = promise_time(case)

    pause_queue(case.queue_id, why="Check", by=pia, at=NOW)
    later = promised + timedelta(minutes=1)
    escalate_overdue(at=later)
    resume_queue(case.queue_id, by=pia, at=later)

    assert promise_time(case) == promised
    assert Clock.objects.get(ticket=case, kind="first_response").breached_at == later
    assert now_of(case).priority == 1


def test_a_pause_says_why_is_set_once_and_is_lifted_once(desk, pia, olg):
    queue = Queue.objects.get(slug="billing")
    with pytest.raises(InvalidInput, match="why"):
        pause_queue(queue.pk, why=" ", by=pia, at=NOW)
    with pytest.raises(QueueNotPaused):
        resume_queue(queue.pk, by=pia, at=NOW)

    first = pause_queue(queue.pk, why="One", by=pia, at=NOW)
    again = pause_queue(queue.pk, why="Two", by=olg, at=NOW)

    assert (again.pk, again.why, again.paused_by) == (first.pk, "One.", str(pia))
    with pytest.raises(IntegrityError, match="one_live_pause_per_queue"), transaction.atomic():
        QueuePause.objects.create(queue=queue, why="x", paused_by="x", paused_at=NOW)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        QueuePause.objects.update(why="Another")


@pytest.mark.django_db(transaction=True)
def test_a_pause_waits_for_who_is_being_given_a_case_and_nobody_gets_one_after_it(mia, noe, pia):
    open_desk()
    case = opened(sender="ana@example.com")
    taking, paused = Signal(), Signal()

    def take_slowly() -> None:
        with transaction.atomic():
            take_next_ticket(by=mia, at=NOW)
            taking.set()
            assert not paused.wait(timeout=0.3)
        connection.close()

    agent = Thread(target=take_slowly)
    agent.start()
    taking.wait(timeout=30)
    pause_queue(case.queue_id, why="Check", by=pia, at=NOW)
    paused.set()
    agent.join()

    opened(sender="ben@example.org", message_id="<2@x>", subject="Charged twice")
    assert now_of(case).assignee_id == 1
    assert take_next_ticket(by=noe, at=NOW, queue_ids=[case.queue_id]) is None
    with pytest.raises(QueuePaused):
        assign_ticket(now_of(case).pk + 1, to=noe, by=noe, at=NOW)


# Refunds


def test_refunds_freeze_and_go_on_from_the_same_page(payment, staff, mia):
    ask(payment, 3000, mia)
    pia = staff("pia", "supervisor")

    before = page(pia)
    answer = pia.post("/desk/freezes/", {"why": "Somebody prints money", "back": HOME})
    frozen = page(pia)
    pia.post(f"/desk/freezes/{Freeze.objects.get().pk}/lift", {"back": HOME})

    assert "€30.00" in before
    assert answer["Location"] == HOME
    assert "Refunds are frozen" in frozen
    assert "Somebody prints money" in frozen
    assert "Refunds let go on" in page(pia)


# Limits


def test_a_limit_of_others_changes_at_once_with_its_reason_and_is_undone(staff, mia, payment):
    pia = staff("pia", "supervisor")
    asked = {"role": "agent", "act": "refund", "currency": "EUR", "amount": "10.00", "window_hours": "24"}

    answer = pia.post(HOME, {**asked, "why": "Too many mistakes"}, follow=True)

    assert "In force now: agent: refund up to 10.00 EUR." in answer.content.decode()
    assert ask(payment, 1001, mia).state == "requested"
    assert "Limit of agent for refund: €25.00 to €10.00: in force" in page(pia)
    event = Event.objects.get(kind="authority_limit.changed")
    assert (event.data["before"]["amount_minor"], event.data["after"]["amount_minor"]) == (2500, 1000)
    assert "Too many mistakes" in event.data["what"]
    pia.post(f"{HOME}limits/{LimitChange.objects.get().pk}/undo")
    assert limit().amount == eur(2500)
    assert page(pia).count("/undo") == 1  # of the change that put it back, not of the one that was undone


def test_who_would_profit_from_a_limit_needs_a_second_person_and_cannot_be_both(staff):
    pia, sam = staff("pia", "supervisor"), staff("sam", "supervisor")
    asked = {"role": "supervisor", "act": "refund", "currency": "EUR", "amount": "9000", "window_hours": "24"}

    asked_for = pia.post(HOME, {**asked, "why": "A busy week"}, follow=True).content.decode()
    change = LimitChange.objects.get()
    alone = pia.post(f"{HOME}limits/{change.pk}/agree", follow=True).content.decode()

    assert "it waits for a second person" in asked_for
    assert "so somebody else has to agree" in alone
    assert limit("supervisor").amount == eur(100_000)
    sam.post(f"{HOME}limits/{change.pk}/agree")
    assert limit("supervisor").amount == eur(900_000)
    assert Event.objects.filter(kind="limit_change.asked").count() == 1


def test_the_admin_is_no_way_around_the_second_person(staff):
    pia = staff("pia", "supervisor")
    body = {"role": "supervisor", "act": "refund", "currency": "EUR", "window_hours": "24"}
    address = f"/admin/ledger/authoritylimit/{limit('supervisor').pk}/change/"

    raised = pia.post(address, {**body, "amount_minor": "100001"})
    added = pia.post("/admin/ledger/authoritylimit/add/", {**body, "currency": "CHF", "amount_minor": "1"})
    shorter = pia.post(address, {**body, "amount_minor": "100000", "window_hours": "1"})
    other = AuthorityLimit.objects.get(role="agent", act="refund", currency="USD")
    taken_over = pia.post(
        f"/admin/ledger/authoritylimit/{other.pk}/change/", {**body, "currency": "NOK", "amount_minor": "1"}
    )

    for answer in (raised, added, shorter, taken_over):
        assert "You hold this role" in answer.content.decode()
    assert pia.post(address, {**body, "amount_minor": "99999"}).status_code == 302
    assert limit("supervisor").amount == eur(99_999)


@pytest.mark.parametrize(
    ("minor", "hours", "waits"),
    [(100_000, 48, False), (99_999, 24, False), (100_001, 24, True), (100_000, 23, True)],
)
def test_going_down_or_being_added_up_longer_is_no_profit_a_cent_or_an_hour_is(pia, minor, hours, waits):
    change = change_limit(Terms("supervisor", "refund", eur(minor), hours), why="x", by=pia, at=NOW)

    assert (change.in_force_at is None) is waits


def test_a_change_that_waits_stands_alone_is_settled_once_and_only_for_the_limit_it_was_asked_for(db, pia, olg):
    terms = Terms("supervisor", "refund", eur(200_000))
    waiting = change_limit(terms, why="x", by=pia, at=NOW)
    with pytest.raises(ProfiteerAlone):
        confirm_limit_change(waiting.pk, by=pia, at=NOW)
    with pytest.raises(LimitChangeWaits):
        change_limit(Terms("supervisor", "refund", eur(50_000)), why="x", by=olg, at=NOW)

    AuthorityLimit.objects.filter(pk=limit("supervisor").pk).update(amount_minor=1)
    with pytest.raises(LimitChangedMeanwhile):
        confirm_limit_change(waiting.pk, by=olg, at=NOW)
    drop_limit_change(waiting.pk, by=pia, at=NOW)
    with pytest.raises(LimitChangeSettled):
        confirm_limit_change(waiting.pk, by=olg, at=NOW)
    with pytest.raises(LimitUnchanged):
        change_limit(Terms("supervisor", "refund", eur(1)), why="x", by=olg, at=NOW)


def test_undoing_what_lowered_ones_own_limit_needs_a_second_person_too_and_is_done_once(db, pia, olg):
    lowered = change_limit(Terms("supervisor", "refund", eur(5)), why="Careful", by=pia, at=NOW)

    back = undo_limit_change(lowered.pk, by=pia, at=NOW)

    assert (back.in_force_at, limit("supervisor").amount) == (None, eur(5))
    with pytest.raises(LimitChangeSettled):
        undo_limit_change(lowered.pk, by=olg, at=NOW)
    assert confirm_limit_change(back.pk, by=olg, at=NOW).why == "Undone: Careful"
    assert limit("supervisor").amount == eur(100_000)


def test_the_database_lets_nobody_put_their_own_gain_in_force_nor_rewrite_a_change(db, pia):
    waiting = change_limit(Terms("supervisor", "refund", eur(200_000)), why="x", by=pia, at=NOW)

    with pytest.raises(IntegrityError, match="needs_a_second"), transaction.atomic():
        LimitChange.objects.filter(pk=waiting.pk).update(in_force_by=str(pia), in_force_at=NOW)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        LimitChange.objects.filter(pk=waiting.pk).update(has_stake=False)


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("amount", "-1", "not below zero"),
        ("amount", "a lot", "amount"),
        ("currency", "ZZZ", "ZZZ"),
        ("window_hours", "0", "greater than or equal to 1"),
        ("why", "", "required"),
    ],
)
def test_what_cannot_be_a_limit_is_refused_in_words_and_nothing_changes(staff, field, typed, says):
    asked = {"role": "agent", "act": "refund", "currency": "EUR", "amount": "10", "window_hours": "24", "why": "x"}

    answer = staff("pia", "supervisor").post(HOME, {**asked, field: typed})

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not LimitChange.objects.exists()


# Who


@pytest.mark.parametrize(("name", "role"), [("mia", "agent"), ("noe", "senior_agent"), ("olg", "finance")])
def test_only_supervisors_work_the_control_room_by_any_address(desk, staff, name, role):
    client, queue = staff(name, role), Queue.objects.get(slug="billing")
    change = change_limit(Terms("agent", "refund", eur(1)), why="x", by=SYSTEM, at=NOW)

    refused = [client.get(HOME), client.post(HOME, {"role": role, "act": "refund", "amount": "9999"})]
    refused += [client.post(f"{HOME}queues/{queue.pk}/{act}", {"why": "x"}) for act in ("pause", "resume")]
    refused += [client.post(f"{HOME}limits/{change.pk}/{act}") for act in ("agree", "drop", "undo")]

    assert {answer.status_code for answer in refused} == {403}
    assert not QueuePause.objects.exists()
    assert limit().amount == eur(1)
    assert Event.objects.filter(kind="access.refused").count() == len(refused)
    assert HOME not in client.get("/desk/approvals/").content.decode()


def test_somebody_who_is_not_signed_in_is_sent_to_the_door(desk):
    answer = Client().post(f"{HOME}queues/{Queue.objects.first().pk}/pause", {"why": "x"})

    assert answer["Location"].startswith("/desk/sign-in")
    assert not QueuePause.objects.exists()
