"""The clocks of a ticket: when they start, rest, go on and stop, and what happens when one is missed.

The rules are those of clock.py; here they are applied one fact at a time. A clock that is stopped keeps the seconds it
had left, so that a reopened ticket's resolution goes on where it stood. Callers hold the ticket's lock.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Min, QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime

from ledger.events.actor import Actor
from tickets import events
from tickets.conversations.models import Ticket
from tickets.conversations.operations import add_event_line
from tickets.conversations.recording import record
from tickets.sla.business_time import BusinessCalendar, add_business_time, business_seconds_between
from tickets.sla.hours import calendar_of
from tickets.sla.models import Clock, SlaPolicy

RESPONSES = (Clock.Kind.FIRST_RESPONSE, Clock.Kind.NEXT_RESPONSE)
NAMES = {"first_response": "first answer", "next_response": "next answer", "resolution": "solution"}
URGENT = 1


def policy_of(ticket: Ticket) -> SlaPolicy | None:
    """Return the policy of the ticket's queue, else the default one; None means no clocks."""
    policies = SlaPolicy.objects.select_related("hours")
    if ticket.queue.sla_policy_id:
        return policies.get(pk=ticket.queue.sla_policy_id)
    return policies.filter(is_default=True).first()


@transaction.atomic
def start_clocks(ticket: Ticket, *, at: datetime, by_customer: bool = True) -> None:
    """This will start the clocks of a new ticket: the first response (when a customer opened it) and the resolution."""
    policy = policy_of(ticket)
    if policy is None:
        return
    if by_customer:
        _start(ticket, policy, Clock.Kind.FIRST_RESPONSE, policy.first_response_minutes, at=at)
    _start(ticket, policy, Clock.Kind.RESOLUTION, policy.resolution_minutes, at=at)
    _sort(ticket)


@transaction.atomic
def customer_wrote(ticket: Ticket, *, at: datetime) -> None:
    """This will let resting clocks go on and start the next response, unless a response is owed already."""
    settle_clocks(ticket, at=at)
    if not _live(ticket).filter(kind__in=RESPONSES).exists():
        policy = policy_of(ticket)
        if policy is not None:
            _start(ticket, policy, Clock.Kind.NEXT_RESPONSE, policy.next_response_minutes, at=at)
    _sort(ticket)


@transaction.atomic
def stop_clock(ticket: Ticket, kind: str, *, at: datetime) -> None:
    """This will settle one promise; harmless when no such clock runs. A missed one is told once."""
    for clock in _live(ticket).filter(kind=kind):
        _stop(clock, at=at)
    _sort(ticket)


@transaction.atomic
def stop_responses(ticket: Ticket, *, at: datetime) -> None:
    """This will settle the response a person has just given."""
    for clock in _live(ticket).filter(kind__in=RESPONSES):
        _stop(clock, at=at)
    _sort(ticket)


@transaction.atomic
def pause_clocks(ticket: Ticket, *, at: datetime) -> None:
    """This will let every running clock rest, keeping what is left; harmless when none runs."""
    for clock in _live(ticket).filter(state=Clock.State.RUNNING):
        _tell_if_missed(clock, at=at)
        clock.pause(remaining_s=_seconds_left(clock, at=at))
        clock.save(update_fields=["state", "remaining_s", "due_at", "breached_at"])
    _sort(ticket)


@transaction.atomic
def resume_clocks(ticket: Ticket, *, at: datetime) -> None:
    """This will let resting clocks go on for what was left; harmless when none rests."""
    for clock in _live(ticket).filter(state=Clock.State.PAUSED):
        clock.resume(due_at=_due(_calendar(clock.policy, at), at, clock.remaining_s or 0))
        clock.save(update_fields=["state", "remaining_s", "due_at"])
    _sort(ticket)


@transaction.atomic
def settle_clocks(ticket: Ticket, *, at: datetime) -> None:
    """This will bring the clocks in line with the ticket's state; repeating it is harmless.

    Waiting: they rest. Resolved or closed: they stop. Open again: they go on, the resolution from where it stood.
    """
    if ticket.state == Ticket.State.WAITING:
        pause_clocks(ticket, at=at)
    elif ticket.state == Ticket.State.OPEN:
        resume_clocks(ticket, at=at)
        _go_on_with_resolution(ticket, at=at)
    else:
        for clock in _live(ticket):
            _stop(clock, at=at)
    _sort(ticket)


