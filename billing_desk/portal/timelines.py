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
    steps = [Step("We have it", Progress.DONE, held, dispute.told_at)]
    if dispute.acknowledged_at is not None:
        steps.append(Step("We have confirmed it to you", Progress.DONE, "", dispute.acknowledged_at))
    state = dispute.outcome if state == Dispute.State.CLOSED else state
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
    part = f" about {dispute.granted.display()} of it" if state == Dispute.State.PARTLY_UPHELD else ""
    steps.append(Step(f"Checked: you are right{part}", Progress.DONE, dispute.explanation, dispute.decided_at))
    return [*steps, *_after_uphold(dispute, refunds)]


def _after_uphold(dispute: Dispute, refunds: list[Refund]) -> list[Step]:
    if refunds:
        return [step for refund in refunds for step in refund_steps(refund)]
    if dispute.became_credit:
        return [Step("Credit on your account", Progress.DONE, "It counts towards your next bill.", dispute.decided_at)]
    saved = f"You do not have to pay {dispute.granted.display()}."
    return [Step("Taken off your bill", Progress.DONE, saved, dispute.decided_at)]


def refund_steps(refund: Refund) -> list[Step]:
    """Return the way of a refund from the request to the money's arrival, with the days it is expected on."""
    target = _target(refund)
    asked = Step(f"Refund of {refund.amount.display()} asked for", Progress.DONE, "", refund.requested_at)
    soon = f"Expected {refund.arrives}." if refund.arrives else "We tell you the days when it is approved."
    arrives = Step(f"Money arrives on {target}", Progress.NEXT, soon)
    approved = Step("Refund approved", Progress.DONE, "", refund.approved_at)
    states = Refund.State
    ways: dict[str, list[Step]] = {
        states.REQUESTED: [_waiting(refund), arrives],
        states.APPROVED: [approved, _sending(refund), arrives],
        states.SUBMITTED: [approved, Step("The money is with the bank", Progress.NOW), arrives],
        states.PAID: [approved, _paid(refund, target), Step(f"Money arrives on {target}", Progress.NOW, soon)],
        states.SETTLED: [approved, *_settled(refund, target)],
        states.FAILED: [approved, _failed(refund), arrives],
        states.DECLINED: [Step("Refund declined", Progress.ENDED, refund.decline_reason, refund.closed_at)],
        states.CANCELLED: [Step("Refund called off", Progress.ENDED, "", refund.closed_at)],
    }
    return [asked, *ways[refund.state]]


def _target(refund: Refund) -> str:
    if refund.route == Refund.Route.CREDIT:
        return "your account with us"
    if refund.method is not None:
        return str(refund.method)
    card = refund.payment.card_last4
    return f"card {card}" if card else "the account you paid from"


def _waiting(refund: Refund) -> Step:
    held = " All refunds are paused for a check on our side; it goes on by itself." if refund.freeze_id else ""
    return Step("Refund is being approved", Progress.NOW, f"A colleague looks at it.{held}")


def _sending(refund: Refund) -> Step:
    if refund.release_at:
        return Step("We wait a day before money goes to a new card or account", Progress.NOW, due_at=refund.release_at)
    return Step("We are sending the money", Progress.NOW)


def _failed(refund: Refund) -> Step:
    if refund.release_at:
        return _sending(refund)
    return Step(
        "The bank did not take it",
        Progress.NOW,
        "The money is yours. Write to us: it can go to another card or account, or become credit.",
    )


def _paid(refund: Refund, target: str) -> Step:
    return Step(f"Sent to {target}", Progress.DONE, f"Reference {refund.gateway_reference}.", refund.closed_at)


def _settled(refund: Refund, target: str) -> list[Step]:
    if refund.route == Refund.Route.CREDIT:
        return [Step("Credit on your account", Progress.DONE, "It pays your next bill.", refund.closed_at)]
    return [_paid(refund, target), Step(f"Arrived on {target}", Progress.DONE)]
