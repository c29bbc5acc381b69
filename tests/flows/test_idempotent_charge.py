"""Flow 3: an integration posts a charge over the API; however often and at whatever moment, it is charged once."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from billing_desk.keys import issue_key
from ledger.books.queries import entries_of
from ledger.customers.operations import open_customer
from ledger.events.actor import Actor
from ledger.models import Charge, Customer, Event

BY = Actor.system("setup")
AT_ONCE = 8


@pytest.fixture
def shop(transactional_db) -> str:
    """The secret of an integration's key."""
    _, secret = issue_key(name="shop", scopes=["charges:write"], by=BY, at=timezone.now())
    return secret


@pytest.fixture
def ana(transactional_db) -> Customer:
    """A customer in Berlin, billed in EUR."""
    return open_customer(name="Ana Sommer", country="DE", currency="EUR", by=BY, at=timezone.now())


def post(secret: str, key: str, **body: object) -> tuple[int, bytes]:
    answer = Client().post(
        "/api/v1/charges",
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": key},
    )
    return answer.status_code, answer.content


def all_at_once(secret: str, key: str, bodies: list[dict[str, object]]) -> list[tuple[int, bytes]]:
    """Post every body in its own thread, all released at the same moment."""
    ready = threading.Barrier(len(bodies))

    def one(body: dict[str, object]) -> tuple[int, bytes]:
        try:
            ready.wait(timeout=20)
            return post(secret, key, **body)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(one, bodies))


def charge_of(ana: Customer, minor: int = 1250) -> dict[str, object]:
    return {
        "customer": ana.pk,
        "amount": {"amount_minor": minor, "currency": "EUR"},
        "description": "Internet, March",
    }


def test_eight_simultaneous_posts_make_one_charge_one_entry_and_eight_equal_answers(shop, ana):
    answers = all_at_once(shop, "march", [charge_of(ana)] * AT_ONCE)

    assert {status for status, _ in answers} == {201}
    assert len({content for _, content in answers}) == 1
    charge = Charge.objects.get()
    assert charge.amount_minor == 1250
    assert len(entries_of(f"charge:{charge.pk}")) == 1
    assert Event.objects.filter(kind="charge.added").count() == 1


def test_eight_simultaneous_posts_of_a_refused_charge_get_eight_equal_refusals(shop, ana):
    nothing = charge_of(ana, minor=-5)

    answers = all_at_once(shop, "minus", [nothing] * AT_ONCE)

    assert {status for status, _ in answers} == {422}
    assert len({content for _, content in answers}) == 1
    assert not Charge.objects.exists()


def test_of_two_bodies_under_one_key_at_the_same_moment_one_is_charged_and_the_other_refused(shop, ana):
    bodies = [charge_of(ana, 1250), charge_of(ana, 9900)] * (AT_ONCE // 2)

    answers = all_at_once(shop, "either", bodies)

    assert sorted(status for status, _ in answers) == [201] * 4 + [409] * 4
    assert Charge.objects.count() == 1


def test_different_keys_at_the_same_moment_charge_each(shop, ana):
    with ThreadPoolExecutor(2) as pool:

        def one(key: str) -> int:
            try:
                return post(shop, key, **charge_of(ana))[0]
            finally:
                connections.close_all()

        assert list(pool.map(one, ["a", "b"])) == [201, 201]
    assert Charge.objects.count() == 2
