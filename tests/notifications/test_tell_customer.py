"""Which event is told in which words."""

from datetime import timedelta

import pytest

from ledger.events import kinds
from ledger.events.models import Event
from ledger.events.operations import record_event
from notifications.delivery.models import Message
from notifications.reactions import TELLINGS, NotTold, tell_customer
from notifications.wording.catalogue import WORDINGS
from tests.conftest import NOW, berlin

MONEY = {"number": "R-2026-000003", "amount_minor": 4900, "currency": "EUR", "conversation": "ticket:9"}
DATA = {
    **MONEY,
    "reason": "The charge is right.",
    "explanation": "The plan was billed twice.",
    "reference": "re_4711",
    "card": "4242",
    "what": "Studio plan, March 2026",
    "answer_by": berlin(2026, 3, 16, 10).isoformat(),
    "plan": "Studio",
    "renews_on": "2026-04-15",
    "cause": "The card has expired.",
    "next_step": "Please add a card that is still valid.",
    "code": "expired_card",
    "due_on": "2026-03-16",
}


def happen(customer, kind, system, *, subject="refund:3", at=NOW, **data) -> Event:
    return record_event(kind, subject=subject, customer_id=customer.pk, by=system, at=at, **(data or DATA))


def told(event) -> Message:
    tell_customer(event, NOW)
    return Message.objects.get(key=f"event:{event.pk}")


@pytest.mark.parametrize("language", ["en", "de-DE"])
@pytest.mark.parametrize("kind", sorted(TELLINGS))
def test_every_event_in_the_table_has_words_in_both_languages(open_account, system, kind, language):
    customer = open_account(language=language)

    message = told(happen(customer, kind, system))

    assert message.template.startswith(f"{TELLINGS[kind].wording}.{language[:2]}.")
    assert "{{" not in message.subject + message.body
    assert TELLINGS[kind].wording in WORDINGS


def test_a_paid_refund_is_told_with_amount_card_and_reference(ada, system):
    message = told(happen(ada, kinds.REFUND_PAID, system))

    assert message.subject == "We have paid you back €49.00"
    assert "the card ending in 4242" in message.body
    assert "re_4711" in message.body
    assert (message.about, message.conversation) == ("refund:3", "ticket:9")


def test_a_german_customer_reads_amount_day_and_cause_in_german(open_account, system):
    bo = open_account("Bo Lind", language="de-DE")

    opened = told(happen(bo, kinds.DISPUTE_OPENED, system, subject="dispute:1"))
    failed = told(happen(bo, kinds.PAYMENT_FAILED, system, subject="payment:1"))

    assert "49,00\xa0€" in opened.body
    assert "bis 16. März 2026" in opened.body
    assert "nennen Sie #9" in opened.body
    assert "Die Karte ist abgelaufen." in failed.body


def test_the_day_of_a_moment_is_the_day_where_the_customer_lives(open_account, system):
    samoan = open_account("Sina Leo", country="WS", time_zone="Pacific/Apia")
    data = {**DATA, "answer_by": berlin(2026, 3, 16, 18).isoformat()}

    message = told(happen(samoan, kinds.DISPUTE_OPENED, system, subject="dispute:1", **data))

    # 18:00 in Berlin (UTC+1) is 06:00 of the next day in Apia (UTC+13).
    assert "March 17, 2026" in message.body


def test_an_event_handled_twice_is_told_once(ada, system):
    event = happen(ada, kinds.REFUND_PAID, system)

    assert told(event) == told(event)


def test_a_refund_approved_in_the_same_act_is_not_first_said_to_wait_for_approval(ada, system):
    requested = happen(ada, kinds.REFUND_REQUESTED, system)
    approved = happen(ada, kinds.REFUND_APPROVED, system)

    tell_customer(requested, NOW)
    tell_customer(approved, NOW)

    assert [message.template for message in Message.objects.all()] == ["refund_approved.en.0"]


def test_a_worker_that_comes_late_tells_the_same_messages_in_the_same_order(ada, system):
    requested = happen(ada, kinds.REFUND_REQUESTED, system)
    approved = happen(ada, kinds.REFUND_APPROVED, system, at=NOW + timedelta(minutes=5))

    tell_customer(requested, NOW + timedelta(minutes=10))
    tell_customer(approved, NOW + timedelta(minutes=10))

    assert list(Message.objects.order_by("pk").values_list("template", flat=True)) == [
        "refund_requested.en.0",
        "refund_approved.en.0",
    ]


def test_another_refunds_approval_overtakes_nothing(ada, system):
    requested = happen(ada, kinds.REFUND_REQUESTED, system, subject="refund:3")
    happen(ada, kinds.REFUND_APPROVED, system, subject="refund:4")

    assert told(requested).template == "refund_requested.en.0"


def test_a_customer_without_an_address_is_recorded_as_not_told(open_account, system):
    phone_only = open_account("Cy Orr", email="", phone="+493090182001")

    tell_customer(happen(phone_only, kinds.REFUND_PAID, system), NOW)

    assert Message.objects.count() == 0
    assert Event.objects.get(kind="message.not_possible").subject == "refund:3"


def test_an_event_without_words_is_a_mistake_of_the_table(ada, system):
    with pytest.raises(NotTold):
        tell_customer(happen(ada, kinds.ACCOUNT_VIEWED, system), NOW)
