"""The circuit breaker: a gateway that fails several times is left alone for a while, then tried with one call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction

from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.payments.attempt_models import GatewayCircuit
from ledger.payments.gateway_answers import Gateway

#: So many technical errors within the window and the gateway rests; a decline is an answer, not an error.
OPENS_AFTER = 5
WINDOW = timedelta(minutes=2)
REST = timedelta(minutes=1)
#: How long the one call that tries it out has, before another one may.
TRY_OUT = timedelta(minutes=2)

Answer = TypeVar("Answer")

BREAKER = Actor.system("circuit_breaker")


class GatewayResting(DomainError):
    """The payment provider has technical trouble; nothing is tried until it answers again."""


def is_resting(name: str, *, at: datetime) -> bool:
    """Return whether a gateway is left alone at a moment."""
    return GatewayCircuit.objects.filter(gateway=name).exclude(state="closed").filter(try_again_at__gt=at).exists()


def through_circuit(provider: Gateway, call: Callable[[], Answer], *, at: datetime) -> Answer:
    """Ask a gateway unless it rests, and count what came of it; must run outside a transaction that may be undone.

    :raises GatewayResting: if it is left alone now
    :raises OSError: if no answer came
    """
    _let_pass(provider.name, at=at)
    try:
        answer = call()
    except OSError:
        _count_error(provider.name, at=at)
        raise
    _count_answer(provider.name, at=at)
    return answer


def _let_pass(name: str, *, at: datetime) -> None:
    if not GatewayCircuit.objects.filter(gateway=name).exclude(state="closed").exists():
        return
    with transaction.atomic():
        circuit = GatewayCircuit.objects.select_for_update().get(gateway=name)
        if circuit.state == GatewayCircuit.State.CLOSED:
            return
        if circuit.try_again_at and at < circuit.try_again_at:
            raise GatewayResting("The payment provider has technical trouble. We try again by ourselves.")
        if circuit.state == GatewayCircuit.State.OPEN:
            circuit.try_out(try_again_at=at + TRY_OUT)
        else:
            # Whoever tried it out before died on the way.
            circuit.try_again_at = at + TRY_OUT
        circuit.save()


@transaction.atomic
def _count_error(name: str, *, at: datetime) -> None:
    GatewayCircuit.objects.bulk_create([GatewayCircuit(gateway=name)], ignore_conflicts=True)
    circuit = GatewayCircuit.objects.select_for_update().get(gateway=name)
    if circuit.counted_from is None or at - circuit.counted_from > WINDOW:
        circuit.counted_from, circuit.errors = at, 0
    circuit.errors += 1
    trips = circuit.state == GatewayCircuit.State.HALF_OPEN or (
        circuit.state == GatewayCircuit.State.CLOSED and circuit.errors >= OPENS_AFTER
    )
    if trips:
        circuit.trip(at=at, try_again_at=at + REST)
    circuit.save()
    if trips:
        _record(kinds.GATEWAY_RESTING, circuit, at=at, errors=circuit.errors)


def _count_answer(name: str, *, at: datetime) -> None:
    """Close the circuit again; while all is well this reads one row and writes nothing."""
    if not GatewayCircuit.objects.filter(gateway=name).exclude(state="closed", errors=0).exists():
        return
    with transaction.atomic():
        circuit = GatewayCircuit.objects.select_for_update().get(gateway=name)
        if circuit.state == GatewayCircuit.State.HALF_OPEN:
            circuit.recover()
            circuit.save()
            _record(kinds.GATEWAY_ANSWERING, circuit, at=at)
        elif circuit.state == GatewayCircuit.State.CLOSED and _is_old(circuit, at):
            circuit.errors, circuit.counted_from = 0, None
            circuit.save()


def _is_old(circuit: GatewayCircuit, at: datetime) -> bool:
    return circuit.counted_from is not None and at - circuit.counted_from > WINDOW


def _record(kind: str, circuit: GatewayCircuit, *, at: datetime, **more: Any) -> None:
    record_event(kind, subject=circuit, customer_id=None, by=BREAKER, at=at, gateway=circuit.gateway, **more)
