"""collect_invoice: one bill, one attempt at a time, written down before the gateway is asked.

The gateway is called outside any transaction: the row stands before, the answer is recorded after. Whoever dies in
between leaves an attempt whose fate is unknown; `resolve_unknown` asks the gateway by the attempt's key first, and only
where it never heard of it charges again, with the same key.
"""

from __future__ import annotations

from datetime import datetime

from ledger.errors import InvalidInput
from ledger.events.actor import Actor
from ledger.money import Money
from ledger.payments.attempt_models import Attempt, Collection
from ledger.payments.attempting import (
    CollectionInProgress,
    CollectionStopped,
    MethodExpired,
    NothingToCollect,
    NoUsableMethod,
    Order,
    begin_attempt,
    check_order,
)
from ledger.payments.charging import charge, tell_of_delay
from ledger.payments.circuit import GatewayResting, is_resting
from ledger.payments.gateways import gateway
from ledger.payments.resolving import GAVE_UP, NOT_NEEDED, resolve_attempt, resolve_unknown

__all__ = [
    "GAVE_UP",
    "NOT_NEEDED",
    "CollectionInProgress",
    "CollectionStopped",
    "GatewayResting",
    "MethodExpired",
    "NoUsableMethod",
    "NothingToCollect",
    "collect_invoice",
    "resolve_attempt",
    "resolve_unknown",
]


def collect_invoice(
    invoice_id: int,
    *,
    method_id: int | None = None,
    amount: Money | None = None,
    trigger: str,
    despite: str = "",
    is_first: bool = False,
    by: Actor,
    at: datetime,
) -> Attempt:
    """This will charge what is due on a bill, disputed parts left out, and return the attempt with what came of it.

    Without a method the newest usable one on file is taken. A hold stops the schedule only: customers may always pay,
    and `despite` names the source of the hold that arranged this charge. Must not run inside a transaction.

    :raises NoSuchInvoice: if there is none
    :raises NothingToCollect: if less is due than is wanted, or nothing
    :raises CollectionStopped: if a hold stops the schedule
    :raises CollectionInProgress: if another attempt is out
    :raises NoUsableMethod: if no method can pay it; MethodExpired if the named card is past its day
    :raises GatewayResting: if the gateway has technical trouble; the customer is told once
    """
    if trigger not in Attempt.Trigger.values:
        raise InvalidInput("A collection is started by the customer, the schedule or an agent.")
    _ask_about_stale(invoice_id, at=at)
    order = Order(invoice_id, method_id, amount, trigger, despite, is_first)
    if is_resting(gateway().name, at=at):
        check_order(order, at=at)
        tell_of_delay(invoice_id, by=by, at=at)
        raise GatewayResting("A technical fault on our side: we try again by ourselves, there is nothing to do.")
    attempt = begin_attempt(order, by=by, at=at)
    return charge(attempt, by=by, at=at)


def _ask_about_stale(invoice_id: int, *, at: datetime) -> None:
    """Resolve an attempt whose holder died, before anybody else collects the bill."""
    stale = Collection.objects.filter(invoice_id=invoice_id, closed_at=None, expires_at__lte=at).first()
    if stale is not None:
        resolve_attempt(stale.attempt_id, at=at)
