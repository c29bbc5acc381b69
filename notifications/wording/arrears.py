"""What messages about overdue bills, promises to pay, fees for late payment and access are filled with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.conf import settings

from notifications.wording.speaker import Data, Speaker


def reminded(data: Data, speaker: Speaker) -> dict[str, str]:
    """For a reminder: what is overdue in all, and every bill of it."""
    bills = data.get("bills")
    rows = [row for row in bills if isinstance(row, Mapping)] if isinstance(bills, Iterable) else []
    lines = "\n".join(_bill(row, data, speaker) for row in rows)
    return {"amount": speaker.amount(data), "bills": lines, "page": _page()}


def _bill(row: Mapping[str, object], data: Data, speaker: Speaker) -> str:
    left = speaker.money(int(str(row["amount_minor"])), data)
    return speaker.say("overdue_bill", str(row["number"]), left, speaker.day(row["due_on"]))


def fee(data: Data, speaker: Speaker) -> dict[str, str]:
    """For a fee that was charged: its amount and its formula."""
    return {"amount": speaker.amount(data), "invoice": str(data["number"]), "explanation": str(data["explanation"])}


def fee_waived(data: Data, speaker: Speaker) -> dict[str, str]:
    """For a fee that was let go."""
    return {"amount": speaker.amount(data), "invoice": str(data["number"])}


def promised(data: Data, speaker: Speaker) -> dict[str, str]:
    """For a promise to pay."""
    return {"amount": speaker.amount(data), "date": speaker.day(data["pay_by"]), "page": _page()}


def promise_ended(data: Data, speaker: Speaker) -> dict[str, str]:
    """For a promise that was not kept, or in part."""
    return {**promised(data, speaker), "came": speaker.amount(data, "came_in_minor")}


def access(data: Data, speaker: Speaker) -> dict[str, str]:
    """For access that changed or is about to: why, what cures it, and by when."""
    failed = data.get("reason") == "failed"
    why = ""
    if data.get("day_zero"):
        phrase = "access_failed" if failed else "access_overdue"
        why = speaker.say(phrase, speaker.money(int(str(data["bill_minor"])), data), speaker.day(data["day_zero"]))
    date = speaker.day(data["restricts_on"]) if data.get("restricts_on") else ""
    return {"amount": speaker.amount(data), "why": why or speaker.say("access_decided"), "date": date, "page": _page()}


def restored(data: Data, speaker: Speaker) -> dict[str, str]:
    """For access that was given back: since when."""
    return {"time": speaker.clock(data["occurred_at"])}


def _page() -> str:
    return f"{settings.PUBLIC_URL}/account/"
