"""S1-35: an upgrade counts at once: the unused days of the old plan back, the rest of the month on the new one."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.billing.operations import run_billing
from ledger.charges.basis import amount as amount_of
from ledger.charges.basis import from_json
from ledger.models import CreditNote, Event, Invoice
from ledger.subscriptions.changes import apply_change, preview_change
from ledger.subscriptions.operations import start_subscription
from ledger.subscriptions.planning import NothingToChange
from ledger.subscriptions.terms import Change, What
from tests.conftest import berlin
from tests.ledger.subscriptions.worlds import again, owes, paid, sell_all, subscribed
from tests.ledger.worlds import SYSTEM, eur

pytestmark = pytest.mark.django_db
FIRST, SIXTEENTH = berlin(2026, 3, 1, 9), berlin(2026, 3, 16, 11)
TO_PLUS = Change(What.PLAN, plan="plus")


@pytest.fixture
def basic():
    """Ana's Basic plan, billed for March without tax and paid, as in the worked figures."""
    sell_all(tax=0)
    subscription = subscribed("basic", at=FIRST)
    paid(subscription, 1000, at=FIRST)
    return subscription


def test_basic_to_plus_on_the_sixteenth_credits_5_16_and_charges_12_90(basic):
    preview = preview_change(basic.pk, TO_PLUS, at=SIXTEENTH)

    assert [line.total for line in preview.credits] == [eur(516)]  # 10.00 x 16 of 31 days
    assert [line.total for line in preview.lines] == [eur(1290)]  # 25.00 x 16 of 31 days
    assert (preview.total, preview.due_now, preview.next_bill.total) == (eur(774), eur(774), eur(2500))

    apply_change(basic.pk, TO_PLUS, expected_total=eur(774), by=SYSTEM, at=SIXTEENTH)

    march, rest = Invoice.objects.order_by("pk")
    note = CreditNote.objects.get()
    assert (note.invoice, note.total, rest.total) == (march, eur(516), eur(1290))
    assert (rest.due_amount, owes(basic)) == (eur(774), eur(774))  # the credit pays a part of the new bill
    assert again(basic).plan.code == "plus"
    run_billing(at=berlin(2026, 4, 1, 5))
    assert Invoice.objects.latest("pk").total == eur(2500)


def test_the_lines_say_which_days_and_the_basis_comes_to_what_is_charged(basic):
    apply_change(basic.pk, TO_PLUS, by=SYSTEM, at=SIXTEENTH)

    charge = Invoice.objects.latest("pk").lines.get().charge
    basis = from_json(charge.basis)
    assert (charge.description, charge.period_start) == ("Plus, 2026-03-16 to 2026-03-31", date(2026, 3, 16))
    assert (basis.days, basis.of_days, basis.cause, amount_of(basis)) == (16, 31, "change", charge.amount)
    assert CreditNote.objects.get().reason == "Basic: 2026-03-16 to 2026-03-31 not used"


def test_the_second_click_makes_no_second_change(basic):
    apply_change(basic.pk, TO_PLUS, expected_total=eur(774), by=SYSTEM, at=SIXTEENTH)

    with pytest.raises(NothingToChange, match="Plus already"):
        apply_change(basic.pk, TO_PLUS, expected_total=eur(774), by=SYSTEM, at=SIXTEENTH)
    assert (Invoice.objects.count(), CreditNote.objects.count()) == (2, 1)


def test_all_that_the_confirmation_says_stands_in_the_event(basic):
    apply_change(basic.pk, TO_PLUS, by=SYSTEM, at=SIXTEENTH)

    told = Event.objects.get(kind="subscription.plan_changed").data
    assert (told["old"], told["new"], told["effective_on"]) == ("Basic", "Plus", "2026-03-16")
    assert (told["due_now_minor"], told["credited_minor"], told["currency"]) == (774, 516, "EUR")
    assert (told["next_bill_on"], told["next_bill_minor"]) == ("2026-04-01", 2500)
    assert told["credit_notes"] == [CreditNote.objects.get().number]


@pytest.mark.parametrize(("day", "credit", "charge"), [(1, 1000, 2500), (2, 968, 2419), (31, 32, 81)])
def test_on_the_first_all_is_swapped_and_on_the_last_one_day(basic, day, credit, charge):
    preview = preview_change(basic.pk, TO_PLUS, at=berlin(2026, 3, day, 11))

    assert [line.net.minor for line in (*preview.credits, *preview.lines)] == [credit, charge]


def test_before_the_first_bill_is_written_only_the_new_plan_is_billed(basic):
    fresh = start_subscription(basic.customer_id, plan_code="basic", by=SYSTEM, at=SIXTEENTH)

    apply_change(fresh.pk, TO_PLUS, by=SYSTEM, at=SIXTEENTH)
    run_billing(at=SIXTEENTH)

    bill = Invoice.objects.get(source=f"subscription:{fresh.pk}")
    assert (bill.total, CreditNote.objects.count()) == (eur(2500), 0)


def test_days_the_run_has_not_billed_yet_are_billed_by_the_old_plan(basic):
    apply_change(basic.pk, TO_PLUS, by=SYSTEM, at=berlin(2026, 4, 11, 9))  # no run since 1 March

    late = Invoice.objects.latest("pk")
    assert list(late.lines.values_list("description", "net_minor")) == [
        ("Basic, 2026-04-01 to 2026-04-10", 333),  # 10 of 30 days
        ("Plus, 2026-04-11 to 2026-04-30", 1667),
    ]
    assert again(basic).renews_on == date(2026, 5, 1)
