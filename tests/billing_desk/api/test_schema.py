"""Whatever a client makes of our schema, no request is answered with an error of ours."""

from __future__ import annotations

import itertools

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.utils import timezone
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error

from billing_desk.api.schema import document
from billing_desk.keys import SCOPES, issue_key
from ledger.events.actor import Actor

schema = schemathesis.openapi.from_dict(document())
schema.app = WSGIHandler()
_numbers = itertools.count(1)


@pytest.fixture
def secret(db) -> str:
    """A key that may do everything."""
    _, shown_once = issue_key(name="Fuzz", scopes=sorted(SCOPES), by=Actor.system("test"), at=timezone.now())
    return shown_once


@pytest.mark.django_db(transaction=True)
@schema.parametrize()
@settings(
    max_examples=5,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_no_request_is_our_error(case, secret):
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": f"fuzz-{next(_numbers)}"}

    case.call_and_validate(headers=headers, checks=(not_a_server_error,))
