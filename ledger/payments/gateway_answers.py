"""What every payment provider is asked and answers: the one interface behind which they all stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
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


@dataclass(frozen=True, slots=True)
class PaidWith:
    """The card or account a payment was made with, as the gateway keeps it for later ones; `token` is its own name."""

    token: str
    kind: str
    brand: str = ""
    last4: str = ""
    expires_on: date | None = None
    mandate: str = ""
    mandate_reference: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a bank is answered: fields by the names of payment providers, the bill as a PDF, the hash of the pack."""

    fields: Mapping[str, str]
    receipt: bytes | None
    sha256: str


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

    def open_checkout(
        self, *, key: str, amount: Money, words: str, back_to: str, keep: bool, at: datetime
    ) -> Checkout | None:
        """Return a page on which the customer can pay; None where the provider has none.

        With `keep` the provider keeps the card or account for later payments without the customer.

        :raises OSError: if the provider cannot be reached
        """

    def paid_with(self, *, payment_reference: str, at: datetime) -> PaidWith | None:
        """Return with what a payment was made, if the provider has kept it.

        :raises OSError: if the provider cannot be reached
        """

    def answer_chargeback(
        self, *, key: str, chargeback: str, amount: Money, evidence: Evidence, at: datetime
    ) -> GatewayAnswer:
        """Hand our answer to a chargeback in, for good; networks read one per stage.

        :raises OSError: if no answer came; nothing is known then, and `find_answer` is asked before it is sent again
        """

    def find_answer(self, *, key: str, chargeback: str, at: datetime) -> GatewayAnswer | None:
        """Return what became of an answer that was handed in under a key; None when the provider never got it.

        :raises OSError: if the provider cannot be reached
        """
