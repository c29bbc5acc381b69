"""How a refund leaves us: back the way it came, or out to another card or account where the provider can do that."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, runtime_checkable

from ledger.money import Money
from ledger.payments.circuit import GatewayResting, through_circuit
from ledger.payments.gateways import GatewayAnswer, gateway
from ledger.refunds.models import Refund


@runtime_checkable
class PaysOut(Protocol):
    """A provider that can send money to a card or account it did not come from."""

    def pay_out(self, *, key: str, token: str, amount: Money, at: datetime) -> GatewayAnswer:
        """Send money to a card or account on file.

        :raises OSError: if the provider cannot be reached; nothing is known then, and the same key is tried again
        """


def send(refund: Refund, *, at: datetime) -> GatewayAnswer:
    """Ask the provider to send a submitted refund on its way; must run outside a transaction that may be undone.

    :raises OSError: if it cannot be reached
    :raises GatewayResting: if it failed so often that it is left alone
    """
    provider, method = gateway(), refund.method
    if method is None:
        reference = refund.payment.gateway_reference or refund.payment.number
        return through_circuit(
            provider,
            lambda: provider.refund(key=refund.key, payment_reference=reference, amount=refund.amount, at=at),
            at=at,
        )
    if not isinstance(provider, PaysOut):
        return GatewayAnswer(False, failure_code="payout_not_supported")
    payer, token = provider, method.token
    return through_circuit(
        provider, lambda: payer.pay_out(key=refund.key, token=token, amount=refund.amount, at=at), at=at
    )


def ask_about(refund: Refund, *, at: datetime) -> GatewayAnswer | None:
    """Ask the provider what became of a refund it was sent; None when it does not know, or does not answer."""
    provider, since = gateway(), refund.sent_at or refund.requested_at
    try:
        return through_circuit(provider, lambda: provider.find(key=refund.key, since=since, at=at), at=at)
    except (OSError, GatewayResting):
        return None
