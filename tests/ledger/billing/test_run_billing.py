"""The billing run: each period once, from the anchor, where the customer lives; problems harm nobody else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.billing.models import BillingException, BillingStep
from ledger.billing.operations import run_billing
from ledger.billing.queries import recount
from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.catalogue.models import AddOn, Price
from ledger.charges.models import Charge
from ledger.customers.models import ContactPoint, Customer
from ledger.discounts.models import DiscountGrant
from ledger.discounts.operations import grant_discount
from ledger.discounts.terms import DiscountTerms
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.invoices.models import Invoice
from ledger.money import Money
from ledger.subscriptions.forecast import forecast
from ledger.subscriptions.models import Subscription, SubscriptionAddOn
from ledger.subscriptions.operations import start_subscription
from tests.conftest import NOW, berlin
from tests.ledger.billing.worlds import customer, plan_with_price, subscribe
from tests.ledger.worlds import SYSTEM, eur, pay

pytestmark = pytest.mark.django_db
OLG = Actor.agent(4, name="Olg", roles=frozenset({"finance"}))


def periods() -> list[tuple[date, date]]:
    return list(Invoice.objects.order_by("pk").values_list("period_start", "period_end"))


def numbers() -> list[str]:
    return list(Invoice.objects.order_by("pk").values_list("number", flat=True))


def why(subscription: Subscription) -> str:
    return BillingException.objects.get(subscription=subscription, resolved_at=None).reason


@pytest.mark.parametrize(
    ("anchor", "days"),
    [
        (date(2026, 1, 31), [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]),
        (date(2024, 1, 31), [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)]),
        (date(2024, 1, 30), [date(2024, 1, 30), date(2024, 2, 29), date(2024, 3, 30), date(2024, 4, 30)]),
    ],
)
def test_missed_months_are_billed_one_after_the_other_and_never_drift(anchor, days):
    subscribe(customer(), plan_with_price(), on=anchor)

    run = run_billing(at=datetime.combine(days[3], datetime.min.time(), tzinfo=berlin(2026, 1, 1).tzinfo))

    assert run.billed == 4
    assert [start for start, _ in periods()] == days
    assert [end for _, end in periods()][:3] == days[1:]
    assert {invoice.issued_on for invoice in Invoice.objects.all()} == {days[3]}


def test_a_leap_day_renews_yearly_on_the_last_of_february_and_on_the_leap_day_again():
    subscribe(customer(), plan_with_price("year", 9900, interval="year"), on=date(2024, 2, 29))

    run_billing(at=berlin(2028, 2, 29))

    starts = [start for start, _ in periods()]
    assert starts == [date(2024, 2, 29), *(date(year, 2, 28) for year in (2025, 2026, 2027)), date(2028, 2, 29)]


@pytest.mark.parametrize(
    ("zone", "begins"),
    [
        ("Pacific/Apia", datetime(2026, 2, 28, 11, tzinfo=UTC)),  # UTC+13: 1 March begins at 11:00 the day before
        ("Pacific/Honolulu", datetime(2026, 3, 1, 10, tzinfo=UTC)),  # UTC-10
        ("America/Juneau", datetime(2026, 3, 1, 9, tzinfo=UTC)),  # UTC-9
    ],
)
def test_a_period_begins_at_midnight_where_the_customer_lives(zone, begins):
    subscribe(customer(zone=zone), plan_with_price(), on=date(2026, 3, 1))

    assert run_billing(at=datetime.fromtimestamp(begins.timestamp() - 1, UTC)).billed == 0
    assert run_billing(at=begins).billed == 1
    assert Invoice.objects.get().issued_on == date(2026, 3, 1)


def test_the_books_ask_for_what_was_billed_and_a_second_run_bills_nothing_again():
    plan = plan_with_price()
    for name in ("ana", "bea", "cem"):
        subscribe(customer(name), plan)

    run = run_billing(at=NOW, size=2)

    assert (run.state, run.due, run.billed, run.invoices, run.exceptions) == ("finished", 3, 6, 6, 0)
    assert run.totals == {"EUR": {"net": 5994, "tax": 1140, "total": 7134, "invoices": 6}}  # 6 × (9.99 + 1.90)
    assert run.booked == {"EUR": 7134}
    assert recount(run.pk) == (run.totals, run.booked)
    assert balance("revenue", "EUR") == eur(5994)
    assert numbers() == [f"INV-2026-{number:06d}" for number in range(1, 7)]
    assert [step.billed for step in BillingStep.objects.order_by("pk")] == [2, 2, 2]
    assert run_billing(at=NOW).billed == 0
    assert Event.objects.filter(kind="subscription.renewed", data__cause=f"billingrun:{run.pk}").count() == 6
    assert first_break() is None


def test_numbers_follow_each_other_within_the_year_a_bill_is_issued_in():
    plan = plan_with_price()
    subscribe(customer("ana"), plan, on=date(2025, 12, 31))
    run_billing(at=berlin(2025, 12, 31, 12))
    subscribe(customer("bea"), plan, on=date(2025, 12, 31))

    run_billing(at=berlin(2026, 1, 1, 12))

    assert numbers() == ["INV-2025-000001", "INV-2026-000001"]


def test_whoever_cannot_be_billed_is_listed_with_the_reason_and_the_run_goes_on():
    plan, odd = plan_with_price(), plan_with_price("odd")
    by_rule = plan_with_price("ruled", tax=None)
    unpriced, closed, lost, nowhere, atlantis, good = (
        subscribe(customer(name), with_plan)
        for name, with_plan in zip(
            ("una", "clo", "los", "now", "atl", "goo"), (odd, plan, plan, plan, by_rule, by_rule), strict=True
        )
    )
    Subscription.objects.filter(pk=unpriced.pk).update(currency="USD")
    Customer.objects.filter(pk=closed.customer_id).update(closed_at=NOW)
    ContactPoint.objects.filter(customer=lost.customer_id).update(removed_at=NOW)
    Customer.objects.filter(pk=nowhere.customer_id).update(time_zone="Mars/Olympus")
    Customer.objects.filter(pk=atlantis.customer_id).update(country="XA")

    run = run_billing(at=NOW)

    assert (run.billed, run.exceptions, run.skipped) == (2, 5, 0)
    assert set(Invoice.objects.values_list("customer_id", flat=True)) == {good.customer_id}
    assert "Odd has no price in USD" in why(unpriced)
    assert "account is closed" in why(closed)
    assert "no e-mail address on file" in why(lost)
    assert "'Mars/Olympus' is not known" in why(nowhere)
    assert "XA" in why(atlantis)
    assert Event.objects.filter(kind="billing_exception.raised").count() == 5
    assert Event.objects.get(kind="jurisdiction.rule_missing").data["blocked"] == f"subscription:{atlantis.pk}"


def test_an_exception_is_counted_again_by_the_next_run_and_closed_by_the_bill_that_comes_after_all():
    plan = plan_with_price()
    broken = subscribe(customer(), plan)
    Subscription.objects.filter(pk=broken.pk).update(currency="USD")
    run_billing(at=NOW)

    assert run_billing(at=NOW).exceptions == 1
    found = BillingException.objects.get()
    assert (found.times, found.resolved_at) == (2, None)

    Subscription.objects.filter(pk=broken.pk).update(currency="EUR")
    assert run_billing(at=NOW).billed == 2
    found.refresh_from_db()
    assert (found.resolution, found.resolved_by) == ("It was billed.", "system:billing_run")
    assert Event.objects.filter(kind="billing_exception.resolved").count() == 1


def test_a_bill_that_the_database_refuses_costs_only_itself_and_leaves_no_gap_in_the_numbers():
    plan = plan_with_price()
    rows = [subscribe(customer(f"c{n}"), plan, on=date(2026, 3, 1)) for n in range(7)]
    run_billing(at=berlin(2026, 3, 1))
    # As after a restore of half the data: one subscription has forgotten that its period is billed.
    Subscription.objects.filter(pk=rows[3].pk).update(renews_on=date(2026, 3, 1))

    run = run_billing(at=berlin(2026, 4, 1))

    assert (run.billed, run.exceptions) == (6, 1)
    assert "refused the bill" in why(rows[3])
    assert numbers() == [f"INV-2026-{number:06d}" for number in range(1, 14)]
    assert first_break() is None


def test_a_fault_in_one_price_costs_only_who_has_it():
    bad, good = plan_with_price("bad"), plan_with_price("good")
    Price.objects.create(
        product=bad, currency="EUR", model="graduated", tiers=[{"up_to": "x"}], valid_from=date(2021, 1, 1)
    )
    faulty = subscribe(customer("ana"), bad)
    subscribe(customer("bea"), good)

    run = run_billing(at=NOW)

    assert (run.billed, run.exceptions) == (2, 1)
    assert "'x' in step 1 is not a plain figure" in why(faulty)


def test_a_free_period_needs_no_bill_and_a_period_given_away_is_a_bill_of_nothing_that_is_settled():
    free, plus = plan_with_price("free", 0), plan_with_price()
    subscribe(customer("fay"), free, on=date(2026, 3, 1))
    gia = customer("gia")
    subscribe(gia, plus, on=date(2026, 3, 2))
    terms = DiscountTerms("SORRY", percent=Decimal(100), expected_bill=eur(999))
    grant_discount(gia.pk, terms=terms, reason="Our fault", by=OLG, at=NOW)

    run = run_billing(at=NOW)

    assert (run.billed, run.invoices) == (2, 1)
    bill = Invoice.objects.get()
    assert (bill.state, bill.total, bill.number) == ("paid", eur(0), "INV-2026-000001")
    assert bill.lines.get().charge.discount_minor == 999


def test_a_discount_for_one_bill_is_used_on_one_of_two_subscriptions():
    plan, ana = plan_with_price(), customer()
    for _ in range(2):
        subscribe(ana, plan, on=date(2026, 3, 2))
    terms = DiscountTerms("LOYAL-10", percent=Decimal(10), expected_bill=eur(999))
    grant = grant_discount(ana.pk, terms=terms, reason="Loyal", by=OLG, at=NOW)

    run = run_billing(at=NOW)

    assert (run.billed, run.exceptions) == (2, 0)
    assert list(Charge.objects.order_by("pk").values_list("amount_minor", flat=True)) == [899, 999]
    grant = DiscountGrant.objects.get(pk=grant.pk)
    assert (grant.state, grant.uses.get().amount) == ("used_up", eur(100))
    assert Event.objects.get(kind="discount.used").data["invoice"] == "INV-2026-000001"


def test_what_the_customer_has_as_credit_pays_the_oldest_debt_first():
    ana = customer()
    pay(ana, 2000)
    subscribe(ana, plan_with_price())  # due 31 January and 28 February: 11.89 each

    run_billing(at=NOW)

    assert list(Invoice.objects.order_by("pk").values_list("state", "paid_minor")) == [("paid", 1189), ("open", 811)]
    assert balance("customer_credit", "EUR", customer_id=ana.pk) == eur(0)
    assert first_break() is None


def test_a_trial_is_billed_from_its_first_paid_day_and_is_a_trial_no_more():
    plan_with_price()
    ana = customer()
    started = start_subscription(
        ana.pk, plan_code="plus", started_on=date(2026, 3, 2), trial_days=14, by=SYSTEM, at=NOW
    )

    assert run_billing(at=berlin(2026, 3, 15, 23)).billed == 0
    assert run_billing(at=berlin(2026, 3, 16)).billed == 1

    started = Subscription.objects.get(pk=started.pk)
    assert (started.state, started.renews_on) == ("active", date(2026, 4, 16))
    assert periods() == [(date(2026, 3, 16), date(2026, 4, 16))]
    assert Event.objects.filter(kind="subscription.trial_ended").count() == 1


def test_the_preview_of_the_next_bill_is_the_bill():
    plus, ana = plan_with_price(tax=None), customer()
    extra = AddOn.objects.create(code="extra", name="Extra")
    Price.objects.create(
        product_id=extra.pk,
        currency="EUR",
        amount_minor=333,
        tax_rate=7,
        includes_tax=True,
        valid_from=date(2024, 1, 1),
    )
    rows = [subscribe(ana, plus, on=date(2026, 3, 2)) for _ in range(2)]
    SubscriptionAddOn.objects.create(subscription=rows[1], product=extra, quantity=3, since=date(2026, 3, 2))
    terms = DiscountTerms("SAVE-20", percent=Decimal(20), duration="forever", expected_bill=eur(999))
    grant_discount(ana.pk, terms=terms, reason="Stay", by=OLG, at=NOW)
    shown = [forecast(row.pk, at=NOW)[0].likely for row in rows]

    run_billing(at=NOW)

    billed = [Invoice.objects.get(source=f"subscription:{row.pk}").total for row in rows]
    assert billed == shown
    assert billed[0] == eur(951)  # 9.99 less 2.00, with 19 %: 7.99 + 1.52


def test_the_number_of_statements_does_not_grow_with_the_number_of_subscriptions():
    plan = plan_with_price()

    def statements(count: int, day: date) -> int:
        for n in range(count):
            subscribe(customer(f"c{day.month}x{n}"), plan, on=day)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert run_billing(at=berlin(day.year, day.month, day.day, 12)).billed == count
        return len(seen)

    first = statements(2, date(2026, 3, 3))
    assert statements(40, date(2026, 3, 4)) == first


def test_bills_in_another_currency_keep_the_rate_of_their_day():
    plan = plan_with_price()
    Price.objects.create(product=plan, currency="JPY", amount_minor=1500, tax_rate=10, valid_from=date(2024, 1, 1))
    chi = customer("chi", zone="Asia/Tokyo", currency="JPY")
    subscribe(chi, plan, on=date(2026, 3, 1))

    run = run_billing(at=NOW)

    assert run.totals == {"JPY": {"net": 1500, "tax": 150, "total": 1650, "invoices": 1}}
    assert Invoice.objects.get().total == Money(1650, "JPY")
    assert run.is_balanced
