"""Approval by as many different people as the rule says, none of them who asked; freezes stop them all."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from ledger.authority.freezing import Frozen, SecondPersonNeeded
from ledger.authority.models import Approval, ApprovalRule, Freeze
from ledger.authority.operations import ApprovalLimitExceeded, ApprovedAlready, ApproverIsRequester, close_cancelled
from ledger.authority.policy import Rule, rule_for
from ledger.books.proof import first_break
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.refunds.freezing import freeze_refunds, unfreeze_refunds
from ledger.refunds.models import Refund
from ledger.refunds.operations import RefundNotInState, approve_refund, cancel_refund, request_refund
from ledger.refunds.paying import pay_due_refunds, pay_refund
from notifications.delivery.models import Message
from tests import plugin
from tests.conftest import NOW
from tests.ledger.worlds import bill, eur, open_ana, pay, prove

PIA2 = Actor.agent(30, name="Pit", roles=frozenset({"supervisor"}))


def ask(payment, minor, by, **more):
    return request_refund(
        payment.pk, amount=eur(minor), reason="Sorry", proof=prove(payment.customer), is_goodwill=True, by=by, at=NOW,
        **more,
    )  # fmt: skip


@pytest.fixture
def payment(db):
    ana = open_ana()
    bill(ana, 500_000)
    return pay(ana, 500_000)


def test_the_highest_rule_that_is_passed_counts():
    rules = [Rule(eur(0)), Rule(eur(10_000), 2), Rule(eur(50_000), 3, frozenset({"finance"}))]

    assert [rule_for(eur(minor), rules).approvers for minor in (1, 10_000, 10_001, 50_000, 50_001)] == [1, 1, 2, 2, 3]
    assert rule_for(eur(1), []).approvers == 1


def test_two_different_people_and_never_the_asker_approve_a_large_refund(payment, mia, noe, pia):
    refund = ask(payment, 150_000, mia)

    with pytest.raises(ApprovalLimitExceeded, match="finance or supervisor"):
        approve_refund(refund.pk, by=noe, at=NOW)
    assert approve_refund(refund.pk, by=pia, at=NOW).state == "requested"
    with pytest.raises(ApprovedAlready):
        approve_refund(refund.pk, by=pia, at=NOW)
    assert approve_refund(refund.pk, by=PIA2, at=NOW).state == "approved"
    with pytest.raises(RefundNotInState):
        approve_refund(refund.pk, by=PIA2, at=NOW)
    assert Event.objects.filter(kind="refund.approved").count() == 1
    assert first_break() is None


def test_split_requests_need_as_many_as_one(payment, mia):
    ApprovalRule.objects.filter(act="refund").delete()
    ApprovalRule.objects.create(act="refund", currency="EUR", above_minor=9_999, approvers=2)

    needed = [Approval.objects.get(subject=f"refund:{ask(payment, 4_000, mia).pk}").needed for _ in range(3)]

    assert needed == [1, 1, 2]  # 40.00, 80.00, 120.00


def test_the_database_counts_the_votes_and_knows_who_asked(payment, mia, pia, transactional_db):
    refund = ask(payment, 150_000, mia)
    approve_refund(refund.pk, by=pia, at=NOW)
    with psycopg.connect(plugin.database_url(), autocommit=True) as direct:
        with pytest.raises(psycopg.errors.CheckViolation, match="needs 2 people"):
            direct.execute("UPDATE ledger_approval SET state = 'approved', decided_by = 'agent:99'")
        with pytest.raises(psycopg.errors.CheckViolation, match="asked for it"):
            direct.execute(
                "INSERT INTO ledger_approvalvote (approval_id, voter, voted_at) SELECT id, requested_by, now() "
                "FROM ledger_approval"
            )


def test_a_freeze_halts_approval_and_payment_and_tells_each_customer_once(payment, mia, noe, pia, run_reactions):
    waiting, ready = ask(payment, 2_600, mia), ask(payment, 2_000, noe)
    frozen = freeze_refunds(why="Somebody prints money", by=pia, at=NOW)

    with pytest.raises(Frozen, match="Somebody prints money"):
        approve_refund(waiting.pk, by=noe, at=NOW)
    with pytest.raises(Frozen):
        pay_refund(ready.pk, at=NOW)
    assert ask(payment, 100, noe).state == "requested"  # within the limit, but nobody approves now
    assert [pay_due_refunds(at=NOW) for _ in range(3)] == [0, 0, 0]
    assert Event.objects.filter(kind="refund.held").count() == 3
    run_reactions()
    assert Message.objects.filter(template__startswith="refund_held").count() == 3

    unfreeze_refunds(frozen.pk, by=pia, at=NOW)
    approve_refund(waiting.pk, by=noe, at=NOW)
    assert pay_due_refunds(at=NOW) == 2
    assert first_break() is None


def test_the_database_stops_a_frozen_refund_whoever_writes(payment, mia, pia, transactional_db):
    refund = ask(payment, 2_600, mia)
    freeze_refunds(why="Check", by=pia, at=NOW)

    with (
        psycopg.connect(plugin.database_url(), autocommit=True) as direct,
        pytest.raises(psycopg.errors.CheckViolation, match="frozen"),
    ):
        direct.execute("UPDATE ledger_refund SET state = 'approved', approved_by = 'x' WHERE id = %s", [refund.pk])


def test_who_has_a_refund_waiting_lifts_a_freeze_only_with_a_second_person(payment, pia, olg):
    ask(payment, 200_000, pia)  # above her own limit: it waits
    frozen = freeze_refunds(why="Check", by=olg, at=NOW)

    assert unfreeze_refunds(frozen.pk, by=pia, at=NOW).lifted_at is None
    with pytest.raises(SecondPersonNeeded):
        unfreeze_refunds(frozen.pk, by=pia, at=NOW)
    assert unfreeze_refunds(frozen.pk, by=olg, at=NOW + timedelta(minutes=1)).lifted_by == str(olg)
    assert Freeze.objects.get().lift_asked_by == str(pia)


def test_a_request_called_off_leaves_no_way_to_approve_it(payment, mia, noe):
    refund = ask(payment, 2_600, mia)
    cancel_refund(refund.pk, by=mia, at=NOW)

    with pytest.raises(RefundNotInState):
        approve_refund(refund.pk, by=noe, at=NOW)
    close_cancelled(f"refund:{refund.pk}", by=mia, at=NOW)  # nothing is open any more: harmless
    assert Refund.objects.get().state == "cancelled"


def test_nobody_approves_their_own_whatever_the_rule_says(payment, olg):
    with pytest.raises(ApproverIsRequester):
        approve_refund(ask(payment, 1_100_000 // 4, Actor.agent(4, roles=frozenset())).pk, by=olg, at=NOW)
