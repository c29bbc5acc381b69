"""S0-22: seats, pauses and the billing date follow the customer's needs; no day is billed twice, none is left out."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ledger.billing.operations import run_billing
from ledger.models import CreditNote, Event, Invoice, SubscriptionChange
from ledger.periods import add_months
from ledger.subscriptions.arranged import withdraw_change
from ledger.subscriptions.changes import apply_change, preview_change
from ledger.subscriptions.operations import SubscriptionNotInState, pause_subscription, resume_subscription
from ledger.subscriptions.planning import NothingToChange, PauseTooLong
from ledger.subscriptions.terms import Change, What
from tests.conftest import berlin
from tests.ledger.subscriptions.worlds import again, days_billed, net_billed, owes, sell_all, subscribed
from tests.ledger.worlds import SYSTEM, eur

pytestmark = pytest.mark.django_db
FIRST, TENTH = berlin(2026, 3, 1, 9), berlin(2026, 3, 10, 11)


@pytest.fixture
def plus():
    sell_all()
    return subscribed("plus", at=FIRST)


def test_the_billing_date_moves_from_the_first_to_the_fifteenth_over_a_stub(plus):
    to_the_15th = Change(What.BILLING_DAY, bill_day=15)

    preview = preview_change(plus.pk, to_the_15th, at=TENTH)
    apply_change(plus.pk, to_the_15th, by=SYSTEM, at=TENTH)
    for month in range(1, 13):
        for day in (1, 15):
            moved = add_months(date(2026, 3, day), month)
            run_billing(at=berlin(moved.year, moved.month, moved.day, 5))

    assert preview.due_now == eur(0)
    assert preview.next_bill.net == eur(1129)  # 25.00 x 14 of the 31 days from 15 March
    begun = list(Invoice.objects.order_by("pk").values_list("period_start", "period_end", "net_minor"))
    assert begun[:3] == [
        (date(2026, 3, 1), date(2026, 4, 1), 2500),
        (date(2026, 4, 1), date(2026, 4, 15), 1129),
        (date(2026, 4, 15), date(2026, 5, 15), 2500),
    ]
    times = days_billed(plus)["plus"]
    assert set(times.values()) == {1}
    assert len(times) == (again(plus).renews_on - date(2026, 3, 1)).days


def test_the_thirty_first_is_the_last_of_february_and_does_not_stay_there(plus):
    run_billing(at=berlin(2027, 1, 1, 9))
    apply_change(plus.pk, Change(What.BILLING_DAY, bill_day=31), by=SYSTEM, at=berlin(2027, 1, 31, 23))

    run_billing(at=berlin(2027, 5, 31, 9))

    starts = list(Invoice.objects.order_by("-pk").values_list("period_start", flat=True)[:5])
    assert starts == [date(2027, 5, 31), date(2027, 4, 30), date(2027, 3, 31), date(2027, 2, 28), date(2027, 2, 1)]


def test_paused_days_are_given_back_and_the_days_after_them_billed(plus):
    pause_subscription(plus.pk, by=SYSTEM, at=TENTH)
    run_billing(at=berlin(2026, 4, 1, 9))
    resumed = resume_subscription(plus.pk, by=SYSTEM, at=berlin(2026, 4, 21, 9))
    run_billing(at=berlin(2026, 4, 21, 10))

    assert CreditNote.objects.get().net_minor == 1774  # 22 of 31 days
    assert resumed.renews_on == date(2026, 4, 21)
    assert Invoice.objects.latest("pk").net_minor == 833  # 10 of 30 days
    assert net_billed(plus) == 2500 - 1774 + 833


def test_a_pause_longer_than_the_plan_allows_is_refused_and_the_longest_ends_by_itself(plus):
    with pytest.raises(PauseTooLong, match="92 days"):
        pause_subscription(plus.pk, until=date(2026, 3, 10) + timedelta(days=93), by=SYSTEM, at=TENTH)

    paused = pause_subscription(plus.pk, by=SYSTEM, at=TENTH)
    assert paused.state == "paused"
    told = Event.objects.get(kind="subscription.paused").data
    assert (told["resumes_on"], told["next_bill_on"]) == ("2026-06-10", "2026-06-10")
    run_billing(at=berlin(2026, 6, 9, 12))
    assert again(plus).state == "paused"
    run_billing(at=berlin(2026, 6, 10, 12))
    run_billing(at=berlin(2026, 6, 10, 13))

    assert again(plus).state == "active"
    assert Invoice.objects.latest("pk").net_minor == 1750  # 10 June on: 21 of 30 days


def test_resumed_before_its_last_day_it_does_not_resume_again(plus):
    pause_subscription(plus.pk, by=SYSTEM, at=TENTH)

    resume_subscription(plus.pk, by=SYSTEM, at=TENTH + timedelta(days=1))

    assert SubscriptionChange.objects.filter(state="scheduled").count() == 0
    with pytest.raises(SubscriptionNotInState, match="is active"):
        resume_subscription(plus.pk, by=SYSTEM, at=TENTH + timedelta(days=1))


def test_more_seats_count_at_once_fewer_from_the_next_bill_and_are_taken_back_until_then(plus):
    more = apply_change(plus.pk, Change(What.QUANTITY, quantity=3), by=SYSTEM, at=TENTH)
    fewer = apply_change(plus.pk, Change(What.QUANTITY, quantity=2), by=SYSTEM, at=TENTH)

    assert (more.effective_on, fewer.effective_on) == (date(2026, 3, 10), date(2026, 4, 1))
    assert net_billed(plus) == 2500 - 1774 + 5323  # 3 x 25.00 x 22 of 31 days
    withdraw_change(fewer.pk, by=SYSTEM, at=berlin(2026, 3, 31))
    run_billing(at=berlin(2026, 4, 1, 9))
    assert Invoice.objects.latest("pk").net_minor == 7500


def test_the_same_day_is_no_move(plus):
    with pytest.raises(NothingToChange):
        preview_change(plus.pk, Change(What.BILLING_DAY, bill_day=1), at=TENTH)
    assert owes(plus) == eur(2975)
