"""S1-63: a failed payment opens a conversation with its cause; what is kept silent nobody learns who need not."""

from __future__ import annotations

import pytest

from billing_desk.workspace.account import account_of
from ledger.events.actor import Actor
from ledger.payments.collecting import collect_invoice
from ledger.payments.operations import add_payment_method
from notifications.delivery.models import Message
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, open_ana
from tickets.conversations.models import Message as Said
from tickets.conversations.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def declined(run_reactions):
    """Return a function that lets Ana's card be declined with a code when her bill is collected."""

    def decline(code: str):
        ana = open_ana()
        add_payment_method(ana.pk, kind="card", brand="Visa", last4="9979", token=f"sandbox:{code}", by=SYSTEM, at=NOW)
        collect_invoice(bill(ana, 4900).pk, trigger="schedule", by=SYSTEM, at=NOW)
        run_reactions()
        return ana

    return decline


def test_a_cause_that_may_be_told_stands_in_the_mail_and_in_the_conversation(declined):
    declined("expired_card")

    assert "Die Karte ist abgelaufen." in Message.objects.get(template__contains="payment_failed").body
    said = Said.objects.get(ticket=Ticket.objects.get(), kind="event").text
    assert "The card has expired." in said
    assert "the service goes on" in said
    assert "Please add a card that is still valid." in said


def test_mia_sees_need_to_know_and_pia_the_cause(declined, mia, pia):
    ana = declined("stolen_card")

    def note(by: Actor) -> str:
        return str(account_of(ana, by=by, at=NOW).payments[0]["note"])

    assert "stolen" not in note(mia)
    assert "Offer another way to pay" in note(mia)
    assert note(pia).startswith("The card is reported stolen.")
    assert account_of(ana, by=pia, at=NOW).payments[0]["failure"].cause == "The bank refused without a reason."
