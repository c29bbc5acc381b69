"""Text messages, where an installation names a sender."""

import pytest

from ledger.customers.operations import add_contact_point
from notifications.delivery.models import Message
from notifications.delivery.operations import deliver_message, queue_message
from notifications.preferences.operations import set_preference
from tests.conftest import NOW

SENT: list[tuple[str, str]] = []


def send(number: str, text: str) -> str:
    """Stand in for a provider's client."""
    if number.endswith("13"):
        raise ConnectionRefusedError("provider away")
    SENT.append((number, text))
    return "queued as 1"


@pytest.fixture(autouse=True)
def _sender(settings):
    SENT.clear()
    settings.SMS_SENDER = f"{__name__}.send"


@pytest.mark.parametrize(("number", "state"), [("+493090182001", "sent"), ("+493090182013", "queued")])
def test_who_wants_text_messages_gets_them_and_a_provider_that_is_away_costs_time_only(ada, system, number, state):
    add_contact_point(ada.pk, kind="phone", value=number, by=system, at=NOW)
    set_preference(ada.pk, channel="sms", by=system, at=NOW)
    message = queue_message(
        key="event:1", customer_id=ada.pk, template="payment_received", values={"amount": "€49.00"}, at=NOW
    )

    deliver_message(message.pk, at=NOW)

    assert (message.channel, message.recipient) == ("sms", number)
    assert Message.objects.get().state == state
    assert len(SENT) == (state == "sent")
