"""An offer in the portal: read in its words, accepted or declined by the customer alone."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
import time_machine

from ledger.agreements.models import Agreement
from ledger.agreements.offering import offer_agreement
from ledger.agreements.operations import propose_amendment
from ledger.agreements.terms import Proposal
from ledger.events.actor import Actor
from tests.billing_desk.portal.conftest import refused, sign_in
from tests.conftest import berlin
from tests.ledger.subscriptions.worlds import sell_all, subscribed
from tests.ledger.worlds import open_ana

TODAY = berlin(2026, 3, 10, 12)


@pytest.fixture
def offer(noe: Actor) -> Iterator[Agreement]:
    """Ana has Plus since 1 March and is offered 2 % off."""
    sell_all(tax=0)
    plus = subscribed("plus", at=berlin(2026, 3, 1, 9))
    with time_machine.travel(TODAY, tick=False):
        said = Proposal(percent=Decimal(2))
        proposed = propose_amendment(plus.pk, proposal=said, reason="Stays for less", by=noe, at=TODAY)
        yield offer_agreement(proposed.pk, by=noe, at=TODAY)


def state(offer: Agreement) -> str:
    return Agreement.objects.get(pk=offer.pk).state


def test_an_offer_is_read_in_its_words_and_accepted(offer: Agreement) -> None:
    browser, address = sign_in("ana@example.com"), f"/account/agreements/{offer.pk}/"

    assert address in browser.get("/account/subscriptions/").content.decode()
    page = browser.get(address).content.decode()
    assert "Nachlass" in page  # Ana reads German
    assert browser.post(address, {"answer": "accept", "wording_hash": "0" * 64}).status_code == 422
    assert state(offer) == "offered"
    browser.post(address, {"answer": "accept", "wording_hash": offer.wording_hash})

    kept = Agreement.objects.select_related("acceptance").get(pk=offer.pk)
    assert (kept.state, kept.acceptance.channel, kept.acceptance.wording_hash) == (
        "accepted",
        "portal",
        offer.wording_hash,
    )
    assert "24,50\u00a0€" in browser.get("/account/subscriptions/").content.decode()  # 25.00 less 2 %


def test_an_offer_is_declined_without_a_reason(offer: Agreement) -> None:
    browser = sign_in("ana@example.com")

    browser.post(f"/account/agreements/{offer.pk}/", {"answer": "decline"})

    assert state(offer) == "declined"


def test_nobody_reads_or_accepts_another_customers_offer(offer: Agreement) -> None:
    open_ana(email="bob@example.com")
    bob, address = sign_in("bob@example.com"), f"/account/agreements/{offer.pk}/"

    answers = [bob.get(address), bob.post(address, {"answer": "accept", "wording_hash": offer.wording_hash})]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert refused(f"agreement:{offer.pk}")
    assert state(offer) == "offered"
