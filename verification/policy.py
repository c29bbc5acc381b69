"""Which proof each request needs, and why, in words the customer may read. Plain Python: no database, no clock.

Levels after NIST SP 800-63B-4 practice: what somebody knows never suffices to move money, a caller's number counts for
nothing, and a proof holds for one conversation and half an hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

NONE, KNOWLEDGE, POSSESSION, STRONG = 0, 1, 2, 3

LEVELS: dict[int, str] = {
    NONE: "nothing",
    KNOWLEDGE: "facts only the account holder knows",
    POSSESSION: "a one-time code sent to a contact on file",
    STRONG: "a portal sign-in, or a call back to the number on file",
}


@dataclass(frozen=True, slots=True)
class Need:
    """The level an act needs; `what` completes "Please confirm that it is you, for …"; `why` is told on request."""

    level: int
    what: str
    why: str


NEEDED: dict[str, Need] = {
    "general_question": Need(NONE, "a general question", "General answers say nothing about an account."),
    "see_balance": Need(KNOWLEDGE, "your balance", "What you owe is nobody else's business."),
    "see_invoices": Need(KNOWLEDGE, "your bills", "Your bills show what you use and where you live."),
    "open_dispute": Need(POSSESSION, "a disputed charge", "A dispute stops a payment, so only you may open one."),
    "withdraw_dispute": Need(POSSESSION, "a disputed charge", "Only you may take your dispute back."),
    "request_refund": Need(
        POSSESSION, "a refund", "A refund moves money, so we make sure that it is yours to ask for."
    ),
    "agree_payment_plan": Need(POSSESSION, "a payment plan", "Only you may agree to what you pay and when."),
    "change_contact": Need(POSSESSION, "a change of your contact details", "Codes go to the contacts on file."),
    "change_plan": Need(POSSESSION, "a change of your plan", "A change of plan changes what you pay."),
    "change_payment_method": Need(POSSESSION, "a change of your payment method", "It decides where money comes from."),
    "pause": Need(POSSESSION, "pausing your plan", "Pausing changes what you get and pay."),
    "cancel": Need(POSSESSION, "cancelling your plan", "Nobody else may end your plan."),
    "refund_to_new_account": Need(
        STRONG, "a refund to a new account", "Money to a new account needs the strongest proof."
    ),
    "change_owner": Need(STRONG, "a change of the account's owner", "The owner may do everything with the account."),
}

#: The same words in German, for the mail that carries the code.
WHAT_IN_GERMAN: dict[str, str] = {
    "general_question": "eine allgemeine Frage",
    "see_balance": "Ihren Kontostand",
    "see_invoices": "Ihre Rechnungen",
    "open_dispute": "eine beanstandete Abbuchung",
    "withdraw_dispute": "eine beanstandete Abbuchung",
    "request_refund": "eine Erstattung",
    "agree_payment_plan": "eine Ratenzahlung",
    "change_contact": "eine Änderung Ihrer Kontaktdaten",
    "change_plan": "eine Änderung Ihres Tarifs",
    "change_payment_method": "eine Änderung Ihrer Zahlungsart",
    "pause": "das Pausieren Ihres Tarifs",
    "cancel": "die Kündigung Ihres Tarifs",
    "refund_to_new_account": "eine Erstattung auf ein neues Konto",
    "change_owner": "einen Wechsel des Kontoinhabers",
}

#: What an act nobody listed needs: not less than an act that moves money.
UNLISTED = Need(POSSESSION, "your request", "We want to be sure that it is you.")

#: How long a passed check holds, by level.
PROOF_MINUTES: dict[int, int] = {KNOWLEDGE: 30, POSSESSION: 30, STRONG: 30}

#: Source: NIST SP 800-63B-4, out-of-band codes: at least six digits, valid for at most ten minutes, accepted once.
CODE_DIGITS = 6
CODE_MINUTES = 10
MOST_GUESSES = 3
LOCK_MINUTES = 15
MOST_CODES_PER_HOUR = 5
#: A contact added by somebody who took an account over must not prove anything for a while.
CONTACT_MUST_BE_DAYS_OLD = 7
#: How many facts have to match, and how many may be asked for at once.
FACTS_NEEDED = 2

#: Who may vouch for a call back to the number on file; who may note down a check by documents or facts.
MAY_RECORD_CALLBACK = frozenset({"supervisor"})
MAY_RECORD_KNOWLEDGE = frozenset({"agent", "senior_agent", "supervisor", "finance"})


def need_of(action: str) -> Need:
    """Return what an act needs; one that is not listed needs a one-time code."""
    return NEEDED.get(action, UNLISTED)


def what_for(action: str, language: str = "en") -> str:
    """Return what the proof is for, in the customer's language where we have it, else in English."""
    if language.lower().startswith("de"):
        return WHAT_IN_GERMAN.get(action, "Ihr Anliegen")
    return need_of(action).what


def level_for(action: str) -> int:
    """Return the level an act needs."""
    return need_of(action).level


def proof_lasts(level: int) -> timedelta:
    """Return how long a proof of a level holds."""
    return timedelta(minutes=PROOF_MINUTES[level])


def may_record(level: int, roles: frozenset[str]) -> bool:
    """Return whether somebody with these roles may record a check made by hand."""
    allowed = {KNOWLEDGE: MAY_RECORD_KNOWLEDGE, STRONG: MAY_RECORD_CALLBACK}.get(level, frozenset())
    return bool(roles & allowed)
