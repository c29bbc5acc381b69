"""Every move the diagrams do not have is refused by the operation, and by the database for direct SQL."""

from __future__ import annotations

from itertools import product

import psycopg
import pytest

from ledger.disputes.chargebacks import accept_chargeback, lose_chargeback, record_chargeback, win_chargeback
from ledger.disputes.deciding import close_dispute
from ledger.disputes.models import STATES, Dispute
from ledger.disputes.operations import (
    DisputeNotInState,
    acknowledge_dispute,
    appeal_dispute,
    mark_seen,
    reject_dispute,
    review_dispute,
    uphold_dispute,
    uphold_dispute_partly,
    withdraw_dispute,
)
from ledger.disputes.stages import STAGES
from ledger.errors import DomainError
from tests.conftest import NOW
from tests.ledger.disputes.worlds import MIA, NOE, dispute
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay

OPEN = {"opened", "acknowledged", "in_review"}
DECIDED = {"upheld", "partly_upheld", "rejected", "withdrawn"}
#: The operation that makes each move, and the states in which it may.
MOVES = {
    "in_review": (lambda pk: review_dispute(pk, by=MIA, at=NOW), {"opened", "acknowledged"}),
    "upheld": (lambda pk: uphold_dispute(pk, explanation="Yes.", by=NOE, at=NOW), OPEN),
    "partly_upheld": (
        lambda pk: uphold_dispute_partly(pk, amount=eur(100), explanation="A part.", by=NOE, at=NOW),
        OPEN,
    ),
    "rejected": (lambda pk: reject_dispute(pk, explanation="No.", by=NOE, at=NOW), OPEN),
    "withdrawn": (lambda pk: withdraw_dispute(pk, by=MIA, at=NOW), OPEN),
    "appealed": (lambda pk: appeal_dispute(pk, reason="New", by=MIA, at=NOW), {"rejected", "partly_upheld"}),
    "closed": (lambda pk: close_dispute(pk, by=SYSTEM, at=NOW), DECIDED),
}


def brought_to(ana, state: str) -> Dispute:
    opened = dispute(ana, bill(ana, 3000), 3000)
    if state == "closed":
        reject_dispute(opened.pk, explanation="No.", by=MIA, at=NOW)
    if state == "acknowledged":
        acknowledge_dispute(opened.pk, by=SYSTEM, at=NOW)
    elif state != "opened":
        MOVES[state][0](opened.pk)
    return opened


@pytest.mark.django_db
@pytest.mark.parametrize("state", STATES)
def test_each_operation_works_in_its_states_and_refuses_in_all_others(state):
    for move, (act, allowed) in MOVES.items():
        # A customer each: the same charge twice for one would be a fact that speaks against a rejection.
        found = brought_to(open_ana(email=f"{move}@example.com"), state)
        if state in allowed:
            act(found.pk)
        else:
            with pytest.raises(DisputeNotInState, match=found.number):
                act(found.pk)
            assert Dispute.objects.get(pk=found.pk).state == state


#: What the database lets through, as the diagram draws it.
DRAWN = {
    *product(OPEN, DECIDED),
    *product(DECIDED, {"closed"}),
    ("opened", "acknowledged"),
    ("opened", "in_review"),
    ("acknowledged", "in_review"),
    ("rejected", "in_review"),
    ("partly_upheld", "in_review"),
}


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_every_other_move_of_a_dispute(transactional_db, owner):
    ana = open_ana()
    opened = dispute(ana, bill(ana, 3000), 3000)
    owner.execute("UPDATE ledger_dispute SET decided_by = 'agent:1', acknowledged_at = now()")
    for old, new in product(STATES, STATES):
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE ledger_dispute SET state = %s WHERE id = %s", [old, opened.pk])
        owner.execute("SET session_replication_role = origin")
        if old == new or (old, new) in DRAWN:
            continue
        with pytest.raises(psycopg.errors.CheckViolation, match=f"may not go from {old} to {new}"):
            owner.execute("UPDATE ledger_dispute SET state = %s WHERE id = %s", [new, opened.pk])


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_a_second_appeal_and_the_same_decider(transactional_db, owner):
    ana = open_ana()
    opened = dispute(ana, bill(ana, 3000), 3000)
    reject_dispute(opened.pk, explanation="No.", by=MIA, at=NOW)
    appeal_dispute(opened.pk, reason="New", by=MIA, at=NOW)

    with pytest.raises(psycopg.errors.CheckViolation, match="dispute_appeal_decided_by_someone_else"):
        owner.execute("UPDATE ledger_dispute SET state = 'rejected', decided_by = %s", [str(MIA)])
    mark_seen(opened.pk, by=NOE, at=NOW)
    reject_dispute(opened.pk, explanation="Still no.", by=NOE, at=NOW)
    with pytest.raises(psycopg.errors.CheckViolation, match="was appealed before"):
        owner.execute("UPDATE ledger_dispute SET state = 'in_review'")


@pytest.mark.django_db(transaction=True)
def test_the_database_lets_a_chargeback_only_go_forward(transactional_db, owner):
    payment = pay(open_ana(), 3000)
    record_chargeback(payment.pk, amount=eur(3000), external_id="cb", reason="fraud", by=SYSTEM, at=NOW)
    ends = ("received", "won", "lost", "accepted")
    standings = list(product(STAGES, ends))
    for old, new in product(standings, standings):
        rank_old, rank_new = (STAGES.index(stage) * 2 + (state != "received") for stage, state in (old, new))
        if old == new or rank_new > rank_old:
            continue
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE ledger_chargeback SET stage = %s, state = %s, is_taken = false", old)
        owner.execute("SET session_replication_role = origin")
        with pytest.raises(psycopg.errors.CheckViolation, match="may not go from"):
            owner.execute("UPDATE ledger_chargeback SET stage = %s, state = %s", new)


@pytest.mark.django_db
def test_a_decided_chargeback_is_not_decided_again():
    payment = pay(open_ana(), 3000)
    acts = (
        lambda pk: win_chargeback(pk, by=SYSTEM, at=NOW),
        lambda pk: lose_chargeback(pk, by=SYSTEM, at=NOW),
        lambda pk: accept_chargeback(pk, why="Small", by=MIA, at=NOW),
    )
    for number, first in enumerate(acts):
        made = record_chargeback(
            payment.pk, amount=eur(1000), external_id=f"cb-{number}", reason="fraud", by=SYSTEM, at=NOW
        )
        first(made.pk)
        for again in acts:
            with pytest.raises(DomainError, match="already"):
                again(made.pk)
