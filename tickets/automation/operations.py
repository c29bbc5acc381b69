"""acknowledge_ticket: the customer hears at once that the message arrived, its number, and by when we answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime
from django.conf import settings
from django.db import connection, transaction

from ledger.events.models import Event
from notifications.delivery.operations import queue_message
from notifications.preferences.queries import find_preference, language_of
from notifications.wording.render import find_text
from tickets.conversations.inbound import Channel
from tickets.conversations.models import Message, Ticket
from tickets.replies.operations import EMAIL, subject_of_thread
from tickets.sla.operations import promise_time

#: Who writes often hears only once in this time, so two robots never talk to each other.
ONE_PER = timedelta(days=1)
WORDING = "ticket_acknowledged"
NOT_ANSWERED = (Channel.PHONE, Channel.API)
#: What is said when no clock runs: a person answers, we do not say when.
SOON = {"en": "as soon as we can", "de": "so bald wie möglich"}


@transaction.atomic
def acknowledge_ticket(event: Event, at: datetime) -> None:
    """This will acknowledge a new ticket once, to the address that wrote in; it tells nothing about the account.

    Not for robots, phone calls and the API, and at most once per sender and day.
    """
    ticket_id = int(event.subject.partition(":")[2])
    ticket = Ticket.objects.select_for_update(of=("self",)).select_related("customer").get(pk=ticket_id)
    if not event.data.get("acknowledge") or ticket.channel in NOT_ANSWERED or not EMAIL.fullmatch(ticket.requester):
        return
    _one_at_a_time(ticket.requester)
    if ticket.acknowledged_at is not None or _was_acknowledged_lately(ticket):
        return
    first = Message.objects.filter(ticket=ticket, kind=Message.Kind.IN).order_by("id").first()
    is_mail = first is not None and first.channel == Channel.EMAIL
    in_reply_to = first.message_id if first is not None and is_mail else ""
    language = _language_of(ticket)
    queue_message(
        key=f"ack:{ticket.pk}",
        customer_id=ticket.customer_id,
        template=WORDING,
        values={"case": str(ticket.pk), "promise": promise_words(ticket, language), "name": _name(ticket)},
        about=f"ticket:{ticket.pk}",
        conversation=f"ticket:{ticket.pk}",
        recipient=ticket.requester,
        in_reply_to=in_reply_to,
        references=(in_reply_to,) if in_reply_to else (),
        subject=subject_of_thread(ticket),
        reply_token=ticket.token,
        language=language,
        at=at,
    )
    Ticket.objects.filter(pk=ticket.pk).update(acknowledged_at=at)


def promise_words(ticket: Ticket, language: str) -> str:
    """Return the promised moment in the customer's time zone, e.g. "Tuesday 7 April 2026, 12:30"."""
    due_at = promise_time(ticket)
    if due_at is None:
        return SOON.get(language.partition("-")[0].lower(), SOON["en"])
    zone = ZoneInfo(ticket.customer.time_zone if ticket.customer else settings.TIME_ZONE)
    moment = due_at.astimezone(zone)
    return str(format_datetime(moment, "EEEE d MMMM y, HH:mm", tzinfo=zone, locale=_locale(language)))


def _language_of(ticket: Ticket) -> str:
    """Return the language the acknowledgement is written in, so that the moment in it is written in the same."""
    customer = ticket.customer
    wanted = language_of(customer, find_preference(customer.pk)) if customer else ticket.language
    written = find_text(WORDING, wanted).language
    return wanted if wanted.startswith(written) else written


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")


def _name(ticket: Ticket) -> str:
    """Return how the writer called themselves. Never the name on the account: the mail may not be the customer's."""
    return ticket.requester_name or ticket.requester


def _one_at_a_time(address: str) -> None:
    """Let two workers with two tickets of one sender look one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"ack:{address.lower()}"])


def _was_acknowledged_lately(ticket: Ticket) -> bool:
    same = Ticket.objects.filter(requester__iexact=ticket.requester).exclude(pk=ticket.pk)
    return same.filter(acknowledged_at__gt=ticket.opened_at - ONE_PER).exists()
