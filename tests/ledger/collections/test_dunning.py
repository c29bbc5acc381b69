"""The ladder day by day: exactly one message each, in order, holds respected, nobody asked twice."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from ledger.collections.dunning import run_dunning, take_due_steps
from ledger.collections.models import DunningStep, Ladder, PaymentPromise, Rung
from ledger.collections.promises import (
    PromiseAlreadyOpen,
    PromiseTooLarge,
    TooManyBrokenPromises,
    make_payment_promise,
    settle_due_promises,
    withdraw_payment_promise,
)
from ledger.customers.operations import open_customer
from ledger.errors import InvalidInput
from ledger.events import kinds
from ledger.holds.operations import lift_holds, place_hold
from ledger.payments.operations import record_payment
from notifications.delivery.operations import deliver_due_messages
from notifications.models import Message
from tests.conftest import berlin
from tests.ledger.collections.worlds import open_gil, owe, recorded
from tests.ledger.worlds import SYSTEM, eur, open_ana

pytestmark = pytest.mark.django_db
#: Sunday 1 March 2026; the ladder's days are 3, 10, 17, 24 and 60 after it.
DUE = date(2026, 3, 1)


@pytest.fixture
def ana():
    return open_ana(at=berlin(2026, 2, 1, 10))


@pytest.fixture
def bill(ana):
    return owe(ana, 2500, due_on=DUE, at=berlin(2026, 2, 15, 10))


def march(day: int, month: int = 3) -> datetime:
    return berlin(2026, month, day, 9, 15)


def run_days(first: date, last: date) -> None:
    """Run the job every day, as the clock would."""
    day = first
    while day <= last:
        settle_due_promises(at=berlin(day.year, day.month, day.day, 9, 15))
        run_dunning(at=berlin(day.year, day.month, day.day, 9, 15))
        day += timedelta(days=1)


def taken(bill) -> list[tuple[str, date]]:
    steps = DunningStep.objects.filter(invoice=bill, state="taken").order_by("position")
    return [(step.action, step.taken_at.astimezone(march(1).tzinfo).date()) for step in steps]


def test_the_whole_schedule_stands_as_rows_and_is_climbed_on_its_days(ana, bill):
    run_dunning(at=march(2))

    planned = DunningStep.objects.filter(invoice=bill).order_by("position").values_list("action", "planned_on")
    assert list(planned) == [
        ("reminder", date(2026, 3, 4)),
        ("reminder", date(2026, 3, 11)),
        ("phone_task", date(2026, 3, 18)),
        ("final_notice", date(2026, 3, 25)),
        ("write_off_proposal", date(2026, 4, 30)),
    ]
    run_days(date(2026, 3, 3), date(2026, 5, 4))
    assert taken(bill) == list(planned)
    assert len(recorded(kinds.DUNNING_FINISHED, ana)) == 1
    assert len(recorded(kinds.WRITE_OFF_REQUESTED, ana)) == 1
    assert recorded(kinds.LATE_FEE_CHARGED, ana) == []  # the consumers' ladder asks for no fee


def test_all_overdue_bills_are_one_mail_with_the_reminder_attached_and_a_second_run_sends_none(
    ana, bill, run_reactions, mailoutbox
):
    owe(ana, 1000, due_on=DUE, at=berlin(2026, 2, 20, 10))
    run_reactions(at=march(1))
    Message.objects.all().update(state="sent", sent_at=march(1))

    for _ in range(2):
        run_dunning(at=march(4))
        run_reactions(at=march(4))
    deliver_due_messages(at=march(4) + timedelta(hours=12))

    (mail,) = mailoutbox
    assert mail.subject == "Erinnerung: 35,00 € sind überfällig"
    assert bill.number in mail.body
    assert [name.endswith(".pdf") for name, _, kind in mail.attachments] == [True]


def test_who_pays_before_the_worker_gets_to_it_is_not_reminded(ana, bill, run_reactions):
    run_dunning(at=march(4))
    record_payment(ana.pk, amount=eur(2500), by=SYSTEM, at=march(4))

    run_reactions(at=march(4))
    run_dunning(at=march(5))

    assert not Message.objects.filter(template__startswith="payment_reminder").exists()
    assert set(DunningStep.objects.filter(invoice=bill, position__gt=1).values_list("state", flat=True)) == {"stopped"}


def test_a_promise_that_is_kept_stops_the_ladder(ana, bill):
    run_days(date(2026, 3, 2), date(2026, 3, 5))
    promise = make_payment_promise(
        ana.pk, amount=eur(2500), pay_by=date(2026, 3, 10), invoice_ids=[bill.pk], by=SYSTEM, at=march(5)
    )
    record_payment(ana.pk, amount=eur(2500), by=SYSTEM, at=march(10))

    run_days(date(2026, 3, 6), date(2026, 4, 1))

    promise = PaymentPromise.objects.get(pk=promise.pk)
    assert (promise.state, promise.came_in_minor) == ("kept", 2500)
    assert taken(bill) == [("reminder", date(2026, 3, 4))]


def test_after_a_broken_promise_the_ladder_goes_on_with_the_next_step(ana, bill):
    run_days(date(2026, 3, 2), date(2026, 3, 5))
    promise = make_payment_promise(
        ana.pk, amount=eur(2500), pay_by=date(2026, 3, 13), invoice_ids=[bill.pk], by=SYSTEM, at=march(5)
    )

    run_days(date(2026, 3, 6), date(2026, 4, 1))

    promise = PaymentPromise.objects.get(pk=promise.pk)
    assert promise.state == "broken"
    # The second reminder waited from the 11th over the weekend to the 16th; what follows moved by those five days.
    assert taken(bill) == [
        ("reminder", date(2026, 3, 4)),
        ("reminder", date(2026, 3, 16)),
        ("phone_task", date(2026, 3, 23)),
        ("final_notice", date(2026, 3, 30)),
    ]


def test_a_promise_for_a_holiday_counts_until_the_next_working_day_and_a_part_is_not_the_whole(ana, bill):
    # Good Friday 3 April 2026; banks work again on Tuesday the 7th.
    promise = make_payment_promise(
        ana.pk, amount=eur(2500), pay_by=date(2026, 4, 3), invoice_ids=[bill.pk], by=SYSTEM, at=march(20)
    )
    assert settle_due_promises(at=march(7, month=4)) == 0
    record_payment(ana.pk, amount=eur(1000), by=SYSTEM, at=march(7, month=4))

    settle_due_promises(at=march(8, month=4))

    promise = PaymentPromise.objects.get(pk=promise.pk)
    assert (promise.state, promise.came_in_minor) == ("partly", 1000)


def test_a_promise_is_for_what_is_due_soon_enough_one_at_a_time_and_not_believed_for_ever(ana, bill):
    words = {"invoice_ids": [bill.pk], "by": SYSTEM}
    with pytest.raises(PromiseTooLarge):
        make_payment_promise(ana.pk, amount=eur(2501), pay_by=date(2026, 3, 10), at=march(5), **words)
    with pytest.raises(InvalidInput):
        make_payment_promise(ana.pk, amount=eur(2500), pay_by=date(2026, 3, 4), at=march(5), **words)
    with pytest.raises(InvalidInput):
        make_payment_promise(ana.pk, amount=eur(2500), pay_by=date(2026, 4, 5), at=march(5), **words)
    promise = make_payment_promise(ana.pk, amount=eur(2500), pay_by=date(2026, 3, 10), at=march(5), **words)
    with pytest.raises(PromiseAlreadyOpen):
        make_payment_promise(ana.pk, amount=eur(2500), pay_by=date(2026, 3, 10), at=march(5), **words)
    withdraw_payment_promise(promise.pk, by=SYSTEM, at=march(6))

    for week in range(3):
        at = march(6) + timedelta(days=7 * week)
        make_payment_promise(ana.pk, amount=eur(2500), pay_by=at.date(), at=at, **words)
        settle_due_promises(at=at + timedelta(days=3))
    with pytest.raises(TooManyBrokenPromises):
        make_payment_promise(ana.pk, amount=eur(2500), pay_by=date(2026, 4, 6), at=march(3, month=4), **words)


def test_a_hold_on_one_bill_leaves_the_others_on_their_ladder_and_one_on_all_stops_everything(ana, bill):
    other = owe(ana, 1000, due_on=DUE, at=berlin(2026, 2, 20, 10))
    place_hold(ana.pk, kind="payment_plan", stops=["reminders"], source="payment_plan:1", why="Agreed",
               invoice_id=bill.pk, by=SYSTEM, at=march(2))  # fmt: skip
    run_days(date(2026, 3, 2), date(2026, 3, 5))
    (reminded,) = recorded(kinds.DUNNING_REMINDED, ana)
    assert [row["number"] for row in reminded.data["bills"]] == [other.number]

    place_hold(
        ana.pk, kind="hardship", stops=["reminders"], source="hardship:1", why="Cannot pay", by=SYSTEM, at=march(6)
    )
    run_days(date(2026, 3, 6), date(2026, 3, 20))
    assert len(recorded(kinds.DUNNING_REMINDED, ana)) == 1
    lift_holds("hardship:1", by=SYSTEM, at=march(20))
    run_days(date(2026, 3, 21), date(2026, 3, 23))
    assert taken(other) == [("reminder", date(2026, 3, 4)), ("reminder", date(2026, 3, 23))]


def test_a_threshold_per_currency_waits_until_enough_is_overdue_and_finishes_once():
    # Dollars 120 of at least 100; euros 149 of at least 150, then 10 more. Third and sixth of January, then the ninth.
    for currency, least in (("USD", 10_000), ("EUR", 15_000)):
        ladder = Ladder.objects.create(name=f"Every three days, {currency}", currency=currency, least_minor=least)
        for days in (1, 4):
            Rung.objects.create(ladder=ladder, days_after_due=days, action="reminder", wording="payment_reminder")
    opened = berlin(2022, 12, 1, 10)
    due = date(2023, 1, 2)
    usd, eur_ = (
        open_customer(name=name, country=country, currency=currency, by=SYSTEM, at=opened)
        for name, country, currency in (("Bo", "US", "USD"), ("Ana", "DE", "EUR"))
    )
    owe(usd, 12_000, due_on=due, at=opened)
    owe(eur_, 14_900, due_on=due, at=opened)

    reminded = []
    for day in range(3, 16):
        if day == 6:
            owe(eur_, 1000, due_on=date(2023, 1, 5), at=opened + timedelta(days=5))
        run_dunning(at=berlin(2023, 1, day, 9, 15))
        reminded += [
            (event.data["currency"], day)
            for customer in (usd, eur_)
            for event in recorded(kinds.DUNNING_REMINDED, customer)
            if event.occurred_at == berlin(2023, 1, day, 9, 15)
        ]

    assert reminded == [("USD", 3), ("USD", 6), ("EUR", 6), ("EUR", 9)]
    assert [len(recorded(kinds.DUNNING_FINISHED, customer)) for customer in (usd, eur_)] == [1, 1]


def test_net_0_is_overdue_a_day_after_it_was_issued_and_net_30_on_day_31(ana):
    now = berlin(2026, 3, 2, 10)
    at_once, in_30 = (owe(ana, 100, due_on=date(2026, 3, 2) + timedelta(days=days), at=now) for days in (0, 30))

    planned_on = {}
    for day in range(32):
        run_dunning(at=now + timedelta(days=day))
        for bill in (at_once, in_30):
            if bill.dunning_steps.exists():
                planned_on.setdefault(bill.pk, day)

    assert planned_on == {at_once.pk: 1, in_30.pk: 31}


def test_a_business_is_charged_by_its_ladder_with_the_formula_as_the_outcome():
    gil = open_gil(berlin(2026, 1, 1, 10))
    bill = owe(gil, 200_000, due_on=date(2026, 3, 2), at=berlin(2026, 2, 1, 10))

    for day in (5, 12, 16):
        run_dunning(at=march(day))

    step = DunningStep.objects.get(invoice=bill, action="fee", state="taken")
    # 3.75 + 8 = 11.75 %: 2,000.00 × 14 / 365 = 9.01
    assert step.outcome.startswith(f"Interest for late payment of {bill.number}, 14 days")
    assert recorded(kinds.LATE_FEE_CHARGED, gil)[0].data["amount_minor"] == 901 + 7000


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_customers_and_each_is_reminded_once(transactional_db):
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections

    customers = [open_ana(at=berlin(2026, 2, 1, 10), email=f"ana{number}@example.com") for number in range(4)]
    for customer in customers:
        owe(customer, 2500, due_on=DUE, at=berlin(2026, 2, 15, 10))
    run_dunning(at=march(2))

    def worker(_: int) -> None:
        try:
            for customer in customers:
                take_due_steps(customer.pk, at=march(4))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(worker, range(4)))

    assert [len(recorded(kinds.DUNNING_REMINDED, customer)) for customer in customers] == [1] * 4
