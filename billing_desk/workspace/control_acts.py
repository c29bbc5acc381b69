"""What was switched in the control room lately: one line for each act, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ledger.authority.models import Freeze, LimitChange
from tickets.queues.models import QueuePause

SHOWN = 20


@dataclass(frozen=True)
class Act:
    """Who switched what, when and why; `undo` is where it is put back, while it can be."""

    what: str
    why: str
    by: str
    at: datetime
    undo: str = ""
    undo_words: str = ""


def recent_acts(*, limit: int = SHOWN) -> list[Act]:
    """Return the newest acts of every switch, in three queries."""
    pauses = QueuePause.objects.select_related("queue").order_by("-pk")[:limit]
    freezes = Freeze.objects.order_by("-pk")[:limit]
    changes = LimitChange.objects.prefetch_related("undone_by").order_by("-pk")[:limit]
    acts = [act for each in pauses for act in _of_pause(each)]
    acts += [act for each in freezes for act in _of_freeze(each)]
    acts += [act for each in changes for act in _of_change(each)]
    return sorted(acts, key=lambda act: act.at, reverse=True)[:limit]


def _of_pause(pause: QueuePause) -> list[Act]:
    undo = "" if pause.resumed_at else f"/desk/control/queues/{pause.queue_id}/resume"
    found = [Act(f"Queue {pause.queue} paused", pause.why, pause.paused_by, pause.paused_at, undo, "Resume")]
    if pause.resumed_at:
        found.append(Act(f"Queue {pause.queue} resumed", "", pause.resumed_by, pause.resumed_at))
    return found


def _of_freeze(frozen: Freeze) -> list[Act]:
    thing = f"{frozen.get_act_display().lower()}s"
    undo = "" if frozen.lifted_at or frozen.act != "refund" else f"/desk/freezes/{frozen.pk}/lift"
    found = [Act(f"All {thing} frozen", frozen.why, frozen.frozen_by, frozen.frozen_at, undo, "Let them go on")]
    if frozen.lift_asked_at:
        words = f"Asked to let {thing} go on, with one of their own waiting"
        found.append(Act(words, "", frozen.lift_asked_by, frozen.lift_asked_at))
    if frozen.lifted_at:
        found.append(Act(f"{thing.capitalize()} let go on", "", frozen.lifted_by, frozen.lifted_at))
    return found


def _of_change(change: LimitChange) -> list[Act]:
    before = change.before.display() if change.before_minor is not None else "nothing"
    what = f"Limit of {change.role_words} for {change.get_act_display().lower()}: {before} to {change.amount.display()}"
    if change.before_window_hours not in (None, change.window_hours):
        what += f", added up over {change.window_hours} hours instead of {change.before_window_hours}"
    found = []
    if change.in_force_at is None or change.in_force_by != change.asked_by:
        found.append(Act(f"{what}: asked", change.why, change.asked_by, change.asked_at))
    if change.in_force_at:
        is_undone = any(each.dropped_at is None for each in change.undone_by.all())
        undo = "" if is_undone else f"/desk/control/limits/{change.pk}/undo"
        found.append(Act(f"{what}: in force", change.why, change.in_force_by, change.in_force_at, undo, "Undo"))
    if change.dropped_at:
        found.append(Act(f"{what}: dropped", "", change.dropped_by, change.dropped_at))
    return found
