"""obey_keyword: STOP ends text messages and advertising, HELP says how to reach a person. Both are answered."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from ledger.events.actor import Actor
from ledger.events.models import Event
from notifications.preferences.operations import withdraw_consent
from tickets import events
from tickets.automation.answering import answer, answered_lately, language_of_answer, one_at_a_time, writer_of
from tickets.channels.lines import billing_contact
from tickets.conversations.models import Message, Ticket
from tickets.conversations.operations import add_event_line, resolve_ticket
from tickets.intake.keywords import STOP

#: What STOP withdraws. Messages about money owed or given back need no consent and still come by mail.
KINDS = ("sms", "marketing")
WORDINGS = {"stop": "stop_confirmed", "help": "help"}
#: Who writes the word again and again is obeyed every time and answered this often a day.
MOST_A_DAY, DAY = 3, timedelta(days=1)
BY = Actor.system("keywords")


@transaction.atomic
def obey_keyword(event: Event, at: datetime) -> None:
    """This will do what a message of one word asks and answer it; a case that holds nothing else is resolved."""
    word = str(event.data.get("keyword") or "")
    if word not in WORDINGS:
        return
    ticket = (
        Ticket.objects.select_for_update(of=("self",))
        .select_related("customer")
        .get(pk=int(event.subject.partition(":")[2]))
    )
    message = Message.objects.get(pk=int(str(event.data["message"])), ticket=ticket)
    if word == STOP and ticket.customer_id is not None:
        _withdraw(ticket, message, at=event.occurred_at)
    if not _answer(ticket, message, word, at=at):
        return
    if event.kind == events.TICKET_OPENED and ticket.state == Ticket.State.OPEN:
        resolve_ticket(ticket.pk, by=BY, at=at)


def _withdraw(ticket: Ticket, message: Message, *, at: datetime) -> None:
    customer_id = ticket.customer_id
    assert customer_id is not None
    for kind in KINDS:
        withdraw_consent(
            customer_id, kind=kind, source=f"STOP by {message.channel}", by=Actor.customer(customer_id), at=at
        )
    text = "The customer wrote STOP: text messages and advertising are off."
    add_event_line(ticket.pk, key=f"stop:{message.pk}", text=text, about=f"ticket:{ticket.pk}", at=at)


def _answer(ticket: Ticket, message: Message, word: str, *, at: datetime) -> bool:
    """Queue the answer; say whether the writer can be reached at all (else a person has to look)."""
    recipient, wording = writer_of(ticket, message), WORDINGS[word]
    if not recipient and ticket.customer_id is None:
        return False
    if recipient:
        one_at_a_time(recipient)
        if answered_lately(recipient, wording, within=DAY, at=at) >= MOST_A_DAY:
            return True
    values = {} if word == STOP else _whom_to_call(ticket, wording)
    answer(ticket, message, key=f"{word}:message:{message.pk}", wording=wording, values=values, at=at)
    return True


def _whom_to_call(ticket: Ticket, wording: str) -> dict[str, str]:
    country = ticket.customer.country if ticket.customer else ""
    line = billing_contact(country, language_of_answer(ticket, wording))
    return {"phone": line.display, "hours": line.hours}
