"""A code goes to a contact on file, and to nobody else."""

import re
from datetime import timedelta

import pytest

from ledger.customers.operations import OwnAccount, add_contact_point, remove_contact_point
from ledger.errors import NotFound
from ledger.events.actor import Actor
from ledger.events.models import Event
from notifications.delivery.channels import ChannelNotConfigured
from notifications.delivery.models import Message
from tests.conftest import NOW
from verification.models import Challenge, Check
from verification.operations import ContactTooNew, NoContactToAsk, TooManyCodes, start_check


def start(customer, by, conversation="ticket:9", at=NOW, **more) -> Check:
    return start_check(
        customer_id=customer.pk, conversation=conversation, purpose="request_refund", by=by, at=at, **more
    )


def test_a_six_digit_code_goes_to_the_address_on_file(ada, mia):
    check = start(ada, mia)

    message = Message.objects.get()
    assert message.recipient == "ada@mail.example"
    assert re.search(r"Your code is \d{6}\n", message.body)
    assert "for a refund" in message.body
    assert "10 minutes" in message.body
    token = check.challenges.get().token
    assert f"/account/verify/{token}" in message.body
    assert (check.state, check.level, check.expires_at) == ("open", 2, NOW + timedelta(minutes=10))


def test_a_german_customer_reads_the_purpose_in_german(open_account, mia):
    start(open_account("Bo Lind", language="de-DE"), mia)

    assert "für eine Erstattung" in Message.objects.get().body


def test_the_code_is_nowhere_but_in_the_message(ada, mia):
    check = start(ada, mia)

    code = re.search(r"\d{6}", Message.objects.get().body)[0]
    challenge = check.challenges.get()
    assert code not in challenge.answer_hash
    assert challenge.sent_to == "a…a@mail.example"
    assert code not in Message.objects.get().subject
    assert code not in Message.objects.get().shown_body
    assert all(code not in str(event.data) for event in Event.objects.all())


def test_asking_leaves_two_events_on_the_customers_timeline(ada, mia):
    start(ada, mia)

    kinds = list(Event.objects.filter(subject__startswith="check:").order_by("pk").values_list("kind", flat=True))
    assert kinds == ["identity.check_started", "identity.code_sent"]
    assert Event.objects.filter(kind="identity.code_sent", customer_id=ada.pk).get().data["conversation"] == "ticket:9"


def test_an_address_of_another_customer_is_refused(ada, open_account, mia):
    others = open_account("Bo Lind").contact_points.get()

    with pytest.raises(NotFound, match="not on file"):
        start(ada, mia, contact_point_id=others.pk)
    assert Message.objects.count() == 0


def test_an_address_taken_off_file_is_refused(ada, mia, system):
    old = ada.contact_points.get()
    add_contact_point(ada.pk, kind="email", value="new@mail.example", by=system, at=NOW - timedelta(days=20))
    remove_contact_point(old.pk, by=system, at=NOW)

    with pytest.raises(NotFound):
        start(ada, mia, contact_point_id=old.pk)


@pytest.mark.parametrize(("days", "allowed"), [(7, True), (6, False)])
def test_a_contact_proves_nothing_in_its_first_seven_days(ada, mia, system, days, allowed):
    new = add_contact_point(ada.pk, kind="email", value="new@mail.example", by=system, at=NOW - timedelta(days=days))

    if allowed:
        start(ada, mia, contact_point_id=new.pk)
        assert Message.objects.get().recipient == "new@mail.example"
    else:
        with pytest.raises(ContactTooNew, match="less than 7 days ago"):
            start(ada, mia, contact_point_id=new.pk)


def test_without_a_choice_the_oldest_contact_that_may_move_money_is_asked(ada, mia, system):
    add_contact_point(ada.pk, kind="email", value="new@mail.example", by=system, at=NOW - timedelta(days=1))

    start(ada, mia)

    assert Message.objects.get().recipient == "ada@mail.example"


def test_a_phone_is_refused_in_plain_words_while_text_messages_are_not_set_up(open_account, mia):
    phone_only = open_account("Cy Orr", email="", phone="+493090182001")

    with pytest.raises(NoContactToAsk):
        start(phone_only, mia)
    with pytest.raises(ChannelNotConfigured):
        start(phone_only, mia, contact_point_id=phone_only.contact_points.get().pk)


def test_nobody_verifies_their_own_account(ada):
    mia_who_is_ada = Actor.agent(1, roles=frozenset({"agent"}), customer_id=ada.pk)

    with pytest.raises(OwnAccount):
        start(ada, mia_who_is_ada)


def test_a_new_code_makes_the_one_before_void(ada, mia):
    first = start(ada, mia)
    second = start(ada, mia, at=NOW + timedelta(minutes=1))

    first = Check.objects.get(pk=first.pk)
    assert (first.state, second.state) == ("expired", "open")


def test_five_codes_an_hour_and_no_more_in_whichever_conversation(ada, open_account, mia):
    for number in range(5):
        start(ada, mia, conversation=f"ticket:{number}", at=NOW + timedelta(minutes=number))

    with pytest.raises(TooManyCodes):
        start(ada, mia, conversation="ticket:99", at=NOW + timedelta(minutes=59))
    start(open_account("Bo Lind"), mia, conversation="ticket:99", at=NOW + timedelta(minutes=59))
    start(ada, mia, conversation="ticket:99", at=NOW + timedelta(minutes=60))

    assert Challenge.objects.filter(identity_check__customer=ada).count() == 6


def test_an_unknown_customer_is_not_found(db, mia):
    with pytest.raises(NotFound):
        start_check(customer_id=10**9, conversation="ticket:9", purpose="request_refund", by=mia, at=NOW)
