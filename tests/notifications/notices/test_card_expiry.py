"""Cards that expire: told thirty days ahead and again seven, once each, and not a word once the card is replaced."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from ledger.payments.expiring import replace_card
from ledger.payments.models import PaymentMethod
from ledger.payments.operations import add_payment_method
from notifications.delivery.models import Message
from notifications.notices.card_expiry import send_card_expiry_notices
from notifications.notices.models import Notice
from tests.conftest import BERLIN, NOW


@pytest.fixture
def card(ada, system) -> PaymentMethod:
    """Ada's card, good until the end of April."""
    return add_payment_method(
        ada.pk, kind="card", brand="Visa", last4="4242", expires_on=date(2026, 4, 30), token="tok", by=system, at=NOW
    )


def run(day: date) -> int:
    return send_card_expiry_notices(at=datetime.combine(day, time(9), tzinfo=BERLIN))


def days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=number) for number in range(count)]


def test_every_day_for_two_months_tells_on_1_and_24_april(card):
    told = [day for day in days(date(2026, 3, 10), 60) for _ in range(2) if run(day)]

    assert told == [date(2026, 4, 1), date(2026, 4, 24)]
    assert list(Notice.objects.order_by("pk").values_list("kind", "about_on")) == [
        ("card_expiry_30", date(2026, 5, 1)),
        ("card_expiry_7", date(2026, 5, 1)),
    ]
    message = Message.objects.order_by("pk").first()
    assert message.subject == "Your card ending in 4242 expires in April 2026"
    assert "/account/" in message.body


def test_after_a_pause_of_the_worker_each_is_still_told_once(card):
    told = [day for day in (date(2026, 4, 5), date(2026, 4, 6), date(2026, 4, 28), date(2026, 4, 29)) if run(day)]

    assert told == [date(2026, 4, 5), date(2026, 4, 28)]


def test_a_card_replaced_yesterday_is_not_spoken_of(card, system):
    run(date(2026, 4, 1))
    replace_card(card.pk, token="new", last4="1881", expires_on=date(2029, 4, 30), by=system, at=NOW)

    assert [day for day in days(date(2026, 4, 2), 40) if run(day)] == []


def test_a_notice_planned_before_the_card_was_replaced_is_never_sent(card, ada, system):
    Notice.objects.create(
        kind="card_expiry_7", subject=f"payment_method:{card.pk}", about_on=date(2026, 5, 1), customer=ada,
        currency="EUR", created_at=NOW,
    )  # fmt: skip
    add_payment_method(
        ada.pk, kind="card", last4="1881", expires_on=date(2029, 4, 30), token="newer", by=system, at=NOW
    )

    assert run(date(2026, 4, 25)) == 0
    assert not Message.objects.exists()


def test_the_calendar_of_the_customer_counts(open_account, system):
    tokyo = open_account("Emi Sato", time_zone="Asia/Tokyo", country="JP", currency="JPY")
    add_payment_method(
        tokyo.pk, kind="card", last4="4242", expires_on=date(2026, 4, 30), token="tok", by=system, at=NOW
    )

    # 31 March, 17:30 in Berlin is 1 April, 00:30 in Tokyo.
    assert send_card_expiry_notices(at=datetime(2026, 3, 31, 16, 30, tzinfo=BERLIN)) == 0
    assert send_card_expiry_notices(at=datetime(2026, 3, 31, 17, 30, tzinfo=BERLIN)) == 1
