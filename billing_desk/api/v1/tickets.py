"""Open a case for a customer, add what they wrote, read cases."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.authentication import Client
from billing_desk.api.fields import Body, Id, Text
from billing_desk.api.idempotency import once
from billing_desk.api.pagination import Row
from billing_desk.api.resources import (
    OPTIONAL_KEY,
    Resource,
    posts,
    refuse_other_customer,
    refuse_others_object,
)
from billing_desk.api.shown import Listing, Shown, Single
from ledger.customers.queries import get_customer
from tickets.conversations.inbound import Address, Channel, InboundMessage, digest_body
from tickets.conversations.queries import get_ticket, messages_of
from tickets.intake.operations import receive_message
from tickets.models import Ticket

STATES = ["open", "waiting", "resolved", "closed"]


class TicketBody(serializers.Serializer[Any]):
    """One case."""

    id = serializers.IntegerField()
    customer_id = serializers.IntegerField(allow_null=True)
    requester = serializers.CharField()
    subject = serializers.CharField()
    channel = serializers.CharField()
    state = serializers.ChoiceField(STATES)
    topic = serializers.CharField()
    priority = serializers.IntegerField()
    queue = serializers.CharField()
    language = serializers.CharField()
    opened_at = serializers.DateTimeField()
    last_message_at = serializers.DateTimeField()
    first_answered_at = serializers.DateTimeField(allow_null=True)
    resolved_at = serializers.DateTimeField(allow_null=True)


class MessageBody(serializers.Serializer[Any]):
    """Something said by or to the customer; notes of the staff are never shown."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(["in", "out"])
    channel = serializers.CharField()
    author_name = serializers.CharField()
    text = serializers.CharField(help_text="Card numbers are masked")
    written_at = serializers.DateTimeField()


class TicketWithMessages(TicketBody):
    """One case with what was said in it."""

    messages = MessageBody(many=True)


class NewTicket(Body):
    """What a customer wrote, with the address an answer goes to."""

    customer = Id(required=False, help_text="Empty: found by the sender's address on file")
    sender = serializers.EmailField(max_length=254)
    sender_name = Text(max_length=200, default="", allow_blank=True)
    subject = Text(max_length=300)
    text = Text(max_length=100_000)


class NewMessage(Body):
    """What the customer wrote next."""

    sender = serializers.EmailField(max_length=254, required=False, help_text="Empty: who opened the case")
    text = Text(max_length=100_000)


class ShownTicket(Shown):
    """A case as the API shows it."""

    model, body, name = Ticket, TicketBody, "ticket"
    whole_body, parts = TicketWithMessages, "its messages"
    noun = "case"
    columns = tuple("queue__name" if name == "queue" else name for name in TicketBody._declared_fields)
    states = tuple(STATES)

    @classmethod
    def shape(cls, row: Row) -> Row:
        row["queue"] = row.pop("queue__name")
        return row

    @classmethod
    def whole(cls, client: Client, pk: int) -> Row:
        """Return one case with what was said by and to the customer, oldest first."""
        row, said = cls.one(client, pk), messages_of(pk, for_customer=True)
        shown = [{name: getattr(message, name) for name in MessageBody._declared_fields} for message in said]
        return {**row, "messages": shown}


class Tickets(Listing):
    """Cases."""

    shown, scopes = ShownTicket, {"GET": "tickets:read", "POST": "tickets:write"}

    @posts("open_ticket", NewTicket, TicketWithMessages, status=201, key=OPTIONAL_KEY)
    def post(self, request: Request) -> HttpResponse:
        """Open a case, as if the customer had written to us."""
        wanted = NewTicket.read(request)
        customer_id = wanted.pop("customer", None) or request.user.customer_id
        if customer_id is not None:
            refuse_other_customer(request.user, customer_id)
            get_customer(customer_id)

        def effect(at: datetime) -> tuple[int, Row]:
            ticket = receive_message(_written(**wanted), customer_id=customer_id, at=at)
            return 201, ShownTicket.whole(request.user, ticket.pk)

        return once(request, effect, is_required=False)


class OneTicket(Single):
    """One case."""

    shown, scopes = ShownTicket, {"GET": "tickets:read"}


class TicketMessages(Resource):
    """What is said in one case."""

    scopes = {"POST": "tickets:write"}

    @posts("add_message", NewMessage, TicketWithMessages, status=201, key=OPTIONAL_KEY)
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Add what the customer wrote; a waiting or resolved case opens again, a closed one is continued in a new."""
        wanted = NewMessage.read(request)
        refuse_others_object(request.user, Ticket, pk)
        ticket = get_ticket(pk)
        wanted.setdefault("sender", ticket.requester)

        def effect(at: datetime) -> tuple[int, Row]:
            message = _written(subject=ticket.subject, **wanted)
            told = receive_message(message, customer_id=ticket.customer_id, ticket_id=pk, at=at)
            return 201, ShownTicket.whole(request.user, told.pk)

        return once(request, effect, is_required=False)


def _written(*, sender: str, subject: str, text: str, sender_name: str = "") -> InboundMessage:
    """Return what was posted in the shape that every channel is parsed into."""
    return InboundMessage(
        channel=Channel.API,
        message_id=f"<api-{uuid4()}@{settings.MAIL_DOMAIN}>",
        sender=Address(sender.lower(), sender_name),
        subject=" ".join(subject.split()),
        text=text,
        reply_text=text,
        body_digest=digest_body(sender, subject, text),
    )
