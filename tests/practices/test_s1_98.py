"""S1-98: recurring revenue by its movements: they add up, retention as worked by hand, rates and years set apart."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from ledger.billing.operations import run_billing
from ledger.catalogue.tariff import Model, Tariff
from ledger.charges.basis import AppliedDiscount, Basis, to_json
from ledger.customers.operations import open_customer
from ledger.errors import InvalidInput
from ledger.models import ExchangeRate, Plan, Price
from ledger.money import Money
from ledger.revenue.movements import Movement, in_one_currency, movements_of
from ledger.revenue.queries import mrr_movements
from ledger.revenue.recurring import monthly_minor
from ledger.subscriptions.changes import apply_change
from ledger.subscriptions.operations import cancel_subscription, start_subscription
from ledger.subscriptions.terms import Change, What, When
from tests.conftest import berlin
from tests.ledger.subscriptions.worlds import sell_all
from tests.ledger.worlds import SYSTEM

FEBRUARY, MARCH, APRIL, MAY = (date(2026, month, 1) for month in (2, 3, 4, 5))
PARTS = ("opening", "new", "reactivation", "expansion", "contraction", "churn", "fx", "closing")


def figures(movement: Movement) -> dict[str, int]:
    """Return the parts that are not zero, in minor units."""
    return {name: getattr(movement, name).minor for name in PARTS if getattr(movement, name).minor}


def adds_up(movement: Movement) -> bool:
    gained = movement.new + movement.reactivation + movement.expansion - movement.contraction - movement.churn
    return movement.opening + gained + movement.fx == movement.closing


def test_five_customers_by_hand_keep_eighty_eight_per_cent_of_their_revenue():
    # 1 stays at 100, 2 grows from 50 to 80, 3 shrinks from 60 to 40, 4 leaves with 40, 5 is new with 30.
    before = {(1, "EUR"): 10000, (2, "EUR"): 5000, (3, "EUR"): 6000, (4, "EUR"): 4000}
    after = {(1, "EUR"): 10000, (2, "EUR"): 8000, (3, "EUR"): 4000, (5, "EUR"): 3000}

    movement = movements_of(MARCH, before, after, is_new=lambda customer: customer == 5)["EUR"]

    assert figures(movement) == {
        "opening": 25000, "new": 3000, "expansion": 3000, "contraction": 2000, "churn": 4000, "closing": 25000,
    }  # fmt: skip
    assert adds_up(movement)
    assert movement.net_retention == Fraction(220, 250)  # (250 + 30 - 20 - 40) / 250 = 88 %
    assert movement.gross_retention == Fraction(190, 250)  # (250 - 20 - 40) / 250 = 76 %


def test_what_the_rate_did_stands_apart_from_what_customers_did():
    # 100 USD stay and 50 USD are new; a dollar was 0.90 EUR and is 0.95 EUR.
    moved = movements_of(MARCH, {(1, "USD"): 10000}, {(1, "USD"): 10000, (2, "USD"): 5000}, is_new=lambda _: True)

    book = in_one_currency(
        MARCH, moved.values(), Money(9000, "EUR"), lambda amount: Money(amount.minor * 95 // 100, "EUR")
    )

    assert figures(book) == {"opening": 9000, "new": 4750, "fx": 500, "closing": 14250}
    assert adds_up(book)


def basis(minor: int, **more) -> str:
    tariff = Tariff(Model.FLAT, "EUR", flat_minor=minor)
    return json.dumps(to_json(Basis(kind="plan", product="plus", name="Plus", tariff=tariff, **more)))


@pytest.mark.parametrize(
    ("stored", "interval", "tax", "monthly"),
    [
        (basis(25000), "year", "0", 2083),  # 250.00 / 12 = 20.8333
        (basis(1000), "week", "0", 4333),  # 10.00 x 52 / 12 = 43.3333
        (basis(9000), "quarter", "0", 3000),
        (basis(3000, part=Fraction(16, 31)), "month", "0", 3000),  # a part was billed; a month is worth the whole
        (basis(1190, includes_tax=True), "month", "19", 1000),  # without tax
        (basis(1000, discounts=(AppliedDiscount("TEN", 100, Fraction(10), 1),)), "month", "0", 900),
        (basis(1000, discounts=(AppliedDiscount("ONCE", 100, Fraction(10), 2),)), "month", "0", 1000),
        (basis(3000, part=Fraction(1, 2), discounts=(AppliedDiscount("T", 500, None, 1),)), "month", "0", 2000),
    ],
)
def test_a_charge_is_worth_the_month_of_its_whole_price(stored, interval, tax, monthly):
    assert monthly_minor(stored, interval, tax, frozenset({1})) == monthly


def opened(name: str, currency: str = "EUR"):
    email = f"{name.lower()}@example.com"
    return open_customer(
        name=name, country="DE", currency=currency, language="de-DE", email=email, by=SYSTEM, at=berlin(2026, 1, 5)
    )


def started(name: str, code: str, *, at, currency: str = "EUR"):
    return start_subscription(opened(name, currency).pk, plan_code=code, by=SYSTEM, at=at)


@pytest.mark.django_db
def test_the_bridge_of_real_subscriptions_adds_up_month_by_month():
    sell_all()
    february = berlin(2026, 2, 10, 8)
    stays, grows, leaves = (started(*one, at=february) for one in (("A", "plus-y"), ("B", "basic"), ("C", "plus")))
    run_billing(at=february)
    # In March B takes Plus in the middle of a period, C leaves at once; D comes on the 20th.
    change = Change(What.PLAN, plan="plus", when=When.NOW)
    apply_change(grows.pk, change, by=SYSTEM, at=berlin(2026, 3, 5, 8))
    cancel_subscription(leaves.pk, when=When.NOW, by=SYSTEM, at=berlin(2026, 3, 5, 8))
    run_billing(at=berlin(2026, 3, 10, 8))
    started("D", "basic", at=berlin(2026, 3, 20, 8))
    run_billing(at=berlin(2026, 3, 20, 8))
    # In April C comes back.
    start_subscription(leaves.customer_id, plan_code="basic", by=SYSTEM, at=berlin(2026, 4, 2, 8))
    run_billing(at=berlin(2026, 4, 20, 8))

    bridge = mrr_movements(FEBRUARY, APRIL)

    february_row, march, april = bridge.by_currency["EUR"]
    assert figures(february_row) == {"new": 2083 + 1000 + 2500, "closing": 5583}
    assert figures(march) == {"opening": 5583, "new": 1000, "expansion": 1500, "churn": 2500, "closing": 5583}
    assert figures(april) == {"opening": 5583, "reactivation": 1000, "closing": 6583}
    assert march.gross_retention == Fraction(3083, 5583)
    assert [row.closing for row in bridge.in_book_currency] == [row.closing for row in bridge.by_currency["EUR"]]
    assert all(adds_up(row) for row in [february_row, march, april, *bridge.in_book_currency])
    assert stays.customer_id != grows.customer_id


@pytest.mark.django_db
def test_dollars_that_nobody_moved_change_only_by_their_rate():
    plan = Plan.objects.create(code="dollar", name="Dollar")
    Price.objects.create(product=plan, currency="USD", amount_minor=10000, tax_rate=19, valid_from=date(2020, 1, 1))
    for day, value in ((date(2026, 2, 10), "0.9"), (date(2026, 2, 27), "0.9"), (date(2026, 3, 10), "0.95"),
                       (date(2026, 3, 30), "0.96")):  # fmt: skip
        ExchangeRate.objects.create(
            base="USD",
            quote="EUR",
            rate=Decimal(value),
            on=day,
            source="test",
            recorded_at=berlin(2026, 2, 1),
            recorded_by="test",
        )
    started("Uma", "dollar", at=berlin(2026, 2, 10, 8), currency="USD")
    run_billing(at=berlin(2026, 2, 10, 8))
    run_billing(at=berlin(2026, 3, 10, 8))

    bridge = mrr_movements(FEBRUARY, MARCH)

    assert figures(bridge.by_currency["USD"][1]) == {"opening": 10000, "closing": 10000}
    assert [figures(row) for row in bridge.in_book_currency] == [
        {"new": 9000, "closing": 9000},
        {"opening": 9000, "fx": 600, "closing": 9600},
    ]
    # On the 12th nobody knows the rate of the 31st: the month is told at the newest one there is.
    running = mrr_movements(FEBRUARY, MARCH, today=date(2026, 3, 12)).in_book_currency[1]
    assert figures(running) == {"opening": 9000, "fx": 500, "closing": 9500}


def test_a_span_without_a_month_is_refused():
    with pytest.raises(InvalidInput):
        mrr_movements(MAY, MARCH)
    with pytest.raises(InvalidInput):
        mrr_movements(date(2026, 3, 2), MAY)
