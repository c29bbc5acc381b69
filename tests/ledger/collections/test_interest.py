"""Interest for late payment, worked by hand: exact days, rounded once, pieces where something changes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as some

from ledger.collections.interest import Owed, Rate, accrue, formula
from ledger.money import Money
from ledger.periods import Period

DUE = date(2024, 3, 1)


def late(days: int) -> Period:
    return Period(DUE + timedelta(days=1), DUE + timedelta(days=days + 1))


def at(percent: str):
    return lambda day: Rate(Decimal(percent))


def gbp(minor: int) -> Money:
    return Money(minor, "GBP")


def test_two_thousand_pounds_45_days_late_at_13_25_per_cent_cost_32_67():
    found = accrue([Owed(DUE, gbp(200_000))], rate_on=at("13.25"), span=late(45), currency="GBP")

    assert found.amount == gbp(3267)  # 2,000 × 0.1325 × 45 / 365 = 32.671…
    assert formula(found) == "£2,000.00 × 13.25 % × 45 / 365"
    assert formula(found, "de") == "2.000,00\u00a0£ × 13,25 % × 45 / 365"


def test_a_thousand_pounds_50_days_late_at_8_5_per_cent_cost_11_64_or_11_50_with_every_day_rounded():
    owed = [Owed(DUE, gbp(100_000))]

    exact = accrue(owed, rate_on=at("8.5"), span=late(50), currency="GBP")
    daily = accrue(owed, rate_on=at("8.5"), span=late(50), currency="GBP", round_daily=True)

    assert (exact.amount, daily.amount) == (gbp(1164), gbp(1150))  # 85 a year, 23.28… or 23 pence a day
    assert formula(daily) == "£0.23 (£1,000.00 × 8.5 % / 365) × 50"


def test_a_rate_that_changes_splits_the_span():
    def rate(day: date) -> Rate:
        return Rate(Decimal("12.25" if day >= date(2024, 3, 11) else "13.25"))

    found = accrue([Owed(DUE, gbp(365_000))], rate_on=rate, span=late(19), currency="GBP")

    assert [(piece.days, str(piece.rate.percent)) for piece in found.pieces] == [(9, "13.25"), (10, "12.25")]
    assert found.amount == gbp(2418)  # 9 × 1.325 + 10 × 1.225 = 24.175, half a penny away from zero


def test_a_payment_and_a_dispute_lower_what_bears_interest_from_their_day_on():
    owed = [
        Owed(DUE, gbp(365_000)),
        Owed(DUE + timedelta(days=6), gbp(182_500)),
        Owed(DUE + timedelta(days=11), gbp(0)),
    ]

    found = accrue(owed, rate_on=at("10"), span=late(30), currency="GBP")

    assert [(piece.days, piece.principal.minor) for piece in found.pieces] == [(5, 365_000), (5, 182_500)]
    assert found.amount == gbp(750)  # 5 days at 1.00, 5 days at 0.50


def test_days_on_hold_do_not_count():
    hold = Period(DUE + timedelta(days=11), DUE + timedelta(days=21))

    found = accrue([Owed(DUE, gbp(365_000))], rate_on=at("10"), span=late(30), currency="GBP", held=[hold, hold])

    assert (found.days, found.held_days, found.amount) == (20, 10, gbp(2000))


def test_a_cap_is_never_exceeded():
    found = accrue([Owed(DUE, gbp(365_000))], rate_on=at("10"), span=late(30), currency="GBP", most=gbp(1200))

    assert (found.amount, found.is_capped) == (gbp(1200), True)


@settings(max_examples=50)
@given(
    minor=some.integers(1, 10**9), percent=some.integers(0, 3000), days=some.integers(1, 200), cut=some.integers(0, 200)
)
def test_splitting_a_span_anywhere_changes_the_sum_by_no_more_than_one_rounding(minor, percent, days, cut):
    cut = min(cut, days - 1)
    rate = at(str(Decimal(percent) / 100))
    whole = accrue([Owed(DUE, gbp(minor))], rate_on=rate, span=late(days), currency="GBP")
    span = late(days)
    middle = span.start + timedelta(days=cut)
    spans = [Period(span.start, middle), Period(middle, span.end)] if cut else [span]

    parts = [accrue([Owed(DUE, gbp(minor))], rate_on=rate, span=each, currency="GBP") for each in spans]

    exact = Fraction(minor) * Fraction(percent) / 10_000 / 365 * days
    assert abs(whole.amount.minor - exact) <= Fraction(1, 2)
    assert sum(part.days for part in parts) == whole.days
    assert abs(sum(part.amount.minor for part in parts) - whole.amount.minor) <= 1
