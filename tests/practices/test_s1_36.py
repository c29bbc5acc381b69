"""S1-36: a downgrade counts from the next period, or at once against a credit note; what is lost is said before."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledger.billing.operations import run_billing
from ledger.models import CreditNote, Event, Invoice, Product, SubscriptionChange
from ledger.subscriptions.arranged import withdraw_change
from ledger.subscriptions.changes import apply_change, preview_change
from ledger.subscriptions.planning import NothingToChange, SubscriptionNotInState
from ledger.subscriptions.terms import Change, What, When
from ledger.usage.operations import UsageReport, report_usage
from tests.conftest import berlin
from tests.ledger.subscriptions.worlds import again, owes, paid, sell, sell_all, subscribed
from tests.ledger.worlds import SYSTEM, eur

pytestmark = pytest.mark.django_db
FIRST, SIXTEENTH = berlin(2026, 3, 1, 9), berlin(2026, 3, 16, 11)
TO_BASIC = Change(What.PLAN, plan="basic")
AT_ONCE = Change(What.PLAN, plan="basic", when=When.NOW)


@pytest.fixture
def plus():
    sell_all()
    return subscribed("plus", at=FIRST)


def test_by_default_it_counts_from_the_next_bill_which_is_the_one_that_was_shown(plus):
    preview = preview_change(plus.pk, TO_BASIC, at=SIXTEENTH)

    assert (preview.effective_on, preview.is_now) == (date(2026, 4, 1), False)
    assert (preview.due_now, preview.total) == (eur(0), eur(1190))  # 10.00 and 19 % from April on
    assert preview.lost_features == ("Chat",)

    apply_change(plus.pk, TO_BASIC, expected_total=eur(1190), by=SYSTEM, at=SIXTEENTH)
    assert again(plus).plan.code == "plus"
    run_billing(at=berlin(2026, 4, 1, 5))

    april = Invoice.objects.latest("pk")
    assert (again(plus).plan.code, april.total, april.period_start) == ("basic", eur(1190), date(2026, 4, 1))
    changed = Event.objects.get(kind="subscription.plan_changed").data
    assert (changed["old"], changed["new"], changed["effective_on"]) == ("Plus", "Basic", "2026-04-01")


def test_at_once_the_credit_note_names_its_bill_and_what_was_paid_comes_back_as_credit(plus):
    paid(plus, 2975, at=FIRST)

    preview = preview_change(plus.pk, AT_ONCE, at=SIXTEENTH)
    apply_change(plus.pk, AT_ONCE, expected_total=preview.total, by=SYSTEM, at=SIXTEENTH)

    note, march = CreditNote.objects.get(), Invoice.objects.earliest("pk")
    assert note.invoice == march
    assert (note.net_minor, note.tax_minor) == (1290, 245)  # 16 of 31 days, and 19 % of them
    assert preview.total == eur(614 - 1535)  # 5.16 and 0.98 tax, less 15.35
    assert owes(plus) == eur(-921)


def test_use_above_the_lower_plan_is_warned_of_and_below_it_is_not(plus):
    Product.objects.filter(code="basic").update(usage_limit=1000, unit="calls")
    sell("meter", 1, meter="calls")
    used = UsageReport(plus.customer_id, "calls", Decimal(1001), SIXTEENTH, "k1", plus.pk)
    assert preview_change(plus.pk, TO_BASIC, at=SIXTEENTH).warnings == ()

    report_usage([used], by=SYSTEM, at=SIXTEENTH)

    (warning,) = preview_change(plus.pk, TO_BASIC, at=SIXTEENTH).warnings
    assert warning == "Basic allows 1000 calls a period; 1001 were used in one."


@pytest.mark.parametrize("day", [1, 2, 16, 31])
def test_down_and_up_again_on_one_day_nets_to_zero(plus, day):
    moment, before = berlin(2026, 3, day, 11), owes(plus)

    apply_change(plus.pk, AT_ONCE, by=SYSTEM, at=moment)
    apply_change(plus.pk, Change(What.PLAN, plan="plus"), by=SYSTEM, at=moment)

    assert owes(plus) == before
    run_billing(at=berlin(2026, 4, 1, 9))
    assert owes(plus) == before + eur(2975)


def test_until_its_day_it_can_be_taken_back_and_not_after_it(plus):
    arranged = apply_change(plus.pk, TO_BASIC, by=SYSTEM, at=SIXTEENTH)
    with pytest.raises(NothingToChange):
        apply_change(plus.pk, TO_BASIC, by=SYSTEM, at=SIXTEENTH)

    withdraw_change(arranged.pk, by=SYSTEM, at=berlin(2026, 3, 31, 23))
    run_billing(at=berlin(2026, 4, 1, 5))

    assert (again(plus).plan.code, Invoice.objects.latest("pk").total) == ("plus", eur(2975))
    with pytest.raises(SubscriptionNotInState, match="withdrawn"):
        withdraw_change(arranged.pk, by=SYSTEM, at=SIXTEENTH)


def test_what_cannot_be_made_on_its_day_is_refused_with_the_reason_and_the_plan_goes_on(plus):
    arranged = apply_change(plus.pk, TO_BASIC, by=SYSTEM, at=SIXTEENTH)
    Product.objects.filter(code="basic").update(kind="one_off")

    run_billing(at=berlin(2026, 4, 1, 5))

    row = SubscriptionChange.objects.get(pk=arranged.pk)
    assert (row.state, "not sold" in row.refusal) == ("refused", True)
    assert Invoice.objects.latest("pk").total == eur(2975)