def promise_time(ticket: Ticket) -> datetime | None:
    """Return when the customer was promised an answer by the newest response clock; None without such a clock."""
    newest = Clock.objects.filter(ticket=ticket, kind__in=RESPONSES).order_by("-started_at", "-id").first()
    return newest.due_at if newest else None


def escalate_overdue(*, at: datetime, limit: int = 500) -> int:
    """This will tell every missed promise once, with an event and a line in the case, and make the case urgent."""
    with transaction.atomic():
        overdue = Clock.objects.select_for_update(skip_locked=True, of=("self", "ticket")).select_related("ticket")
        overdue = overdue.filter(state=Clock.State.RUNNING, breached_at=None, due_at__lt=at)
        clocks = list(overdue.order_by("due_at", "id")[:limit])
        for clock in clocks:
            _tell_if_missed(clock, at=at)
        Clock.objects.bulk_update(clocks, ["breached_at"])
        Ticket.objects.filter(pk__in={clock.ticket_id for clock in clocks}, state=Ticket.State.OPEN).update(
            priority=URGENT
        )
    return len(clocks)


def _live(ticket: Ticket) -> QuerySet[Clock]:
    live = Clock.objects.select_for_update(of=("self",)).filter(ticket=ticket).exclude(state=Clock.State.STOPPED)
    return live.select_related("policy__hours", "ticket")


def _start(ticket: Ticket, policy: SlaPolicy, kind: str, minutes: int | None, *, at: datetime) -> None:
    if not minutes:
        return
    Clock.objects.create(
        ticket=ticket,
        policy=policy,
        kind=kind,
        target_minutes=minutes,
        started_at=at,
        due_at=_due(_calendar(policy, at), at, minutes * 60),
    )


def _calendar(policy: SlaPolicy, at: datetime) -> BusinessCalendar:
    return calendar_of(policy.hours, around=at)


def _due(calendar: BusinessCalendar, at: datetime, seconds: int) -> datetime:
    return add_business_time(calendar, at, seconds) if seconds else at


def _seconds_left(clock: Clock, *, at: datetime) -> int:
    if clock.due_at is None:
        return clock.remaining_s or 0
    return business_seconds_between(_calendar(clock.policy, at), at, clock.due_at) if clock.due_at > at else 0


def _stop(clock: Clock, *, at: datetime) -> None:
    _tell_if_missed(clock, at=at)
    clock.remaining_s = _seconds_left(clock, at=at)
    clock.stop(at=at)
    clock.save(update_fields=["state", "stopped_at", "remaining_s", "breached_at"])


def _go_on_with_resolution(ticket: Ticket, *, at: datetime) -> None:
    newest = Clock.objects.filter(ticket=ticket, kind=Clock.Kind.RESOLUTION).order_by("-id").first()
    if newest is None or newest.state != Clock.State.STOPPED:
        return
    Clock.objects.create(
        ticket=ticket,
        policy=newest.policy,
        kind=Clock.Kind.RESOLUTION,
        target_minutes=newest.target_minutes,
        started_at=newest.started_at,
        due_at=_due(_calendar(newest.policy, at), at, newest.remaining_s or 0),
        breached_at=newest.breached_at,
    )


def _tell_if_missed(clock: Clock, *, at: datetime) -> None:
    """Record a miss once; exactly on time is kept. The caller saves `breached_at`."""
    if clock.breached_at is not None or clock.due_at is None or clock.due_at >= at:
        return
    clock.breached_at = at
    ticket, name = clock.ticket, NAMES[clock.kind]
    due = clock.due_at
    record(events.CLOCK_BREACHED, ticket, by=Actor.system("clocks"), at=at, clock=clock.kind, due_at=due.isoformat())
    text = f"The {name} was promised by {date_format(localtime(due), 'j F H:i')} and is late."
    add_event_line(ticket.pk, key=f"clock:{clock.pk}", text=text, about=f"ticket:{ticket.pk}", at=at)


def _sort(ticket: Ticket) -> None:
    """Keep the ticket's place in the queue: the soonest promise, else the moment it was opened."""
    running = Clock.objects.filter(ticket=ticket, state=Clock.State.RUNNING)
    soonest = running.aggregate(soonest=Min("due_at"))["soonest"]
    ticket.sort_at = soonest or ticket.opened_at
    Ticket.objects.filter(pk=ticket.pk).update(sort_at=ticket.sort_at)
