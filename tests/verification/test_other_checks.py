"""Checks without a code: facts, a call back, the portal; and what each of them is good for."""

from datetime import date, timedelta

import pytest

from ledger.customers.operations import OwnAccount, add_contact_point, remove_contact_point
from ledger.customers.proof import ProofMissing
from ledger.errors import InvalidInput, NotAllowed, NotFound
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.invoices.models import Invoice
from tests.conftest import NOW
from verification import policy
from verification.models import Check
from verification.operations import (
    CheckLocked,
    CheckUnderWay,
    ContactTooNew,
    record_facts_check,
    record_manual_check,
    sign_in_check,
    start_check,
)
from verification.queries import checks_of, current_proof, require_proof

TICKET = "ticket:9"


@pytest.fixture
def billed(ada):
    """Ada's last bill was 1,049.00 EUR."""
    Invoice.objects.create(
        number="I-2026-000001", customer=ada, currency="EUR", issued_on=date(2026, 2, 1), due_on=date(2026, 2, 15),
        issued_at=NOW, net_minor=104900, tax_minor=0, total_minor=104900,
    )  # fmt: skip
    return ada


def facts(customer, by, at=NOW, **answers) -> Check:
    return record_facts_check(
        customer_id=customer.pk, conversation=TICKET, purpose="see_balance", answers=answers, by=by, at=at
    )


def by_hand(customer, by, level, at=NOW, reason="Called back, knew the last bill", **more) -> Check:
    return record_manual_check(
        customer_id=customer.pk, conversation=TICKET, purpose="request_refund", level=level, reason=reason, by=by,
        at=at, **more,
    )  # fmt: skip


@pytest.mark.parametrize("amount", ["1049.00", "1.049,00 €", "1,049.00 EUR"])
def test_two_right_facts_prove_level_1_and_move_no_money(billed, mia, amount):
    check = facts(billed, mia, customer_number=billed.number.lower(), last_bill_amount=amount)

    assert check.state == "passed"
    proof = current_proof(billed.pk, TICKET, at=NOW)
    assert (proof.level, proof.may_move_money) == (1, False)


def test_one_wrong_fact_does_not_match_and_nobody_learns_which(billed, mia):
    check = facts(billed, mia, customer_number=billed.number, last_bill_amount="49.00")

    assert check.state == "open"
    assert current_proof(billed.pk, TICKET, at=NOW) is None
    said = str([event.data for event in Event.objects.filter(subject=f"check:{check.pk}")])
    assert "1049" not in said
    assert "last_bill_amount" not in said


def test_a_fact_that_is_not_on_file_never_matches(billed, mia):
    assert facts(billed, mia, customer_number=billed.number, card_last4="4242").state == "open"


def test_three_failures_lock_and_a_right_answer_is_too_late_then(billed, mia):
    states = [facts(billed, mia, customer_number="C-9", last_bill_amount="1").state for _ in range(3)]

    assert states == ["open", "open", "locked"]
    with pytest.raises(CheckLocked):
        facts(billed, mia, customer_number=billed.number, last_bill_amount="1049.00")
    with pytest.raises(CheckLocked):
        start_check(customer_id=billed.pk, conversation="ticket:10", purpose="cancel", by=mia, at=NOW)


@pytest.mark.parametrize("answers", [{"customer_number": "C-1"}, {"customer_number": "C-1", "iban": "DE00"}, {}])
def test_too_few_facts_or_strange_ones_cost_no_attempt(billed, mia, answers):
    with pytest.raises(InvalidInput):
        facts(billed, mia, **answers)

    assert Check.objects.count() == 0


def test_facts_are_not_asked_while_a_code_is_on_its_way(billed, mia):
    start_check(customer_id=billed.pk, conversation=TICKET, purpose="request_refund", by=mia, at=NOW)

    with pytest.raises(CheckUnderWay):
        facts(billed, mia, customer_number=billed.number, last_bill_amount="1049.00")


def test_a_call_back_by_a_supervisor_to_the_number_on_file_proves_level_3(ada, pia, system):
    number = add_contact_point(ada.pk, kind="phone", value="+493090182001", by=system, at=NOW - timedelta(days=30))

    by_hand(ada, pia, policy.STRONG, contact_point_id=number.pk)

    proof = current_proof(ada.pk, TICKET, at=NOW)
    assert (proof.level, proof.may_move_money) == (3, True)
    event = Event.objects.get(kind="identity.verified")
    assert (event.actor, event.data["reason"]) == ("agent:3", "Called back, knew the last bill")


