"""Decline code to plain words: what the customer reads, and what an agent may know (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.payments.declines import NEED_TO_KNOW
from ledger.payments.declines_codes import find_reason


@dataclass(frozen=True, slots=True)
class FailureText:
    """Why no money came, and what the customer can do next; both are whole sentences."""

    cause: str
    next_step: str


def explain_failure(code: str, language: str = "en") -> FailureText:
    """Return the cause and next step of a decline code for the customer; a code we do not know gets careful words.

    The words come from our own table and never from a provider, so nothing raw can reach a customer.
    """
    words = find_reason(code).customer_words(language)
    return FailureText(words.cause, words.next_step)


def explain_to_agent(code: str, *, may_see_secret: bool) -> str:
    """Return what an agent reads; of a silent cause only what they need to know, unless they may see it."""
    reason = find_reason(code)
    if reason.is_secret and not may_see_secret:
        return NEED_TO_KNOW
    return reason.agent_text
