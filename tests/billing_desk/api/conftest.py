"""An integration's client: posts and reads JSON with a key of its own."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from billing_desk.keys import SCOPES, issue_key
from ledger.customers.operations import open_customer
from ledger.events.actor import Actor
from ledger.models import Customer

SETUP = Actor.system("setup")
_numbers = itertools.count(1)


class Api:
    """What an integration would use: every call carries the key; every POST carries a fresh Idempotency-Key."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.client = Client(raise_request_exception=True)

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query, headers={"Authorization": f"Bearer {self.secret}"})

    def post(self, path: str, body: Any, *, key: str | None = "fresh", raw: bool = False) -> Any:
        headers = {"Authorization": f"Bearer {self.secret}"}
        if key is not None:
            headers["Idempotency-Key"] = f"key-{next(_numbers)}" if key == "fresh" else key
        text = body if raw else json.dumps(body)
        return self.client.post(f"/api/v1/{path}", text, content_type="application/json", headers=headers)


@pytest.fixture
def ana(db) -> Customer:
    """A customer in Berlin, billed in EUR."""
    return open_customer(
        name="Ana Sommer", country="DE", currency="EUR", email="ana@example.org", by=SETUP, at=timezone.now()
    )


@pytest.fixture
def ben(db) -> Customer:
    """Another customer."""
    return open_customer(
        name="Ben Winter", country="DE", currency="EUR", email="ben@example.org", by=SETUP, at=timezone.now()
    )


@pytest.fixture
def make_api(db):
    """A function that issues a key and returns its client."""

    def make(*scopes: str, customer_id: int | None = None) -> Api:
        chosen = scopes or tuple(SCOPES)
        _, secret = issue_key(name="shop", scopes=chosen, customer_id=customer_id, by=SETUP, at=timezone.now())
        return Api(secret)

    return make


@pytest.fixture
def api(make_api) -> Api:
    """A key that opens everything."""
    return make_api()
