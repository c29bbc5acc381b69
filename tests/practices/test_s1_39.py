"""S1-39: the next three bills are known beforehand: to the cent for fixed prices, as a range where use decides."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import F

from ledger.billing.operations import run_billing
from ledger.models import AddOn, ContactPoint, Customer, Invoice, Plan, Price, Subscription, SubscriptionAddOn
from ledger.periods import add_months
from ledger.subscriptions.changes import apply_change
from ledger.subscriptions.forecast import forecast, forecasts
from ledger.subscriptions.operations import cancel_subscription, pause_subscription, start_subscription
from ledger.subscriptions.telling import NoSuchSubscription
from ledger.subscriptions.terms import Change, What
from ledger.usage.operations import UsageReport, report_usage
from tests.conftest import berlin
from tests.ledger.subscriptions.worlds import sell, sell_all, subscribed
from tests.ledger.worlds import SYSTEM, eur, open_ana

pytestmark = pytest.mark.django_db
FIRST, TENTH = berlin(2026, 3, 1, 9), berlin(2026, 3, 10, 11)
MANY = 500


def morning(day: date) -> datetime:
    return berlin(day.year, day.month, day.day, 5)


def many_customers() -> list[int]:
    """Put 500 customers on file, each with another mix of plan, seats, add-on, billing day and interval."""
    sell_all()
    sell("week", 333, interval="week")
    sell("quarter", 4999, interval="quarter")
    customers = Customer.objects.bulk_create(
        Customer(
            number=f"T-{n}", name=f"Customer {n}", country="DE", currency="EUR", opened_at=FIRST,
            time_zone=["Europe/Berlin", "Pacific/Apia", "Pacific/Honolulu"][n % 3],
        )
        for n in range(MANY)
    )  # fmt: skip
    ContactPoint.objects.bulk_create(
        ContactPoint(customer=each, kind="email", value=f"{each.number}@example.com", added_at=FIRST)
        for each in customers
    )
    plans = {plan.code: plan for plan in Plan.objects.all()}
    codes = ["basic", "plus", "basic", "quarter", "plus"] * 9 + ["week"]
    begun = [date(2026, 1, 1 + n % 31) for n in range(MANY)]
    subscriptions = Subscription.objects.bulk_create(
        Subscription(
            customer=customer, plan=plans[codes[n % len(codes)]], currency="EUR", quantity=1 + n % 7,
            anchor_on=begun[n], renews_on=begun[n], metered_on=begun[n], priced_on=begun[n], started_at=FIRST,
        )
        for n, customer in enumerate(customers)
    )  # fmt: skip
    extra = AddOn.objects.get(code="extra")
    SubscriptionAddOn.objects.bulk_create(
        SubscriptionAddOn(subscription=each, product=extra, quantity=1, since=each.anchor_on)
        for each in subscriptions[::5]
    )
    return [each.pk for each in subscriptions]


def look_at_the_tables_anew() -> None:
    """Forget the plans and sizes of tables that were as good as empty in the tests before."""
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")
        cursor.execute(
            "ANALYZE ledger_customer, ledger_subscription, ledger_charge, ledger_invoice, ledger_invoiceline"
        )


def test_for_500_customers_with_fixed_prices_the_bills_come_as_forecast():
    ids = many_customers()
    look_at_the_tables_anew()
    run_billing(at=morning(date(2026, 2, 2)))
    look_at_the_tables_anew()
    known = set(Invoice.objects.values_list("pk", flat=True))

    foreseen = forecasts(ids, at=berlin(2026, 2, 2, 12))
    alone = forecast(ids[0], at=berlin(2026, 2, 2, 12))
    for month in (1, 2, 3):
        run_billing(at=morning(add_months(date(2026, 2, 2), month)))
    # Who pays by the week or month has had three bills by now; the others are waited for.
    had_three = Subscription.objects.exclude(plan__interval="quarter")
    had_three.update(state="cancelled", cancelled_at=morning(date(2026, 5, 2)), ends_on=F("renews_on"))
    for month in (5, 8, 9):
        run_billing(at=morning(add_months(date(2026, 2, 2), month)))

    issued: dict[str, list[tuple[date, int]]] = {}
    for bill in Invoice.objects.exclude(pk__in=known).order_by("period_start"):
        issued.setdefault(bill.source, []).append((bill.period_start, bill.total_minor))
    expected = {f"subscription:{pk}": [(one.on, one.likely.minor) for one in bills] for pk, bills in foreseen.items()}
    assert {source: issued[source][:3] for source in expected} == expected
    assert all(one.is_exact and one.low == one.high for bills in foreseen.values() for one in bills)
    assert (set(foreseen), foreseen[ids[0]]) == (set(ids), alone)


def test_it_knows_what_is_arranged_and_a_price_that_is_announced():
    sell_all()
    plus = subscribed("plus", at=FIRST)
    Price.objects.create(
        product_id=plus.plan_id, currency="EUR", amount_minor=3000, tax_rate=19, valid_from=date(2026, 4, 15)
    )
    apply_change(plus.pk, Change(What.TAKE_ADD_ON, add_on="extra"), by=SYSTEM, at=TENTH)
    apply_change(plus.pk, Change(What.DROP_ADD_ON, add_on="extra"), by=SYSTEM, at=TENTH)
    apply_change(plus.pk, Change(What.BILLING_DAY, bill_day=15), by=SYSTEM, at=TENTH)

    bills = forecast(plus.pk, at=TENTH)

    assert [(one.on, one.likely) for one in bills] == [
        (date(2026, 4, 1), eur(1344)),  # 25.00 x 14 of 31 days = 11.29, and 2.15
        (date(2026, 4, 15), eur(3570)),
        (date(2026, 5, 15), eur(3570)),
    ]


def test_a_cancelled_one_has_no_bill_to_come_and_a_paused_one_that_of_its_return():
    sell_all()
    ended, paused = (subscribed("plus", at=FIRST, customer=open_ana(email=f"{n}@example.com")) for n in range(2))
    cancel_subscription(ended.pk, by=SYSTEM, at=TENTH)
    pause_subscription(paused.pk, until=date(2026, 4, 21), by=SYSTEM, at=TENTH)

    assert forecast(ended.pk, at=TENTH) == []
    assert [(one.on, one.likely) for one in forecast(paused.pk, at=TENTH)][:2] == [
        (date(2026, 4, 21), eur(991)),  # 25.00 x 10 of 30 days = 8.33, and 1.58
        (date(2026, 5, 1), eur(2975)),
    ]
    with pytest.raises(NoSuchSubscription):
        forecast(0, at=TENTH)


def test_where_use_decides_it_is_a_range_from_the_last_periods():
    sell("meter", 10, tax=0, meter="calls", unit="calls")
    ana = open_ana(at=berlin(2026, 1, 1))
    meter = start_subscription(
        ana.pk, plan_code="meter", started_on=date(2026, 1, 1), by=SYSTEM, at=berlin(2026, 1, 1, 9)
    )
    for month, calls in [(1, 100), (2, 300), (3, 50)]:
        used = UsageReport(ana.pk, "calls", Decimal(calls), berlin(2026, month, 5), f"k{month}", meter.pk)
        report_usage([used], by=SYSTEM, at=berlin(2026, month, 6))
    run_billing(at=berlin(2026, 3, 1, 9))

    bill = forecast(meter.pk, at=TENTH)[0]

    assert (bill.on, bill.low, bill.likely, bill.high) == (date(2026, 4, 1), eur(1000), eur(2000), eur(3000))
    assert not bill.is_exact
    run_billing(at=berlin(2026, 4, 1, 9))
    assert Invoice.objects.latest("pk").total == eur(500)  # 50 calls, fewer than in any month before
