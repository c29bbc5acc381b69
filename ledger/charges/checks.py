"""What a charge must be before it is written: an amount, what it is for in words, a rate that can be."""

from __future__ import annotations

from decimal import Decimal

from ledger.charges import basis as amounts
from ledger.charges.basis import Basis
from ledger.charges.models import Charge
from ledger.errors import InvalidInput
from ledger.money import Money, exact_number

#: Words that name no reason: a bill on which nobody can see what a line is for is not sent.
EMPTY_WORDS = frozenset(
    """misc misc. miscellaneous other others sundry various charge charges fee fees item items line amount n/a none
    tbd sonstiges diverses verschiedenes gebühr divers autre autres frais varios otros""".split()
)


class InvalidCharge(InvalidInput):
    """A charge needs a description and an amount above zero in the customer's currency."""


def check_charge(
    amount: Money, description: str, kind: str, basis: Basis, tax_rate: Decimal | None, currency: str
) -> None:
    """Refuse what cannot be billed or could not be explained.

    :raises InvalidCharge: in words an agent can read out
    """
    is_free = bool(amounts.discount_amount(basis)) and not amount.minor
    if amount.minor <= 0 and not is_free:
        raise InvalidCharge("A charge is above zero; to give money back, credit or refund it.")
    if amount.currency != currency:
        raise InvalidCharge(f"This customer is billed in {currency}, not in {amount.currency}.")
    _check_words(description)
    if kind not in Charge.Kind.values:
        raise InvalidCharge(f"{kind!r} is not a kind of charge.")
    if amounts.amount(basis) != amount:
        raise InvalidCharge(f"{amount} was to be charged, but by its price it is {amounts.amount(basis)}.")
    if tax_rate is not None and (not 0 <= tax_rate < 100 or (exact_number(tax_rate) * 1000).denominator != 1):
        raise InvalidCharge(
            "A tax rate is a percentage from 0 to below 100, with at most three digits after the point."
        )


def _check_words(description: str) -> None:
    words = description.strip()
    if not words or len(description) > 200:
        raise InvalidCharge("A charge says in at most 200 characters what it is for.")
    if words.casefold() in EMPTY_WORDS or not any(letter.isalnum() for letter in words):
        raise InvalidCharge(f"Say what the charge is for: {words!r} tells the customer nothing.")
