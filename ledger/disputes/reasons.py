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
