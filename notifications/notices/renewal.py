"""Renewals coming up: whom to tell, when, what it will cost. Set-based, in two steps that may each be repeated.

Planning writes one Notice row per subscription and renewal day; the unique constraint forbids a second. Telling queues
the messages of the planned notices in chunks, one transaction each: the message and the notice's link to it are written
together, so a run that dies has told whom it has told, and the next goes on behind it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from ledger.customers.models import Customer
from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.later import run_later
from ledger.money import Money
from ledger.subscriptions.forecast import forecast
from notifications import events
from notifications.notices import renewal_sql
from notifications.notices.models import LeadTime, Notice
from notifications.notices.windows import Place, windows
from notifications.preferences.models import Preference
from notifications.wording.figures import say_amount, say_day
from notifications.wording.render import PLACEHOLDER, find_text

log = logging.getLogger(__name__)

KIND = "renewal"
WORDING = "renewal_notice"
CHUNK = 5_000
RUNNER = Actor.system("send_renewal_notices")


@dataclass(frozen=True, slots=True)
class NoticeRun:
    """What a run did: notices planned, customers told; and whom it could not tell, because we have no address for
    them or no price in their currency."""

    created: int
    told: int
    unreachable: int = 0
    unpriced: int = 0


def send_renewal_notices(*, as_of: date, at: datetime) -> NoticeRun:
    """Plan and tell what is due on a day. Run it twice, or two at once: everybody is told once."""
    created, unpriced = plan_notices(as_of=as_of, at=at)
    told = tell_planned(as_of=as_of, at=at)
    run = NoticeRun(created, told, _count(renewal_sql.UNREACHABLE, [as_of - timedelta(days=1)]), unpriced)
    if created or told:
        with transaction.atomic():
            record_event(
                events.NOTICES_CREATED,
                subject=f"renewal_notices:{as_of.isoformat()}",
                customer_id=None,
                by=RUNNER,
                at=at,
                created=run.created,
                told=run.told,
                unreachable=run.unreachable,
                unpriced=run.unpriced,
            )
            run_later("notifications.tasks.deliver_due_messages")
    return run


def plan_notices(*, as_of: date, at: datetime) -> tuple[int, int]:
    """Write a notice for every renewal inside its window; return how many, and how many have no price to tell."""
    places = [Place(*row) for row in Customer.objects.values_list("country", "region", "time_zone").distinct()]
    lead_times = list(LeadTime.objects.filter(kind=KIND))
    found = windows(places, lead_times, as_of=as_of, at=at, desk_zone=ZoneInfo(settings.TIME_ZONE))
    if not found:
        return 0, 0
    first, last = min(window.first_on for window in found), max(window.last_on for window in found)
    given: dict[str, Any] = {
        "countries": [window.place.country for window in found],
        "regions": [window.place.region for window in found],
        "zones": [window.place.time_zone for window in found],
        "intervals": [window.interval for window in found],
        "firsts": [window.first_on for window in found],
        "lasts": [window.last_on for window in found],
        "first": first,
        "last": last,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(renewal_sql.PLAN, given)
        created = int(cursor.rowcount)
    rated, unrated = _plan_rated(given, at=at)
    return created + rated, _count(renewal_sql.UNPRICED, [first, last]) + unrated


def _plan_rated(given: dict[str, Any], *, at: datetime) -> tuple[int, int]:
    """Plan what has more than a flat price, by the forecast of its next bill; return how many, and how many failed."""
    created = failed = after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(renewal_sql.TO_RATE, {**given, "after": after})
            due = cursor.fetchall()
        if not due:
            return created, failed
        rated = [(*row[:3], _next_bill(row[0], row[1], at=at), row[3]) for row in due]
        sure = [row for row in rated if row[3] is not None]
        failed += len(rated) - len(sure)
        columns = [list(column) for column in zip(*sure, strict=True)] if sure else [[]] * 5
        with connection.cursor() as cursor:
            cursor.execute(renewal_sql.KEEP_RATED, [at, *columns])
            created += int(cursor.rowcount)
        after = due[-1][0]


def _next_bill(subscription_id: int, renews_on: date, *, at: datetime) -> int | None:
    """Return what the bill of that day will come to, tax included; None when it cannot be said truly."""
    try:
        bills = forecast(subscription_id, at=at, bills=1)
    except DomainError as refusal:
        log.warning("the renewal of subscription %s cannot be announced: %s", subscription_id, refusal)
        return None
    return bills[0].likely.minor if bills and bills[0].on == renews_on else None


def tell_planned(*, as_of: date, at: datetime, chunk: int = CHUNK) -> int:
    """Queue the messages of planned notices that are still true; return how many customers were told."""
    untold = Notice.objects.filter(kind=KIND, message=None, about_on__gte=as_of - timedelta(days=1))
    if not untold.exists():
        return 0
    texts = _texts()
    languages = sorted(set(texts["languages"]))
    sums = [
        (int(minor or 0), currency) for minor, currency in untold.values_list("amount_minor", "currency").distinct()
    ]
    days = list(untold.values_list("about_on", flat=True).distinct())
    given: dict[str, Any] = {
        **texts,
        **_amounts(languages, sums),
        **_days(languages, days),
        **_addresses(),
        "sequence": _sequence(),
        "at": at,
    }
    sql, told, after = renewal_sql.TELL.replace("{size}", str(chunk)), 0, 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, {**given, "after": after, "today": as_of - timedelta(days=1)})
            last, count = cursor.fetchone()
        told += int(count)
        if last is None:
            return told
        after = last


def _texts() -> dict[str, Any]:
    """Return the wording for every language a customer speaks, with only the link filled in."""
    spoken = set(Customer.objects.values_list("language", flat=True).distinct())
    spoken |= set(Preference.objects.exclude(language="").values_list("language", flat=True).distinct())
    tags = sorted(spoken)
    texts = [find_text(WORDING, tag) for tag in tags]
    return {
        "tags": tags,
        "subjects": [_with_link(text.subject) for text in texts],
        "bodies": [_with_link(text.body) for text in texts],
        "templates": [text.source for text in texts],
        "languages": [text.language for text in texts],
    }


def _with_link(text: str) -> str:
    link = f"{settings.PUBLIC_URL}/account/subscriptions/"
    return PLACEHOLDER.sub(lambda found: link if found[1] == "cancel_link" else f"{{{{{found[1]}}}}}", text)


def _amounts(languages: Sequence[str], sums: Sequence[tuple[int, str]]) -> dict[str, Any]:
    every = [(language, minor, currency) for language in languages for minor, currency in sums]
    return {
        "amount_languages": [language for language, _, _ in every],
        "minors": [minor for _, minor, _ in every],
        "currencies": [currency for _, _, currency in every],
        "amounts": [say_amount(Money(minor, currency), language) for language, minor, currency in every],
    }


def _days(languages: Sequence[str], days: Sequence[date]) -> dict[str, Any]:
    every = [(language, day) for language in languages for day in days]
    return {
        "day_languages": [language for language, _ in every],
        "days": [day for _, day in every],
        "days_said": [say_day(day, language) for language, day in every],
    }


def _addresses() -> dict[str, Any]:
    mailbox, _, support_domain = settings.SUPPORT_ADDRESS.rpartition("@")
    return {"domain": settings.MAIL_DOMAIN, "mailbox": mailbox, "support_domain": support_domain}


def _sequence() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence('notifications_message', 'id')")
        return str(cursor.fetchone()[0])


def _count(sql: str, parameters: Sequence[date]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.fetchone()[0])
