"""Template tags and filters of every screen: money, moments, states, events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from billing_desk import reading, roles
from billing_desk.plan_words import EVERY, PER
from billing_desk.templatetags import words
from ledger.money import Money
from verification.policy import what_for

register = template.Library()


@register.simple_tag(takes_context=True)
def money(context: template.Context, amount: Money | None, *, sign: bool = False) -> SafeString | str:
    """Write an amount with its currency in the reader's language; nothing for None.

    That is `language` of the context, else the customer's, else the one the member of staff has chosen.
    """
    if amount is None:
        return ""
    staff = getattr(context.get("request"), "user", None)
    text = amount.display(str(context.get("language") or reading.reader(getattr(staff, "language", ""))))
    plus = "+" if sign and amount.minor > 0 else ""
    return format_html('<data class="money" value="{}">{}{}</data>', amount, plus, text.replace("-", "\u2212"))


@register.filter
def plain(amount: Money) -> str:
    """Write an amount as digits only, as typed into a form: 25.00."""
    return f"{amount.decimal():f}"


@register.filter
def when(moment: datetime | date | None) -> SafeString | str:
    """Write a moment or a day in words: today 09:38, yesterday 14:02, 3 March, 3 March 2024."""
    if moment is None:
        return ""
    if not isinstance(moment, datetime):
        return format_html('<time datetime="{}">{}</time>', moment.isoformat(), _day_words(moment))
    local = timezone.localtime(moment)
    text = f"{_day_words(local.date(), near=True)} {local:%H:%M}"
    return _time(moment, text)


@register.filter
def clock(moment: datetime | None) -> SafeString | str:
    """Write only the time of day when the moment is today, else the day as well."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    return _time(moment, f"{local:%H:%M}") if local.date() == timezone.localdate() else when(moment)


@register.filter
def day(moment: datetime | date | None) -> SafeString | str:
    """Write the day alone, in words."""
    if isinstance(moment, datetime):
        moment = timezone.localtime(moment).date()
    return when(moment)


@register.simple_tag
def due(moment: datetime | None) -> SafeString | str:
    """Write how long is left until a promised moment, or how late it is; words first, the tone beside them."""
    if moment is None:
        return ""
    text, tone = due_words(moment, timezone.now())
    return format_html('<time class="due {}" datetime="{}">{}</time>', tone, moment.astimezone(UTC).isoformat(), text)


def due_words(moment: datetime, now: datetime) -> tuple[str, str]:
    """Return "22 min left" or "late by 2 h" with its tone: red when late, amber in the last two hours."""
    left = moment - now
    if left < timedelta(0):
        return f"late by {_span(-left)}", "bad"
    tone = "warn" if left < timedelta(hours=2) else ""
    local = timezone.localtime(moment)
    if left < timedelta(hours=12) or local.date() == timezone.localtime(now).date():
        return f"{_span(left)} left", tone
    return f"{_day_words(local.date(), near=True)} {local:%H:%M}", tone


@register.inclusion_tag("components/state.html")
def state_badge(state: str, text: str = "") -> dict[str, str]:
    """Show a state as a word on its colour; `text` replaces the word where a screen knows a better one."""
    known, tone = words.state_words(state)
    return {"words": text or known, "tone": tone}


@register.inclusion_tag("components/state.html")
def bill_badge(bill: Any) -> dict[str, str]:
    """Show the state of a bill; an open one past its day, with something due, is overdue."""
    late = bill.state == "open" and bill.due_on < timezone.localdate() and bill.due_amount.minor > 0
    return state_badge("overdue" if late else bill.state)


@register.filter
def plan_state(state: str) -> str:
    """Write the state of a plan in words; some languages cancel a plan in another word than a refund."""
    return pgettext("plan", words.english_state(state))


@register.filter
def said(text: str, what: str) -> str:
    """Write a word of one of our tables in the reader's language; `what` tells apart what English calls the same."""
    return pgettext(what, str(text))


@register.filter
def per_interval(interval: str) -> str:
    """Write how often an amount is asked for: "a month"."""
    return str(PER[interval])


@register.filter
def every_interval(interval: str) -> str:
    """Write how often there is a bill: "billed every month"."""
    return str(EVERY[interval])


@register.filter
def topic_words(topic: str) -> str:
    """Write a topic's code in words."""
    return words.TOPICS.get(topic, topic.replace("_", " "))


@register.filter
def purpose_words(purpose: str) -> str:
    """Write what an identity check is for."""
    return what_for(purpose)


@register.filter
def channel_words(channel: str) -> str:
    """Write where a message came from."""
    return words.CHANNELS.get(channel, channel)


@register.filter
def initials(name: str) -> str:
    """Return the first letters of the first and last word of a name."""
    parts = [part for part in name.replace("@", " ").split() if part[:1].isalnum()]
    return "".join(part[0] for part in (parts[:1] + parts[-1:] if len(parts) > 1 else parts)) or "?"


@register.filter
def object_words(reference: str) -> str:
    """Write `refund:42` as "Refund 42"."""
    return words.object_words(reference)


@register.filter
def object_address(reference: str) -> str:
    """Return the workspace address of `refund:42`, empty when there is none."""
    return words.object_address(reference)


@register.filter
def event_words(event: Any) -> str:
    """Write what happened: "Refund paid"."""
    return words.event_words(event.kind)


@register.filter
def event_tone(event: Any) -> str:
    """Return the tone of what happened."""
    return words.event_tone(event.kind)


@register.filter
def event_number(event: Any) -> str:
    """Return the number people know the object by, else its reference in words; nothing for the customer itself."""
    number = event.data.get("number")
    if not number and event.subject.startswith("customer:"):
        return ""
    return str(number) if number else words.object_words(event.subject)


@register.filter
def event_link(event: Any) -> str:
    """Return the workspace address of the event's object."""
    return words.object_address(event.subject, None)


@register.filter
def event_amount(event: Any) -> Money | None:
    """Return the amount the event speaks of, if it names one."""
    minor, currency = event.data.get("amount_minor"), event.data.get("currency")
    return Money(minor, currency) if isinstance(minor, int) and isinstance(currency, str) and currency else None


@register.simple_tag(takes_context=True)
def actor(context: template.Context, reference: str) -> str:
    """Write who did something; staff names come from `people` (by user id) of the context."""
    people: Mapping[str, str] = context.get("people") or {}
    return words.actor_words(reference, people)


@register.filter
def may(user: Any, permission: str) -> bool:
    """Return whether a member of staff holds a permission, so that what is not theirs is not offered."""
    return roles.may(user, permission)


@register.filter
def file_size(size: int) -> str:
    """Write bytes as kB or MB, one figure after the point at most."""
    if size < 1000:
        return ngettext("{number} byte", "{number} bytes", size).format(number=size)
    return f"{size / 1000:.0f} kB" if size < 1_000_000 else f"{number_format(size / 1_000_000, 1)} MB"


def _time(moment: datetime, text: str) -> SafeString:
    title = date_format(timezone.localtime(moment), pgettext("date format", "l j F Y, H:i T"))
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.astimezone(UTC).isoformat(), title, text)


def _day_words(value: date, *, near: bool = False) -> str:
    today = timezone.localdate()
    if near and value == today:
        return _("today")
    if near and value == today - timedelta(days=1):
        return _("yesterday")
    if near and value == today + timedelta(days=1):
        return _("tomorrow")
    form = pgettext("date format", "j F") if value.year == today.year else pgettext("date format", "j F Y")
    return str(date_format(value, form))


def _span(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 10 and rest:
        return f"{hours} h {rest:02d}"
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"
