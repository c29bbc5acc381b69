"""The crowd the tests of money share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ledger.customers.models import Customer
from tests.concurrency.crowd import Crowd
from tests.ledger.worlds import open_ana


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    """Six people; they leave at the end."""
    people = Crowd()
    yield people
    people.leave()


@pytest.fixture
def ana() -> Customer:
    """Ana's account."""
    return open_ana()
