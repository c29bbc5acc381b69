"""The provider in use, chosen by the setting GATEWAY."""

from __future__ import annotations

from django.conf import settings

from ledger.payments.gateway_answers import Checkout, Evidence, Gateway, GatewayAnswer, PaidWith
from ledger.payments.gateways_sandbox import SandboxGateway

__all__ = ["Checkout", "Evidence", "Gateway", "GatewayAnswer", "PaidWith", "SandboxGateway", "gateway"]


def gateway() -> Gateway:
    """Return the provider in use: the sandbox, unless another one is configured."""
    if settings.GATEWAY == "stripe":
        # Its library takes half a second to load, which only those who use it should wait for.
        from ledger.payments.gateways_stripe import StripeGateway

        return StripeGateway()
    return SandboxGateway()
