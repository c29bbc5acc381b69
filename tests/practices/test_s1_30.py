"""S1-30: a dispute is taken back from the case, only on the customer's word, and the amount is due again."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from ledger.customers.queries import get_customer
from ledger.models import Dispute, Event
from notifications.models import Message as Delivered
from tests.conftest import NOW
from tests.ledger.worlds import bill
from tests.practices.conftest import told
from verification.models import Challenge


def verify(ticket, agent) -> None:
    """Send a code from the case and enter it as the customer does."""
    contact = ticket.customer.contact_points.get(kind="email")
    agent.post(f"/desk/tickets/{ticket.pk}/verify", {"contact_point": contact.pk, "purpose": "open_dispute"})
    code = re.search(r"\b\d{6}\b", Delivered.objects.filter(is_secret=True).latest("pk").body)
    assert code
    Client().post(f"/account/verify/{Challenge.objects.latest('pk').token}", {"answer": code[0]})


@pytest.fixture
def disputed(ana, post_mail, staff):
    """Ana's case with an open dispute over 30.00 EUR of an unpaid bill."""
    line = bill(get_customer(ana.pk), 3000).lines.get()
    ticket, agent = post_mail(), staff("mia", "agent")
    verify(ticket, agent)
    typed = {"line": line.pk, "amount": "30.00", "reason": "duplicate"}
    agent.post(f"/desk/tickets/{ticket.pk}/dispute", typed)
    return ticket, Dispute.objects.get()


def test_withdrawing_by_its_button_makes_the_amount_due_again_and_tells_the_customer(disputed, staff, work):
    ticket, dispute = disputed
    agent = staff("mia")
    address = f"/desk/disputes/{dispute.pk}/withdraw?ticket={ticket.pk}"

    case = agent.get(f"/desk/tickets/{ticket.pk}/").content.decode()
    panel = agent.get(address).content.decode()
    done = agent.post(address, follow=True).content.decode()
    work()

    assert f'href="{address}"' in case
    assert "Only on the customer&#x27;s own word" in panel
    assert f"Dispute {dispute.number} is withdrawn; 30.00 EUR is no longer on hold." in done
    assert Dispute.objects.get().state == "withdrawn"
    assert [message.about for message in told("dispute_withdrawn")] == [f"dispute:{dispute.pk}"]
    after = agent.get(f"/desk/tickets/{ticket.pk}/").content.decode()
    assert f'href="{address}"' not in after


def test_without_a_proof_that_still_holds_it_is_refused_and_on_record(disputed, staff, clock):
    ticket, dispute = disputed
    clock.shift(3600)
    agent = staff("mia")

    panel = agent.get(f"/desk/disputes/{dispute.pk}/withdraw?ticket={ticket.pk}").content.decode()
    sent = agent.post(f"/desk/disputes/{dispute.pk}/withdraw?ticket={ticket.pk}")

    assert "Verify the customer first" in panel
    assert sent.status_code == 422
    assert "Please verify the customer first" in sent.content.decode()
    assert Dispute.objects.get().state == "opened"
    refused = Event.objects.get(kind="access.refused", subject=f"ticket:{ticket.pk}")
    assert refused.data["why"].startswith("withdraw a dispute")
    assert refused.occurred_at > NOW


def test_who_may_not_decide_disputes_is_refused_by_address(disputed, staff):
    ticket, dispute = disputed

    answer = staff("qui").post(f"/desk/disputes/{dispute.pk}/withdraw?ticket={ticket.pk}")

    assert answer.status_code == 403
    assert Dispute.objects.get().state == "opened"
