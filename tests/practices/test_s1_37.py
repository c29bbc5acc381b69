"""S1-37: cancelling asks nothing, counts from when the request was received, and nothing is charged after it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ledger.billing.operations import run_billing
from ledger.disputes.operations import open_dispute, reject_dispute
from ledger.models import Charge, CreditNote, Event, Invoice
from ledger.periods import add_months
from ledger.subscriptions.changes import ReceivedInTheFuture, preview_change
from ledger.subscriptions.operations import (
    SubscriptionNotInState,
    cancel_subscription,
    reinstate_subscription,
)
from ledger.subscriptions.planning import ServiceHasEnded
from ledger.subscriptions.terms import Change, UnusedPart, What, When
from tests.conftest import berlin
from tests.ledger.subscriptions.worlds import again, owes, paid, sell_all, subscribed
from tests.ledger.worlds import SYSTEM, eur, prove

pytestmark = pytest.mark.django_db
FIRST, SIXTEENTH = berlin(2026, 3, 1, 9), berlin(2026, 3, 16, 11)


@pytest.fixture
def plus():
    sell_all()
    return subscribed("plus", at=FIRST)


def test_cancelled_it_ends_with_the_month_and_is_never_charged_again(plus):
    preview = preview_change(plus.pk, Change(What.CANCEL), at=SIXTEENTH)
    assert (preview.effective_on, preview.total, preview.next_bill) == (date(2026, 4, 1), eur(0), None)

    ended = cancel_subscription(plus.pk, by=SYSTEM, at=SIXTEENTH)
    for month in range(1, 25):
        day = add_months(date(2026, 3, 1), month)
        run_billing(at=berlin(day.year, day.month, day.day, 5))

    assert (ended.state, ended.ends_on) == ("cancelled", date(2026, 4, 1))
    assert Charge.objects.count() == Invoice.objects.count() == 1
    told = Event.objects.get(kind="subscription.cancelled").data
    assert (told["effective_on"], told["next_bill_on"]) == ("2026-04-01", None)


@pytest.mark.parametrize(
    ("received", "ends_on", "credited"),
    [(berlin(2026, 3, 31, 23, 59), date(2026, 4, 1), 2975), (berlin(2026, 4, 1), date(2026, 5, 1), 0)],
    ids=["a minute before the renewal", "with the renewal"],
)
def test_a_request_received_before_the_renewal_and_read_after_it_reverses_it(plus, received, ends_on, credited):
    run_billing(at=berlin(2026, 4, 1, 3))

    ended = cancel_subscription(plus.pk, received_at=received, by=SYSTEM, at=berlin(2026, 4, 7, 10))

    assert ended.ends_on == ends_on
    assert sum(note.total.minor for note in CreditNote.objects.all()) == credited
    assert {note.invoice.period_start for note in CreditNote.objects.all()} <= {date(2026, 4, 1)}
    assert owes(plus) == eur(2 * 2975 - credited)
    run_billing(at=berlin(2027, 4, 1))
    assert Invoice.objects.count() == 2


@pytest.mark.parametrize(("unused", "credit"), [(UnusedPart.KEPT, 0), (UnusedPart.CREDITED, 1535)])
def test_at_once_what_is_paid_and_not_used_is_kept_or_credited_as_chosen(plus, unused, credit):
    paid(plus, 2975, at=FIRST)

    ended = cancel_subscription(plus.pk, when=When.NOW, unused=unused, by=SYSTEM, at=SIXTEENTH)

    assert ended.ends_on == date(2026, 3, 16)
    assert owes(plus) == eur(-credit)  # 25.00 x 16 of 31 days = 12.90, and 2.45 tax
    run_billing(at=berlin(2026, 6, 1))
    assert Invoice.objects.count() == 1


def test_an_open_dispute_does_not_stand_in_the_way_and_its_part_is_left_to_it(plus):
    line = Invoice.objects.get().lines.get()
    proof = prove(plus.customer, at=SIXTEENTH)
    dispute = open_dispute(line.pk, amount=eur(2000), reason="duplicate", proof=proof, by=SYSTEM, at=SIXTEENTH)

    cancel_subscription(plus.pk, when=When.NOW, unused=UnusedPart.CREDITED, by=SYSTEM, at=SIXTEENTH)

    assert CreditNote.objects.get().total == eur(975)  # 29.75 less the 20.00 in dispute; unused are 15.35
    # 15.35 were unused and 9.75 of them are credited: the facts say 5.60, and who decides otherwise says why.
    why = "The unused part is settled apart."
    reject_dispute(dispute.pk, explanation="One charge only.", deviation=why, by=SYSTEM, at=SIXTEENTH)
    assert owes(plus) == eur(2000)


def test_nobody_has_to_say_why_and_who_does_is_kept_word_for_word(plus):
    cancel_subscription(plus.pk, reasons=["too_expensive"], words="It's me, not you.", by=SYSTEM, at=SIXTEENTH)

    told = Event.objects.get(kind="subscription.cancelled").data
    assert (told["reasons"], told["words"]) == (["too_expensive"], "It's me, not you.")


def test_until_the_last_day_it_can_be_taken_back_and_renews_as_if_nothing_had_been_said(plus):
    cancel_subscription(plus.pk, by=SYSTEM, at=SIXTEENTH)

    going_on = reinstate_subscription(plus.pk, by=SYSTEM, at=berlin(2026, 3, 31, 23))
    run_billing(at=berlin(2026, 4, 1, 5))

    assert (going_on.state, going_on.ends_on, owes(plus)) == ("active", None, eur(2 * 2975))


def test_after_the_last_day_a_new_one_is_needed(plus):
    cancel_subscription(plus.pk, by=SYSTEM, at=SIXTEENTH)

    with pytest.raises(ServiceHasEnded):
        reinstate_subscription(plus.pk, by=SYSTEM, at=berlin(2026, 4, 1))


def test_the_second_click_changes_nothing_and_no_request_comes_from_the_future(plus):
    with pytest.raises(ReceivedInTheFuture):
        cancel_subscription(plus.pk, received_at=SIXTEENTH + timedelta(1), by=SYSTEM, at=SIXTEENTH)
    cancel_subscription(plus.pk, by=SYSTEM, at=SIXTEENTH)

    with pytest.raises(SubscriptionNotInState, match="is cancelled"):
        cancel_subscription(plus.pk, by=SYSTEM, at=SIXTEENTH)
    assert Event.objects.filter(kind="subscription.cancelled").count() == 1


def test_a_plan_with_notice_ends_with_the_period_after_it(plus):
    plus.plan.notice_days = 30
    plus.plan.save()

    assert cancel_subscription(plus.pk, by=SYSTEM, at=SIXTEENTH).ends_on == date(2026, 5, 1)  # 16 days are too few
    run_billing(at=berlin(2026, 6, 1))
    assert owes(again(plus)) == eur(2 * 2975)
