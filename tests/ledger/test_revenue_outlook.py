"""Volatility of recurring revenue and the forecast of three months, worked by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from ledger.periods import add_months
from ledger.revenue.movements import Movement
from ledger.revenue.outlook import known_months, outlook_of, volatility_of
from tests.ledger.worlds import eur

JANUARY = date(2026, 1, 1)


def month(place: int, opening: int, *, new: int = 0, churn: int = 0, fx: int = 0, **more: int) -> Movement:
    """Return a month that starts with `opening`; in minor units."""
    parts = {"reactivation": 0, "expansion": 0, "contraction": 0} | more
    closing = opening + new + parts["reactivation"] + parts["expansion"] - parts["contraction"] - churn + fx
    amounts = {name: eur(minor) for name, minor in parts.items()}
    return Movement(
        add_months(JANUARY, place), eur(opening), new=eur(new), churn=eur(churn), fx=eur(fx), closing=eur(closing),
        **amounts,
    )  # fmt: skip


#: 100.00 loses a tenth and gains 15.00; 105.00 loses a tenth and gains 5.50, so it is 100.00 again; three times over.
SIX = [
    month(place, 10000, churn=1000, new=1500) if place % 2 == 0 else month(place, 10500, churn=1050, new=550)
    for place in range(6)
]


def test_growth_of_two_four_and_six_per_cent_has_a_volatility_of_two_points():
    rows = [month(0, 10000, new=200), month(1, 20000, expansion=800), month(2, 5000, reactivation=500, churn=200)]

    # Mean 4 %; deviations -2, 0, +2; (4 + 0 + 4) / (3 - 1) = 4; the root is 2.
    assert volatility_of(rows) == Decimal("0.02")


def test_what_exchange_rates_did_is_no_volatility():
    assert volatility_of([month(0, 10000, new=100, fx=4000), month(1, 14100, new=141, fx=-3000)]) == 0


def test_three_months_are_forecast_as_worked_by_hand():
    outlook = outlook_of(SIX)

    # Nine tenths stay. (3 x 15.00 + 3 x 5.50) / 6 = 10.25 come.
    assert (outlook.kept, outlook.added) == (Fraction(9, 10), eur(1025))
    # 0.9 x 100.00 + 10.25 = 100.25; 0.9 x 100.25 + 10.25 = 100.475; 0.9 x 100.475 + 10.25 = 100.6775
    assert [each.middle for each in outlook.expected] == [eur(10025), eur(10048), eur(10068)]
    # Every month was 4.75 off: s = root(6 x 4.75^2 / 4) = 5.8175. 1.28 x s = 7.4465; x root(1.81) = 10.0182;
    # x root(2.4661) = 11.6938
    assert [(each.low, each.high) for each in outlook.expected] == [
        (eur(9280), eur(10770)),
        (eur(9046), eur(11049)),
        (eur(8898), eur(11237)),
    ]
    assert [each.month.month for each in outlook.expected] == [7, 8, 9]


def test_a_forecast_never_falls_below_nothing():
    wild = [month(0, 1000, new=9000), month(1, 10000, churn=9000)] * 3

    assert {each.low for each in outlook_of(wild).expected} == {eur(0)}


@pytest.mark.parametrize(("known", "says"), [(5, False), (6, True)])
def test_nothing_is_said_before_six_months_are_known(known, says):
    assert (outlook_of(SIX[:known]) is not None) is says


def test_only_complete_months_with_revenue_count_and_only_the_latest_in_a_row():
    rows = [month(0, 5000), month(1, 5000, churn=5000), month(2, 0, new=100), month(3, 100), month(4, 100)]

    assert [row.month.month for row in known_months(rows, before=date(2026, 5, 1))] == [4]
