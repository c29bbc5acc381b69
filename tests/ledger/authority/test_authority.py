"""Who may give how much alone, and whose word is needed above that."""

from __future__ import annotations

import psycopg
import pytest
from django.db import IntegrityError, transaction

from ledger.authority.models import Approval, AuthorityLimit
from ledger.authority.operations import (
    ApprovalLimitExceeded,
    ApproverIsRequester,
    check_approver,
    close_approved,
    close_cancelled,
    close_declined,
    longest_window,
    request_approval,
)
from ledger.authority.policy import Limit, decide
from ledger.authority.queries import approvals_waiting
from ledger.events.actor import Actor
from ledger.money import Money
from tests.conftest import NOW
from tests.ledger.worlds import eur

AGENT, SENIOR = Limit("authority:1", "agent", eur(2500), 24), Limit("authority:2", "senior", eur(25000), 48)


def alone(minor, *, given=0, roles=("agent",), limits=(AGENT, SENIOR)):
    return decide(eur(minor), given=eur(given), limits=limits, roles=roles)


@pytest.mark.parametrize(("minor", "allowed"), [(2500, True), (2501, False)])
def test_the_limit_itself_is_within_and_a_cent_more_is_not(minor, allowed):
    assert alone(minor).alone is allowed


@pytest.mark.parametrize(("given", "allowed"), [(500, True), (501, False)])
def test_what_was_given_in_the_window_counts(given, allowed):
    assert alone(2000, given=given).alone is allowed


def test_the_highest_limit_of_the_roles_held_counts():
    assert alone(25000, roles=("agent", "senior")).limit is SENIOR


def test_no_role_no_limit_and_another_currency_never_decide_alone():
    assert not alone(1, roles=()).alone
    assert not alone(1, limits=()).alone
    assert not decide(Money(1, "USD"), given=Money(0, "USD"), limits=[AGENT], roles=["agent"]).alone


def test_a_refusal_says_what_the_limit_is_and_what_was_given():
    assert alone(2501).why == "Above your limit of 25.00 EUR."
    assert alone(2000, given=1000).why == ("With 10.00 EUR given within 24 hours it is above your limit of 25.00 EUR.")


@pytest.fixture
def waiting(db, mia):
    return request_approval("refund:1", act="refund", customer_id=1, amount=eur(2600), why="x", by=mia, at=NOW)


def test_one_request_is_open_per_subject(waiting, noe):
    with pytest.raises(IntegrityError, match="one_open_approval_per_subject"), transaction.atomic():
        request_approval("refund:1", act="refund", customer_id=1, amount=eur(1), why="x", by=noe, at=NOW)


def test_nobody_approves_what_they_asked_for_and_a_limit_must_cover_it(db, mia, noe):
    check_approver("refund", eur(25000), requested_by=str(mia), by=noe)
    with pytest.raises(ApproverIsRequester):
        check_approver("refund", eur(1), requested_by=str(noe), by=noe)
    with pytest.raises(ApprovalLimitExceeded, match=r"250\.01 EUR is more than you may approve"):
        check_approver("refund", eur(25001), requested_by=str(mia), by=noe)


def test_an_act_without_limits_is_approved_by_nobody(db, mia, pia):
    AuthorityLimit.objects.filter(role="supervisor").delete()

    with pytest.raises(ApprovalLimitExceeded):
        check_approver("refund", eur(1), requested_by=str(mia), by=pia)


@pytest.mark.parametrize(
    ("close", "more", "state"),
    [
        (close_approved, {}, "approved"),
        (close_declined, {"reason": "No."}, "declined"),
        (close_cancelled, {}, "cancelled"),
    ],
)
def test_a_decided_request_leaves_the_list_and_keeps_who_decided(waiting, noe, close, more, state):
    assert approvals_waiting() == [waiting]

    close("refund:1", by=noe, at=NOW, **more)
    close("refund:1", by=noe, at=NOW, **more)  # nothing is open any more: harmless

    assert approvals_waiting() == []
    assert (Approval.objects.get().state, Approval.objects.get().decided_by) == (state, str(noe))


def test_the_oldest_request_is_first_on_the_list(waiting, mia):
    second = request_approval("refund:2", act="refund", customer_id=1, amount=eur(1), why="x", by=mia, at=NOW)

    assert approvals_waiting() == [waiting, second]
    assert approvals_waiting(limit=1) == [waiting]


def test_the_database_refuses_an_approval_by_the_requester(waiting, owner, transactional_db):
    with pytest.raises(psycopg.errors.CheckViolation, match="approval_by_someone_else"):
        owner.execute("UPDATE ledger_approval SET state = 'approved', decided_by = requested_by")


def test_the_longest_window_of_the_roles_held_is_looked_back_over(db):
    AuthorityLimit.objects.filter(role="agent", act="refund", currency="EUR").update(window_hours=72)

    assert longest_window("refund", "EUR", {"agent", "senior_agent"}) == 72
    assert longest_window("refund", "EUR", Actor.system("x").roles) == 24
