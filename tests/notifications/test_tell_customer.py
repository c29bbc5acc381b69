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
    "invoice": "2026-000118",
    "source": "",
    "price_minor": 2000,
    "starts_on": "2026-04-02",
    "ends_on": None,
    "open_until": "2026-04-02",
    "subscription_id": 7,
    "wording": "payment_reminder",
    "bills": [{"number": "2026-000118", "due_on": "2026-03-16", "amount_minor": 4900}],
    "pay_by": "2026-03-20",
    "came_in_minor": 2000,
    "given_as": "credit",
    "method": "Visa 1881",
    "arrives_from": "2026-03-09",
    "arrives_by": "2026-03-16",
    "others": 37,
    "words": {"en": {"what": "Plus was too dear.", "why": "An old list.", "fixed": "Two people compare."}},
    "bill_minor": 4900,
    "day_zero": "2026-03-01",
    "restricts_on": "2026-03-08",
    "granted_minor": 2000,
    "take_back_on": "2026-03-30",
    "plan_id": 5,
    "parts": 3,
    "first_minor": 1634,
    "first_on": "2026-04-01",
    "part_minor": 1633,
    "paid_minor": 4900,
    "left_minor": 3266,
    "left": [{"due_on": "2026-05-04", "left_minor": 1633}, {"due_on": "2026-06-01", "left_minor": 1633}],
    "why": "credited",
    "is_charged": True,
    "cure_until": "2026-04-08",
    "accepted_on": "2026-03-02",
    "notice_days": 2,
    "way": "paper",
    "undo_until": "2026-03-16",
}
OFFER = {"plan": "Studio", "what": "discount", "percent": "50.00", "bills": 3, "subscription_id": 7}
#: Basic for 10.00 becomes Plus for 25.00 when 21 of 31 days are left, with 19 % tax: 20.16 less 8.06.
CHANGE = {
    "plan": "Plus",
    "what": "plan",
    "old": "Basic",
    "new": "Plus",
    "currency": "EUR",
    "total_minor": 1210,
    "credited_minor": 806,
    "next_bill_on": "2026-04-02",
    "next_bill_minor": 2975,
    "effective_on": "2026-03-12",
    "renews_on": "2026-04-02",
    "received_at": NOW.isoformat(),
    "pay_by": berlin(2026, 3, 3, 9).isoformat(),
    "invoice": "2026-000118",
    "amount_minor": 2975,
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

    data = {"subscription": CHANGE, "save_offer": OFFER}.get(kind.partition(".")[0], DATA)
    message = told(happen(customer, kind, system, **data))

    wording = TELLINGS[kind].wording or data["wording"]
    assert message.template.startswith(f"{wording}.{language[:2]}.")
    assert "{{" not in message.subject + message.body
    assert wording in WORDINGS


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


def test_a_change_is_told_with_old_and_new_the_day_the_money_now_and_the_next_bill(ada, system):
    data = {**CHANGE, "lost_features": ["Chat", "Backup"]}

    message = told(happen(ada, kinds.SUBSCRIPTION_PLAN_CHANGED, system, subject="subscription:7", **data))

    assert "From March 12, 2026 you have Plus; before, you had Basic. No longer included: Chat, Backup." in message.body
    assert "We charge €12.10 for it now: €20.16 for the new terms, less €8.06 for what was not used." in message.body
    assert "Your next bill comes on April 2, 2026: €29.75" in message.body
    assert "/account/subscriptions/7/" in message.body


def test_a_german_customer_reads_what_is_credited_and_what_waits_for_its_day(open_account, system):
    bo = open_account("Bo Lind", language="de-DE")
    day = {**CHANGE, "what": "billing_day", "old": "2.", "new": "15.", "total_minor": 0, "credited_minor": 0}
    pause = {**CHANGE, "what": "pause", "total_minor": -806, "resumes_on": "2026-05-01"}

    moved = told(happen(bo, kinds.SUBSCRIPTION_BILLING_DAY_MOVED, system, subject="subscription:7", **day))
    paused = told(happen(bo, kinds.SUBSCRIPTION_PAUSED, system, subject="subscription:7", **pause))
    waiting = told(happen(bo, kinds.SUBSCRIPTION_CHANGE_SCHEDULED, system, subject="subscription:8", **CHANGE))

    assert "der 15. des Monats; vorher war es: der 2. des Monats." in moved.body
    assert "Dafür wird jetzt nichts berechnet oder gutgeschrieben." in moved.body
    assert "schreiben wir Ihnen 8,06\xa0€ gut" in paused.body
    assert "Am 1. Mai 2026 läuft er von selbst weiter." in paused.body
    assert "ab dem 12. März 2026 vorgemerkt: der Tarif wechselt von Basic zu Plus." in waiting.body
    assert "Sie können es vor dem 12. März 2026 zurücknehmen" in waiting.body


def test_a_cancellation_is_told_from_the_day_it_was_received_with_the_last_day_of_service(ada, system):
    data = {**CHANGE, "what": "cancel", "total_minor": 0, "effective_on": "2026-04-02", "next_bill_on": None}
    received = berlin(2026, 2, 27, 15).isoformat()

    event = happen(
        ada, kinds.SUBSCRIPTION_CANCELLED, system, subject="subscription:7", **{**data, "received_at": received}
    )
    message = told(event)

    assert "We received your cancellation on February 27, 2026, and it counts from that day." in message.body
    assert "Your last day of service is April 1, 2026. After it nothing more is charged. " in message.body
    assert "take the cancellation back up to that day in your account" in message.body


@pytest.mark.parametrize("source", ["dispute:4", "subscription:7:change-3/12"])
def test_a_credit_note_whose_cause_is_told_by_itself_is_not_told_again(ada, system, source):
    event = happen(ada, kinds.CREDIT_NOTE_ISSUED, system, subject="creditnote:3", **{**DATA, "source": source})

    tell_customer(event, NOW)

    assert Message.objects.count() == 0


def test_a_change_that_gave_way_to_a_new_wish_is_not_told_as_taken_back(ada, system):
    before = happen(ada, kinds.SUBSCRIPTION_CHANGE_WITHDRAWN, system, subject="subscription:7", **CHANGE)
    happen(ada, kinds.SUBSCRIPTION_CHANGE_SCHEDULED, system, subject="subscription:7", **CHANGE)

    tell_customer(before, NOW)

    assert Message.objects.count() == 0


def test_an_offer_names_the_terms_their_first_day_and_where_to_accept_them(ada, system):
    message = told(happen(ada, kinds.AGREEMENT_OFFERED, system, subject="agreement:2"))

    assert "new terms from April 2, 2026: Studio at €20.00 per unit and billing period, without an end." in message.body
    assert "accept them before April 2, 2026" in message.body
    assert "/account/subscriptions/7/" in message.body
