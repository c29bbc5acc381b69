"""Agreements over the API: proposed within authority, offered, accepted by who proved who they are, ended."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from billing_desk.api.webhooks import payload, queue_webhooks
from billing_desk.reactions import REACTIONS
from ledger.agreements.deciding import approve_agreement
from ledger.events.actor import Actor
from ledger.models import AgreementAcceptance, Event
from ledger.subscriptions.operations import start_subscription
from tests.billing_desk.proofs import prove, write_in
from tests.conftest import berlin
from tests.ledger.subscriptions.worlds import sell_all, subscribed
from tickets.models import CaseLink

FIRST, TODAY = berlin(2026, 3, 1, 9), berlin(2026, 3, 10, 12)
PIA = Actor.agent(7, name="Pia", roles=frozenset({"supervisor"}))
SETUP = Actor.system("setup")


@pytest.fixture(autouse=True)
def _on_the_tenth():
    """10 March, noon in Berlin; the clock runs, because proofs are minutes old."""
    with time_machine.travel(TODAY):
        yield


@pytest.fixture
def plus(ana):
    """Ana's Plus for 25.00 a month, March billed."""
    sell_all(tax=0)
    return subscribed("plus", at=FIRST, customer=ana)


def terms(subscription, minor=2000, **more):
    price = {"amount_minor": minor, "currency": "EUR"}
    return {"subscription_id": subscription.pk, "price": price, "term_months": 12, "reason": "Stays a year", **more}


def approved(api, subscription, **more):
    """Propose terms; Pia approves them."""
    made = api.post("agreements", terms(subscription, **more)).json()
    approve_agreement(made["id"], by=PIA, at=timezone.now())
    return made


def offered(api, subscription):
    """Propose and offer terms."""
    made = approved(api, subscription)
    return api.post(f"agreements/{made['id']}/offer", {}).json()


def yes(agreement, ticket, **more):
    said = {"wording_hash": agreement["wording_hash"], "accepted_by": "Ana Sommer", "channel": "phone"}
    return {**said, "conversation": f"ticket:{ticket.pk}", **more}


def test_terms_are_proposed_approved_by_a_person_offered_and_accepted_with_who_when_and_which_words(api, ana, plus):
    proposed = api.post("agreements", terms(plus), key="once")
    again = api.post("agreements", terms(plus), key="once")
    assert (proposed.status_code, again.content) == (201, proposed.content)
    assert (proposed.json()["state"], proposed.json()["starts_on"]) == ("waiting_approval", "2026-04-01")
    number = proposed.json()["id"]
    assert api.post(f"agreements/{number}/offer", {}).json()["code"] == "agreement_not_in_state"
    approve_agreement(number, by=PIA, at=timezone.now())
    offer = api.post(f"agreements/{number}/offer", {}).json()
    assert (offer["state"], offer["open_until"]) == ("offered", "2026-04-01")
    ticket = prove(ana)

    said_at = timezone.now().isoformat()
    accepted = api.post(f"agreements/{number}/accept", yes(offer, ticket, accepted_at=said_at)).json()

    assert (accepted["state"], accepted["acceptance"]["accepted_by"]) == ("accepted", "Ana Sommer")
    assert accepted["acceptance"]["channel"] == "phone"
    assert accepted["acceptance"]["wording_hash"] == offer["wording_hash"]
    assert accepted["acceptance"]["proof_reference"].startswith("check:")
    assert "20" in accepted["wording"]
    assert api.get(f"agreements/{number}").json() == accepted
    assert CaseLink.objects.filter(ticket=ticket, subject=f"agreement:{number}").exists()
    bills = api.get(f"subscriptions/{plus.pk}/forecast").json()["data"]
    assert [bill["likely"]["amount_minor"] for bill in bills] == [2000] * 3


def test_without_a_proof_or_with_other_words_nothing_is_accepted(api, ana, ben, plus):
    offer = offered(api, plus)
    path = f"agreements/{offer['id']}/accept"

    unproved = api.post(path, yes(offer, write_in(ana)))
    of_another = api.post(path, yes(offer, prove(ben)))
    proved = prove(ana)
    other_words = api.post(path, yes(offer, proved, wording_hash="0" * 64))
    too_early = api.post(path, yes(offer, proved, accepted_at="2026-03-01T12:00:00Z"))
    portal = api.post(path, yes(offer, proved, channel="portal"))

    assert (unproved.status_code, unproved.json()["code"]) == (403, "proof_missing")
    assert of_another.status_code == 404
    assert (other_words.status_code, other_words.json()["code"]) == (409, "wording_differs")
    assert (too_early.status_code, portal.status_code) == (422, 422)
    assert not AgreementAcceptance.objects.exists()


