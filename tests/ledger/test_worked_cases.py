"""The worked figures of other billing systems (tests/cases/billing.json), each under the rule it belongs to."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ledger.invoices.tax import credited_gross, net_of_gross, tax_on_lines
from ledger.money import InvalidAmount, Money, allocate, round_half_away
from ledger.periods import (
    MONTHLY,
    WEEKLY,
    YEARLY,
    Interval,
    Period,
    Series,
    local_day,
    pieces_due,
    whole_periods,
)
from ledger.subscriptions.proration import (
    Basis,
    Change,
    LastDay,
    change_price,
    change_price_at,
    charges_due,
    days_bought,
    part_of,
    price_of_rest,
    prorate,
)

CASES = json.loads((Path(__file__).resolve().parents[1] / "cases" / "billing.json").read_text("utf-8"))["cases"]
INTERVALS = {"month": MONTHLY, "year": YEARLY, "week": WEEKLY, "30 days": Interval(days=30)}


def money(text: str) -> Money:
    """Read "249.95 USD"."""
    amount, currency = text.split()
    return Money.parse(amount, currency)


def days(texts: list[str]) -> list[date]:
    return [date.fromisoformat(text) for text in texts]


def period(case: dict[str, Any]) -> Period:
    return Period(*days(case["period"]))


def figures(*amounts: Money) -> list[str]:
    """Write amounts as the cases do, without their currency."""
    return [str(amount.decimal()) for amount in amounts]


def refused_or(act: Any) -> Any:
    try:
        return act()
    except InvalidAmount:
        return "refused"


def series(case: dict[str, Any]) -> Series:
    return Series.on_bill_day(date.fromisoformat(case["start"]), case["bill_day"], INTERVALS[case["interval"]])


def span(case: dict[str, Any]) -> dict[str, date]:
    return {name: date.fromisoformat(case[name]) for name in ("start", "end", "today")}


def expected_change(case: dict[str, Any], change: Change) -> None:
    assert figures(change.credit, change.charge, change.net) == [case["credit"], case["charge"], case["net"]]


def check_parts(case: dict[str, Any]) -> None:
    parts = [part_of(whole, start=part.start, end=part.end) for part, whole in pieces_due(series(case), **span(case))]
    assert parts == [Fraction(part) for part in case["parts"]]


def check_due(case: dict[str, Any]) -> None:
    due = charges_due(money(case["price"]), series(case), **span(case))
    assert figures(*(amount for _, amount in due)) == case["amounts"]


def check_prorate(case: dict[str, Any]) -> None:
    start, end = days(case["days"])
    assert figures(prorate(money(case["price"]), period=period(case), start=start, end=end)) == [case["amount"]]


def check_rest(case: dict[str, Any]) -> None:
    on, last_day = date.fromisoformat(case["on"]), LastDay(case.get("last_day", "free"))
    rest = price_of_rest(money(case["price"]), period=period(case), on=on, last_day=last_day)
    assert figures(rest) == [case["amount"]]


def check_change(case: dict[str, Any]) -> None:
    change = change_price(
        money(case["old"]),
        money(case["new"]),
        period=period(case),
        on=date.fromisoformat(case["on"]),
        basis=Basis(case.get("basis", "day")),
        last_day=LastDay(case.get("last_day", "free")),
    )
    expected_change(case, change)


def check_seconds(case: dict[str, Any]) -> None:
    begins, ends = (datetime.fromisoformat(text) for text in case["period"])
    at = datetime.fromisoformat(case["at"])
    expected_change(case, change_price_at(money(case["old"]), money(case["new"]), begins=begins, ends=ends, at=at))


def check_days(case: dict[str, Any]) -> None:
    assert days_bought(money(case["amount"]), money(case["price"]), period=period(case)) == case["days"]


def check_times(case: dict[str, Any]) -> None:
    assert figures(money(case["amount"]).times(Fraction(case["factor"]))) == [case["result"]]


def check_days_of(case: dict[str, Any]) -> None:
    found = Series(date.fromisoformat(case["anchor"]), INTERVALS[case["interval"]])
    assert [found.day(number) for number in range(len(case["days"]))] == days(case["days"])


def check_first(case: dict[str, Any]) -> None:
    found = series(case)
    assert [found.day(0), found.day(1)] == days([case["first"], case["next"]])


def check_local_day(case: dict[str, Any]) -> None:
    at = datetime.fromisoformat(case["at"])
    assert local_day(at, ZoneInfo(case["zone"])) == date.fromisoformat(case["day"])


def check_whole(case: dict[str, Any]) -> None:
    start, interval = date.fromisoformat(case["start"]), INTERVALS[case["interval"]]
    assert {end: whole_periods(start, date.fromisoformat(end), interval) for end in case["ends"]} == case["ends"]


def check_credit(case: dict[str, Any]) -> None:
    net = money(case["line"])
    (tax,) = tax_on_lines([(net, Decimal(case["rate"]))])
    assert figures(tax) == [case["tax"]]
    credited = before = Money(0, net.currency)
    for given, its_tax, gross in case["credits"]:
        part = Money.parse(given, net.currency)
        found = credited_gross(tax=tax, total=net + tax, credited=credited, credited_tax_before=before, net=part)
        assert figures(found - part, found) == [its_tax, gross]
        credited, before = credited + found, before + found - part


def check_tax(case: dict[str, Any]) -> None:
    lines = [(Money.parse(net, case["currency"]), Decimal(rate)) for net, rate in case["lines"]]
    nothing = Money(0, case["currency"])
    tax = sum(tax_on_lines(lines), nothing)
    assert figures(tax, sum((net for net, _ in lines), tax)) == [case["tax"], case["total"]]


def check_gross(case: dict[str, Any]) -> None:
    assert figures(*net_of_gross(money(case["gross"]), Fraction(case["rate"]))) == [case["net"], case["tax"]]


def check_allocate(case: dict[str, Any]) -> None:
    assert refused_or(lambda: allocate(case["minor"], [Decimal(share) for share in case["shares"]])) == case["parts"]


def check_split(case: dict[str, Any]) -> None:
    split = refused_or(lambda: [part.minor for part in Money(case["minor"], "EUR").split(case["parts"])])
    assert split == case["result"]


def check_round(case: dict[str, Any]) -> None:
    assert {text: round_half_away(Decimal(text)) for text in case["values"]} == case["values"]


def check_wire(case: dict[str, Any]) -> None:
    amount = Money(case["minor"], case["currency"])
    assert refused_or(lambda: amount.on_the_wire(case["provider"])) == case["number"]
    if case["number"] != "refused":
        assert Money.from_wire(case["number"], case["currency"], case["provider"]) == amount


def check_parse(case: dict[str, Any]) -> None:
    assert Money.parse(case["text"], case["currency"]).minor == case["minor"]


def check_display(case: dict[str, Any]) -> None:
    assert Money(case["minor"], case["currency"]).display(case["language"]).replace("\u00a0", " ") == case["text"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_worked_figure_comes_out_to_the_unit(case):
    globals()[f"check_{case['kind']}"](case)


def test_every_case_says_where_it_comes_from():
    assert all(case["source"].strip() for case in CASES)
    assert len({case["id"] for case in CASES}) == len(CASES) >= 90
