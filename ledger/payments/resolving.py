"""What became of attempts without an answer: the gateway is asked by their key before anything else is tried."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.payments.attempt_models import Attempt
from ledger.payments.attempting import Order, check_order
from ledger.payments.charging import COLLECTOR, charge
from ledger.payments.circuit import GatewayResting, is_resting, through_circuit
from ledger.payments.events import apply_answer, end_quietly, lock_attempt, lose_sight, record_attempt
from ledger.payments.gateways import gateway
from ledger.payments.timing import KEY_LIVES, ask_again_after

log = logging.getLogger(__name__)

OPEN = (Attempt.State.STARTED, Attempt.State.UNKNOWN, Attempt.State.PENDING)
#: Why an attempt ended although no bank declined it: nothing was charged.
NOT_NEEDED, GAVE_UP = "not_needed", "gave_up"


def resolve_unknown(*, at: datetime, limit: int = 100) -> int:
    """Sweep: ask the gateway what became of attempts without an answer; return how many were asked about."""
    due = Attempt.objects.filter(state__in=OPEN, ask_again_at__lte=at).order_by("ask_again_at", "pk")
    ids = list(due.values_list("pk", flat=True)[:limit])
    for attempt_id in ids:
        if is_resting(gateway().name, at=at):
            break
        resolve_attempt(attempt_id, at=at)
    return len(ids)


def resolve_attempt(attempt_id: int, *, at: datetime) -> Attempt:
    """This will ask the gateway what became of an attempt; only what it never heard of is charged, with the same key.

    Safe to run twice and at once: whoever asks first sets when it is asked again.
    """
    attempt = _claim(attempt_id, at=at)
    if attempt is None:
        return Attempt.objects.get(pk=attempt_id)
    provider = gateway()
    try:
        answer = through_circuit(
            provider, lambda: provider.find(key=attempt.key, since=attempt.started_at, at=at), at=at
        )
    except (OSError, GatewayResting) as problem:
        log.warning("still no answer for %s: %s", attempt.key, problem)
        return lose_sight(attempt_id, by=COLLECTOR, at=at)
    if answer is not None:
        return apply_answer(attempt_id, answer, by=COLLECTOR, at=at)
    return _never_heard_of(attempt, at=at)


def ask_now(attempt_id: int, *, by: Actor, at: datetime) -> Attempt:
    """This will ask the gateway what became of an attempt before its time, because a person wants to know.

    :raises NoSuchAttempt: if there is none
    """
    with transaction.atomic():
        attempt = lock_attempt(attempt_id)
        if not attempt.is_open:
            return attempt
        attempt.ask_again_at = at
        attempt.save()
        record_attempt(kinds.ATTEMPT_ASKED, attempt, by=by, at=at)
    return resolve_attempt(attempt_id, at=at)


@transaction.atomic
def _claim(attempt_id: int, *, at: datetime) -> Attempt | None:
    attempt = lock_attempt(attempt_id)
    waits = attempt.ask_again_at is not None and at < attempt.ask_again_at
    if not attempt.is_open or waits:
        return None
    wait = ask_again_after(attempt.asked, pending=attempt.state == Attempt.State.PENDING)
    attempt.asked += 1
    attempt.ask_again_at = at + wait if wait else None
    attempt.save()
    if wait is None:
        record_attempt(kinds.ATTEMPT_UNRESOLVED, attempt, by=COLLECTOR, at=at)
    return attempt


def _never_heard_of(attempt: Attempt, *, at: datetime) -> Attempt:
    """Charge with the same key where that is still wanted and safe; else end the attempt: nothing was charged."""
    if at - attempt.started_at > KEY_LIVES or attempt.method_id is None:
        return end_quietly(attempt.pk, code=GAVE_UP, by=COLLECTOR, at=at)
    order = Order(attempt.invoice_id, attempt.method_id, attempt.amount, attempt.trigger, attempt.despite)
    try:
        check_order(order, at=at)
    except DomainError as refusal:
        log.info("%s is not charged again: %s", attempt.key, refusal)
        return end_quietly(attempt.pk, code=NOT_NEEDED, by=COLLECTOR, at=at)
    return charge(attempt, by=COLLECTOR, at=at)
