"""How, in which language and when a customer hears from us."""

from datetime import time

import pytest

from ledger.customers.operations import add_contact_point, remove_contact_point
from ledger.errors import InvalidInput
from notifications.preferences.operations import record_consent, set_preference, withdraw_consent
from notifications.preferences.queries import NobodyToReach, has_consent, how_to_reach
from tests.conftest import NOW, berlin


def test_without_a_choice_it_is_email_in_the_accounts_language(open_account):
    bo = open_account("Bo Lind", language="de-DE")

    reach = how_to_reach(bo, NOW)

    assert (reach.channel, reach.recipient, reach.language) == ("email", "bo@mail.example", "de-DE")
    assert reach.not_before == NOW


def test_a_contact_that_may_not_see_money_is_not_written_to(ada, system, now):
    add_contact_point(ada.pk, kind="email", value="intern@mail.example", right="user", by=system, at=now)
    add_contact_point(ada.pk, kind="email", value="cfo@mail.example", right="finance", by=system, at=now)
    remove_contact_point(ada.contact_points.get(value="ada@mail.example").pk, by=system, at=now)

    assert how_to_reach(ada, NOW).recipient == "cfo@mail.example"


def test_a_customer_with_no_such_contact_cannot_be_reached(open_account, system, now):
    phone_only = open_account("Cy Orr", email="", phone="+493090182001")

    with pytest.raises(NobodyToReach):
        how_to_reach(phone_only, NOW)


def test_who_wants_text_messages_gets_email_while_we_cannot_send_them(ada, system, now):
    add_contact_point(ada.pk, kind="phone", value="+493090182001", by=system, at=now)
    set_preference(ada.pk, channel="sms", by=system, at=now)

    assert (how_to_reach(ada, NOW).channel, how_to_reach(ada, NOW).fell_back) == ("email", True)
    assert how_to_reach(ada, NOW, working={"email", "sms"}).recipient == "+493090182001"


def test_stop_by_text_message_turns_text_messages_off(ada, system, now):
    add_contact_point(ada.pk, kind="phone", value="+493090182001", by=system, at=now)
    set_preference(ada.pk, channel="sms", by=system, at=now)
    withdraw_consent(ada.pk, kind="sms", source="STOP by text message", by=system, at=now)

    assert how_to_reach(ada, NOW, working={"email", "sms"}).channel == "email"


def test_the_newest_consent_holds(ada, system, now):
    assert not has_consent(ada.pk, "marketing")
    record_consent(ada.pk, kind="marketing", source="portal", by=system, at=now)
    assert has_consent(ada.pk, "marketing")
    withdraw_consent(ada.pk, kind="marketing", source="portal", by=system, at=now)
    assert not has_consent(ada.pk, "marketing")


@pytest.mark.parametrize(
    ("hour", "minute", "until"),
    [
        (21, 59, berlin(2026, 3, 2, 21, 59)),
        (22, 0, berlin(2026, 3, 3, 7, 30)),
        (23, 59, berlin(2026, 3, 3, 7, 30)),
        (7, 29, berlin(2026, 3, 2, 7, 30)),
        (7, 30, berlin(2026, 3, 2, 7, 30)),
    ],
)
def test_quiet_hours_across_midnight_end_in_the_morning(ada, system, now, hour, minute, until):
    set_preference(ada.pk, quiet_from=time(22), quiet_until=time(7, 30), by=system, at=now)

    assert how_to_reach(ada, berlin(2026, 3, 2, hour, minute)).not_before == until


@pytest.mark.parametrize(
    "wrong",
    [{"channel": "fax"}, {"quiet_from": time(22)}, {"quiet_from": time(8), "quiet_until": time(8)}],
)
def test_a_choice_that_makes_no_sense_is_refused(ada, system, now, wrong):
    with pytest.raises(InvalidInput):
        set_preference(ada.pk, by=system, at=now, **wrong)
