"""A text message provider reports a message that came in: `POST /hooks/sms`."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse

from billing_desk.api.errors import answer
from billing_desk.api.fields import Body, Text
from billing_desk.api.hooks.reading import read_json
from billing_desk.api.hooks.signature import signed_hook
from tickets.channels.sms import LONGEST_TEXT, from_sms
from tickets.intake.operations import receive_message


class NewTextMessage(Body):
    """One text message as the provider reports it."""

    id = Text(max_length=100)
    sender = Text(max_length=40)
    text = Text(max_length=LONGEST_TEXT)


@signed_hook
def inbound_sms(request: HttpRequest, at: datetime) -> HttpResponse:
    """Take one text message; 2xx means that it is stored. A number is never a proof, and no balance is told."""
    told = read_json(request, NewTextMessage)
    ticket = receive_message(from_sms(told["sender"], told["text"], provider_id=told["id"], at=at), at=at)
    return answer(202, {"ticket": ticket.pk})
