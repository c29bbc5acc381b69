"""Decisions for, in part and against; what the decider has seen; two people above a limit; closing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ledger.books.proof import first_break
from ledger.charges.operations import add_charge
from ledger.customers.proof import ProofMissing
from ledger.disputes.models import Dispute
from ledger.disputes.operations import (
    DecidedByItsOpener,
    DeviationNeedsReason,
    DisputeNotInState,
    NotSeenYet,
    acknowledge_dispute,
    add_dispute_evidence,
    appeal_dispute,
    mark_seen,
    note_new_material,
    open_dispute,
    reject_dispute,
    uphold_dispute,
    uphold_dispute_partly,
    withdraw_dispute,
)
from ledger.disputes.queries import dispute_history, disputes_nearing
from ledger.disputes.watching import watch_disputes
from ledger.errors import InvalidInput
from ledger.events.models import Event
from ledger.invoices.models import CreditNote, Invoice
from ledger.invoices.operations import issue_invoice
from ledger.jurisdictions.defaults import ensure_rules
from ledger.refunds.operations import approve_refund, request_refund
from tests.conftest import NOW
from tests.ledger.disputes.worlds import MIA, NOE, account, dispute
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return open_ana()


def test_in_part_the_unpaid_comes_first_the_paid_becomes_credit_and_the_rest_is_due_again(ana):
    invoice = bill(ana, 5000, tax=19)  # 59.50
    pay(ana, 2000)
    opened = dispute(ana, invoice, 5950, reason="wrong_amount")

    uphold_dispute_partly(opened.pk, amount=eur(4500), explanation="45.00 of it.", by=MIA, at=NOW)

    # 39.50 were unpaid: all of them come off the bill; 45.00 - 39.50 = 5.50 become credit; nothing is due any more.
    assert (account(ana, "receivable"), account(ana, "receivable_disputed")) == (0, 0)
    assert (account(ana, "customer_credit"), account(ana, "dispute_hold")) == (550, 0)
    note = CreditNote.objects.get()
    assert (note.total, note.net_minor, note.tax_minor) == (eur(4500), 3782, 718)  # 9.50 x 45 / 59.50 = 7.18
    assert Dispute.objects.get().became_credit == eur(550)
    assert first_break() is None


def test_in_part_of_an_unpaid_bill_leaves_the_rest_due_to_the_cent(ana):
    invoice = bill(ana, 3000)
    opened = dispute(ana, invoice, 2500)

    uphold_dispute_partly(opened.pk, amount=eur(999), explanation="9.99 of it.", by=MIA, at=NOW)

    assert Invoice.objects.get().due_amount == eur(2001)
    assert first_break() is None


def test_the_rest_of_a_partly_upheld_dispute_is_appealed_and_decided_by_a_colleague(ana):
    opened = dispute(ana, bill(ana, 3000), 3000)
    uphold_dispute_partly(opened.pk, amount=eur(1000), explanation="A third.", by=MIA, at=NOW)

    appealed = appeal_dispute(opened.pk, reason="Here is the receipt.", by=MIA, at=NOW)
    assert (appealed.contested, account(ana, "receivable_disputed")) == (eur(2000), 2000)
    mark_seen(opened.pk, by=NOE, at=NOW)
    uphold_dispute(opened.pk, explanation="The receipt settles it.", by=NOE, at=NOW)

    assert (Dispute.objects.get().granted, account(ana, "receivable")) == (eur(3000), 0)
    assert Invoice.objects.get().state == "paid"
    assert first_break() is None


@pytest.mark.parametrize("minor", [0, -1, 3000, 3001])
def test_in_part_is_above_nothing_and_below_all(ana, minor):
    opened = dispute(ana, bill(ana, 3000), 3000)

    with pytest.raises(InvalidInput, match=r"below 30\.00 EUR"):
        uphold_dispute_partly(opened.pk, amount=eur(minor), explanation="x", by=MIA, at=NOW)


def test_a_message_that_arrives_while_somebody_decides_blocks_the_decision_until_it_is_seen(ana):
    opened = dispute(ana, bill(ana, 3000), 3000, conversation="ticket:9")
    mark_seen(opened.pk, by=MIA, at=NOW)
    said = {"at": "2026-03-02T10:05:00+01:00", "author": "ana@example.com", "text": "Here is my receipt."}

    for _ in range(2):  # reported twice, it is one thing
        note_new_material("ticket:9", key="message:2", content=said, by=SYSTEM, at=NOW)

    for by in (MIA, NOE):
        with pytest.raises(NotSeenYet, match=r"1 thing about D-2026-000001 arrived"):
            reject_dispute(opened.pk, explanation="No.", by=by, at=NOW)
    mark_seen(opened.pk, by=MIA, at=NOW)
    assert reject_dispute(opened.pk, explanation="No.", by=MIA, at=NOW).state == "rejected"


def test_a_review_token_is_good_until_something_arrives(ana):
    opened = dispute(ana, bill(ana, 3000), 3000)
    token = mark_seen(opened.pk, by=MIA, at=NOW)
    add_dispute_evidence(opened.pk, words="The customer called again.", by=MIA, at=NOW)

    for stale in ("", token):
        with pytest.raises(NotSeenYet, match="review token"):
            reject_dispute(opened.pk, explanation="No.", review_token=stale, by=MIA, at=NOW)
    fresh = mark_seen(opened.pk, by=MIA, at=NOW)
    assert reject_dispute(opened.pk, explanation="No.", review_token=fresh, by=MIA, at=NOW).state == "rejected"


def test_a_decision_that_strays_from_the_facts_needs_a_reason_which_is_kept(ana):
    for _ in range(2):
        add_charge(ana.pk, amount=eur(1000), description="Plus", charged_on=date(2026, 3, 1), by=SYSTEM, at=NOW)
    opened = dispute(ana, bill(ana, 500), 500)
    with_twin = dispute(ana, _billed_twins(ana), 1000)

    with pytest.raises(DeviationNeedsReason, match="stands twice"):
        reject_dispute(with_twin.pk, explanation="No.", by=MIA, at=NOW)
    decided = reject_dispute(with_twin.pk, explanation="No.", deviation="Two seats.", by=MIA, at=NOW)

    assert (decided.recommended, decided.deviation) == ("upheld", "Two seats.")
    assert reject_dispute(opened.pk, explanation="No.", by=MIA, at=NOW).recommended == "look"


def _billed_twins(ana) -> Invoice:
    return issue_invoice(ana.pk, by=SYSTEM, at=NOW)


def test_above_their_limit_nobody_upholds_what_they_opened_themselves(ana):
    at_limit, above = dispute(ana, bill(ana, 10000), 10000), dispute(ana, bill(ana, 20000), 10001)

    with pytest.raises(DecidedByItsOpener, match=r"limit of 100\.00 EUR"):
        uphold_dispute(above.pk, explanation="Yes.", by=MIA, at=NOW)
    assert uphold_dispute(at_limit.pk, explanation="Yes.", by=MIA, at=NOW).state == "upheld"
    assert uphold_dispute(above.pk, explanation="Yes.", by=NOE, at=NOW).state == "upheld"


def test_split_disputes_of_one_customer_add_up_against_the_limit(ana):
    first, second = dispute(ana, bill(ana, 6000), 6000), dispute(ana, bill(ana, 6000), 6000)
    uphold_dispute(first.pk, explanation="Yes.", deviation="x", by=MIA, at=NOW)

    with pytest.raises(DecidedByItsOpener, match=r"With 60\.00 EUR given"):
        uphold_dispute(second.pk, explanation="Yes.", by=MIA, at=NOW)


def test_the_clock_runs_from_the_call_by_the_rule_of_the_place(ana):
    ensure_rules()
    called_at = NOW - timedelta(hours=2)
    ana.country, ana.time_zone = "US", "America/New_York"
    ana.save()

    ours = dispute(ana, bill(ana, 3000), 3000, received_at=called_at)
    theirs = dispute(ana, bill(ana, 3000), 3000, received_at=called_at, regime="credit")

    assert (ours.due_at, ours.acknowledge_by) == (called_at + timedelta(days=14), called_at + timedelta(days=2))
    assert (theirs.due_at, theirs.acknowledge_by) == (called_at + timedelta(days=90), called_at + timedelta(days=30))
    assert theirs.clock_source.startswith("Regulation Z, 12 CFR 1026.13(c)")
    with pytest.raises(InvalidInput, match="received before it is opened"):
        dispute(ana, bill(ana, 3000), 3000, received_at=NOW + timedelta(minutes=1))


def test_each_deadline_is_told_once_before_it_passes(ana):
    opened = dispute(ana, bill(ana, 3000), 3000)

    def told(days: float) -> list[str]:
        watch_disputes(at=NOW + timedelta(days=days))
        found = Event.objects.filter(kind="dispute.deadline_nears").order_by("pk")
        return [event.data["what"] for event in found]

    assert told(-0.01) == []
    assert told(0) == ["confirmation"]
    acknowledge_dispute(opened.pk, by=SYSTEM, at=NOW)
    assert told(11.9) == ["confirmation"]
    assert [each.pk for each in disputes_nearing(NOW + timedelta(days=12))] == [opened.pk]
    assert told(12) == told(13) == ["confirmation", "answer"]


def test_what_nobody_appeals_within_30_days_is_closed_and_keeps_its_outcome(ana):
    opened = dispute(ana, bill(ana, 3000), 3000)
    reject_dispute(opened.pk, explanation="No.", by=MIA, at=NOW)

    watch_disputes(at=NOW + timedelta(days=29, hours=23))
    assert Dispute.objects.get().state == "rejected"
    watch_disputes(at=NOW + timedelta(days=30, hours=1))  # an hour was lost to summer time in between

    closed = Dispute.objects.get()
    assert (closed.state, closed.outcome) == ("closed", "rejected")
    with pytest.raises(DisputeNotInState, match="is closed"):
        appeal_dispute(opened.pk, reason="Late", by=MIA, at=NOW)


def test_the_history_counts_disputes_amounts_outcomes_and_goodwill_of_twelve_months_of_merged_accounts_too(ana, pia):
    upheld = dispute(ana, bill(ana, 3000), 3000)
    uphold_dispute(upheld.pk, explanation="Yes.", by=MIA, at=NOW)
    dispute(ana, bill(ana, 1000), 700)
    other = open_ana(email="ana.berg@example.com")
    withdraw_dispute(dispute(other, bill(other, 500), 500).pk, by=MIA, at=NOW)
    paid = pay(other, 500)
    gift = request_refund(
        paid.pk, amount=eur(500), reason="Sorry", proof=prove(other), is_goodwill=True, by=MIA, at=NOW
    )
    if gift.state == "requested":
        approve_refund(gift.pk, by=pia, at=NOW)

    mine, both = dispute_history([ana.pk], at=NOW), dispute_history([ana.pk, other.pk], at=NOW)

    assert (mine.count, mine.amounts, mine.granted) == (2, (eur(3700),), (eur(3000),))
    assert mine.outcomes == {"open": 1, "upheld": 1}
    assert (mine.goodwill, both.goodwill) == ((), (eur(500),))
    assert (both.count, both.outcomes) == (3, {"open": 1, "upheld": 1, "withdrawn": 1})
    assert dispute_history([other.pk], at=NOW + timedelta(days=366)).goodwill == ()


def test_a_dispute_of_a_stale_proof_is_refused(ana):
    line = bill(ana, 3000).lines.get()
    old = prove(ana, at=NOW - timedelta(hours=2))

    with pytest.raises(ProofMissing):
        open_dispute(line.pk, amount=eur(100), reason="duplicate", proof=old, by=MIA, at=NOW)
