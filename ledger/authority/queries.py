"""Reads of the approval list."""

from ledger.authority.models import Approval


def approvals_waiting(*, limit: int = 50) -> list[Approval]:
    """Return what waits for somebody's word, the oldest request first."""
    return list(Approval.objects.filter(state=Approval.State.WAITING).order_by("requested_at", "id")[:limit])
