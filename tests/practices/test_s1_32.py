"""S1-32: nobody decides a dispute before they have seen what the customer wrote last, on the desk or by the API."""

from __future__ import annotations

import itertools
import json

import pytest
from django.test import Client
from django.utils import timezone

from billing_desk.keys import issue_key
from ledger.customers.queries import get_customer
from ledger.events.actor import Actor
from ledger.models import Dispute
from tests.ledger.worlds import bill
from tests.practices.conftest import told
from tests.practices.test_s1_30 import verify
from tickets.casework.dispute_material import acknowledge_told_disputes

KEYS = itertools.count(1)


@pytest.fixture
def disputed(ana, post_mail, staff, work):
    """Ana's case with an open dispute over 30.00 EUR, which mia has in front of her."""
    line = bill(get_customer(ana.pk), 3000).lines.get()
    ticket, agent = post_mail(), staff("mia", "agent")
    verify(ticket, agent)
    agent.post(f"/desk/tickets/{ticket.pk}/dispute", {"line": line.pk, "amount": "30.00", "reason": "other"})
    work()
    return ticket, Dispute.objects.get()


def writes_again(post_mail, ticket, work) -> None:
    post_mail(subject=f"Re: [{ticket.number}]", text="Wait, I have found the receipt!", message_id="second@mail")
    work()


def test_a_message_that_arrives_while_somebody_decides_blocks_the_decision_until_it_is_read(
    disputed, post_mail, staff, work
):
    ticket, dispute = disputed
    agent, address = staff("mia"), f"/desk/disputes/{dispute.pk}/reject?ticket={ticket.pk}"
    before = agent.get(address).content.decode()
    writes_again(post_mail, ticket, work)

    refused = agent.post(address, {"explanation": "The charge is right."})

    assert "new since you looked" not in before
    assert refused.status_code == 422
    shown = refused.content.decode()
    assert "arrived since you looked" in shown
    assert "I have found the receipt!" in shown
    assert Dispute.objects.get().is_open
    agent.post(address, {"explanation": "The charge is right."})
    assert Dispute.objects.get().state == "rejected"


def post(secret: str, path: str, body: dict[str, object]):
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": f"key-{next(KEYS)}"}
    return Client().post(f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers=headers)


def test_by_the_api_a_decision_without_the_newest_review_token_is_answered_409(disputed, post_mail, work):
    ticket, dispute = disputed
    setup = Actor.system("setup")
    _, secret = issue_key(name="shop", scopes=["disputes:decide"], customer_id=None, by=setup, at=timezone.now())
    decision = {"outcome": "rejected", "explanation": "The charge is right."}

    blind = post(secret, f"disputes/{dispute.pk}/decision", decision)
    review = post(secret, f"disputes/{dispute.pk}/review", {}).json()
    writes_again(post_mail, ticket, work)
    stale = post(secret, f"disputes/{dispute.pk}/decision", {**decision, "review_token": review["review_token"]})
    fresh = post(secret, f"disputes/{dispute.pk}/review", {}).json()

    assert [(answer.status_code, answer.json()["code"]) for answer in (blind, stale)] == [(409, "not_seen_yet")] * 2
    assert any("I have found the receipt!" in piece["content"] for piece in fresh["evidence"])
    done = post(secret, f"disputes/{dispute.pk}/decision", {**decision, "review_token": fresh["review_token"]})
    assert (done.status_code, done.json()["state"]) == (200, "rejected")


def test_a_customers_own_key_decides_nothing(disputed, ana):
    _, dispute = disputed
    setup = Actor.system("setup")
    _, secret = issue_key(name="own", scopes=["disputes:decide"], customer_id=ana.pk, by=setup, at=timezone.now())

    answer = post(secret, f"disputes/{dispute.pk}/decision", {"outcome": "upheld", "explanation": "Mine."})

    assert answer.status_code == 403
    assert Dispute.objects.get().is_open


def test_the_confirmation_that_went_out_acknowledges_the_dispute(disputed):
    _, dispute = disputed

    assert len(told("dispute_opened")) == 1
    assert acknowledge_told_disputes(at=timezone.now()) == 1
    assert acknowledge_told_disputes(at=timezone.now()) == 0
    assert Dispute.objects.get(pk=dispute.pk).state == "acknowledged"


def test_in_part_appeal_dossier_and_credit_meanwhile_by_their_buttons(disputed, staff, work):
    ticket, dispute = disputed
    agent, colleague = staff("mia"), staff("pia", "supervisor")
    part = {"amount": "10.00", "explanation": "A third of it."}

    agent.post(f"/desk/disputes/{dispute.pk}/evidence?ticket={ticket.pk}", {"words": "She called again."})
    nothing_paid = agent.post(f"/desk/disputes/{dispute.pk}/provisional?ticket={ticket.pk}")
    agent.post(f"/desk/disputes/{dispute.pk}/part?ticket={ticket.pk}", part)
    work()
    page = agent.get(f"/desk/tickets/{ticket.pk}/").content.decode()
    agent.post(f"/desk/disputes/{dispute.pk}/appeal?ticket={ticket.pk}", {"reason": "Here is the receipt."})
    again = agent.post(f"/desk/disputes/{dispute.pk}/reject?ticket={ticket.pk}", {"explanation": "No."})
    forbidden = agent.post(f"/desk/disputes/{dispute.pk}/dossier")
    dossier = colleague.post(f"/desk/disputes/{dispute.pk}/dossier")
    work()

    assert "Nothing of" in nothing_paid.content.decode()
    assert "You were right about €10.00 of it" in told("dispute_partly_upheld")[0].body
    assert f"/desk/disputes/{dispute.pk}/appeal?ticket={ticket.pk}" in page
    assert "An appeal is decided by a colleague" in again.content.decode()
    assert len(told("dispute_appealed")) == 1
    assert (forbidden.status_code, dossier.status_code) == (403, 200)
    assert dossier.content[:2] == b"PK"
