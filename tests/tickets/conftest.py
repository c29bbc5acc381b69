"""Fixtures for the tests of tickets."""

from __future__ import annotations

import pytest

from ledger.customers.models import Customer
from tests.tickets import worlds


@pytest.fixture
def desk(db) -> None:
    """A desk with the default hours, policy, queues and rules."""
    worlds.open_desk()


@pytest.fixture
def ana(desk) -> Customer:
    """Ana's account, ana@example.com on file."""
    return worlds.open_ana()


@pytest.fixture
def ben(desk) -> Customer:
    """Ben's account, ben@example.org on file."""
    return worlds.open_ben()
