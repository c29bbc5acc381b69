"""How a dispute or a refund is shown to the customer: what is done, what happens now, what comes next; no queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext as _

from billing_desk.reading import page_language, reader
from ledger.disputes.models import Dispute
from ledger.money import Money
from ledger.refunds.models import Refund
from notifications.wording.figures import say_days


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
    state, rest = dispute.state, _("The rest of your account goes on as usual.")
    held = _("{amount} is on hold.").format(amount=_shown(dispute.amount)) + f" {rest}" if dispute.is_open else ""
    steps = [Step(_("We have it"), Progress.DONE, held, dispute.told_at)]
    if dispute.acknowledged_at is not None:
        steps.append(Step(_("We have confirmed it to you"), Progress.DONE, "", dispute.acknowledged_at))
    state = dispute.outcome if state == Dispute.State.CLOSED else state
    if state == Dispute.State.WITHDRAWN:
        ended = _("Nothing is on hold any more.")
        return [*steps, Step(_("You took it back"), Progress.ENDED, ended, dispute.decided_at)]
    if state == Dispute.State.REJECTED:
        title = _("Checked: the charge is right")
        return [*steps, Step(title, Progress.ENDED, dispute.explanation, dispute.decided_at)]
    if dispute.is_open:
        looked = _("We are looking into it again") if dispute.appealed_at else _("We are checking it")
        return [
            *steps,
            Step(looked, Progress.NOW, due_at=dispute.due_at),
            Step(
                _("You get our answer"), Progress.NEXT, _("With the reason, and with what it means for your account.")
            ),
        ]
    right = _("Checked: you are right")
    if state == Dispute.State.PARTLY_UPHELD:
        right = _("Checked: you are right about {amount} of it").format(amount=_shown(dispute.granted))
    steps.append(Step(right, Progress.DONE, dispute.explanation, dispute.decided_at))
    return [*steps, *_after_uphold(dispute, refunds)]


def _after_uphold(dispute: Dispute, refunds: list[Refund]) -> list[Step]:
    if refunds:
        return [step for refund in refunds for step in refund_steps(refund)]
    if dispute.became_credit:
        counts = _("It counts towards your next bill.")
        return [Step(_("Credit on your account"), Progress.DONE, counts, dispute.decided_at)]
    saved = _("You do not have to pay {amount}.").format(amount=_shown(dispute.granted))
    return [Step(_("Taken off your bill"), Progress.DONE, saved, dispute.decided_at)]


def refund_steps(refund: Refund) -> list[Step]:
    """Return the way of a refund from the request to the money's arrival, with the days it is expected on."""
    target = _target(refund)
    title = _("Refund of {amount} asked for").format(amount=_shown(refund.amount))
    asked = Step(title, Progress.DONE, "", refund.requested_at)
    soon = _expected(refund)
    coming = _("Money arrives on {target}").format(target=target)
    arrives = Step(coming, Progress.NEXT, soon)
    approved = Step(_("Refund approved"), Progress.DONE, "", refund.approved_at)
    states = Refund.State
    ways: dict[str, list[Step]] = {
        states.REQUESTED: [_waiting(refund), arrives],
        states.APPROVED: [approved, _sending(refund), arrives],
        states.SUBMITTED: [approved, Step(_("The money is with the bank"), Progress.NOW), arrives],
        states.PAID: [approved, _paid(refund, target), Step(coming, Progress.NOW, soon)],
        states.SETTLED: [approved, *_settled(refund, target)],
        states.FAILED: [approved, _failed(refund), arrives],
        states.DECLINED: [Step(_("Refund declined"), Progress.ENDED, refund.decline_reason, refund.closed_at)],
        states.CANCELLED: [Step(_("Refund called off"), Progress.ENDED, "", refund.closed_at)],
    }
    return [asked, *ways[refund.state]]


def _shown(amount: Money) -> str:
    return amount.display(reader())


def _expected(refund: Refund) -> str:
    """Return on which days the money should be there."""
    first, last = refund.arrives_from, refund.arrives_by
    if not first or not last:
        return _("We tell you the days when it is approved.")
    days = refund.arrives if page_language(reader()) == "en" else say_days(first, last, page_language(reader()))
    return _("Expected {days}.").format(days=days)


def _target(refund: Refund) -> str:
    if refund.route == Refund.Route.CREDIT:
        return _("your account with us")
    if refund.method is not None:
        return str(refund.method)
    card = refund.payment.card_last4
    return _("card {number}").format(number=card) if card else _("the account you paid from")


def _waiting(refund: Refund) -> Step:
    held = _("All refunds are paused for a check on our side; it goes on by itself.") if refund.freeze_id else ""
    return Step(_("Refund is being approved"), Progress.NOW, f"{_('A colleague looks at it.')} {held}".strip())


def _sending(refund: Refund) -> Step:
    if refund.release_at:
        title = _("We wait a day before money goes to a new card or account")
        return Step(title, Progress.NOW, due_at=refund.release_at)
    return Step(_("We are sending the money"), Progress.NOW)


def _failed(refund: Refund) -> Step:
    if refund.release_at:
        return _sending(refund)
    return Step(
        _("The bank did not take it"),
        Progress.NOW,
        _("The money is yours. Write to us: it can go to another card or account, or become credit."),
    )


def _paid(refund: Refund, target: str) -> Step:
    reference = _("Reference {reference}.").format(reference=refund.gateway_reference)
    return Step(_("Sent to {target}").format(target=target), Progress.DONE, reference, refund.closed_at)


def _settled(refund: Refund, target: str) -> list[Step]:
    if refund.route == Refund.Route.CREDIT:
        pays = _("It pays your next bill.")
        return [Step(_("Credit on your account"), Progress.DONE, pays, refund.closed_at)]
    return [_paid(refund, target), Step(_("Arrived on {target}").format(target=target), Progress.DONE)]