def test_what_is_agreed_ends_with_the_next_billing_day_and_an_offer_can_be_declined(api, ana, plus):
    offer = offered(api, plus)
    declined = api.post(f"agreements/{offer['id']}/decline", {"reason": "Too long a term"}).json()
    second = offered(api, plus)
    api.post(f"agreements/{second['id']}/accept", yes(second, prove(ana)))

    ended = api.post(f"agreements/{second['id']}/end", {"reason": "Agreed so on the phone"}).json()

    assert declined["state"] == "declined"
    assert (ended["state"], ended["until_on"]) == ("ended", "2026-04-01")
    listed = api.get("agreements", subscription=plus.pk).json()["data"]
    assert [each["id"] for each in listed] == [second["id"], offer["id"]]
    assert api.get("agreements", state="ended", customer=ana.pk).json()["data"][0]["id"] == second["id"]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"percent": "10"}, 422),
        ({"price": {"amount_minor": 2000, "currency": "USD"}}, 422),
        ({"price": {"amount_minor": -1, "currency": "EUR"}}, 422),
        ({"term_months": 61}, 422),
        ({"starts_on": "2026-03-01"}, 409),
        ({"starts_on": "9999-12-31"}, 422),
        ({"plan": "none"}, 409),
        ({"subscription_id": 999_999}, 404),
        ({"conversation": "letter"}, 422),
    ],
)
def test_terms_no_agreement_can_say_are_refused(api, plus, wrong, status):
    assert api.post("agreements", terms(plus, **wrong)).status_code == status


def test_a_key_of_one_customer_reads_what_was_offered_to_them_and_proposes_nothing(api, make_api, ana, ben, plus):
    thought_about = approved(api, plus)
    own, other = make_api(customer_id=ana.pk), make_api(customer_id=ben.pk)

    assert own.get("agreements").json()["data"] == []
    assert own.get(f"agreements/{thought_about['id']}").status_code == 404
    offer = api.post(f"agreements/{thought_about['id']}/offer", {}).json()
    assert own.get(f"agreements/{offer['id']}").json()["wording_hash"] == offer["wording_hash"]
    assert own.post("agreements", terms(plus)).status_code == 403
    assert own.post(f"agreements/{offer['id']}/end", {"reason": "Mine"}).status_code == 403
    assert other.get(f"agreements/{offer['id']}").status_code == 404
    refused = Event.objects.filter(kind="access.refused", subject=f"agreement:{offer['id']}")
    assert refused.get().data["why"] == "another customer's object"
    assert own.post(f"agreements/{offer['id']}/accept", yes(offer, prove(ana))).json()["state"] == "accepted"


def test_endpoints_hear_of_every_step_without_the_words(api, ana, plus):
    offer = offered(api, plus)
    api.post(f"agreements/{offer['id']}/accept", yes(offer, prove(ana)))

    kinds = ("agreement.proposed", "agreement.approved", "agreement.offered", "agreement.accepted")
    for kind in kinds:
        assert queue_webhooks in REACTIONS[kind]
        body = json.loads(payload(Event.objects.get(kind=kind)))["data"]
        assert body["subject"] == f"agreement:{offer['id']}"
        assert (body["data"]["subscription_id"], body["data"]["starts_on"]) == (plus.pk, "2026-04-01")
        assert not {"wording_hash", "accepted_by", "proof"} & body["data"].keys()


def test_changes_of_a_subscription_are_listed_with_what_was_shown(api, make_api, ana, ben, plus):
    other = start_subscription(ben.pk, plan_code="plus", by=SETUP, at=TODAY - timedelta(days=1))
    made = api.post(f"subscriptions/{plus.pk}/changes", {"what": "plan", "plan": "basic"}).json()
    api.post(f"subscriptions/{other.pk}/changes", {"what": "plan", "plan": "basic"})

    listed = api.get("subscription_changes", subscription=plus.pk, state="scheduled").json()["data"]

    assert [each["id"] for each in listed] == [made["id"]]
    assert (listed[0]["effective_on"], listed[0]["figures"]["new"]) == ("2026-04-01", "Basic")
    bound = make_api(customer_id=ana.pk)
    assert [each["id"] for each in bound.get("subscription_changes").json()["data"]] == [made["id"]]
    assert bound.get(f"subscription_changes/{made['id']}").json() == listed[0]
    assert make_api(customer_id=ben.pk).get(f"subscription_changes/{made['id']}").status_code == 404
