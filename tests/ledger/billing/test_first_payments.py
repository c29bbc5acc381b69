"""A subscription that is paid before it begins: it begins, or after 23 hours it never started (case N12)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ledger.billing.first_payments import end_unpaid_starts
from ledger.billing.operations import run_billing
from ledger.books.queries import customer_balances
from ledger.models import Attempt, Event, Invoice, Refund, Subscription
from ledger.money import Money
from ledger.payments.attempting import Order, begin_attempt
from ledger.payments.collecting import collect_invoice
from ledger.payments.events import apply_answer
from ledger.payments.gateway_answers import GatewayAnswer
from ledger.payments.on_file import add_test_card
from ledger.subscriptions.operations import start_subscription
from notifications.models import Message
from tests.conftest import NOW
from tests.ledger.subscriptions.worlds import again, owes, sell
from tests.ledger.worlds import SYSTEM, eur, open_ana, pay

pytestmark = pytest.mark.django_db
DAY_LATER = NOW + timedelta(hours=23)


@pytest.fixture
def plus() -> Subscription:
    """Ana's Plus at 25.00 without tax, ordered on 2 March and billed at once; nothing is paid."""
    sell("plus", 2500, tax=0)
    ana = open_ana()
    subscription = start_subscription(ana.pk, plan_code="plus", pays_first=True, by=SYSTEM, at=NOW)
    run_billing(at=NOW)
    return again(subscription)


def told() -> list[str]:
    names = Message.objects.order_by("pk").values_list("template", flat=True)
    return [name.partition(".")[0] for name in names]


def test_it_waits_for_its_first_payment_and_begins_with_it(plus, run_reactions):
    bill = Invoice.objects.get()
    assert (plus.state, bill.due_on) == ("starting", bill.issued_on)

    pay(plus.customer, 2500)
    run_reactions()

    assert again(plus).state == "active"
    assert told()[:2] == ["subscription_ordered", "invoice_issued"]
    assert "subscription_started" in told()
    assert end_unpaid_starts(at=DAY_LATER + timedelta(days=9)) == 0


@pytest.mark.parametrize(("early", "state"), [(timedelta(seconds=1), "starting"), (timedelta(0), "expired")])
def test_after_23_hours_without_payment_its_bill_is_void_and_it_never_started(plus, early, state):
    end_unpaid_starts(at=DAY_LATER - early)

    assert again(plus).state == state
    assert Invoice.objects.get().state == ("void" if state == "expired" else "open")


def test_what_never_started_owes_nothing_is_told_once_and_is_never_billed_again(plus, run_reactions):
    run_reactions()
    before = len(told())

    assert [end_unpaid_starts(at=DAY_LATER), end_unpaid_starts(at=DAY_LATER)] == [1, 0]
    run_reactions(DAY_LATER)
    run_billing(at=NOW + timedelta(days=70))

    assert told()[before:] == ["subscription_expired"]  # and not that a bill was withdrawn as well
    assert owes(plus) == eur(0)
    assert Invoice.objects.count() == 1
    assert Event.objects.filter(kind="subscription.expired").count() == 1


def test_the_worker_of_the_bills_was_late_so_the_23_hours_begin_with_the_bill():
    sell("plus", 2500, tax=0)
    subscription = start_subscription(open_ana().pk, plan_code="plus", pays_first=True, by=SYSTEM, at=NOW)
    assert end_unpaid_starts(at=DAY_LATER) == 0
    run_billing(at=NOW + timedelta(hours=10))

    assert end_unpaid_starts(at=NOW + timedelta(hours=32, minutes=59)) == 0
    assert end_unpaid_starts(at=NOW + timedelta(hours=33)) == 1
    assert again(subscription).state == "expired"


def test_while_nobody_knows_whether_it_was_paid_nothing_is_withdrawn(plus):
    card = add_test_card(plus.customer_id, card="timeout", by=SYSTEM, at=NOW)
    order = {"method_id": card.pk, "trigger": "customer", "by": SYSTEM, "at": DAY_LATER - timedelta(minutes=1)}
    assert collect_invoice(Invoice.objects.get().pk, **order).state == "unknown"

    assert end_unpaid_starts(at=DAY_LATER) == 0
    assert Invoice.objects.get().state == "open"


def test_money_for_a_page_that_was_left_open_comes_late_and_goes_back(plus, run_reactions):
    bill = Invoice.objects.get()
    attempt = Attempt.objects.create(
        key="attempt-page", customer=plus.customer, invoice=bill, gateway="sandbox", trigger="customer",
        amount_minor=2500, currency="EUR", started_by=str(SYSTEM), started_at=NOW,
    )  # fmt: skip
    end_unpaid_starts(at=DAY_LATER)

    apply_answer(attempt.pk, GatewayAnswer(True, "pi_late"), by=SYSTEM, at=DAY_LATER)
    run_reactions(DAY_LATER)

    refund = Refund.objects.get()
    assert (refund.amount, refund.payment.gateway_reference) == (eur(2500), "pi_late")
    assert refund.reason == "The bill was withdrawn before the payment arrived."
    assert again(plus).state == "expired"


def test_a_late_transfer_stays_as_credit_and_what_was_paid_in_part_does_too(plus):
    pay(plus.customer, 1000)

    end_unpaid_starts(at=DAY_LATER)
    pay(plus.customer, 1500, at=DAY_LATER)

    assert again(plus).state == "expired"
    assert customer_balances(plus.customer_id)["customer_credit", "EUR"] == Money(2500, "EUR")


def test_a_trial_asks_for_no_payment_first():
    sell("plus", 2500, tax=0)
    plus = start_subscription(open_ana().pk, plan_code="plus", trial_days=14, pays_first=True, by=SYSTEM, at=NOW)

    assert (plus.state, plus.pay_by) == ("trial", None)


def test_an_attempt_under_way_holds_its_lock_and_the_bill_stays(plus):
    card = add_test_card(plus.customer_id, card="ok", by=SYSTEM, at=NOW)
    begin_attempt(Order(Invoice.objects.get().pk, card.pk, None, "schedule"), by=SYSTEM, at=DAY_LATER)

    assert end_unpaid_starts(at=DAY_LATER) == 0
