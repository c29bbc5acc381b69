"""The page a customer enters a one-time code on."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from ledger.customers.models import Customer
from ledger.events.actor import Actor
from notifications.delivery.models import Message
from tests.billing_desk.portal.conftest import same_page
from tests.conftest import NOW
from verification.models import Challenge
from verification.operations import start_check
from verification.queries import current_proof


@pytest.fixture
def asked(ana: Customer, mia: Actor) -> tuple[str, str]:
    """Return the address of the page and the right code."""
    start_check(customer_id=ana.pk, conversation="ticket:9", purpose="request_refund", by=mia, at=NOW)
    code = re.search(r"\b(\d{6})\b", Message.objects.latest("pk").body)
    assert code
    return f"/account/verify/{Challenge.objects.get().token}", code[1]


def test_the_page_says_why_it_asks_and_for_which_case(asked: tuple[str, str]) -> None:
    page = Client().get(asked[0]).content.decode()

    assert "for a refund" in page
    assert "A refund moves money" in page
    assert "#9" in page
    assert "a…a@kunde.example" in page
    assert 'autocomplete="one-time-code"' in page


def test_the_right_code_proves_it_without_sign_in(asked: tuple[str, str], ana: Customer) -> None:
    address, code = asked

    page = Client().post(address, {"answer": f"{code[:3]} {code[3:]}"}).content.decode()

    assert "Thank you, that is you" in page
    proof = current_proof(ana.pk, "ticket:9", at=NOW)
    assert proof is not None
    assert proof.level == 2
    assert "Thank you" in Client().get(address).content.decode()


def test_wrong_codes_get_neutral_words_and_then_the_page_is_closed(asked: tuple[str, str], ana: Customer) -> None:
    address, code = asked
    wrong = "000000" if code != "000000" else "111111"

    answers = [Client().post(address, {"answer": wrong}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [422, 422, 410]
    assert "That code is not right or no longer valid." in answers[0].content.decode()
    assert not re.search(r"attempts? left|tries left", answers[0].content.decode())
    assert "can no longer be used" in answers[2].content.decode()
    assert Client().post(address, {"answer": code}).status_code == 410
    assert current_proof(ana.pk, "ticket:9", at=NOW) is None


def test_letters_are_refused_and_cost_no_try(asked: tuple[str, str]) -> None:
    for _ in range(4):
        assert Client().post(asked[0], {"answer": "abc"}).status_code == 422

    assert Challenge.objects.get().attempts == 0


def test_a_late_code_meets_a_closed_page(asked: tuple[str, str], clock: time_machine.Traveller) -> None:
    clock.move_to(NOW + timedelta(minutes=11))

    assert Client().get(asked[0]).status_code == 410


def test_a_made_up_address_looks_like_a_closed_one(asked: tuple[str, str], clock: time_machine.Traveller) -> None:
    clock.move_to(NOW + timedelta(minutes=11))

    assert same_page(Client().get("/account/verify/nothing")) == same_page(Client().get(asked[0]))
