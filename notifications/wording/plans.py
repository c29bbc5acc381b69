"""What messages about payment plans and about hardship are filled with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.conf import settings

from notifications.wording.boundary import find_boundary
from notifications.wording.speaker import Data, Speaker


def offered(data: Data, speaker: Speaker) -> dict[str, str]:
    """A plan waits for the customer's yes."""
    return {**_begins(data, speaker), "until": speaker.day(data["open_until"]), "page": _page(data)}


def agreed(data: Data, speaker: Speaker) -> dict[str, str]:
    """A plan was agreed to; the agreement is attached."""
    return {**_begins(data, speaker), "page": _page(data)}


def declined(data: Data, speaker: Speaker) -> dict[str, str]:
    """A plan the customer asked for was not approved."""
    figures = {"number": str(data["number"]), "amount": speaker.amount(data)}
    return {**figures, "reason": str(data["reason"]), "page": _page(data)}


def _begins(data: Data, speaker: Speaker) -> dict[str, str]:
    return {
        "number": str(data["number"]),
        "amount": speaker.amount(data),
        "parts": str(data["parts"]),
        "first": speaker.amount(data, "first_minor"),
        "date": speaker.day(data["first_on"]),
    }


def changed(data: Data, speaker: Speaker) -> dict[str, str]:
    """A correction or a dispute changed what is left."""
    return {
        "number": str(data["number"]),
        "change": speaker.say(f"plan_{data['why']}", speaker.amount(data, "part_minor")),
        "left": speaker.amount(data, "left_minor"),
        "schedule": _schedule(data, speaker),
    }


def closed(data: Data, speaker: Speaker) -> dict[str, str]:
    """A plan is paid."""
    return {"number": str(data["number"]), "amount": speaker.amount(data, "paid_minor")}


def ended(data: Data, speaker: Speaker) -> dict[str, str]:
    """A plan is over although something is left."""
    return {"number": str(data["number"]), "left": speaker.amount(data, "left_minor"), "page": _page(data)}


def coming(data: Data, speaker: Speaker) -> dict[str, str]:
    """An instalment is near."""
    phrase = "plan_charged" if data.get("is_charged") else "plan_to_pay"
    return {**_part(data, speaker), "date": speaker.day(data["due_on"]), "way": speaker.say(phrase)}


def missed(data: Data, speaker: Speaker) -> dict[str, str]:
    """An instalment was missed and can be made good."""
    return {**_part(data, speaker), "until": speaker.day(data["cure_until"]), "page": _page(data)}


def _part(data: Data, speaker: Speaker) -> dict[str, str]:
    return {"number": str(data["number"]), "amount": speaker.amount(data, "part_minor")}


def hardship_started(data: Data, speaker: Speaker) -> dict[str, str]:
    """Fees and reminders stop; who advises for free."""
    rows = data.get("advisers")
    advisers = [each for each in rows if isinstance(each, Mapping)] if isinstance(rows, Iterable) else []
    listed = "".join(
        f"\n- {' · '.join(str(each[name]) for name in ('name', 'phone', 'url') if each.get(name))}" for each in advisers
    )
    stopped = "hardship_insolvency" if data.get("case_cause") == "insolvency" else "hardship_stopped"
    boundary = find_boundary(speaker.language)
    return {
        "stopped": speaker.say(stopped),
        "advisers": speaker.say("advisers") + listed if listed else boundary.referral,
        "disclaimer": boundary.disclaimer,
        "page": f"{settings.PUBLIC_URL}/account/next-60-days",
    }


def hardship_ended(data: Data, speaker: Speaker) -> dict[str, str]:
    """What had stopped goes on."""
    return {"date": speaker.day(data["occurred_at"])}


def _schedule(data: Data, speaker: Speaker) -> str:
    rows = data["left"]
    parts = [each for each in rows if isinstance(each, Mapping)] if isinstance(rows, Iterable) else []
    lines = [f"- {speaker.day(each['due_on'])}: {speaker.money(int(each['left_minor']), data)}" for each in parts]
    return "\n".join(lines) or speaker.say("plan_nothing_left")


def _page(data: Data) -> str:
    return f"{settings.PUBLIC_URL}/account/payment-plans/{data['plan_id']}/"
