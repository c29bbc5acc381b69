"""Reason codes of disputes and the evidence each needs: one table (pure)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a customer disputes a charge, in their words, and what to look for."""

    code: str
    label: str
    evidence: tuple[str, ...]


REASONS = {
    reason.code: reason
    for reason in (
        Reason("duplicate", "Charged twice", ("both charges side by side", "both payments", "the bills")),
        Reason("wrong_amount", "The amount is wrong", ("the agreed price", "the bill's computation")),
        Reason("not_recognised", "I do not know this charge", ("who ordered it and when", "use of the service")),
        Reason("cancelled", "I had cancelled", ("the cancellation and its date", "the terms")),
        Reason("not_received", "I did not get what I paid for", ("delivery or use of the service",)),
        Reason("other", "Something else", ("the customer's words",)),
    )
}

#: The reasons as they are said to a customer who does not speak English.
IN_GERMAN = {
    "duplicate": "doppelt berechnet",
    "wrong_amount": "der Betrag stimmt nicht",
    "not_recognised": "der Posten ist Ihnen unbekannt",
    "cancelled": "Sie hatten gekündigt",
    "not_received": "Sie haben die Leistung nicht bekommen",
    "other": "etwas anderes",
}
#: The same in English, said to the customer.
IN_ENGLISH = {
    "duplicate": "you were charged twice",
    "wrong_amount": "the amount is wrong",
    "not_recognised": "you do not know this charge",
    "cancelled": "you had cancelled",
    "not_received": "you did not get what you paid for",
    "other": "something else",
}


def said(code: str, language: str) -> str:
    """Return a reason in words, in German or English."""
    return IN_GERMAN[code] if language == "de" else IN_ENGLISH[code]
