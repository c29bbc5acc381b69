"""Why no money came: one reason per code, with who is told what and when it may be tried again (pure).

A code is looked up as the provider names it: Stripe's words as they are (`insufficient_funds`), the two characters of
ISO 8583 field 39 as they are (`51`, `R1`), Mastercard's advice as `mac:03`, Visa's categories as `visa:1`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Family(StrEnum):
    """What kind of answer a decline asks for."""

    FIX_BY_CUSTOMER = "fix_by_customer"
    RETRY_LATER = "retry_later"
    RETRY_OTHER_METHOD = "retry_other_method"
    AUTHENTICATE = "authenticate"
    NEVER = "never"
    TECHNICAL_UNKNOWN = "technical_unknown"
    FRAUD_SILENT = "fraud_silent"


class RetryRule(StrEnum):
    """Whether the same card may be tried again without the customer."""

    ON_SCHEDULE = "on_schedule"
    SOON = "soon"
    AFTER_CUSTOMER = "after_customer"
    NEVER = "never"


class Disclosure(StrEnum):
    """Who may learn the cause: everybody concerned, or only staff who need it for their work."""

    TELL = "tell"
    KEEP_SILENT = "keep_silent"


class Network(StrEnum):
    """Who speaks in these codes."""

    STRIPE = "stripe"
    ISO_8583 = "iso_8583"
    MASTERCARD_ADVICE = "mastercard_advice"
    VISA_CATEGORY = "visa_category"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Words:
    """What the customer reads: the cause, and what to do next; both are whole sentences."""

    cause: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Cause:
    """What many codes have in common: the family, the customer's texts, the advice for agents, the rules."""

    name: str
    family: Family
    retry: RetryRule
    english: Words
    german: Words
    advice: str
    disclosure: Disclosure = Disclosure.TELL
    #: Whether somebody has to do something before money can come; if so a conversation is opened.
    needs_customer: bool = False


@dataclass(frozen=True, slots=True)
class DeclineReason:
    """One published code: the cause it stands for, what it means in our words, and how long to wait at least."""

    code: str
    network: Network
    cause: Cause
    meaning: str
    wait: timedelta = timedelta(0)

    @property
    def family(self) -> Family:
        """The one family the code belongs to."""
        return self.cause.family

    @property
    def retry(self) -> RetryRule:
        """The one rule for trying the same card again."""
        return self.cause.retry

    @property
    def ends_card(self) -> bool:
        """Whether the bank has refused the card for good: no try without a new card can succeed."""
        return self.family in (Family.NEVER, Family.FRAUD_SILENT)

    @property
    def is_secret(self) -> bool:
        """Whether the customer is never told the cause."""
        return self.cause.disclosure is Disclosure.KEEP_SILENT

    def customer_words(self, language: str) -> Words:
        """The text for the customer: German where they read German, else English."""
        return self.cause.german if language.partition("-")[0].lower() == "de" else self.cause.english

    @property
    def agent_text(self) -> str:
        """What an agent with the right to see it reads."""
        return f"{self.meaning}. {self.cause.advice}"


#: What an agent without that right reads of a cause that is kept silent; it is said of a plain refusal too.
NEED_TO_KNOW = "The bank refused and gave no reason to pass on. Offer another way to pay; do not guess at the cause."
