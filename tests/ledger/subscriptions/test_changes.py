"""Changes beyond the plain upgrade: discounts, prices with tax inside, seconds, last days, trials, metered plans."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from ledger.billing.operations import run_billing
from ledger.discounts.models import DiscountGrant
from ledger.discounts.operations import grant_discount
from ledger.discounts.terms import DiscountTerms
from ledger.models import AddOn, CreditNote, Event, Invoice, Plan, Price, Product, SubscriptionChange
from ledger.subscriptions.arranged import apply_due_changes, withdraw_change
from ledger.subscriptions.changes import apply_change, preview_change
from ledger.subscriptions.operations import (
    SubscriptionNotInState,
    cancel_subscription,
    clear_past_due,
    end_trial,
    mark_past_due,
    reinstate_subscription,
    start_subscription,
)
from ledger.subscriptions.queries import changes_of
from ledger.subscriptions.terms import Change, UnusedPart, What, When
from ledger.usage.operations import UsageReport, report_usage
from tests.conftest import berlin
from tests.ledger.subscriptions.worlds import again, net_billed, owes, sell, sell_all, subscribed
from tests.ledger.worlds import SYSTEM, eur, open_ana

pytestmark = pytest.mark.django_db
FIRST, SIXTEENTH = berlin(2026, 3, 1, 9), berlin(2026, 3, 16, 11)
TO_PLUS = Change(What.PLAN, plan="plus")


def test_an_amount_off_the_month_is_neither_lost_nor_taken_twice_by_more_seats(pia):
    """Polar took a fixed discount off the difference of a change of seats (6d425e86da)."""
    sell("seat", 2000, tax=0)
    ana = open_ana(at=FIRST)
    off = DiscountTerms(name="SORRY-5", amount=eur(500))
    grant_discount(ana.pk, terms=off, reason="An outage in February", by=pia, at=FIRST)
    seats = subscribed("seat", customer=ana, at=FIRST)
    assert net_billed(seats) == 1500

    apply_change(seats.pk, Change(What.QUANTITY, quantity=2), by=SYSTEM, at=SIXTEENTH)

    # 15 days of one seat and 16 of two, less 5.00 for the whole month: 9.68 + 20.65 - 5.00.
    assert net_billed(seats) == 2533
    run_billing(at=berlin(2026, 4, 1))
    assert Invoice.objects.latest("pk").net_minor == 4000  # granted once
    assert DiscountGrant.objects.get().uses.count() == 1


def test_a_price_with_tax_inside_is_changed_in_prices_with_tax_inside():
    for code, minor in [("basic", 1000), ("plus", 2500)]:
        plan = Plan.objects.create(code=code, name=code.capitalize())
        Price.objects.create(
            product=plan, currency="EUR", amount_minor=minor, includes_tax=True, tax_rate=19,
            valid_from=date(2026, 1, 1),
        )  # fmt: skip
    basic = subscribed("basic", at=FIRST)

    preview = preview_change(basic.pk, TO_PLUS, at=SIXTEENTH)
    apply_change(basic.pk, TO_PLUS, expected_total=eur(774), by=SYSTEM, at=SIXTEENTH)

    assert [line.total for line in (*preview.credits, *preview.lines)] == [eur(516), eur(1290)]
    assert owes(basic) == eur(1000 + 774)


def test_counted_by_the_second_noon_on_the_sixteenth_is_half_of_thirty_one_days():
    sell_all(tax=0)
    Product.objects.update(proration_basis="second")
    basic = subscribed("basic", at=berlin(2026, 1, 1, 9))

    preview = preview_change(basic.pk, TO_PLUS, at=berlin(2026, 1, 16, 12))

    assert [line.net for line in (*preview.credits, *preview.lines)] == [eur(500), eur(1250)]


def test_not_prorated_at_all_an_upgrade_costs_nothing_until_the_next_bill():
    sell_all(tax=0)
    Product.objects.update(proration_basis="none")
    basic = subscribed("basic", at=FIRST)

    apply_change(basic.pk, TO_PLUS, expected_total=eur(0), by=SYSTEM, at=SIXTEENTH)
    run_billing(at=berlin(2026, 4, 1))

    assert again(basic).plan.code == "plus"
    assert list(Invoice.objects.order_by("pk").values_list("net_minor", flat=True)) == [1000, 2500]


def test_where_the_last_day_is_billed_the_day_of_change_belongs_to_the_old_plan():
    sell_all(tax=0)
    Product.objects.update(is_last_day_billed=True)
    basic = subscribed("basic", at=FIRST)

    preview = preview_change(basic.pk, TO_PLUS, at=SIXTEENTH)
    assert [line.net for line in (*preview.credits, *preview.lines)] == [eur(484), eur(1210)]  # 15 of 31 days

    ended = cancel_subscription(basic.pk, when=When.NOW, unused=UnusedPart.CREDITED, by=SYSTEM, at=SIXTEENTH)
    assert (ended.ends_on, net_billed(basic)) == (date(2026, 3, 17), 516)


def test_a_trial_is_free_whatever_is_changed_in_it_and_then_billed_from_its_end():
    sell_all(tax=0)
    trying = subscribed("basic", at=FIRST, trial_days=14, add_ons=[("extra", 2)])
    assert (trying.state, trying.trial_ends_on, Invoice.objects.count()) == ("trial", date(2026, 3, 15), 0)

    apply_change(trying.pk, TO_PLUS, expected_total=eur(0), by=SYSTEM, at=berlin(2026, 3, 5))
    with pytest.raises(SubscriptionNotInState, match="until 2026-03-15"):
        end_trial(trying.pk, by=SYSTEM, at=berlin(2026, 3, 14, 23))
    run_billing(at=berlin(2026, 3, 15))

    assert again(trying).state == "active"
    bill = Invoice.objects.get()
    assert (bill.period_start, bill.period_end, bill.net_minor) == (date(2026, 3, 15), date(2026, 4, 15), 3500)


def test_cancelled_in_its_trial_it_costs_nothing_also_when_the_mail_is_read_late():
    sell_all(tax=0)
    early, late = (
        subscribed("basic", at=FIRST, trial_days=14, customer=open_ana(email=f"{n}@example.com")) for n in range(2)
    )
    assert cancel_subscription(early.pk, by=SYSTEM, at=berlin(2026, 3, 5)).ends_on == date(2026, 3, 15)
    assert reinstate_subscription(early.pk, by=SYSTEM, at=berlin(2026, 3, 6)).state == "trial"
    cancel_subscription(early.pk, by=SYSTEM, at=berlin(2026, 3, 7))
    run_billing(at=berlin(2026, 3, 20))

    ended = cancel_subscription(late.pk, received_at=berlin(2026, 3, 14), by=SYSTEM, at=berlin(2026, 3, 21))

    assert (ended.ends_on, owes(late), owes(early)) == (date(2026, 3, 15), eur(0), eur(0))


def test_use_up_to_a_change_is_billed_at_the_old_price_and_after_it_at_the_new():
    sell("small", 10, tax=0, meter="calls", unit="calls")
    sell("large", 5, tax=0, meter="calls", unit="calls")
    small = subscribed("small", at=FIRST)
    for day, calls in [(10, 100), (20, 40)]:
        used = UsageReport(small.customer_id, "calls", Decimal(calls), berlin(2026, 3, day), f"k{day}", small.pk)
        report_usage([used], by=SYSTEM, at=berlin(2026, 3, day, 1))
        if day == 10:
            apply_change(small.pk, Change(What.PLAN, plan="large", when=When.NOW), by=SYSTEM, at=SIXTEENTH)
    run_billing(at=berlin(2026, 4, 1))

    words = list(Invoice.objects.order_by("pk").values_list("lines__description", "net_minor"))
    assert words == [
        ("Small: 100 calls, 2026-03-01 to 2026-03-15", 1000),
        ("Large: 40 calls, 2026-03-16 to 2026-03-31", 200),
    ]


def test_the_last_use_of_a_cancelled_one_is_billed_when_it_ends():
    sell("small", 10, tax=0, meter="calls", unit="calls")
    small = subscribed("small", at=FIRST)
    used = UsageReport(small.customer_id, "calls", Decimal(7), SIXTEENTH, "k", small.pk)
    report_usage([used], by=SYSTEM, at=SIXTEENTH)

    assert preview_change(small.pk, Change(What.CANCEL), at=SIXTEENTH).warnings == (
        "What is used until 2026-04-01 is billed then.",
    )
    cancel_subscription(small.pk, by=SYSTEM, at=SIXTEENTH)
    for day in (date(2026, 4, 1), date(2026, 4, 2), date(2026, 6, 1)):
        run_billing(at=berlin(day.year, day.month, day.day))

    assert owes(small) == eur(70)


def test_past_due_is_set_and_cleared_and_changes_nothing_of_what_can_be_done():
    sell_all(tax=0)
    basic = subscribed("basic", at=FIRST)

    mark_past_due(basic.pk, by=SYSTEM, at=SIXTEENTH)
    assert mark_past_due(basic.pk, by=SYSTEM, at=SIXTEENTH).state == "past_due"
    apply_change(basic.pk, TO_PLUS, by=SYSTEM, at=SIXTEENTH)
    run_billing(at=berlin(2026, 4, 1))
    assert Invoice.objects.latest("pk").net_minor == 2500
    assert clear_past_due(basic.pk, by=SYSTEM, at=SIXTEENTH).state == "active"

    told = Event.objects.filter(kind__in=["subscription.past_due", "subscription.caught_up"])
    assert list(told.order_by("pk").values_list("kind", flat=True)) == [
        "subscription.past_due",
        "subscription.caught_up",
    ]


def test_cancelling_takes_back_what_was_arranged_and_an_upgrade_the_arranged_downgrade():
    sell_all(tax=0)
    plus = subscribed("plus", at=FIRST)
    apply_change(plus.pk, Change(What.PLAN, plan="basic"), by=SYSTEM, at=SIXTEENTH)
    apply_change(plus.pk, Change(What.PLAN, plan="plus-y"), by=SYSTEM, at=SIXTEENTH)
    apply_change(plus.pk, Change(What.QUANTITY, quantity=2), by=SYSTEM, at=SIXTEENTH)

    cancel_subscription(plus.pk, by=SYSTEM, at=SIXTEENTH)

    found = [(change.what, change.state) for change in changes_of(plus.pk)]
    assert found == [("cancel", "applied"), ("quantity", "applied"), ("plan", "withdrawn"), ("plan", "withdrawn")]


def test_a_change_whose_day_the_run_missed_is_made_as_of_its_day():
    sell_all(tax=0)
    plus = subscribed("plus", at=FIRST)
    apply_change(plus.pk, Change(What.PLAN, plan="basic"), by=SYSTEM, at=SIXTEENTH)

    assert apply_due_changes(plus.pk, by=SYSTEM, at=berlin(2026, 3, 31, 23)) == 0
    assert apply_due_changes(plus.pk, by=SYSTEM, at=berlin(2026, 4, 9)) == 1
    run_billing(at=berlin(2026, 4, 9, 1))

    bill = Invoice.objects.latest("pk")
    assert (bill.period_start, bill.net_minor, CreditNote.objects.count()) == (date(2026, 4, 1), 1000, 0)
    with pytest.raises(SubscriptionNotInState, match="applied"):
        withdraw_change(SubscriptionChange.objects.get().pk, by=SYSTEM, at=berlin(2026, 4, 9))


def test_a_kept_price_is_kept_through_seats_and_a_moved_billing_day():
    sell("seat", 1000, tax=0, since=date(2026, 1, 1))
    seat = subscribed("seat", at=FIRST)
    Price.objects.create(
        product_id=seat.plan_id, currency="EUR", model="per_unit", unit_minor=1500, tax_rate=0,
        valid_from=date(2026, 3, 10), is_for_new_only=True,
    )  # fmt: skip

    apply_change(seat.pk, Change(What.QUANTITY, quantity=2), by=SYSTEM, at=SIXTEENTH)
    apply_change(seat.pk, Change(What.BILLING_DAY, bill_day=15), by=SYSTEM, at=SIXTEENTH)
    run_billing(at=berlin(2026, 4, 15))

    assert Invoice.objects.latest("pk").net_minor == 2000


def test_add_ons_and_a_price_changed_afterwards_come_to_kill_bills_worked_case():
    """P15: add-ons of 5.00 and 20.00 from 28 April beside a plan billed on the 25th: 25.00 x 27 of 30 days = 22.50;
    then, as of the first day, 13.00 instead of 10.00, and the larger add-on gone: -4.50 -18 -10 +4.50 +13 = -15.00."""
    sell("ten", 1000, tax=0)
    sell("thirteen", 1300, tax=0)
    sell("five", 500, tax=0, kind=AddOn)
    sell("twenty", 2000, tax=0, kind=AddOn)
    begun, day = berlin(2026, 4, 25, 9), berlin(2026, 4, 28, 9)
    ten = subscribed("ten", at=begun)
    for code in ("five", "twenty"):
        apply_change(ten.pk, Change(What.TAKE_ADD_ON, add_on=code), by=SYSTEM, at=day)
    assert net_billed(ten) == 1000 + 450 + 1800

    dropped = apply_change(ten.pk, Change(What.DROP_ADD_ON, add_on="twenty", when=When.NOW), by=SYSTEM, at=day)
    dearer = apply_change(ten.pk, Change(What.PLAN, plan="thirteen"), received_at=begun, by=SYSTEM, at=day)

    assert dropped.figures["net_minor"] + dearer.figures["net_minor"] == -1500
    assert net_billed(ten) == 1300 + 450


def test_a_period_billed_100_and_a_switch_to_200_meet_in_the_next_bill_of_200():
    """P40 with prorations on: 100 on 1 May, 200 from 15 May; the half month more is billed at once, not in June."""
    sell("old", 10000, tax=0)
    sell("new", 20000, tax=0)
    old = subscribed("old", at=berlin(2026, 5, 1, 9))

    change = apply_change(old.pk, Change(What.PLAN, plan="new"), by=SYSTEM, at=berlin(2026, 5, 15, 12))
    run_billing(at=berlin(2026, 6, 1))

    assert change.figures["net_minor"] == 10968 - 5484  # 17 of 31 days each
    assert Invoice.objects.latest("pk").net_minor == 20000
    assert again(old).renews_on - date(2026, 6, 1) == timedelta(days=30)


def test_more_than_one_thing_started_at_once_is_one_bill():
    sell_all(tax=0)
    ana = open_ana(at=FIRST)
    start_subscription(ana.pk, plan_code="basic", quantity=2, add_ons=[("extra", 1)], by=SYSTEM, at=FIRST)
    run_billing(at=FIRST)

    lines = Invoice.objects.get().lines.order_by("position")
    assert list(lines.values_list("description", "net_minor")) == [
        ("Basic × 2, 2026-03-01 to 2026-03-31", 2000),
        ("Extra, 2026-03-01 to 2026-03-31", 500),
    ]
