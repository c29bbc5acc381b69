"""Fixtures every test may use: moments, actors, an owner's connection, reactions run by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.db.backends.signals import connection_created
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser
from pytest_django import DjangoDbBlocker

from ledger.events import outbox
from ledger.events.actor import Actor
from tests import plugin
from tests.browser import running_chromium

# Time is measured by `make bench`, never asserted: a busy machine must not fail a property.
hypothesis_settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("patient")

BERLIN = ZoneInfo("Europe/Berlin")
#: T0 of the reference world: Monday 2026-03-02, 10:00 in Berlin.
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=BERLIN)


_numbers = count()


def berlin(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Return a moment by Berlin's clocks."""
    return datetime(year, month, day, hour, minute, tzinfo=BERLIN)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Copy the migrated template for this worker; drop the copy at the end."""
    connection_created.connect(plugin.remember_connection)
    with django_db_blocker.unblock():
        plugin.refresh_database()
        yield
        plugin.drop_database()


def _refresh_instead_of_flush(self: TransactionTestCase) -> None:
    # The books and the audit trail refuse TRUNCATE, so a test that committed gets a fresh copy after it.
    plugin.refresh_database()


TransactionTestCase._fixture_teardown = _refresh_instead_of_flush


@pytest.fixture(autouse=True)
def _test_settings(settings, tmp_path_factory) -> None:
    # A page leaves its language to the thread, as Django has it; the next request chooses its own.
    translation.activate(settings.LANGUAGE_CODE)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Made when the first file is stored: a folder for each of thousands of tests takes longer to remove than to use.
    settings.MEDIA_ROOT = tmp_path_factory.getbasetemp() / f"files-{next(_numbers)}"


@pytest.fixture
def now() -> datetime:
    """T0: Monday 2026-03-02, 10:00 in Berlin."""
    return NOW


@pytest.fixture
def mia() -> Actor:
    """An agent who may give 25.00 EUR back alone."""
    return Actor.agent(1, name="Mia", roles=frozenset({"agent"}))


@pytest.fixture
def noe() -> Actor:
    """A senior agent who may give 250.00 EUR back alone."""
    return Actor.agent(2, name="Noe", roles=frozenset({"senior_agent"}))


@pytest.fixture
def pia() -> Actor:
    """A supervisor."""
    return Actor.agent(3, name="Pia", roles=frozenset({"supervisor"}))


@pytest.fixture
def olg() -> Actor:
    """Finance."""
    return Actor.agent(4, name="Olg", roles=frozenset({"finance"}))


@pytest.fixture
def system() -> Actor:
    """The product itself."""
    return Actor.system("test")


@pytest.fixture
def run_reactions() -> Callable[..., int]:
    """Return a function that runs what is due, as the worker would."""

    def run(at: datetime = NOW) -> int:
        return outbox.run_due_reactions(at=at)

    return run


@pytest.fixture
def owner(db) -> Iterator[psycopg.Connection]:
    """A connection as the owner of the tables, who is a superuser: for tampering and looking behind the scenes."""
    with psycopg.connect(plugin.database_url(), autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A running Chromium."""
    with running_chromium() as browser:
        yield browser
