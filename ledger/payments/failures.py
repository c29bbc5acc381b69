"""Decline code to plain words: one table (pure)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FailureText:
    """Why no money came, and what the customer can do next; both are whole sentences."""

    cause: str
    next_step: str


#: The codes are those of Stripe's "Decline codes" page (docs.stripe.com/declines/codes); the words are ours.
FAILURES = {
    "insufficient_funds": FailureText(
        "The account did not have enough money when we tried.",
        "Please top it up or pay another way; we will try again.",
    ),
    "expired_card": FailureText("The card has expired.", "Please add a card that is still valid."),
    "lost_card": FailureText("The bank has blocked the card.", "Please use another card and ask your bank why."),
    "stolen_card": FailureText("The bank has blocked the card.", "Please use another card and ask your bank why."),
    "incorrect_cvc": FailureText("The security code did not match.", "Please enter the card again."),
    "incorrect_number": FailureText("The card number is not right.", "Please enter the card again."),
    "do_not_honor": FailureText("The bank refused without a reason.", "Please ask your bank, or use another card."),
    "authentication_required": FailureText(
        "The bank wants you to confirm the payment.", "Please pay from your account page and confirm it with your bank."
    ),
    "processing_error": FailureText("The bank could not be reached.", "Nothing to do: we will try again soon."),
}

UNKNOWN = FailureText("The payment did not go through.", "Please try again or use another way to pay.")


def explain_failure(code: str) -> FailureText:
    """Return the plain cause and next step of a decline code; codes we do not know get a careful sentence."""
    return FAILURES.get(code, UNKNOWN)
