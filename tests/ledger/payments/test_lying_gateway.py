"""Whatever a gateway says, loses or delays, and whoever dies when: what it took is booked, once, and nothing else."""

from __future__ import annotations

import contextlib
import itertools
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.books.proof import first_break
from ledger.errors import DomainError
from ledger.models import Attempt, Collection, Invoice, Payment, SandboxTransfer
from ledger.payments.attempting import Order, begin_attempt
from ledger.payments.collecting import collect_invoice, resolve_unknown
from ledger.payments.operations import add_payment_method
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, open_ana, pay

OUTCOMES = ["ok", "insufficient_funds", "lost_answer", "timeout", "delayed", "delayed_decline"]
STEPS = ["customer", "schedule", "worker dies", "sweep", "transfer"]
_numbers = itertools.count()


@pytest.mark.django_db
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    script=st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=3),
    steps=st.lists(st.sampled_from(STEPS), max_size=6),
)
def test_what_the_gateway_took_is_booked_once_whatever_happens(db, script, steps):
    number = next(_numbers)
    ana = open_ana(email=f"ana{number}@example.com")
    token = "sandbox:" + ",".join([*script, "ok"]) + "," * number  # the same script, but a card of its own
    method = add_payment_method(ana.pk, kind="card", token=token[:100], last4="4242", by=SYSTEM, at=NOW)
    invoice, at = bill(ana, 3000), NOW

    for step in steps:
        at += timedelta(minutes=7)
        with contextlib.suppress(DomainError):
            _do(step, ana, invoice, method, at)
        _check(ana, invoice)
    for day in range(1, 10):
        resolve_unknown(at=at + timedelta(days=day))

    _check(ana, invoice)
    assert not Collection.objects.filter(invoice=invoice, closed_at=None).exists()
    took = SandboxTransfer.objects.filter(token=method.token, succeeded=True, reached=True)
    booked = Payment.objects.filter(customer=ana, method=method, state="succeeded")
    assert sorted(booked.values_list("external_id", flat=True)) == sorted(took.values_list("key", flat=True))
    assert first_break() is None


def _do(step: str, ana, invoice, method, at) -> None:
    if step == "sweep":
        resolve_unknown(at=at)
    elif step == "transfer":
        pay(ana, 500, at=at)
    elif step == "worker dies":
        begin_attempt(Order(invoice.pk, method.pk, None, "schedule"), by=SYSTEM, at=at)
    else:
        collect_invoice(invoice.pk, trigger=step, by=SYSTEM, at=at)


def _check(ana, invoice) -> None:
    """At every step: one attempt at most is out, and the bill is never paid twice."""
    found = Invoice.objects.get(pk=invoice.pk)
    assert 0 <= found.paid_minor <= found.total_minor
    out = Attempt.objects.filter(invoice=invoice, state__in=["started", "unknown", "pending"]).count()
    assert out == Collection.objects.filter(invoice=invoice, closed_at=None).count() <= 1
