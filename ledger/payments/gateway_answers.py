"""What every payment provider is asked and answers: the one interface behind which they all stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ledger.money import Money


@dataclass(frozen=True, slots=True)
class GatewayAnswer:
    """What a gateway did: the reference the money can be traced by, or why it did not move.

    `pending` says that it took the order and knows later; then it has neither succeeded nor failed. `taken` is what
    moved where that is not what was asked for.
    """

    succeeded: bool
    reference: str = ""
    failure_code: str = ""
    pending: bool = False
    taken: Money | None = None


@dataclass(frozen=True, slots=True)
class Checkout:
    """A page of the gateway on which the customer pays: a card number is typed there, never here."""

    url: str
    reference: str


class Gateway(Protocol):
    """A payment provider. The same key twice is one movement of money, whatever happened in between."""

    name: str

    def charge(self, *, key: str, token: str, amount: Money, at: datetime) -> GatewayAnswer:
        """Take money from a card or account on file.

        :raises OSError: if no answer came; nothing is known then, and `find` is asked before anything else
        """

    def refund(self, *, key: str, payment_reference: str, amount: Money, at: datetime) -> GatewayAnswer:
        """Give money back on the way it came.

        :raises OSError: if the provider cannot be reached; nothing is known then, and the same key is tried again
        """

    def find(self, *, key: str, since: datetime, at: datetime) -> GatewayAnswer | None:
        """Return what became of what was asked under a key; None when the provider never heard of it.

        :raises OSError: if the provider cannot be reached
        """

    def open_checkout(self, *, key: str, amount: Money, words: str, back_to: str, at: datetime) -> Checkout | None:
        """Return a page on which the customer can pay; None where the provider has none.

        :raises OSError: if the provider cannot be reached
        """
