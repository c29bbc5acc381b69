"""What we told customers would happen: made, kept by an event of the ledger, or found broken."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.errors import InvalidInput
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.money import Money
from tickets import events
from tickets.conversations.models import Ticket
from tickets.conversations.operations import add_event_line, lock_ticket, reopen_ticket
from tickets.conversations.recording import record
from tickets.promises.models import Promise
from tickets.sla.operations import settle_clocks

URGENT = 1


class PromiseTooVague(InvalidInput):
    """A promise says what will happen and by when, and the moment lies ahead."""


@transaction.atomic
def make_promise(
    ticket_id: int,
    *,
    what: str,
    words: str,
    due_at: datetime,
    amount: Money | None = None,
    about: str = "",
    by: Actor,
    at: datetime,
) -> Promise:
    """This will note what the customer was told and by when; `about` names the object that will keep it.

    The same object is promised once per ticket: a repeat returns the first promise.

    :raises PromiseTooVague: if there are no words, or the moment is over
    """
    ticket = lock_ticket(ticket_id, by=by)
    if not words.strip() or due_at <= at:
        raise PromiseTooVague("A promise needs words and a moment that lies ahead.")
    made = Promise.objects.filter(ticket=ticket, what=what, about=about).first() if about else None
    if made is not None:
        return made
    promise = Promise.objects.create(
        ticket=ticket,
        what=what,
        amount_minor=amount.minor if amount else None,
        currency=amount.currency if amount else "",
        about=about,
        words=words.strip()[:300],
        made_by=str(by),
        made_at=at,
        due_at=due_at,
    )
    _record(events.PROMISE_MADE, promise, by=by, at=at, due_at=due_at.isoformat())
    return promise


@transaction.atomic
def keep_promise(event: Event, *, at: datetime) -> int:
    """This will mark the promises this event keeps; return how many. Repeating it is harmless.

    An event about another amount than was promised keeps nothing: the difference is written into the case, and the
    promise stays open until somebody has looked.
    """
    kept = 0
    promises = Promise.objects.select_for_update(of=("self",)).filter(about=event.subject, kept_at=None)
    for promise in promises.select_related("ticket").order_by("id"):
        if not _is_amount_promised(promise, event):
            _tell_difference(promise, event, at=at)
            continue
        promise.kept_at, promise.kept_by = at, event.subject
        promise.save(update_fields=["kept_at", "kept_by"])
        _record(events.PROMISE_KEPT, promise, by=Actor.system("promises"), at=at, kept_by=event.subject)
        kept += 1
    return kept


@transaction.atomic
def withdraw_promise(event: Event, *, at: datetime) -> int:
    """This will withdraw the promises about an object that was declined or cancelled; the customer is told that."""
    promises = Promise.objects.select_for_update(of=("self",)).filter(about=event.subject, kept_at=None)
    withdrawn = list(promises.filter(withdrawn_at=None).select_related("ticket").order_by("id"))
    for promise in withdrawn:
        promise.withdrawn_at = at
        promise.save(update_fields=["withdrawn_at"])
        _record(events.PROMISE_WITHDRAWN, promise, by=Actor.system("promises"), at=at, because=event.kind)
    return len(withdrawn)


def _is_amount_promised(promise: Promise, event: Event) -> bool:
    if promise.amount_minor is None or "amount_minor" not in event.data:
        return True
    return (promise.amount_minor, promise.currency) == (event.data["amount_minor"], event.data.get("currency"))


def _tell_difference(promise: Promise, event: Event, *, at: datetime) -> None:
    posted = Money(int(event.data["amount_minor"]), str(event.data.get("currency")))
    text = f"Promised {_amount_of(promise)}, posted {posted}: please look."
    add_event_line(
        promise.ticket_id, key=f"promise:{promise.pk}:event:{event.pk}", text=text, about=event.subject, at=at
    )


def break_overdue_promises(*, at: datetime, limit: int = 500) -> int:
    """This will tell every overdue promise once: event, line in the case, case open again and urgent."""
    with transaction.atomic():
        overdue = Promise.objects.select_for_update(skip_locked=True, of=("self", "ticket")).select_related("ticket")
        overdue = overdue.filter(kept_at=None, broken_at=None, withdrawn_at=None, due_at__lt=at)
        promises = list(overdue.order_by("due_at", "id")[:limit])
        for promise in promises:
            _break(promise, at=at)
    return len(promises)


def _break(promise: Promise, *, at: datetime) -> None:
    by = Actor.system("promises")
    promise.broken_at = at
    promise.save(update_fields=["broken_at"])
    _record(events.PROMISE_BROKEN, promise, by=by, at=at, due_at=promise.due_at.isoformat())
    text = f"Promise broken: “{promise.words}” was due by {promise.due_at:%Y-%m-%d %H:%M} UTC."
    add_event_line(promise.ticket_id, key=f"promise:{promise.pk}", text=text, about=promise.about, at=at)
    ticket = lock_ticket(promise.ticket_id, by=by)
    if ticket.state in (Ticket.State.WAITING, Ticket.State.RESOLVED):
        ticket = reopen_ticket(ticket.pk, by=by, at=at, because="a promise was broken")
        settle_clocks(ticket, at=at)
    Ticket.objects.filter(pk=ticket.pk, state=Ticket.State.OPEN).update(priority=URGENT)


def _amount_of(promise: Promise) -> str:
    return str(Money(promise.amount_minor, promise.currency)) if promise.amount_minor is not None else ""


def _record(kind: str, promise: Promise, *, by: Actor, at: datetime, **data: object) -> None:
    money = {"amount_minor": promise.amount_minor, "currency": promise.currency} if promise.currency else {}
    what: dict[str, object] = {"what": promise.what, "about": promise.about, **money, **data}
    record(kind, promise.ticket, subject=promise, by=by, at=at, **what)
