"""Disputes hold the disputed part only, are decided once, and their evidence stays what it was."""

from __future__ import annotations

import psycopg
import pytest

from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.disputes.evidence import first_tampered_evidence
from ledger.disputes.operations import (
    AlreadyDisputed,
    DisputeNotInState,
    DisputeTooLarge,
    SameDecider,
    appeal_dispute,
    mark_seen,
    open_dispute,
    reject_dispute,
    uphold_dispute,
    withdraw_dispute,
)
from ledger.disputes.queries import evidence_of
from ledger.errors import InvalidInput
from ledger.invoices.models import Invoice
from tests.conftest import NOW
from tests.ledger.worlds import bill, eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return open_ana()


def dispute(customer, invoice, minor, by, *, line=1, **more):
    found = invoice.lines.get(position=line)
    return open_dispute(found.pk, amount=eur(minor), reason="duplicate", proof=prove(customer), by=by, at=NOW, **more)


def account(customer, name):
    return balance(name, "EUR", customer_id=customer.pk).minor


def test_only_the_disputed_part_of_an_unpaid_bill_is_held_and_the_rest_stays_due(ana, mia):
    invoice = bill(ana, 2500, 2500, tax=19)  # 59.50

    dispute(ana, invoice, 2975, mia, line=2)

    assert (account(ana, "receivable"), account(ana, "receivable_disputed")) == (2975, 2975)
    assert Invoice.objects.get().due_amount == eur(2975)


def test_a_half_paid_bill_is_held_in_two_parts_that_add_up(ana, mia):
    invoice = bill(ana, 3000)
    pay(ana, 1000)

    opened = dispute(ana, invoice, 2500, mia)

    assert (opened.unpaid_minor, opened.paid_minor) == (2000, 500)
    assert (account(ana, "receivable_disputed"), account(ana, "dispute_hold")) == (2000, 500)
    assert first_break() is None


def test_upholding_takes_the_unpaid_part_off_the_bill_and_keeps_the_paid_part_as_credit(ana, mia):
    invoice = bill(ana, 3000)
    pay(ana, 1000)
    opened = dispute(ana, invoice, 2500, mia)

    uphold_dispute(opened.pk, explanation="You are right.", by=mia, at=NOW)

    assert (account(ana, "receivable"), account(ana, "customer_credit")) == (0, 500)
    assert Invoice.objects.get().state == "paid"
    assert first_break() is None


def test_rejecting_makes_the_held_amount_due_again(ana, mia):
    opened = dispute(ana, bill(ana, 3000), 3000, mia)

    reject_dispute(opened.pk, explanation="Two months, not one.", by=mia, at=NOW)

    assert (account(ana, "receivable"), account(ana, "receivable_disputed")) == (3000, 0)


def test_withdrawing_releases_everything(ana, mia):
    invoice = bill(ana, 3000)
    pay(ana, 3000)

    withdraw_dispute(dispute(ana, invoice, 3000, mia).pk, by=mia, at=NOW)

    assert (account(ana, "dispute_hold"), account(ana, "customer_credit")) == (0, 0)
    assert first_break() is None


def test_a_rejected_dispute_is_appealed_once_held_again_and_decided_by_somebody_else(ana, mia, noe):
    opened = dispute(ana, bill(ana, 3000), 3000, mia)
    reject_dispute(opened.pk, explanation="No.", by=mia, at=NOW)

    appeal_dispute(opened.pk, reason="A new receipt", by=mia, at=NOW)

    assert account(ana, "receivable_disputed") == 3000
    for by in (mia, noe):
        mark_seen(opened.pk, by=by, at=NOW)
    with pytest.raises(SameDecider):
        reject_dispute(opened.pk, explanation="Still no.", by=mia, at=NOW)
    reject_dispute(opened.pk, explanation="Still no.", by=noe, at=NOW)
    with pytest.raises(DisputeNotInState):
        appeal_dispute(opened.pk, reason="Again", by=mia, at=NOW)
    assert first_break() is None


def test_what_is_decided_is_not_decided_again(ana, mia):
    opened = dispute(ana, bill(ana, 3000), 3000, mia)
    uphold_dispute(opened.pk, explanation="Yes.", by=mia, at=NOW)

    for decide in (uphold_dispute, reject_dispute):
        with pytest.raises(DisputeNotInState):
            decide(opened.pk, explanation="x", by=mia, at=NOW)


def test_the_database_refuses_an_illegal_move(ana, mia, owner, transactional_db):
    opened = dispute(ana, bill(ana, 3000), 3000, mia)
    withdraw_dispute(opened.pk, by=mia, at=NOW)

    with pytest.raises(psycopg.errors.CheckViolation, match="may not go from withdrawn to upheld"):
        owner.execute("UPDATE ledger_dispute SET state = 'upheld' WHERE id = %s", [opened.pk])


def test_a_line_is_in_one_open_dispute_and_never_beyond_what_is_left(ana, mia):
    invoice = bill(ana, 3000)
    with pytest.raises(DisputeTooLarge, match=r"30\.00"):
        dispute(ana, invoice, 3001, mia)
    dispute(ana, invoice, 1000, mia)
    with pytest.raises(AlreadyDisputed):
        dispute(ana, invoice, 1000, mia)


def test_an_unknown_reason_is_refused(ana, mia):
    with pytest.raises(InvalidInput, match="not a reason"):
        open_dispute(bill(ana, 100).lines.get().pk, amount=eur(100), reason="because", proof=prove(ana), by=mia, at=NOW)


def test_the_evidence_holds_the_customers_words_and_stays_the_same_after_a_reversal(ana, mia):
    invoice = bill(ana, 3000)
    opened = dispute(ana, invoice, 3000, mia, words=[{"author": "ana@example.com", "text": "I paid twice."}])
    before = evidence_of(opened.pk).content

    uphold_dispute(opened.pk, explanation="Yes.", by=mia, at=NOW)

    assert "I paid twice." in before
    assert evidence_of(opened.pk).content == before
    assert first_tampered_evidence() is None


def test_changed_evidence_is_named_even_when_a_superuser_did_it(ana, mia, owner, transactional_db):
    opened = dispute(ana, bill(ana, 3000), 3000, mia, words=[{"text": "I paid twice."}])

    owner.execute("SET session_replication_role = replica")
    owner.execute("UPDATE ledger_evidencebundle SET content = replace(content, 'twice', 'once')")

    assert opened.number in first_tampered_evidence()


def test_evidence_cannot_be_changed_by_anybody_else(ana, mia, owner, transactional_db):
    dispute(ana, bill(ana, 3000), 3000, mia)

    with pytest.raises(psycopg.errors.RestrictViolation, match="frozen"):
        owner.execute("UPDATE ledger_evidencebundle SET content = ''")
