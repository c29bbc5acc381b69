"""What a customer reads about a dispute and a refund in every state."""

import pytest

from billing_desk.portal.timelines import dispute_steps, refund_steps
from ledger.disputes.models import Dispute
from ledger.payments.models import Payment
from ledger.refunds.models import Refund
from tests.conftest import NOW, berlin


def dispute(state: str, **fields: object) -> Dispute:
    granted = 2500 if state == "upheld" else 0
    amounts = {"amount_minor": 2500, "unpaid_minor": 2500, "paid_minor": 0, "granted_minor": granted}
    values = {**amounts, "currency": "EUR", **fields}
    return Dispute(state=state, opened_at=NOW, due_at=berlin(2026, 3, 12, 17), decided_at=NOW, **values)


def refund(state: str, **fields: object) -> Refund:
    payment = Payment(card_last4="4242")
    return Refund(state=state, payment=payment, amount_minor=2500, currency="EUR", requested_at=NOW, **fields)


def titles(steps: list) -> list[tuple[str, str]]:
    return [(step.title, step.progress.value) for step in steps]


def test_an_open_dispute_says_what_is_held_and_by_when_we_answer() -> None:
    steps = dispute_steps(dispute("opened"), [])

    assert titles(steps) == [("We have it", "done"), ("We are checking it", "now"), ("You get our answer", "next")]
    assert "€25.00 is on hold" in steps[0].detail
    assert steps[1].due_at == berlin(2026, 3, 12, 17)


def test_an_upheld_dispute_goes_on_with_its_refund() -> None:
    upheld = dispute("upheld", unpaid_minor=0, paid_minor=2500, explanation="You were charged twice.")

    steps = dispute_steps(upheld, [refund("requested")])

    assert titles(steps) == [
        ("We have it", "done"),
        ("Checked: you are right", "done"),
        ("Refund of €25.00 asked for", "done"),
        ("Refund is being approved", "now"),
        ("Money arrives on card 4242", "next"),
    ]
    assert steps[1].detail == "You were charged twice."


def test_an_upheld_dispute_of_an_unpaid_charge_comes_off_the_bill() -> None:
    assert titles(dispute_steps(dispute("upheld"), []))[-1] == ("Taken off your bill", "done")


def test_an_upheld_dispute_of_a_paid_charge_is_credit_until_it_is_refunded() -> None:
    paid = dispute("upheld", unpaid_minor=0, paid_minor=2500)

    assert titles(dispute_steps(paid, []))[-1] == ("Credit on your account", "done")


def test_a_rejected_dispute_gives_the_reason() -> None:
    steps = dispute_steps(dispute("rejected", explanation="Both charges are for different months."), [])

    assert titles(steps)[-1] == ("Checked: the charge is right", "ended")
    assert steps[-1].detail == "Both charges are for different months."


def test_a_paid_refund_names_the_reference_to_give_to_the_bank() -> None:
    steps = refund_steps(refund("paid", gateway_reference="SBX-88", approved_at=NOW, closed_at=NOW))

    assert titles(steps)[-2:] == [("Sent to card 4242", "done"), ("Money arrives on card 4242", "now")]
    assert "SBX-88" in steps[-2].detail


@pytest.mark.parametrize("state", Refund.State.values)
def test_every_state_of_a_refund_has_words(state: str) -> None:
    assert len(refund_steps(refund(state))) >= 2


@pytest.mark.parametrize("state", Dispute.State.values)
def test_every_state_of_a_dispute_has_words(state: str) -> None:
    assert len(dispute_steps(dispute(state), [])) >= 2