def test_a_call_back_to_a_new_number_an_address_or_no_number_is_refused(ada, pia, system):
    new = add_contact_point(ada.pk, kind="phone", value="+493090182001", by=system, at=NOW - timedelta(days=6))
    address = ada.contact_points.get(kind="email")

    with pytest.raises(ContactTooNew):
        by_hand(ada, pia, policy.STRONG, contact_point_id=new.pk)
    for nowhere in (address.pk, None):
        with pytest.raises(NotFound):
            by_hand(ada, pia, policy.STRONG, contact_point_id=nowhere)


def test_an_agent_may_vouch_for_level_1_but_not_for_a_call_back(ada, mia):
    with pytest.raises(NotAllowed, match="supervisor"):
        by_hand(ada, mia, policy.STRONG)

    by_hand(ada, mia, policy.KNOWLEDGE)

    assert current_proof(ada.pk, TICKET, at=NOW).level == 1


@pytest.mark.parametrize("somebody", [Actor.agent(9), Actor.integration(1, roles=frozenset({"supervisor"}))])
def test_a_trainee_or_an_integration_vouches_for_nobody(ada, somebody):
    with pytest.raises(NotAllowed):
        by_hand(ada, somebody, policy.KNOWLEDGE)


@pytest.mark.parametrize(("level", "reason"), [(2, "Sent a code"), (0, "Nothing at all"), (1, "  ok ")])
def test_a_check_by_hand_needs_a_level_that_exists_and_a_reason(ada, pia, level, reason):
    with pytest.raises(InvalidInput):
        by_hand(ada, pia, level, reason=reason)


def test_a_supervisor_does_not_verify_their_own_account(ada):
    with pytest.raises(OwnAccount):
        by_hand(ada, Actor.agent(3, roles=frozenset({"supervisor"}), customer_id=ada.pk), policy.KNOWLEDGE)


def test_a_portal_sign_in_proves_level_3_in_that_session_only(ada):
    sign_in_check(ada.pk, ada.contact_points.get().pk, "s1", NOW)

    assert current_proof(ada.pk, "portal:s1", at=NOW).level == 3
    assert current_proof(ada.pk, "portal:s2", at=NOW) is None


def test_a_sign_in_with_a_contact_added_this_week_moves_no_money(ada, system):
    new = add_contact_point(ada.pk, kind="email", value="new@mail.example", by=system, at=NOW - timedelta(days=6))

    sign_in_check(ada.pk, new.pk, "s1", NOW)

    with pytest.raises(ProofMissing):
        require_proof(ada.pk, "portal:s1", action="request_refund", at=NOW)


def test_a_contact_with_the_right_of_a_user_moves_no_money(ada, system):
    user = add_contact_point(
        ada.pk, kind="email", value="user@mail.example", right="user", by=system, at=NOW - timedelta(days=30)
    )

    sign_in_check(ada.pk, user.pk, "s1", NOW)

    assert current_proof(ada.pk, "portal:s1", at=NOW).may_move_money is False


def test_a_contact_taken_off_file_proves_nothing_any_more(ada, system):
    add_contact_point(ada.pk, kind="email", value="new@mail.example", by=system, at=NOW)
    contact = ada.contact_points.get(value="ada@mail.example")
    sign_in_check(ada.pk, contact.pk, "s1", NOW)

    remove_contact_point(contact.pk, by=system, at=NOW)

    assert current_proof(ada.pk, "portal:s1", at=NOW) is None


def test_a_caller_with_facts_only_is_blocked_from_a_refund_until_a_code_is_answered(billed, mia):
    facts(billed, mia, customer_number=billed.number, last_bill_amount="1049.00")

    assert require_proof(billed.pk, TICKET, action="see_balance", at=NOW).level == 1
    with pytest.raises(ProofMissing, match="one-time code"):
        require_proof(billed.pk, TICKET, action="request_refund", at=NOW)


def test_the_checks_of_a_conversation_are_shown_newest_first(ada, mia):
    by_hand(ada, mia, policy.KNOWLEDGE)
    start_check(customer_id=ada.pk, conversation=TICKET, purpose="cancel", by=mia, at=NOW)

    assert [check.level for check in checks_of(TICKET)] == [2, 1]
