"""What Stripe says of disputes and refunds, read into our terms (pure).

Source: Stripe API reference, "The Dispute object" (status, evidence_details.due_by), "The Refund object" (status,
failure_reason, metadata), "The Charge object" (amount_refunded, refunds), and "Types of events".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from ledger.money import Money

#: Status of a dispute → the stage of the network, and how it stands there.
STANDINGS: dict[str, tuple[str, str]] = {
    "warning_needs_response": ("inquiry", "received"),
    "warning_under_review": ("inquiry", "received"),
    "warning_closed": ("inquiry", "won"),
    "needs_response": ("chargeback", "received"),
    "under_review": ("chargeback", "received"),
    "won": ("chargeback", "won"),
    "lost": ("chargeback", "lost"),
    "appeal_needs_response": ("pre_arbitration", "received"),
    "appeal_under_review": ("pre_arbitration", "received"),
}
DISPUTES = ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated")
DISPUTE_KINDS = frozenset(f"charge.dispute.{what}" for what in DISPUTES)
REFUND_KINDS = frozenset({"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"})
REFUNDED = "charge.refunded"
KEY_OF_REFUND = "refund:"


@dataclass(frozen=True, slots=True)
class DisputeTold:
    """A bank's claim against a payment, as Stripe reports it; `payment` is the intent."""

    reference: str
    payment: str
    amount_minor: int
    currency: str
    reason: str
    status: str
    due_at: str = ""

    @property
    def amount(self) -> Money:
        """What the bank asks for."""
        return Money(self.amount_minor, self.currency)

    @property
    def due(self) -> datetime | None:
        """By when the network wants our answer."""
        return datetime.fromisoformat(self.due_at) if self.due_at else None


@dataclass(frozen=True, slots=True)
class RefundTold:
    """A refund at Stripe; `key` is ours if we asked for it. `status`: pending, left, arrived or failed."""

    reference: str
    payment: str
    amount_minor: int
    currency: str
    key: str
    status: str
    code: str = ""

    @property
    def amount(self) -> Money:
        """What goes back."""
        return Money(self.amount_minor, self.currency)


@dataclass(frozen=True, slots=True)
class RefundedTold:
    """How much of a charge is refunded in all; which refunds these are Stripe does not list."""

    reference: str
    payment: str
    amount_minor: int
    currency: str

    @property
    def amount(self) -> Money:
        """What was refunded in all."""
        return Money(self.amount_minor, self.currency)


Told: TypeAlias = DisputeTold | RefundTold | RefundedTold
SHAPES: dict[str, type[DisputeTold] | type[RefundTold] | type[RefundedTold]] = {
    "chargeback": DisputeTold,
    "refund": RefundTold,
    "refunded": RefundedTold,
}


def kind_of(told: Told) -> str:
    """Return the name under which a reading is kept."""
    return next(name for name, shape in SHAPES.items() if isinstance(told, shape))


def to_json(told: Told) -> dict[str, Any]:
    """Return a reading as it is kept."""
    return asdict(told)


def from_json(kind: str, kept: Mapping[str, Any]) -> Told:
    """Return a reading that was kept."""
    return SHAPES[kind](**kept)


def read_told(kind: str, thing: Mapping[str, Any], before: Mapping[str, Any]) -> tuple[Told, ...]:
    """Return what an event says of disputes and refunds; `before` holds what the event says has changed.

    :raises KeyError, TypeError, ValueError: if it does not have the shape Stripe documents
    """
    if kind in DISPUTE_KINDS:
        return (_dispute(thing),)
    if kind in REFUND_KINDS:
        return (_refund(thing, before),)
    if kind != REFUNDED:
        return ()
    listed = (thing.get("refunds") or {}).get("data") or []
    if listed and not (thing.get("refunds") or {}).get("has_more"):
        return tuple(_refund({"payment_intent": thing.get("payment_intent"), **one}, {}) for one in listed)
    total = _money(thing["amount_refunded"], thing["currency"])
    return (RefundedTold(str(thing["id"]), _intent(thing), total.minor, total.currency),)


def _dispute(thing: Mapping[str, Any]) -> DisputeTold:
    amount = _money(thing["amount"], thing["currency"])
    due_by = (thing.get("evidence_details") or {}).get("due_by")
    due_at = datetime.fromtimestamp(int(due_by), UTC).isoformat() if due_by else ""
    reason = str(thing.get("reason") or "general")[:60]
    return DisputeTold(
        str(thing["id"]), _intent(thing), amount.minor, amount.currency, reason, str(thing["status"]), due_at
    )


def _refund(thing: Mapping[str, Any], before: Mapping[str, Any]) -> RefundTold:
    amount = _money(thing["amount"], thing["currency"])
    status = str(thing.get("status") or "")
    # A card refund is "succeeded" when it leaves; one that was pending before is so when the method has confirmed it.
    arrived = "arrived" if before.get("status") in ("pending", "requires_action") else "left"
    said = {"succeeded": arrived, "failed": "failed", "canceled": "failed"}.get(status, "pending")
    code = str(thing.get("failure_reason") or ("canceled" if status == "canceled" else "declined"))
    key = str((thing.get("metadata") or {}).get("key") or "")
    return RefundTold(
        str(thing["id"]), _intent(thing), amount.minor, amount.currency, key, said, code if said == "failed" else ""
    )


def _intent(thing: Mapping[str, Any]) -> str:
    intent = thing.get("payment_intent")
    return str(intent["id"] if isinstance(intent, Mapping) else intent or "")


def _money(minor: Any, currency: Any) -> Money:
    return Money.from_wire(int(minor), str(currency).upper(), "stripe")
