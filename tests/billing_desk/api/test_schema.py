"""Whatever a client makes of our schema, no request is answered with an error of ours."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.utils import timezone
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error

from billing_desk.api.schema import document
from billing_desk.keys import SCOPES, issue_key
from ledger.events.actor import Actor
from tests import plugin
from tests.everything import EVERYTHING

schema = schemathesis.openapi.from_dict(document())
# Beside examples by chance, every limit of every field is tried; that takes longer than all of the rest.
schema.config.phases.coverage.enabled = EVERYTHING
schema.app = WSGIHandler()
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def secret(django_db_setup, django_db_blocker) -> Iterator[str]:
    """A key that may do everything. What the requests leave behind is cleared once, when all have been made."""
    with django_db_blocker.unblock():
        _, shown_once = issue_key(name="Fuzz", scopes=sorted(SCOPES), by=Actor.system("test"), at=timezone.now())
        yield shown_once
        plugin.refresh_database()


@schema.parametrize()
@settings(
    max_examples=10 if EVERYTHING else 3,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_no_request_is_our_error(case, secret):
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": f"fuzz-{next(_numbers)}"}

    case.call_and_validate(headers=headers, checks=(not_a_server_error,))
