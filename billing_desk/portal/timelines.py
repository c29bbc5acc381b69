"""How a dispute or a refund is shown to the customer: what is done, what happens now, what comes next. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ledger.disputes.models import Dispute
from ledger.refunds.models import Refund


class Progress(StrEnum):
    """Where a step stands."""

    DONE = "done"
    NOW = "now"
    NEXT = "next"
    ENDED = "ended"


@dataclass(frozen=True)
class Step:
    """One step in plain words; `happened_at` once it is done, `due_at` while an answer is promised."""

    title: str
    progress: Progress
    detail: str = ""
    happened_at: datetime | None = None
    due_at: datetime | None = None


def dispute_steps(dispute: Dispute, refunds: list[Refund]) -> list[Step]:
    """Return the way of a dispute; once it is upheld, the way of the money that goes back follows."""
    state, rest = dispute.state, "The rest of your account goes on as usual."
    held = f"{dispute.amount.display()} is on hold. {rest}" if dispute.is_open else ""
    steps = [Step("We have it", Progress.DONE, held, dispute.opened_at)]
    if state == Dispute.State.WITHDRAWN:
        return [*steps, Step("You took it back", Progress.ENDED, "Nothing is on hold any more.", dispute.decided_at)]
    if state == Dispute.State.REJECTED:
        return [*steps, Step("Checked: the charge is right", Progress.ENDED, dispute.explanation, dispute.decided_at)]
    if dispute.is_open:
        looked = "We are looking into it again" if dispute.appealed_at else "We are checking it"
        return [
            *steps,
            Step(looked, Progress.NOW, due_at=dispute.due_at),
            Step("You get our answer", Progress.NEXT, "With the reason, and with what it means for your account."),
        ]
    steps.append(Step("Checked: you are right", Progress.DONE, dispute.explanation, dispute.decided_at))
    return [*steps, *_after_uphold(dispute, refunds)]


def _after_uphold(dispute: Dispute, refunds: list[Refund]) -> list[Step]:
    if refunds:
        return [step for refund in refunds for step in refund_steps(refund)]
    if dispute.paid_minor:
        return [Step("Credit on your account", Progress.DONE, "It counts towards your next bill.", dispute.decided_at)]
    saved = f"You do not have to pay {dispute.amount.display()}."
    return [Step("Taken off your bill", Progress.DONE, saved, dispute.decided_at)]


def refund_steps(refund: Refund) -> list[Step]:
    """Return the way of a refund from the request to the money's arrival."""
    card = refund.payment.card_last4
    target = f"card {card}" if card else "the account you paid from"
    asked = Step(f"Refund of {refund.amount.display()} asked for", Progress.DONE, "", refund.requested_at)
    arrives = Step(f"Money arrives on {target}", Progress.NEXT, "Usually within 5 business days after we send it.")
    approved = Step("Refund approved", Progress.DONE, "", refund.approved_at)
    states = Refund.State
    ways: dict[str, list[Step]] = {
        states.REQUESTED: [Step("Refund is being approved", Progress.NOW, "A colleague looks at it now."), arrives],
        states.APPROVED: [approved, Step("We are sending the money", Progress.NOW), arrives],
        states.SUBMITTED: [approved, Step("The money is with the bank", Progress.NOW), arrives],
        states.PAID: [approved, _paid(refund, target)],
        states.FAILED: [
            approved,
            Step("The bank could not take it", Progress.NOW, "We try again and tell you when it worked."),
            arrives,
        ],
        states.DECLINED: [Step("Refund declined", Progress.ENDED, refund.decline_reason, refund.closed_at)],
        states.CANCELLED: [Step("Refund called off", Progress.ENDED, "", refund.closed_at)],
    }
    return [asked, *ways[refund.state]]


def _paid(refund: Refund, target: str) -> Step:
    detail = f"Reference {refund.gateway_reference}. Your bank may need up to 5 business days to show it."
    return Step(f"Sent to {target}", Progress.DONE, detail, refund.closed_at)
