"""acknowledge_ticket: the customer hears at once that the message arrived, by when we answer, and what was refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime
from django.conf import settings
from django.db import transaction

from ledger.events.models import Event
from notifications.wording.phrases import say
from tickets.automation.answering import answer, answered_lately, language_of_answer, one_at_a_time, writer_of
from tickets.conversations.inbound import Channel
from tickets.conversations.models import Message, Ticket
from tickets.replies.operations import EMAIL, subject_of_thread
from tickets.sla.operations import promise_time

#: Who writes often hears only once in this time, so two robots never talk to each other.
ONE_PER = timedelta(days=1)
WORDING, FILES_REFUSED = "ticket_acknowledged", "files_refused"
#: How many messages a day about refused files one sender gets, and how many files one of them names.
MOST_ABOUT_FILES, MOST_FILES_NAMED = 10, 10
NOT_ANSWERED = (Channel.PHONE, Channel.API)
#: What is said when no clock runs: a person answers, we do not say when.
SOON = {"en": "as soon as we can", "de": "so bald wie möglich"}


@transaction.atomic
def acknowledge_ticket(event: Event, at: datetime) -> None:
    """This will acknowledge a new ticket once, to the address that wrote in; it tells nothing about the account.

    Not for robots, phone calls and the API, and at most once per sender and day; files that were refused are named
    every time.
    """
    ticket_id = int(event.subject.partition(":")[2])
    ticket = Ticket.objects.select_for_update(of=("self",)).select_related("customer").get(pk=ticket_id)
    if not event.data.get("acknowledge") or ticket.channel in NOT_ANSWERED or not EMAIL.fullmatch(ticket.requester):
        return
    one_at_a_time(ticket.requester)
    if ticket.acknowledged_at is not None:
        return
    first = _first_message(ticket)
    if _was_acknowledged_lately(ticket):
        if first is not None:
            _name_refused_files(ticket, first, at=at)
        return
    language = language_of_answer(ticket, WORDING)
    files = _refused_files(first)
    values = {
        "case": str(ticket.pk),
        "promise": promise_words(ticket, language),
        "name": ticket.requester_name or ticket.requester,
        "files": f"\n\n{say('files_refused', language)}\n{files}" if files else "",
    }
    subject = subject_of_thread(ticket)
    answer(ticket, first, key=f"ack:{ticket.pk}", wording=WORDING, values=values, subject=subject, at=at)
    Ticket.objects.filter(pk=ticket.pk).update(acknowledged_at=at)


@transaction.atomic
def tell_refused_files(event: Event, at: datetime) -> None:
    """This will tell a sender which files of a later message were refused, and why; the first ones the acknowledgement
    names. Machines are not told, and the portal shows it on its page."""
    message = Message.objects.select_related("ticket__customer").get(pk=int(str(event.data["message"])))
    ticket = message.ticket
    first = _first_message(ticket)
    if message.is_auto_reply or message.channel != Channel.EMAIL or (first is not None and first.pk == message.pk):
        return
    _name_refused_files(ticket, message, at=at)


def _name_refused_files(ticket: Ticket, message: Message, *, at: datetime) -> None:
    files, recipient = _refused_files(message), writer_of(ticket, message)
    if not files or not recipient:
        return
    one_at_a_time(recipient)
    if answered_lately(recipient, FILES_REFUSED, within=ONE_PER, at=at) < MOST_ABOUT_FILES:
        values = {"case": str(ticket.pk), "files": files}
        subject = subject_of_thread(ticket)
        key = f"files:{message.pk}"
        answer(ticket, message, key=key, wording=FILES_REFUSED, values=values, subject=subject, at=at)


def _first_message(ticket: Ticket) -> Message | None:
    return Message.objects.filter(ticket=ticket, kind=Message.Kind.IN).order_by("id").first()


def _refused_files(message: Message | None) -> str:
    """Return one line per refused file of a mail, each naming the file and the reason; the portal says it itself."""
    if message is None or message.channel != Channel.EMAIL:
        return ""
    refused = message.attachments.exclude(refused_because="").order_by("id").values_list("refused_because", flat=True)
    return "\n".join(f"- {why}" for why in refused[:MOST_FILES_NAMED])


def promise_words(ticket: Ticket, language: str) -> str:
    """Return the promised moment in the customer's time zone, e.g. "Tuesday 7 April 2026, 12:30"."""
    due_at = promise_time(ticket)
    if due_at is None:
        return SOON.get(language.partition("-")[0].lower(), SOON["en"])
    zone = ZoneInfo(ticket.customer.time_zone if ticket.customer else settings.TIME_ZONE)
    moment = due_at.astimezone(zone)
    return str(format_datetime(moment, "EEEE d MMMM y, HH:mm", tzinfo=zone, locale=_locale(language)))


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")


def _was_acknowledged_lately(ticket: Ticket) -> bool:
    same = Ticket.objects.filter(requester__iexact=ticket.requester).exclude(pk=ticket.pk)
    return same.filter(acknowledged_at__gt=ticket.opened_at - ONE_PER).exists()
