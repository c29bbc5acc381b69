"""reverse_entry: the opposite, once, in an open period."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import transaction

from ledger.books.operations import AlreadyReversed, EntryNotFound, close_period, reverse_entry
from ledger.books.queries import balance, entries_of, find_entry
from ledger.errors import InvalidInput
from tests.conftest import NOW, berlin
from tests.ledger.books.conftest import CUSTOMER, charge, eur

pytestmark = pytest.mark.django_db


def test_a_reversal_takes_every_line_back_and_says_why(post, system):
    wrong = post(charge(1, "100.00"))

    undone = reverse_entry(wrong.id, reason="Charged to the wrong customer", by=system, at=NOW)

    assert balance("unbilled", "EUR", customer_id=CUSTOMER) == eur("0.00")
    assert balance("revenue", "EUR") == eur("0.00")
    opposite = find_entry(undone.id)
    assert (opposite.reverses, opposite.reason) == (wrong.id, "Charged to the wrong customer")
    assert [entry.id for entry in entries_of("charge:1")] == [wrong.id, undone.id]


def test_an_entry_is_reversed_at_most_once_whatever_the_reason(post, system):
    wrong = post(charge(1))
    reverse_entry(wrong.id, reason="a mistake", by=system, at=NOW)

    with pytest.raises(AlreadyReversed), transaction.atomic():
        reverse_entry(wrong.id, reason="a mistake", by=system, at=NOW)
    with pytest.raises(AlreadyReversed), transaction.atomic():
        reverse_entry(wrong.id, reason="another mistake", by=system, at=NOW + timedelta(days=1))


def test_an_entry_of_a_closed_period_is_reversed_on_the_day_of_the_reversal(post, system):
    wrong = post(charge(1, on=date(2026, 1, 15)))
    close_period(date(2026, 1, 1), date(2026, 1, 31), by=system, at=NOW)

    undone = reverse_entry(wrong.id, reason="a mistake", by=system, at=berlin(2026, 3, 2, 0, 30))

    assert find_entry(undone.id).effective_on == date(2026, 3, 2)  # half past midnight in Berlin
    assert balance("revenue", "EUR", as_of=date(2026, 1, 31)) == eur("100.00")


def test_a_reversal_of_nothing_or_without_reason_is_refused(post, system):
    with pytest.raises(EntryNotFound):
        reverse_entry(999_999, reason="a mistake", by=system, at=NOW)
    with pytest.raises(InvalidInput, match="reason"):
        reverse_entry(post(charge(1)).id, reason="  ", by=system, at=NOW)
