"""request_refund: within a limit at once, above it somebody else's word, never more than there is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ledger.authority.queries import approvals_waiting
from ledger.books.proof import first_break
from ledger.customers.operations import OwnAccount
from ledger.customers.proof import ProofMissing
from ledger.events.actor import Actor
from ledger.refunds.operations import RefundTooLarge, cancel_refund, request_refund
from tests.conftest import NOW
from tests.ledger.worlds import bill, eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid():
    ana = open_ana()
    bill(ana, 20000)
    return ana, pay(ana, 20000)


def ask(paid, minor, by, **more):
    ana, payment = paid
    more.setdefault("proof", prove(ana))
    return request_refund(payment.pk, amount=eur(minor), reason="Sorry", is_goodwill=True, by=by, at=NOW, **more)


@pytest.mark.parametrize(("minor", "state"), [(2500, "approved"), (2501, "requested")])
def test_the_limit_itself_is_given_alone_and_a_cent_more_waits(paid, mia, minor, state):
    assert ask(paid, minor, mia).state == state


def test_five_times_twenty_for_one_customer_in_a_day_is_seen_as_a_hundred(paid, mia):
    states = [ask(paid, 2000, mia).state for _ in range(5)]

    assert states == ["approved", "requested", "requested", "requested", "requested"]
    assert "With 20.00 EUR given within 24 hours" in approvals_waiting()[0].why


def test_a_day_later_the_limit_is_fresh(paid, mia):
    ask(paid, 2000, mia)
    ana, payment = paid
    later = NOW + timedelta(hours=24)

    refund = request_refund(
        payment.pk, amount=eur(2000), reason="x", proof=prove(ana, at=later), is_goodwill=True, by=mia, at=later
    )

    assert refund.state == "approved"


def test_a_role_without_a_limit_always_waits(paid):
    assert ask(paid, 1, Actor.agent(9, name="Qui")).state == "requested"


def test_more_than_the_payment_is_refused_with_what_is_left(paid, pia):
    ask(paid, 15000, pia)

    with pytest.raises(RefundTooLarge, match=r"Only 50\.00 EUR of this payment"):
        ask(paid, 5001, pia)


def test_a_cancelled_refund_frees_what_it_reserved(paid, mia, pia):
    cancel_refund(ask(paid, 20000, mia).pk, by=mia, at=NOW)

    assert ask(paid, 20000, pia).state == "approved"
    assert first_break() is None


def test_what_is_owed_needs_credit_behind_it(paid, mia):
    ana, payment = paid

    with pytest.raises(RefundTooLarge, match=r"0\.00 EUR of credit"):
        request_refund(payment.pk, amount=eur(100), reason="x", proof=prove(ana), by=mia, at=NOW)


def test_an_expired_proof_moves_no_money(paid, mia):
    with pytest.raises(ProofMissing, match="expired"):
        ask(paid, 100, mia, proof=prove(paid[0], at=NOW - timedelta(minutes=30)))


def test_a_weak_proof_moves_no_money(paid, mia):
    with pytest.raises(ProofMissing, match="stronger"):
        ask(paid, 100, mia, proof=prove(paid[0], level=1))


def test_another_customers_proof_moves_no_money(paid, mia):
    other = open_ana(email="other@example.com")

    with pytest.raises(ProofMissing, match="not this customer"):
        ask(paid, 100, mia, proof=prove(other))


def test_nobody_refunds_their_own_account(paid):
    me = Actor.agent(7, roles=frozenset({"finance"}), customer_id=paid[0].pk)

    with pytest.raises(OwnAccount):
        ask(paid, 100, me)


def test_the_same_external_id_asks_once(paid, mia):
    first = ask(paid, 100, mia, external_id="shop-7")

    assert ask(paid, 100, mia, external_id="shop-7").pk == first.pk
