"""Renewal notices: once, in time, with the true amount, and only while it is true."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection

from ledger.catalogue.models import Plan, Price
from ledger.customers.models import Customer
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.operations import cancel_subscription, pause_subscription, resume_subscription
from notifications.delivery.models import Message
from notifications.delivery.queries import find_by_reply_token
from notifications.notices.defaults import ensure_lead_times
from notifications.notices.models import LeadTime, Notice
from notifications.notices.renewal import NoticeRun, plan_notices, send_renewal_notices, tell_planned
from notifications.preferences.operations import set_preference
from tests.conftest import BERLIN, NOW

#: Of the reference world: Bo's annual plan renews on 15 April 2026.
RENEWAL = date(2026, 4, 15)


@pytest.fixture
def annual(db) -> Plan:
    """Studio, billed yearly: 490.00 EUR net and 19 % tax, from 1 April 2026 on 588.00 net; lead time 45 to 15 days."""
    ensure_lead_times()
    plan = Plan.objects.create(code="studio-annual", name="Studio", interval="year")
    Price.objects.create(product=plan, currency="EUR", amount_minor=49000, tax_rate=19, valid_from=date(2025, 1, 1))
    Price.objects.create(product=plan, currency="EUR", amount_minor=58800, tax_rate=19, valid_from=date(2026, 4, 1))
    return plan


@pytest.fixture
def subscribe(annual: Plan) -> Callable[..., Subscription]:
    """Return a function that gives a customer the annual plan."""

    def subscription(customer: Customer, *, renews_on: date = RENEWAL, plan: Plan = annual) -> Subscription:
        return Subscription.objects.create(
            customer=customer, plan=plan, currency="EUR", anchor_on=renews_on, renews_on=renews_on, started_at=NOW
        )

    return subscription


def run(day: date, at: datetime | None = None) -> NoticeRun:
    return send_renewal_notices(as_of=day, at=at or datetime.combine(day, time(3), tzinfo=BERLIN))


def test_every_night_for_two_months_tells_once_between_45_and_15_days_ahead(ada, subscribe):
    subscribe(ada)

    runs = {day: run(day) for day in (date(2026, 2, 20) + timedelta(days=n) for n in range(60))}

    assert [day for day, each in runs.items() if each.told] == [date(2026, 3, 1)]
    assert Message.objects.count() == 1


def test_a_worker_that_was_down_for_two_days_tells_once_and_still_in_time(ada, subscribe):
    subscribe(ada)
    down = {date(2026, 3, 1), date(2026, 3, 2)}  # the first two days of the window

    nights = [date(2026, 2, 20) + timedelta(days=n) for n in range(60)]
    told = [day for day in nights if day not in down and run(day).told]

    assert told == [date(2026, 3, 3)]
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("day", "told"),
    [(date(2026, 2, 28), 0), (date(2026, 3, 1), 1), (date(2026, 3, 31), 1), (date(2026, 4, 1), 0)],
)
def test_the_window_is_45_to_15_days_both_ends_included(ada, subscribe, day, told):
    subscribe(ada)

    assert run(day).told == told


def test_the_notice_names_plan_day_gross_amount_and_how_to_cancel(ada, subscribe):
    subscription = subscribe(ada)

    run(date(2026, 3, 2))

    message = Message.objects.get()
    assert message.subject == "Your Studio plan renews on April 15, 2026"
    # 588.00 net, the price in force on 15 April, and 19 % tax: 588.00 + 111.72.
    assert "€699.72, tax included" in message.body
    assert "/account/subscriptions/" in message.body
    assert "{{" not in message.body
    assert (message.about, message.template) == (f"subscription:{subscription.pk}", "renewal_notice.en.0")
    assert message.recipient == "ada@mail.example"
    notice = Notice.objects.get()
    assert (notice.message_id, notice.amount_minor, notice.about_on) == (message.pk, 69972, RENEWAL)


def test_a_german_customer_is_told_in_german(open_account, subscribe):
    subscribe(open_account(language="de-DE"))

    run(date(2026, 3, 2))

    message = Message.objects.get()
    assert message.subject == "Ihr Tarif Studio verlängert sich am 15. April 2026"
    assert "699,72\xa0€" in message.body
    assert message.language == "de"


def test_each_notice_has_its_own_reply_address(open_account, subscribe):
    subscribe(open_account("Ada Berg"))
    subscribe(open_account("Bo Lind"))

    assert run(date(2026, 3, 2)).told == 2

    addresses = {message.reply_to: message for message in Message.objects.all()}
    assert len(addresses) == 2
    for address, message in addresses.items():
        token = address.partition("+")[2].partition("@")[0]
        assert find_by_reply_token(token) == message
        assert message.message_id == f"<{token}@nordlicht.example>"


@pytest.mark.parametrize("end", [cancel_subscription, pause_subscription])
def test_a_plan_cancelled_or_paused_yesterday_is_not_announced(ada, subscribe, system, end):
    end(subscribe(ada).pk, by=system, at=NOW)

    assert run(date(2026, 3, 3)) == NoticeRun(created=0, told=0)


def test_a_notice_planned_but_not_told_is_dropped_when_the_plan_is_cancelled(ada, subscribe, system):
    subscription = subscribe(ada)
    plan_notices(as_of=date(2026, 3, 2), at=NOW)
    cancel_subscription(subscription.pk, by=system, at=NOW)

    assert tell_planned(as_of=date(2026, 3, 3), at=NOW) == 0
    assert Message.objects.count() == 0


def test_a_renewal_that_moves_is_announced_for_its_new_day(ada, subscribe):
    subscription = subscribe(ada)
    run(date(2026, 3, 2))
    Subscription.objects.filter(pk=subscription.pk).update(renews_on=date(2026, 4, 20))

    assert run(date(2026, 3, 10)).told == 1
    assert run(date(2026, 3, 11)).told == 0
    assert list(Notice.objects.order_by("pk").values_list("about_on", flat=True)) == [RENEWAL, date(2026, 4, 20)]


def test_a_paused_plan_that_goes_on_is_announced_again_only_for_another_day(ada, subscribe, system):
    subscription = subscribe(ada)
    run(date(2026, 3, 2))
    pause_subscription(subscription.pk, by=system, at=NOW)
    resume_subscription(subscription.pk, by=system, at=NOW + timedelta(hours=1))

    assert Subscription.objects.get(pk=subscription.pk).renews_on == RENEWAL
    assert run(date(2026, 3, 3)).told == 0


@pytest.mark.parametrize(
    ("time_zone", "hour", "told"),
    [("Pacific/Apia", 18, 1), ("Pacific/Apia", 10, 0), ("Pacific/Honolulu", 18, 0), ("Europe/Berlin", 18, 0)],
)
def test_the_day_counted_from_is_the_customers(open_account, subscribe, time_zone, hour, told):
    # 28 February, 18:00 in Berlin is 1 March, 06:00 in Apia: there it is 45 days before 15 April already.
    subscribe(open_account(time_zone=time_zone))

    assert run(date(2026, 2, 28), datetime(2026, 2, 28, hour, tzinfo=BERLIN)).told == told


def test_in_honolulu_the_window_opens_when_it_is_that_day_there(open_account, subscribe):
    subscribe(open_account(time_zone="Pacific/Honolulu"))

    # 1 March, 03:00 in Berlin is still 28 February in Honolulu (UTC-10).
    assert run(date(2026, 3, 1)).told == 0
    assert run(date(2026, 3, 2)).told == 1


def test_a_narrower_lead_time_wins(open_account, subscribe):
    LeadTime.objects.create(
        country="US", region="US-CA", interval="year", earliest_days=30, latest_days=20, source="a promise"
    )
    subscribe(open_account("Cal Ifor", country="US", region="US-CA"))
    subscribe(open_account("Ore Gon", country="US", region="US-OR"))

    run(date(2026, 3, 2))

    assert list(Message.objects.values_list("recipient", flat=True)) == ["ore@mail.example"]
    assert run(date(2026, 3, 16)).told == 1


def test_monthly_plans_need_no_notice(ada, subscribe):
    monthly = Plan.objects.create(code="studio", name="Studio", interval="month")
    Price.objects.create(product=monthly, currency="EUR", amount_minor=4900, valid_from=date(2025, 1, 1))
    subscribe(ada, plan=monthly, renews_on=date(2026, 3, 25))

    assert run(date(2026, 3, 2)).told == 0


def test_who_cannot_be_told_is_counted_and_told_when_it_becomes_possible(open_account, subscribe, system):
    phone_only = open_account("Cy Orr", email="", phone="+493090182001")
    subscribe(phone_only)
    unpriced = Plan.objects.create(code="odd", name="Odd", interval="year")
    subscribe(open_account("Di Ode"), plan=unpriced)

    first = run(date(2026, 3, 2))
    phone_only.contact_points.create(kind="email", value="cy@mail.example", added_at=NOW)
    Price.objects.create(product=unpriced, currency="EUR", amount_minor=100, valid_from=date(2026, 1, 1))
    second = run(date(2026, 3, 3))

    assert (first.told, first.unreachable, first.unpriced) == (0, 1, 1)
    assert (second.told, second.unreachable, second.unpriced) == (2, 0, 0)


@pytest.mark.parametrize(
    ("quiet_from", "quiet_until", "due"),
    [
        (time(22), time(7), datetime(2026, 3, 2, 7, tzinfo=BERLIN)),
        (time(2), time(4), datetime(2026, 3, 2, 4, tzinfo=BERLIN)),
        (time(1), time(0, 30), datetime(2026, 3, 3, 0, 30, tzinfo=BERLIN)),
        (time(8), time(20), datetime(2026, 3, 2, 3, tzinfo=BERLIN)),
    ],
)
def test_a_notice_planned_at_three_waits_for_the_end_of_quiet_hours(
    ada, subscribe, system, quiet_from, quiet_until, due
):
    set_preference(ada.pk, quiet_from=quiet_from, quiet_until=quiet_until, by=system, at=NOW)
    subscribe(ada)

    run(date(2026, 3, 2))

    assert Message.objects.get().due_at == due


def test_a_plan_name_with_braces_stays_as_it_is(ada, subscribe, annual):
    Plan.objects.filter(pk=annual.pk).update(name="{{amount}} plan")
    subscribe(ada)

    run(date(2026, 3, 2))

    assert Message.objects.get().subject == "Your {{amount}} plan plan renews on April 15, 2026"


def test_a_run_leaves_one_event_with_its_figures(ada, subscribe):
    subscribe(ada)

    run(date(2026, 3, 2))
    run(date(2026, 3, 2))

    assert Event.objects.get(kind="notices.created").data["told"] == 1


def test_a_run_that_dies_between_chunks_tells_the_rest_next_time(open_account, subscribe):
    for name in ("Ada", "Bo", "Cy", "Di", "Ed"):
        subscribe(open_account(f"{name} Berg"))
    plan_notices(as_of=date(2026, 3, 2), at=NOW)

    class PlugPulled(Exception):
        """The database goes away."""

    def pull_the_plug(execute, sql, params, many, context):
        if "INSERT INTO notifications_message" in sql and Message.objects.count() >= 4:
            raise PlugPulled
        return execute(sql, params, many, context)

    with connection.execute_wrapper(pull_the_plug), pytest.raises(PlugPulled):
        tell_planned(as_of=date(2026, 3, 2), at=NOW, chunk=2)
    assert Message.objects.count() == 4

    assert run(date(2026, 3, 2)).told == 1
    assert sorted(Message.objects.values_list("recipient", flat=True)) == [
        f"{name}@mail.example" for name in ("ada", "bo", "cy", "di", "ed")
    ]


def test_the_number_of_queries_does_not_grow_with_the_customers(
    open_account, subscribe, django_assert_max_num_queries, system: Actor
):
    for number in range(25):
        subscribe(open_account(f"C{number} Berg"))

    with django_assert_max_num_queries(30):
        assert run(date(2026, 3, 2)).told == 25


def test_seats_discounts_and_the_tax_rules_are_in_the_amount_that_is_told(ada, annual, subscribe, system):
    seats = Plan.objects.create(code="seats", name="Seats", interval="year")
    Price.objects.create(product=seats, currency="EUR", model="per_unit", unit_minor=1000, valid_from=date(2025, 1, 1))
    subscription = subscribe(ada, plan=seats)
    Subscription.objects.filter(pk=subscription.pk).update(quantity=3)

    assert run(date(2026, 3, 2)).told == 1

    assert Notice.objects.get().amount_minor == 3570  # three seats at 10.00, and 19 % tax in Germany
    assert run(date(2026, 3, 3)).told == 0
