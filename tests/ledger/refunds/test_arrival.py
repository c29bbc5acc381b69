"""When a refund arrives: by how it travels, over weekends and holidays, before and after the cut-off."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from ledger.refunds.arrival import SPANS, arrival, say_days
from ledger.workdays import bank_days

EURO, BRITISH = bank_days("EUR", "DE"), bank_days("GBP", "GB")


@pytest.mark.parametrize(
    ("kind", "sent", "first", "last"),
    [
        # Monday 2 March: five and ten bank days later.
        ("card", datetime(2026, 3, 2, 10), date(2026, 3, 9), date(2026, 3, 16)),
        # Friday 27 March: Good Friday 3 April and Easter Monday 6 April are no bank days.
        ("card", datetime(2026, 3, 27, 10), date(2026, 4, 7), date(2026, 4, 14)),
        # Sunday counts as Monday.
        ("card", datetime(2026, 3, 1, 10), date(2026, 3, 9), date(2026, 3, 16)),
        ("transfer", datetime(2026, 3, 5, 15, 59), date(2026, 3, 6), date(2026, 3, 9)),
        # A minute later the bank has closed its books: Friday counts.
        ("transfer", datetime(2026, 3, 5, 16, 0), date(2026, 3, 9), date(2026, 3, 10)),
        # Thursday before Easter: Tuesday and Wednesday after it.
        ("direct_debit", datetime(2026, 4, 2, 9), date(2026, 4, 7), date(2026, 4, 8)),
        # Credit is there at once, on a Saturday too.
        ("credit", datetime(2026, 3, 7, 23, 30), date(2026, 3, 7), date(2026, 3, 7)),
        # Nobody knows how it travels: the slowest way is promised.
        ("", datetime(2026, 3, 2, 10), date(2026, 3, 9), date(2026, 3, 16)),
    ],
)
def test_each_way_has_its_days(kind, sent, first, last):
    found = arrival(kind, sent_at=sent, is_bank_day=EURO)

    assert (found.first, found.last) == (first, last)


def test_pounds_follow_the_public_holidays_of_britain():
    # Monday 4 May 2026 is a bank holiday in Britain and a bank day for euros.
    assert not BRITISH(date(2026, 5, 4))
    assert EURO(date(2026, 5, 4))
    assert bank_days("XOF", "ZZ")(date(2026, 12, 25))  # nothing is known of the country but its weekends


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2026, 3, 6), date(2026, 3, 10), "6–10 March"),
        (date(2026, 3, 30), date(2026, 4, 2), "30 March – 2 April"),
        (date(2026, 3, 6), date(2026, 3, 6), "6 March"),
    ],
)
def test_the_range_is_said_as_people_say_it(first, last, said):
    assert say_days(first, last) == said


def test_every_span_names_its_source():
    assert all(span.source and span.first_days <= span.last_days for span in SPANS.values())
