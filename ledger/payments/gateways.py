"""The gateway interface and its sandbox implementation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db import transaction

from ledger.money import Money
from ledger.payments.models import SandboxTransfer


@dataclass(frozen=True, slots=True)
class GatewayAnswer:
    """What a gateway did: the reference the money can be traced by, or why it did not move."""

    succeeded: bool
    reference: str = ""
    failure_code: str = ""


class Gateway(Protocol):
    """A payment provider. The same key twice is one movement of money, whatever happened in between."""

    def refund(self, *, key: str, payment_reference: str, amount: Money, at: datetime) -> GatewayAnswer:
        """Give money back on the way it came.

        :raises OSError: if the provider cannot be reached; nothing is known then, and the same key is tried again
        """


class SandboxGateway:
    """A provider that moves no money but behaves like one: it remembers every key and answers it alike.

    Amounts of 66.66 are declined for want of funds, so failure can be seen and tested.
    """

    declined_minor = 6666

    def refund(self, *, key: str, payment_reference: str, amount: Money, at: datetime) -> GatewayAnswer:
        """Remember the refund under its key and answer, for a repeated key what was answered first."""
        declined = amount.minor == self.declined_minor
        with transaction.atomic():
            SandboxTransfer.objects.bulk_create(
                [
                    SandboxTransfer(
                        key=key,
                        kind="refund",
                        reference=f"sandbox-{key.replace(':', '-')}",
                        amount_minor=amount.minor,
                        currency=amount.currency,
                        succeeded=not declined,
                        failure_code="insufficient_funds" if declined else "",
                        made_at=at,
                    )
                ],
                ignore_conflicts=True,
            )
            done = SandboxTransfer.objects.get(key=key)
        return GatewayAnswer(done.succeeded, done.reference if done.succeeded else "", done.failure_code)


def gateway() -> Gateway:
    """Return the provider in use: the sandbox, until another one is configured."""
    return SandboxGateway()
