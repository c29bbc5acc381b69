"""From a declined payment to the plan, the tries and their end; nobody tried more often than a network allows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import psycopg
import pytest
from django.db import connection

from ledger.events.models import Event
from ledger.holds.operations import place_hold
from ledger.invoices.models import Invoice
from ledger.models import Attempt, NetworkRule, PaymentMethod, Retry, RetrySchedule
from ledger.payments.collecting import NoUsableMethod, collect_invoice
from ledger.payments.expiring import CardNoLongerOnFile, replace_card
from ledger.payments.operations import add_payment_method, record_failure
from ledger.payments.recovery import run_due_retries
from ledger.payments.retry_defaults import ensure_retry_rules
from ledger.payments.retry_queries import next_retry_on
from ledger.payments.retry_reports import recovery_by_cause
from notifications.models import Message
from tests.conftest import BERLIN, NOW, berlin
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay
from tickets.conversations.models import Message as Said
from tickets.conversations.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    RetrySchedule.objects.update(may_move_days=0)
    return open_ana()


def card(customer, *script: str, brand: str = "Visa", **more):
    token = f"sandbox:{','.join(script)}"
    given = {"last4": "4242", "expires_on": date(2028, 5, 31), **more}
    return add_payment_method(customer.pk, kind="card", brand=brand, token=token, by=SYSTEM, at=NOW, **given)


def fail(invoice, run_reactions, *, trigger: str = "schedule", at=NOW):
    attempt = collect_invoice(invoice.pk, trigger=trigger, by=SYSTEM, at=at)
    run_reactions(at)
    return attempt


def planned(invoice) -> list[str]:
    rows = Retry.objects.filter(invoice=invoice, state="planned").order_by("planned_for")
    return [f"{row.planned_for.astimezone(BERLIN):%m-%d %H:%M}" for row in rows]


def states(invoice) -> list[str]:
    return list(Retry.objects.filter(invoice=invoice).order_by("planned_for").values_list("state", flat=True))


def mails() -> list[str]:
    return [message.body for message in Message.objects.filter(template__contains="payment_failed").order_by("pk")]


def test_a_failed_scheduled_payment_is_planned_as_rows_and_the_customer_is_told_the_next_day(ana, run_reactions):
    card(ana, "insufficient_funds")
    invoice = bill(ana, 4900)

    fail(invoice, run_reactions)

    assert planned(invoice) == ["03-04 00:01", "03-09 00:01", "03-16 00:01", "03-23 00:01"]
    assert next_retry_on(invoice.pk) == date(2026, 3, 4)
    assert "Das Konto war nicht ausreichend gedeckt" in mails()[0]
    assert "Wir versuchen es von selbst noch einmal am 4. März 2026." in mails()[0]
    assert not Ticket.objects.exists()  # nobody has to do anything yet


def test_money_that_comes_on_a_retry_pays_the_bill_and_ends_the_plan(ana, run_reactions):
    card(ana, "insufficient_funds", "insufficient_funds", "ok")
    invoice = bill(ana, 4900)
    fail(invoice, run_reactions)

    assert run_due_retries(at=berlin(2026, 3, 3)) == 0
    run_due_retries(at=berlin(2026, 3, 4, 0, 1))
    run_reactions(berlin(2026, 3, 4, 0, 2))
    run_due_retries(at=berlin(2026, 3, 9, 0, 1))
    run_reactions(berlin(2026, 3, 9, 0, 2))

    assert Invoice.objects.get(pk=invoice.pk).state == "paid"
    assert states(invoice) == ["done", "done", "cancelled", "cancelled"]
    report = recovery_by_cause(since=NOW - timedelta(days=1), until=berlin(2026, 4, 1))
    assert [(row.cause, row.failed, row.recovered, row.amount, row.retries_per_recovery) for row in report] == [
        ("no_money", 1, 1, eur(4900), 2.0)
    ]


def test_a_customers_own_try_does_not_use_up_the_schedule(ana, run_reactions):
    card(ana, "insufficient_funds")
    invoice = bill(ana, 4900)
    fail(invoice, run_reactions)

    for minute in range(3):
        fail(invoice, run_reactions, trigger="customer", at=NOW + timedelta(minutes=minute + 1))

    assert planned(invoice) == ["03-04 00:01", "03-09 00:01", "03-16 00:01", "03-23 00:01"]


@pytest.mark.parametrize(
    "code", ["stolen_card", "expired_card", "authentication_required", "revocation_of_authorization"]
)
def test_what_only_the_customer_can_settle_is_not_tried_but_becomes_a_conversation(ana, run_reactions, code):
    card(ana, code)
    invoice = bill(ana, 4900)

    fail(invoice, run_reactions)

    assert states(invoice) == []
    ticket = Ticket.objects.get()
    assert (ticket.topic, ticket.subject_of_question) == ("payment_failed", f"invoice:{invoice.pk}")
    said = Said.objects.get(ticket=ticket, kind="event").text
    assert "the service goes on" in said
    assert "is not tried again" in said


def test_a_stolen_card_is_neither_said_to_the_customer_nor_written_in_the_conversation(ana, run_reactions):
    card(ana, "stolen_card")
    fail(bill(ana, 4900), run_reactions)

    texts = [*mails(), *Said.objects.values_list("text", flat=True), *Ticket.objects.values_list("subject", flat=True)]
    assert len(texts) >= 3
    for text in texts:
        assert not any(word in text.lower() for word in ("stolen", "gestohlen", "fraud", "betrug", "lost", "verloren"))
    assert "Die Bank hat ohne Angabe von Gründen abgelehnt." in mails()[0]


def test_what_a_processor_writes_never_reaches_a_customer(ana, run_reactions):
    raw = "Txn REF 4711 pickup_card RC=04 <script>issuer text</script>"
    record_failure(ana.pk, amount=eur(4900), code=raw[:60], by=SYSTEM, at=NOW)
    run_reactions()

    message = Message.objects.get(template__contains="payment_failed")
    for part in ("4711", "pickup", "RC=04", "script"):
        assert part not in message.body + message.subject
    assert "Die Zahlung hat nicht geklappt." in message.body
    assert Event.objects.filter(kind="decline.not_known").count() == 1
    assert not Retry.objects.exists()


def test_a_hold_a_dead_card_and_a_missed_day_are_looked_at_again_on_the_day(ana, run_reactions):
    method = card(ana, "insufficient_funds")
    invoice = bill(ana, 4900)
    fail(invoice, run_reactions)

    place_hold(
        ana.pk, kind="review", stops=["collection"], source="review:1", why="We look into it", invoice_id=invoice.pk,
        until=berlin(2026, 3, 5), by=SYSTEM, at=NOW,
    )  # fmt: skip
    run_due_retries(at=berlin(2026, 3, 4, 0, 1))
    assert Retry.objects.get(invoice=invoice, number=1).why == "Collection is on hold: We look into it"

    # The worker was down for ten days: of the two that are due only the later one is made.
    PaymentMethod.objects.filter(pk=method.pk).update(expires_on=date(2026, 3, 17))
    run_due_retries(at=berlin(2026, 3, 16, 8))
    run_reactions(berlin(2026, 3, 16, 9))
    assert states(invoice) == ["skipped", "skipped", "done", "planned"]

    run_due_retries(at=berlin(2026, 3, 23, 0, 1))
    assert Retry.objects.get(invoice=invoice, number=4).why == "The card has expired; it is not tried again."
    assert Attempt.objects.filter(invoice=invoice).count() == 2
    assert Event.objects.filter(kind="retries.exhausted").count() == 1


def test_a_code_that_forbids_it_ends_the_rest_of_a_plan(ana, run_reactions):
    card(ana, "insufficient_funds", "lost_card")
    invoice = bill(ana, 4900)
    fail(invoice, run_reactions)

    run_due_retries(at=berlin(2026, 3, 4, 0, 1))
    run_reactions(berlin(2026, 3, 4, 0, 2))

    assert states(invoice) == ["done", "cancelled", "cancelled", "cancelled"]
    assert Ticket.objects.count() == 1


def test_a_card_refused_for_good_is_tried_for_no_bill_whoever_found_out(ana, run_reactions):
    method = card(ana, "insufficient_funds", "insufficient_funds", "stolen_card")
    first, second = bill(ana, 4900), bill(ana, 900)
    fail(first, run_reactions)
    fail(second, run_reactions, at=NOW + timedelta(minutes=1))

    collect_invoice(second.pk, method_id=method.pk, trigger="customer", by=SYSTEM, at=NOW + timedelta(minutes=2))
    run_reactions(NOW + timedelta(minutes=3))

    assert set(states(first) + states(second)) == {"cancelled"}
    assert Retry.objects.filter(why="The bank has answered: refused.").count() == 8
    assert Event.objects.filter(kind="retries.exhausted").count() == 2


def test_the_schedule_spares_a_card_refused_for_good_and_a_new_one_is_charged(ana, run_reactions):
    card(ana, "stolen_card")
    fail(bill(ana, 4900), run_reactions)
    second = bill(ana, 900)

    with pytest.raises(NoUsableMethod, match="refused this card for good"):
        fail(second, run_reactions)
    card(ana, "ok", last4="1881")

    assert fail(second, run_reactions).state == "succeeded"


def test_thirty_days_of_many_bills_on_one_card_stay_within_its_cap_though_the_rule_changes(ana, run_reactions):
    """Three bills fail on one card; the cap falls from 6 to 5 tries in 30 days while their plans run."""
    NetworkRule.objects.all().delete()
    rule = {"network": "visa", "category": "test", "window_days": 30, "basis": "card", "source": "this test"}
    NetworkRule.objects.create(most=6, valid_from=date(2026, 1, 1), valid_to=date(2026, 3, 12), **rule)
    NetworkRule.objects.create(most=5, valid_from=date(2026, 3, 12), **rule)
    card(ana, "insufficient_funds")
    for number in range(3):
        fail(bill(ana, 1000 + number), run_reactions, at=NOW + timedelta(minutes=number))

    for day in range(1, 31):
        at = berlin(2026, 3, 2) + timedelta(days=day, minutes=2)
        if run_due_retries(at=at):
            run_reactions(at)

    tries = sorted(Attempt.objects.values_list("started_at", flat=True))
    assert len(tries) > 3  # the caps left room for more than the first tries
    for last in tries:
        most = 6 if last.astimezone(BERLIN).date() < date(2026, 3, 12) else 5
        assert sum(1 for each in tries if last - timedelta(days=30) < each <= last) <= most


def test_two_workers_make_each_try_once(transactional_db, run_reactions):
    RetrySchedule.objects.update(may_move_days=0)
    ana = open_ana()
    card(ana, "insufficient_funds")
    invoices = [bill(ana, 1000 + number) for number in range(3)]
    for invoice in invoices:
        fail(invoice, run_reactions)
    barrier = Barrier(2)

    def work() -> int:
        barrier.wait()
        try:
            return run_due_retries(at=berlin(2026, 3, 4, 0, 1))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        taken = [future.result() for future in [pool.submit(work), pool.submit(work)]]

    assert sum(taken) == 3
    assert [Attempt.objects.filter(invoice=invoice).count() for invoice in invoices] == [2, 2, 2]


def test_a_new_card_ends_the_old_plan_and_pays_at_once(ana, run_reactions):
    old = card(ana, "insufficient_funds")
    invoice = bill(ana, 4900)
    fail(invoice, run_reactions)
    new = {"token": "sandbox:ok", "last4": "1881", "expires_on": date(2029, 1, 31), "by": SYSTEM}

    replaced = replace_card(old.pk, at=NOW + timedelta(hours=1), **new)
    assert replace_card(old.pk, at=NOW + timedelta(hours=2), **new) == replaced
    with pytest.raises(CardNoLongerOnFile):
        replace_card(old.pk, at=NOW, **{**new, "token": "sandbox:other"})
    run_due_retries(at=NOW + timedelta(hours=2))

    assert Invoice.objects.get(pk=invoice.pk).state == "paid"
    assert Retry.objects.filter(method=old).exclude(state="cancelled").count() == 0
    assert (replaced.last4, PaymentMethod.objects.get(pk=old.pk).removed_at) == ("1881", NOW + timedelta(hours=1))


def test_a_bill_paid_another_way_is_not_tried_again(ana, run_reactions):
    card(ana, "insufficient_funds")
    invoice = bill(ana, 4900)
    fail(invoice, run_reactions)

    pay(ana, 4900)
    run_reactions()

    assert states(invoice) == ["cancelled"] * 4
    assert run_due_retries(at=berlin(2026, 4, 1)) == 0


def test_the_database_keeps_the_plan_and_refuses_moves_nobody_drew(ana, run_reactions, owner, transactional_db):
    card(ana, "insufficient_funds")
    invoice = bill(ana, 4900)
    fail(invoice, run_reactions)
    first = Retry.objects.filter(invoice=invoice).order_by("number").first()
    owner.execute("UPDATE ledger_retry SET state = 'skipped', why = 'x' WHERE id = %s", [first.pk])

    for change in ("state = 'planned'", "planned_for = now()", "number = 9"):
        with pytest.raises((psycopg.errors.CheckViolation, psycopg.errors.RestrictViolation)):
            owner.execute(f"UPDATE ledger_retry SET {change} WHERE id = %s", [first.pk])
    with pytest.raises(psycopg.errors.ExclusionViolation, match="network_rule_one_in_force"):
        owner.execute(
            "INSERT INTO ledger_networkrule (network, category, most, window_days, basis, valid_from, source) "
            "VALUES ('mastercard', 'every decline', 99, 1, 'card', '2026-06-01', 'nobody')"
        )


def test_the_caps_that_come_with_the_product_change_on_their_day_and_are_written_once():
    ensure_retry_rules()
    ensure_retry_rules()

    found = NetworkRule.objects.order_by("network", "valid_from").values_list("network", "most", "window_days")
    assert list(found) == [("mastercard", 10, 1), ("mastercard", 35, 30), ("visa", 15, 30), ("visa", 20, 30)]
    assert NetworkRule.objects.get(most=15).valid_to == NetworkRule.objects.get(most=20).valid_from
    assert RetrySchedule.objects.count() == 1
