"""Reads of the approval list and of what is frozen."""

from __future__ import annotations

from django.db.models import Count

from ledger.authority.models import Approval, Freeze
from ledger.errors import NotFound


class NoSuchApproval(NotFound):
    """There is no such request."""


def approvals_waiting(*, limit: int = 50) -> list[Approval]:
    """Return what waits for somebody's word, the oldest request first, with `given`: how many have agreed."""
    waiting = (
        Approval.objects.filter(state=Approval.State.WAITING).annotate(given=Count("votes")).prefetch_related("votes")
    )
    return list(waiting.order_by("requested_at", "id")[:limit])


def get_approval(approval_id: int) -> Approval:
    """Return one request.

    :raises NoSuchApproval: if there is none
    """
    approval = Approval.objects.filter(pk=approval_id).first()
    if approval is None:
        raise NoSuchApproval("There is no such request.")
    return approval


def last_approval(subject: str) -> Approval | None:
    """Return the newest request of a subject, with `given`, decided or not."""
    found = Approval.objects.filter(subject=subject).annotate(given=Count("votes"))
    return found.order_by("-pk").first()


def freezes(*, limit: int = 20) -> list[Freeze]:
    """Return what is and was frozen, the newest first."""
    return list(Freeze.objects.order_by("-pk")[:limit])
