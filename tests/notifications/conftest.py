"""Customers as notifications sees them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from ledger.customers.models import Customer
from ledger.customers.operations import open_customer
from ledger.events.actor import Actor
from tests.conftest import NOW


@pytest.fixture
def open_account(db, system: Actor) -> Callable[..., Customer]:
    """Return a function that opens an account a month before T0."""

    def account(name: str = "Ada Berg", **given: object) -> Customer:
        facts = {"country": "DE", "currency": "EUR", "email": f"{name.split()[0].lower()}@mail.example", **given}
        return open_customer(name=name, by=system, at=NOW - timedelta(days=30), **facts)

    return account


@pytest.fixture
def ada(open_account: Callable[..., Customer]) -> Customer:
    """A consumer in Berlin who reads English, at ada@mail.example."""
    return open_account()
