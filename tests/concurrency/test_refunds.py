"""Money operations at the same moment, on real connections: one winner, nothing paid twice, nobody waits for ever."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from ledger.billing.lease import BillingRunInProgress
from ledger.billing.operations import run_billing
from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.catalogue.models import Plan, Price
from ledger.customers.models import ContactPoint
from ledger.customers.operations import LastContactPoint, add_contact_point, remove_contact_point
from ledger.disputes.chargebacks import record_chargeback
from ledger.disputes.operations import AlreadyDisputed, open_dispute
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.invoices.models import Invoice
from ledger.payments.models import Payment, SandboxTransfer
from ledger.refunds.models import Refund
from ledger.refunds.operations import RefundNotInState, RefundTooLarge, approve_refund, cancel_refund, request_refund
from ledger.refunds.paying import pay_due_refunds, pay_refund
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.operations import start_subscription
from tests.at_once import at_once
from tests.conftest import NOW, berlin
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db(transaction=True)

MIA = Actor.agent(1, name="Mia", roles=frozenset({"agent"}))
NOE = Actor.agent(2, name="Noe", roles=frozenset({"senior_agent"}))


def kinds(answers: list[object]) -> Counter[str]:
    """Count what came of the acts."""
    return Counter(type(answer).__name__ for answer in answers)


@pytest.fixture
def paid():
    ana = open_ana()
    bill(ana, 20000)
    return ana, pay(ana, 20000)


def ask(paid, minor: int, by: Actor) -> Refund:
    ana, payment = paid
    return request_refund(
        payment.pk, amount=eur(minor), reason="Sorry", proof=prove(ana), is_goodwill=True, by=by, at=NOW
    )


def supervisors(count: int) -> list[Actor]:
    return [Actor.agent(number, roles=frozenset({"supervisor"})) for number in range(50, 50 + count)]


def test_of_eight_supervisors_who_approve_at_once_one_does(paid):
    refund = ask(paid, 2600, MIA)

    answers = at_once([lambda by=by: approve_refund(refund.pk, by=by, at=NOW) for by in supervisors(8)])

    assert kinds(answers) == {"Refund": 1, RefundNotInState.__name__: 7}
    assert balance("refunds_payable", "EUR", customer_id=paid[0].pk) == eur(2600)
    assert Event.objects.filter(kind="refund.approved").count() == 1
    assert first_break() is None


def test_approving_and_cancelling_at_once_ends_in_one_of_the_two(paid):
    refund = ask(paid, 2600, MIA)

    at_once([lambda: approve_refund(refund.pk, by=NOE, at=NOW), lambda: cancel_refund(refund.pk, by=MIA, at=NOW)])

    # Approved and then called off, or called off and never approved: nothing is owed in either.
    assert Refund.objects.get().state == "cancelled"
    assert balance("refunds_payable", "EUR", customer_id=paid[0].pk) == eur(0)
    assert first_break() is None


def test_of_four_requests_for_sixty_per_cent_of_one_payment_one_is_taken(paid):
    answers = at_once([lambda by=by: ask(paid, 12000, by) for by in supervisors(4)])

    assert kinds(answers) == {"Refund": 1, RefundTooLarge.__name__: 3}
    assert Payment.objects.get().refunded_minor == 12000
    assert first_break() is None


def test_two_requests_of_twenty_euros_at_once_do_not_both_pass_a_limit_of_twenty_five(paid):
    answers = at_once([lambda: ask(paid, 2000, MIA)] * 2)

    assert sorted(answer.state for answer in answers) == ["approved", "requested"]


def test_a_refund_and_a_chargeback_at_once_never_give_more_than_was_paid(paid):
    waiting = ask(paid, 2600, MIA)
    cash = balance("cash", "EUR").minor

    def charge_back() -> object:
        return record_chargeback(paid[1].pk, amount=eur(20000), external_id="cb-1", reason="fraud", by=SYSTEM, at=NOW)

    answers = at_once(
        [charge_back, lambda: approve_refund(waiting.pk, by=NOE, at=NOW), lambda: ask(paid, 20000 - 2600, NOE)]
    )

    assert type(answers[0]).__name__ == "Chargeback"  # what the bank did is booked, whoever else was about
    assert Payment.objects.get().refundable == eur(0)
    assert balance("cash", "EUR").minor == cash - 20000
    assert not Refund.objects.filter(state__in=["requested", "approved"]).exists()
    assert first_break() is None


def test_a_chargeback_while_the_gateway_gets_the_refund_is_booked_all_the_same(paid):
    refund = ask(paid, 2500, MIA)

    for attempt in range(3):
        answers = at_once(
            [
                lambda: pay_refund(refund.pk, at=NOW),
                lambda attempt=attempt: record_chargeback(
                    paid[1].pk, amount=eur(5000), external_id=f"cb-{attempt}", reason="fraud", by=SYSTEM, at=NOW
                ),
            ]
        )
        assert type(answers[1]).__name__ == "Chargeback"

    assert Refund.objects.get().state in {"paid", "cancelled"}
    assert first_break() is None


def test_two_workers_and_two_sweeps_pay_one_refund_once(paid):
    refund = ask(paid, 2500, MIA)

    at_once([lambda: pay_refund(refund.pk, at=NOW)] * 2 + [lambda: pay_due_refunds(at=NOW)] * 2)

    assert Refund.objects.get().state == "paid"
    assert SandboxTransfer.objects.count() == 1
    assert balance("cash", "EUR") == eur(20000 - 2500)
    assert Event.objects.filter(kind="refund.paid").count() == 1
    assert first_break() is None


def test_of_three_billing_runs_at_once_one_bills_every_period_once():
    plan = Plan.objects.create(code="plus", name="Plus")
    Price.objects.create(product=plan, currency="EUR", amount_minor=1000, valid_from=date(2026, 1, 1))
    for number in range(3):
        ana = open_ana(email=f"ana{number}@example.com")
        for _ in range(2):
            start_subscription(ana.pk, plan_code="plus", started_on=date(2026, 1, 31), by=SYSTEM, at=NOW)

    answers = at_once([lambda: run_billing(at=berlin(2026, 3, 1))] * 3)

    runs = [answer for answer in answers if not isinstance(answer, BillingRunInProgress)]
    assert sum(run.billed for run in runs) == 12  # six subscriptions, 31 January and 28 February
    assert {run.exceptions for run in runs} == {0}
    assert Invoice.objects.count() == 12
    assert set(Subscription.objects.values_list("renews_on", flat=True)) == {date(2026, 3, 31)}
    assert first_break() is None


def test_one_external_id_started_at_once_is_one_subscription():
    plan = Plan.objects.create(code="plus", name="Plus")
    Price.objects.create(product=plan, currency="EUR", amount_minor=1000, valid_from=date(2026, 1, 1))
    ana = open_ana()

    answers = at_once(
        [lambda: start_subscription(ana.pk, plan_code="plus", external_id="shop-1", by=SYSTEM, at=NOW)] * 6
    )

    assert len({answer.pk for answer in answers}) == Subscription.objects.count() == 1
    assert Event.objects.filter(kind="subscription.started").count() == 1


def test_payments_and_disputes_of_one_bill_at_once_do_not_block_each_other():
    ana = open_ana()
    invoice = bill(ana, *[1000] * 6)
    lines = list(invoice.lines.order_by("position"))

    def dispute(number: int) -> object:
        return open_dispute(lines[number].pk, amount=eur(1000), reason="duplicate", proof=prove(ana), by=MIA, at=NOW)

    answers = at_once(
        [*[lambda n=n: dispute(n) for n in range(6)], *[lambda: pay(ana, 700)] * 6, lambda: bill(ana, 500)]
    )

    assert kinds(answers) == {"Dispute": 6, "Payment": 6, "Invoice": 1}
    assert first_break() is None


def test_one_line_disputed_by_two_agents_at_once_is_held_once():
    ana = open_ana()
    line = bill(ana, 1000).lines.get()

    def dispute() -> object:
        return open_dispute(line.pk, amount=eur(1000), reason="duplicate", proof=prove(ana), by=MIA, at=NOW)

    assert kinds(at_once([dispute] * 4)) == {"Dispute": 1, AlreadyDisputed.__name__: 3}
    assert balance("receivable_disputed", "EUR", customer_id=ana.pk) == eur(1000)


def test_the_last_two_ways_to_reach_a_customer_are_not_both_removed_at_once():
    ana = open_ana()
    add_contact_point(ana.pk, kind="phone", value="+4930901820", by=SYSTEM, at=NOW)
    points = list(ContactPoint.objects.filter(customer=ana).values_list("pk", flat=True))

    answers = at_once([lambda pk=pk: remove_contact_point(pk, by=SYSTEM, at=NOW) for pk in points])

    assert kinds(answers) == {"NoneType": 1, LastContactPoint.__name__: 1}
