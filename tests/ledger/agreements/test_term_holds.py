"""A fixed term holds a cancellation back: it is taken at once, and ends when the term lets go."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.agreements.offering import end_agreement
from ledger.subscriptions.changes import apply_change, preview_change
from ledger.subscriptions.held import HeldByTerm
from ledger.subscriptions.operations import cancel_subscription
from ledger.subscriptions.terms import Change, What, When
from tests.conftest import berlin
from tests.ledger.agreements.test_amendments import agreed, bills
from tests.ledger.subscriptions.worlds import again, sell_all, subscribed
from tests.ledger.worlds import SYSTEM, eur

pytestmark = pytest.mark.django_db
START, TODAY = berlin(2026, 3, 1, 9), berlin(2026, 3, 10, 12)
CANCEL = Change(What.CANCEL)


@pytest.fixture
def plus(db):
    sell_all(tax=0)
    return subscribed("plus", at=START)


def test_within_twelve_months_it_ends_with_them_and_is_billed_until_then(plus, noe):
    agreed(plus, by=noe, price=eur(2000), term_months=3)  # 1 April to 30 June

    shown = preview_change(plus.pk, CANCEL, at=TODAY)
    ended = cancel_subscription(plus.pk, by=SYSTEM, at=TODAY)

    assert (shown.effective_on, ended.ends_on) == (date(2026, 7, 1), date(2026, 7, 1))
    assert shown.warnings[0] == "A term is agreed on; 2026-07-01 is the earliest end."
    days = [date(2026, month, 1) for month in (4, 5, 6, 7, 8)]
    assert bills(plus, *days) == [2500, 2000, 2000, 2000]


def test_at_once_is_refused_with_the_first_day_on_which_it_can_be(plus, noe):
    agreed(plus, by=noe, price=eur(2000), term_months=12)

    with pytest.raises(HeldByTerm, match="the earliest end is 2027-04-01"):
        apply_change(plus.pk, Change(What.CANCEL, when=When.NOW), by=SYSTEM, at=TODAY)
    assert again(plus).state == "active"


@pytest.mark.parametrize(
    ("asked", "ends_on"),
    # A term of three months from 1 April that goes on by one month, with 14 days' notice.
    [(berlin(2026, 6, 17, 9), date(2026, 7, 1)), (berlin(2026, 6, 18, 9), date(2026, 8, 1))],
    ids=["14 days ahead", "13 days ahead"],
)
def test_notice_that_comes_too_late_reaches_the_end_of_the_next_term(plus, noe, asked, ends_on):
    agreed(plus, by=noe, price=eur(2000), term_months=3, renews_months=1, notice_days=14)
    bills(plus, date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1))

    assert preview_change(plus.pk, CANCEL, at=asked).effective_on == ends_on


def test_a_term_that_has_run_out_or_was_ended_holds_nothing(plus, noe):
    agreement = agreed(plus, by=noe, price=eur(2000), term_months=12)
    assert preview_change(plus.pk, CANCEL, at=TODAY).effective_on == date(2027, 4, 1)
    end_agreement(agreement.pk, reason="They move abroad", by=noe, at=TODAY)

    assert preview_change(plus.pk, CANCEL, at=TODAY).effective_on == date(2026, 4, 1)
