"""Contacts about charges nobody expected, for a thousand bills: month by month, before and after a chosen day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from billing_desk.workspace.access import needs
from ledger.periods import add_months
from tickets.insight.surprises import Rate, surprises

#: Months that are counted, the running one included.
MONTHS = 12
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 760, 180, 44, 12, 26
WORDS = {"higher_bill": "a bill higher than thought", "renewal": "a renewal", "price_change": "a changed price"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One month of the chart."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    month: date
    said: str


@needs("books.view")
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Draw the months, with the figures below, and the two sides of a day."""
    today = timezone.localdate()
    first = add_months(today.replace(day=1), 1 - MONTHS)
    since, remark = _day(request.GET.get("since", ""), first, today)
    found = surprises(first, today + timedelta(days=1), since=since)
    has_any = any(rate.bills or rate.contacts for _, rate in found.months)
    shown: dict[str, Any] = {
        "since": since,
        "first": first,
        "today": today,
        "remark": remark,
        "found": found,
        "has_any": has_any,
        "change": _change(found.before, found.after),
        "months": list(reversed(found.months)),
        "about": list(WORDS.values()),
        "chart": _chart(found.months) if has_any else None,
    }
    return render(request, "workspace/billing/surprises.html", shown)


def _day(text: str, first: date, today: date) -> tuple[date, str]:
    """Return the day that parts before from after: halfway where none is asked for or it lies outside."""
    halfway = add_months(first, MONTHS // 2)
    try:
        day = date.fromisoformat(text) if text else halfway
    except ValueError:
        return halfway, "That is not a day we can read."
    if not first < day <= today:
        return halfway, f"Choose a day from {first + timedelta(days=1)} to {today}."
    return day, ""


def _change(before: Rate, after: Rate) -> str:
    """Say how the rate changed, in per cent of what it was."""
    was, now = before.per_thousand, after.per_thousand
    if was is None or now is None:
        return ""
    if was == now:
        return "as before"
    if not was:
        return "none before"
    return f"{abs((now - was) * 100 / was):.0f} % {'less' if now < was else 'more'} than before"


def _chart(months: tuple[tuple[date, Rate], ...]) -> dict[str, Any]:
    most = max((rate.per_thousand or Decimal(0) for _, rate in months), default=Decimal(0)) or Decimal(1)
    wide, room = (WIDTH - LEFT) / len(months), HEIGHT - TOP - BOTTOM
    bars = []
    for place, (month, rate) in enumerate(months):
        height = float((rate.per_thousand or Decimal(0)) / most) * room
        x = LEFT + place * wide
        said = f"{month:%B %Y}: {rate.per_thousand if rate.per_thousand is not None else 'no bills'}"
        bars.append(
            Bar(
                round(x + wide * 0.2, 1), round(TOP + room - height, 1), round(wide * 0.6, 1), round(height, 1),
                round(x + wide / 2, 1), month, said,
            )
        )  # fmt: skip
    return {"width": WIDTH, "height": HEIGHT, "left": LEFT, "top": TOP, "zero": TOP + room, "most": most, "bars": bars}
