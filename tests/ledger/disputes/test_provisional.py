"""Credit before the decision: once per dispute, kept when it is upheld, taken back after the notice when it is not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ledger.books.proof import first_break
from ledger.books.queries import entries_of
from ledger.charges.models import Charge
from ledger.disputes.deciding import close_dispute
from ledger.disputes.models import ProvisionalCredit
from ledger.disputes.operations import (
    AlreadyCredited,
    NothingPaid,
    StillProvisional,
    appeal_dispute,
    give_provisional_credit,
    mark_seen,
    reject_dispute,
    take_back_due_credits,
    uphold_dispute,
    uphold_dispute_partly,
)
from ledger.events.models import Event
from ledger.invoices.models import Invoice
from tests.conftest import NOW
from tests.ledger.disputes.worlds import MIA, NOE, account, dispute
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid():
    """Ana has paid the 20.00 she disputes, and has them as credit meanwhile."""
    ana = open_ana()
    invoice = bill(ana, 2000)
    pay(ana, 2000)
    opened = dispute(ana, invoice, 2000)
    give_provisional_credit(opened.pk, by=MIA, at=NOW)
    return ana, opened


def test_it_is_given_once_and_can_be_used_at_once(paid):
    ana, opened = paid

    assert (account(ana, "customer_credit"), account(ana, "provisional_credits")) == (2000, 2000)
    with pytest.raises(AlreadyCredited):
        give_provisional_credit(opened.pk, by=MIA, at=NOW)
    assert first_break() is None


def test_where_nothing_is_paid_there_is_nothing_to_give():
    ana = open_ana()
    opened = dispute(ana, bill(ana, 2000), 2000)

    with pytest.raises(NothingPaid, match="on hold"):
        give_provisional_credit(opened.pk, by=MIA, at=NOW)


def test_upheld_the_customer_has_the_amount_once(paid):
    ana, opened = paid

    uphold_dispute(opened.pk, explanation="Yes.", by=MIA, at=NOW)

    assert (account(ana, "customer_credit"), account(ana, "provisional_credits")) == (2000, 0)
    assert ProvisionalCredit.objects.get().state == "settled"
    assert first_break() is None


def test_rejected_it_is_announced_and_taken_back_ten_days_later_and_each_entry_names_the_other(paid):
    ana, opened = paid
    reject_dispute(opened.pk, explanation="No.", by=MIA, at=NOW)

    assert ProvisionalCredit.objects.get().reverse_on == date(2026, 3, 12)
    assert Event.objects.get(kind="provisional_credit.ending").data["take_back_on"] == "2026-03-12"
    with pytest.raises(StillProvisional):
        close_dispute(opened.pk, by=SYSTEM, at=NOW)
    assert take_back_due_credits(at=NOW + timedelta(days=9)) == 0
    assert account(ana, "customer_credit") == 2000
    assert take_back_due_credits(at=NOW + timedelta(days=10)) == 1
    assert take_back_due_credits(at=NOW + timedelta(days=11)) == 0

    credit = ProvisionalCredit.objects.get()
    keys = {entry.key for entry in entries_of(f"dispute:{opened.pk}")}
    assert {credit.entry_key, credit.reversal_key} <= keys
    assert (account(ana, "customer_credit"), account(ana, "provisional_credits")) == (0, 0)
    assert first_break() is None


def test_what_was_used_of_it_stands_as_a_charge_on_the_next_bill(paid):
    ana, opened = paid
    other = bill(ana, 1200)  # paid from the credit: 20.00 - 12.00 = 8.00 are left
    assert (Invoice.objects.get(pk=other.pk).state, account(ana, "customer_credit")) == ("paid", 800)
    reject_dispute(opened.pk, explanation="No.", by=MIA, at=NOW)

    take_back_due_credits(at=NOW + timedelta(days=10))

    charged = Charge.objects.get(source=f"dispute:{opened.pk}")
    assert (charged.amount, account(ana, "unbilled"), account(ana, "customer_credit")) == (eur(1200), 1200, 0)
    assert first_break() is None


def test_in_part_the_granted_part_is_kept_and_the_rest_taken_back(paid):
    ana, opened = paid

    uphold_dispute_partly(opened.pk, amount=eur(500), explanation="A quarter.", by=MIA, at=NOW)
    take_back_due_credits(at=NOW + timedelta(days=10))

    assert (account(ana, "customer_credit"), account(ana, "provisional_credits")) == (500, 0)
    assert first_break() is None


def test_an_appeal_lets_it_stand_until_that_is_decided(paid):
    ana, opened = paid
    reject_dispute(opened.pk, explanation="No.", by=MIA, at=NOW)

    appeal_dispute(opened.pk, reason="A receipt", by=MIA, at=NOW)
    assert take_back_due_credits(at=NOW + timedelta(days=10)) == 0
    mark_seen(opened.pk, by=NOE, at=NOW)
    uphold_dispute(opened.pk, explanation="Yes.", by=NOE, at=NOW)

    assert (account(ana, "customer_credit"), ProvisionalCredit.objects.get().state) == (2000, "settled")
    assert first_break() is None
