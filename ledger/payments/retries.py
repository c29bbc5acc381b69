"""When a declined payment is tried again: the days of a schedule, moved towards days that pay, within caps (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ledger.payments.declines import DeclineReason, RetryRule
from ledger.payments.network_rules import Cap, Try, fits

#: A minute past midnight, where the customer lives: wages booked that day are there, and few others try yet.
JUST_AFTER_MIDNIGHT = time(0, 1)
#: Before anything is learned: wages mostly come on the 1st, the 15th and at the end of the month.
PAYDAYS = frozenset({1, 15, 28, 30, 31})
PRIOR_PAYDAY, PRIOR_OTHER = 0.35, 0.25
#: The priors weigh as much as so many tries.
PRIOR_WEIGHT = 30


@dataclass(frozen=True, slots=True)
class Schedule:
    """On which days after the first failure a payment is tried again.

    `may_move_days` lets a try wait for a better day, or come before its time; `most_tries` counts the first one too.
    `waits_s` are the pauses after technical faults, where the card was never refused.
    """

    name: str
    offsets: tuple[int, ...]
    may_move_days: int = 0
    most_tries: int | None = None
    most_days: int | None = None
    waits_s: tuple[int, ...] = ()
    hour: time = JUST_AFTER_MIDNIGHT


def doubling(first_s: int, tries: int) -> tuple[int, ...]:
    """Return the pauses before the second, third, … try, each twice the one before."""
    return tuple(first_s * 2**index for index in range(tries - 1))


#: Schedules of systems known in the field, to choose from; sources: billing_cases.md N01, N03/N05, N06, N07.
PRESETS: dict[str, Schedule] = {
    schedule.name: schedule
    for schedule in (
        Schedule("four in three weeks", (2, 7, 14, 21), waits_s=doubling(300, 8)),
        Schedule("every eight days", (8, 16, 24, 32, 40, 48, 56), waits_s=doubling(300, 8)),
        Schedule("eight in two weeks", (1, 2, 3, 5, 7, 9, 11, 14), waits_s=doubling(300, 8)),
        Schedule(
            "seven declines in sixty days",
            tuple(range(3, 61, 3)),
            most_tries=7,
            most_days=60,
            waits_s=doubling(300, 8),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Chances:
    """How likely a try succeeds on a day of the month: what was seen, held back by the priors where little was."""

    tries: Mapping[int, int] = field(default_factory=dict)
    successes: Mapping[int, int] = field(default_factory=dict)

    def of(self, day: date) -> float:
        """Return the mean of the beta distribution that prior and observations make together."""
        prior = PRIOR_PAYDAY if day.day in PAYDAYS else PRIOR_OTHER
        seen, paid = self.tries.get(day.day, 0), self.successes.get(day.day, 0)
        return (paid + PRIOR_WEIGHT * prior) / (seen + PRIOR_WEIGHT)


@dataclass(frozen=True, slots=True)
class Card:
    """What the planner knows of a card: its caps, every try on it, and the last day it is valid."""

    caps: Sequence[Cap]
    tries: Sequence[Try] = ()
    expires_on: date | None = None


def plan_retries(
    failed: Try,
    reason: DeclineReason,
    schedule: Schedule,
    *,
    card: Card,
    zone: ZoneInfo,
    chances: Chances | None = None,
) -> list[datetime]:
    """Return the moments (UTC) of the next tries, earliest first; none where the rule of the code says so.

    `card.tries` are the tries so far, the failed one among them, and those planned for other bills. A day on which a
    cap leaves no room, or the card has expired, is left out: the plan gets shorter, never denser.
    """
    if reason.retry is RetryRule.SOON:
        return _soon(failed, schedule, card=card, zone=zone)
    if reason.retry is not RetryRule.ON_SCHEDULE:
        return []
    learned = chances or Chances()
    started_on = failed.at.astimezone(zone).date()
    earliest, tries, planned = failed.at + reason.wait, list(card.tries), list[datetime]()
    for offset in schedule.offsets:
        if not _has_room(schedule, len(planned), offset):
            break
        for day in _days(started_on + timedelta(days=offset), schedule.may_move_days, learned):
            moment = datetime.combine(day, schedule.hour, zone).astimezone(UTC)
            after = planned[-1] if planned else failed.at
            too_late = schedule.most_days is not None and (day - started_on).days > schedule.most_days
            if moment <= after or moment < earliest or too_late or _is_expired(card, day):
                continue
            candidate = Try(moment, failed.amount_minor, failed.currency)
            if fits(candidate, tries, card.caps):
                tries.append(candidate)
                planned.append(moment)
                break
    return planned


def deadline(failed_at: datetime, schedule: Schedule, *, zone: ZoneInfo) -> date:
    """Return the day by which it is settled whether the schedule brought the money, whatever the decline was."""
    last = max(schedule.offsets, default=0)
    if schedule.most_days is not None:
        last = min(last, schedule.most_days)
    return failed_at.astimezone(zone).date() + timedelta(days=last)


def _soon(failed: Try, schedule: Schedule, *, card: Card, zone: ZoneInfo) -> list[datetime]:
    moment, tries, planned = failed.at, list(card.tries), list[datetime]()
    for wait in schedule.waits_s:
        moment = moment + timedelta(seconds=wait)
        candidate = Try(moment, failed.amount_minor, failed.currency)
        if fits(candidate, tries, card.caps) and not _is_expired(card, moment.astimezone(zone).date()):
            tries.append(candidate)
            planned.append(moment)
    return planned


def _has_room(schedule: Schedule, planned: int, offset: int) -> bool:
    if schedule.most_days is not None and offset > schedule.most_days:
        return False
    return schedule.most_tries is None or planned + 1 < schedule.most_tries


def _days(target: date, may_move: int, chances: Chances) -> list[date]:
    """Return the days a try may fall on, the likeliest first, the nearest first among equals."""
    days = [target + timedelta(days=move) for move in range(-may_move, may_move + 1)]
    return sorted(days, key=lambda day: (-round(chances.of(day), 6), abs((day - target).days), day))


def _is_expired(card: Card, day: date) -> bool:
    return card.expires_on is not None and day > card.expires_on
