"""What a refund may be (pure)."""

from __future__ import annotations

from datetime import timedelta

from ledger.money import Money

#: The level of identity proof a refund needs: possession of a contact on file (verification/policy.py).
PROOF_LEVEL = 2
#: The level for money to a card or account it did not come from: a portal sign-in or a call back.
NEW_METHOD_LEVEL = 3
#: Attempts at the gateway before a person must look.
MOST_ATTEMPTS = 5


def why_not_refundable(amount: Money, *, refundable: Money, credit: Money, is_goodwill: bool) -> str | None:
    """Return why an amount cannot be refunded from a payment, or None when it can.

    A refund that is owed pays out the customer's credit; a goodwill refund needs none, but both give back at most what
    the payment still holds.
    """
    if amount.currency != refundable.currency:
        return f"This payment was made in {refundable.currency}; refunds go back in the same currency."
    if amount.minor <= 0:
        return "A refund is above zero."
    if amount > refundable:
        return f"Only {refundable} of this payment can still be refunded."
    if not is_goodwill and amount > credit:
        return f"The customer has {credit} of credit to pay out; credit the bill first, or make it goodwill."
    return None


def retry_after(attempts: int) -> timedelta:
    """Return how long to wait before the gateway is asked again: a minute, doubling, at most six hours."""
    return timedelta(minutes=min(2 ** max(attempts - 1, 0), 360))


def proof_level(route: str) -> int:
    """Return the level of identity proof a route needs."""
    return NEW_METHOD_LEVEL if route == "another" else PROOF_LEVEL
