"""The ways of a refund: the original one, another card, credit; what arrives, comes back, or is silent."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.customers.proof import ProofMissing
from ledger.events.models import Event
from ledger.payments.models import Payment, PaymentMethod, SandboxTransfer
from ledger.payments.operations import add_payment_method, record_payment
from ledger.refunds.models import Refund
from ledger.refunds.operations import RefundNotInState, request_refund
from ledger.refunds.paying import NotReleasedYet, pay_due_refunds, pay_refund
from ledger.refunds.queries import punctuality
from ledger.refunds.routes import MethodNotUsable, OriginalMethodExpired, Way, reroute_refund
from ledger.refunds.settling import return_refund, settle_refund, take_gateway_word
from ledger.refunds.watching import Watched, watch_refunds
from notifications.delivery.models import Message
from tests.conftest import NOW, berlin
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, prove

pytestmark = pytest.mark.django_db


def card(customer, token="tok_1", *, expires=date(2027, 12, 31), last4="4242", kind="card"):
    return add_payment_method(
        customer.pk, kind=kind, brand="Visa", last4=last4, expires_on=expires, token=token, by=SYSTEM, at=NOW
    )


@pytest.fixture
def paid():
    """Ana has paid 200.00 with a card that is valid."""
    ana = open_ana()
    bill(ana, 20000)
    method = card(ana)
    return record_payment(ana.pk, amount=eur(20000), method_id=method.pk, card_last4="4242", by=SYSTEM, at=NOW)


def ask(payment, by, minor=2000, *, way=None, level=2, goodwill=True):
    more = {"way": way} if way else {}
    return request_refund(
        payment.pk, amount=eur(minor), reason="Sorry", proof=prove(payment.customer, level=level),
        is_goodwill=goodwill, by=by, at=NOW, **more,
    )  # fmt: skip


def test_money_by_card_is_promised_for_a_range_of_days_and_the_message_says_it(paid, noe, run_reactions):
    refund = ask(paid, noe)
    pay_refund(refund.pk, at=NOW)  # Monday 2 March: five to ten bank days

    assert Refund.objects.get().arrives == "9–16 March"
    run_reactions()
    message = Message.objects.get(template__startswith="refund_paid")
    assert "9.–16. März 2026" in message.body


def test_an_expired_card_asks_for_another_way_before_anything_is_promised(paid, noe, run_reactions):
    PaymentMethod.objects.update(expires_on=date(2026, 2, 28))

    with pytest.raises(OriginalMethodExpired, match="another card or account, or becomes credit"):
        ask(paid, noe)

    assert not Refund.objects.exists()
    assert Payment.objects.get().refunded_minor == 0
    run_reactions()
    assert not Message.objects.filter(template__startswith="refund").exists()
    assert ask(paid, noe, way=Way("credit")).state == "settled"


def test_another_card_needs_the_strongest_proof_and_waits_a_day(paid, noe):
    other = card(paid.customer, "tok_2", last4="1881")
    way = Way("another", other.pk)

    with pytest.raises(ProofMissing):
        ask(paid, noe, way=way)
    refund = ask(paid, noe, way=way, level=3)

    with pytest.raises(NotReleasedYet):
        pay_refund(refund.pk, at=NOW + timedelta(hours=23, minutes=59))
    assert pay_due_refunds(at=NOW + timedelta(hours=23)) == 0
    assert pay_due_refunds(at=NOW + timedelta(hours=24)) == 1
    assert SandboxTransfer.objects.get().kind == "payout"
    assert Refund.objects.get().arrives == "10–17 March"


def test_somebody_elses_card_and_an_expired_one_take_no_money(paid, noe):
    strange = card(open_ana(email="o@example.com"), "tok_3")
    expired = card(paid.customer, "tok_4", expires=date(2026, 1, 31))

    for method in (strange, expired):
        with pytest.raises(MethodNotUsable):
            ask(paid, noe, way=Way("another", method.pk), level=3)


def test_a_card_removed_from_file_still_gets_its_refund(paid, noe):  # case R07
    refund = ask(paid, noe)
    PaymentMethod.objects.update(removed_at=NOW)

    assert pay_refund(refund.pk, at=NOW).state == "paid"
    assert first_break() is None


def test_a_gift_as_credit_is_there_at_once_and_the_payment_can_be_refunded_again(paid, noe):
    refund = ask(paid, noe, way=Way("credit"))

    assert (refund.state, refund.settled_on) == ("settled", date(2026, 3, 2))
    assert balance("customer_credit", "EUR", customer_id=paid.customer_id) == eur(2000)
    assert balance("cash", "EUR") == eur(20000)
    assert Payment.objects.get().refundable == eur(20000)
    assert first_break() is None


def test_a_refund_that_comes_back_is_owed_again_and_goes_another_way(paid, noe, run_reactions):
    refund = ask(paid, noe)
    pay_refund(refund.pk, at=NOW)
    settle_refund(refund.pk, by=SYSTEM, at=NOW)

    returned = return_refund(refund.pk, code="expired_or_canceled_card", by=SYSTEM, at=NOW)
    assert returned.state == "failed"
    assert balance("refunds_payable", "EUR", customer_id=paid.customer_id) == eur(2000)
    assert balance("cash", "EUR") == eur(20000)
    with pytest.raises(RefundNotInState):
        return_refund(refund.pk, code="x", by=SYSTEM, at=NOW)

    other = card(paid.customer, "tok_2", last4="1881")
    way = Way("another", other.pk)
    reroute_refund(refund.pk, way=way, proof=prove(paid.customer, level=3), by=noe, at=NOW)
    assert pay_due_refunds(at=NOW + timedelta(hours=24)) == 1

    assert Refund.objects.get().state == "paid"
    assert balance("cash", "EUR") == eur(18000)
    assert list(SandboxTransfer.objects.order_by("pk").values_list("key", flat=True)) == [
        f"refund:{refund.pk}", f"refund:{refund.pk}/2",
    ]  # fmt: skip
    assert first_break() is None
    run_reactions(NOW + timedelta(hours=24))
    told = [one.template.partition(".")[0] for one in Message.objects.order_by("pk") if one.about.startswith("refund")]
    assert told == ["refund_approved", "refund_paid", "refund_returned", "refund_rerouted", "refund_paid"]


def test_a_refund_the_bank_refused_becomes_credit(paid, noe):
    refund = ask(paid, noe, 6666)  # the sandbox declines 66.66
    assert pay_refund(refund.pk, at=NOW).state == "failed"

    reroute_refund(refund.pk, way=Way("credit"), proof=prove(paid.customer), by=noe, at=NOW)

    assert Refund.objects.get().state == "settled"
    assert balance("customer_credit", "EUR", customer_id=paid.customer_id) == eur(6666)
    assert balance("refunds_payable", "EUR", customer_id=paid.customer_id) == eur(0)
    assert first_break() is None


@pytest.mark.parametrize("order", [(True, True, False), (True, False, True), (False, True, True)])
def test_the_gateways_words_converge_in_any_order(paid, noe, order):
    refund = ask(paid, noe)
    reference = pay_refund(refund.pk, at=NOW).gateway_reference

    for succeeded in order:
        take_gateway_word(reference, succeeded=succeeded, code="declined", by=SYSTEM, at=NOW)

    assert Refund.objects.get().state == "failed"
    assert balance("refunds_payable", "EUR", customer_id=paid.customer_id) == eur(2000)
    assert Event.objects.filter(kind="refund.returned").count() == 1
    assert take_gateway_word("nobody's", succeeded=True, by=SYSTEM, at=NOW) is None
    assert first_break() is None


def test_silence_a_day_before_the_promise_is_told_once_before_it_breaks(paid, noe, run_reactions):
    refund = ask(paid, noe)
    pay_refund(refund.pk, at=NOW)  # promised until Monday 16 March
    # The provider has taken it and does not know yet what became of it.
    SandboxTransfer.objects.update(settles_at=berlin(2026, 4, 30))

    assert watch_refunds(at=berlin(2026, 3, 14, 23)) == Watched()
    assert watch_refunds(at=berlin(2026, 3, 15, 9)) == Watched(delayed=1)
    assert watch_refunds(at=berlin(2026, 3, 15, 10)) == Watched()

    run_reactions(berlin(2026, 3, 15, 10))
    message = Message.objects.get(template__startswith="refund_delayed")
    assert message.queued_at < berlin(2026, 3, 16)
    assert "17.–23. März 2026" in message.body  # one to five bank days after Monday 16 March
    assert punctuality(NOW, NOW + timedelta(days=1)).told_of_delay == 1


def test_what_has_arrived_is_settled_quietly_and_counts_as_kept(paid, noe):
    in_time, late = ask(paid, noe), ask(paid, noe, 1000)
    for refund in (in_time, late):
        pay_refund(refund.pk, at=NOW)
    settle_refund(late.pk, on=date(2026, 3, 20), by=SYSTEM, at=berlin(2026, 3, 20))

    assert watch_refunds(at=berlin(2026, 3, 15, 9)) == Watched(arrived=1)

    found = punctuality(NOW, NOW + timedelta(days=1))
    assert (found.sent, found.known, found.in_time, str(found.accuracy)) == (2, 2, 1, "1/2")
    assert not Event.objects.filter(kind="refund.delayed").exists()
