"""Balances now and on past days, folding, day closings, statements, the trial balance."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ledger.books.chart import CustomerMissing, UnknownAccount
from ledger.books.models import BalanceDelta, DayClose
from ledger.books.operations import close_day, fold_balances
from ledger.books.queries import balance, first_break, statement, trial_balance
from ledger.errors import InvalidInput
from ledger.money import UnknownCurrency
from tests.conftest import berlin
from tests.ledger.books.conftest import APRIL_1, CUSTOMER, charge, eur, invoice, payment

pytestmark = pytest.mark.django_db
LATER = berlin(2026, 6, 1, 3)


def test_nothing_posted_is_a_balance_of_zero(db):
    assert balance("receivable", "EUR", customer_id=CUSTOMER) == eur("0.00")
    assert balance("cash", "EUR", as_of=APRIL_1) == eur("0.00")


def test_a_question_the_books_cannot_answer_is_refused_in_words(db):
    with pytest.raises(UnknownAccount, match="'cahs'"):
        balance("cahs", "EUR")
    with pytest.raises(CustomerMissing):
        balance("receivable", "EUR")
    with pytest.raises(UnknownCurrency):
        balance("cash", "ECU")


def test_folding_moves_the_deltas_and_leaves_the_balance_as_it_was(post):
    post(charge(1, "10.00"))
    post(charge(2, "5.00"))

    assert balance("revenue", "EUR") == eur("15.00")
    assert fold_balances() == 2
    assert balance("revenue", "EUR") == eur("15.00")
    assert fold_balances() == 0
    post(charge(3, "1.00"))
    assert balance("revenue", "EUR") == eur("16.00")
    assert BalanceDelta.objects.count() == 1


def test_a_past_balance_counts_what_had_taken_effect_by_the_end_of_that_day(post):
    for day, amount in ((1, "10.00"), (2, "20.00"), (4, "40.00")):
        post(charge(day, amount, on=date(2026, 4, day)))

    past = [balance("revenue", "EUR", as_of=date(2026, 4, day)).decimal() for day in range(0 + 1, 6)]

    assert [str(amount) for amount in past] == ["10.00", "30.00", "30.00", "70.00", "70.00"]
    assert balance("unbilled", "EUR", customer_id=CUSTOMER, as_of=date(2026, 3, 31)) == eur("0.00")


def test_a_closed_day_answers_the_same_and_a_late_posting_into_it_is_counted(post):
    for day, amount in ((1, "10.00"), (2, "20.00"), (3, "40.00")):
        post(charge(day, amount, on=date(2026, 4, day)))
    assert [close_day(date(2026, 4, day), at=LATER) for day in (1, 2, 3)] == [2, 2, 2]  # unbilled and revenue

    assert balance("revenue", "EUR", as_of=date(2026, 4, 2)) == eur("30.00")
    post(charge(9, "5.00", customer=18, on=date(2026, 4, 2)))

    assert balance("revenue", "EUR", as_of=date(2026, 4, 1)) == eur("10.00")
    assert balance("revenue", "EUR", as_of=date(2026, 4, 2)) == eur("35.00")
    assert balance("revenue", "EUR", as_of=date(2026, 4, 3)) == eur("75.00")
    assert balance("unbilled", "EUR", customer_id=CUSTOMER, as_of=date(2026, 4, 3)) == eur("70.00")
    # Only revenue's closings of the 2nd and 3rd went; closing again restores them.
    assert DayClose.objects.count() == 4
    assert close_day(date(2026, 4, 3), at=LATER) == 1
    assert close_day(date(2026, 4, 3), at=LATER) == 0
    assert first_break() is None


def test_a_day_that_is_not_over_cannot_be_closed(db):
    with pytest.raises(InvalidInput, match="over"):
        close_day(date(2026, 6, 1), at=LATER)


def posted_story(post) -> None:
    """April: invoice 119.00 on the 1st, 50.00 paid on the 3rd, invoice 20.00 on the 3rd, 89.00 paid on the 9th."""
    post(invoice(1, "100.00", "19.00", on=date(2026, 4, 1)))
    post(payment(1, "50.00", on=date(2026, 4, 3)))
    post(invoice(2, "20.00", on=date(2026, 4, 3)))
    post(payment(2, "89.00", on=date(2026, 4, 9)))


STORY = [
    ("payment:2", "-89.00", "0.00"),
    ("invoice:2", "20.00", "89.00"),
    ("payment:1", "-50.00", "69.00"),
    ("invoice:1", "119.00", "119.00"),
]


def seen(lines) -> list[tuple[str, str, str]]:
    return [(line.source, str(line.amount.decimal()), str(line.balance.decimal())) for line in lines]


def test_a_statement_shows_the_newest_first_with_the_balance_after_each_line(post):
    posted_story(post)

    assert seen(statement(CUSTOMER, "EUR")) == STORY


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_of_a_statement_join_without_gap(post, size, closed):
    posted_story(post)
    if closed:
        for day in range(1, 10):
            close_day(date(2026, 4, day), at=LATER)

    lines, before = [], None
    while page := statement(CUSTOMER, "EUR", before=before, limit=size):
        lines += page
        before = (page[-1].effective_on, page[-1].entry_id)

    assert seen(lines) == STORY


def test_a_backdated_entry_stands_on_its_day_in_the_statement(post):
    posted_story(post)

    post(invoice(3, "1.00", on=date(2026, 4, 2)))

    assert seen(statement(CUSTOMER, "EUR"))[-2:] == [("invoice:3", "1.00", "120.00"), ("invoice:1", "119.00", "119.00")]
    assert statement(CUSTOMER, "EUR")[0].balance == eur("1.00")


def test_a_credit_account_reads_in_its_natural_sign(post):
    post(invoice(1, "119.00"))
    post(payment(1, "123.00", "4.00"))

    [line] = statement(CUSTOMER, "EUR", account="customer_credit")

    assert (line.amount, line.balance) == (eur("4.00"), eur("4.00"))


def test_the_trial_balance_balances_now_and_on_a_past_day(post):
    posted_story(post)
    post(charge(1, "120.00", on=date(2026, 3, 31)))
    fold_balances()
    post(payment(3, "3.00", "3.00", on=date(2026, 4, 20)))

    now, then = trial_balance(), trial_balance(as_of=date(2026, 4, 3))

    figures = {line.account: (str(line.debit.decimal()), str(line.credit.decimal())) for line in now}
    assert figures == {
        "cash": ("142.00", "0.00"),  # 50.00 + 89.00 + 3.00
        "customer_credit": ("0.00", "3.00"),
        "receivable": ("0.00", "0.00"),
        "revenue": ("0.00", "120.00"),
        "tax_payable": ("0.00", "19.00"),
        "unbilled": ("0.00", "0.00"),
    }
    for lines in (now, then):
        assert sum(line.debit.minor for line in lines) == sum(line.credit.minor for line in lines)
    assert {line.account: str(line.debit.decimal()) for line in then}["cash"] == "50.00"


def test_folding_and_closing_leave_books_that_hold(post):
    for number in range(30):
        post(charge(number, "1.00", customer=number % 3, on=APRIL_1 + timedelta(days=number % 7)))
        if number % 10 == 5:
            fold_balances()
            close_day(APRIL_1 + timedelta(days=number % 7), at=LATER)

    assert first_break() is None
    assert balance("revenue", "EUR") == eur("30.00")
