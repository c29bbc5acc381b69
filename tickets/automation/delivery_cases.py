"""open_delivery_case: what could not be delivered, or not be made, is a case somebody looks at; once for each cause."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.customers.models import ContactPoint, Customer
from ledger.customers.queries import contact_points
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.models import Event
from tickets import events
from tickets.conversations.inbound import Channel
from tickets.conversations.models import Message, Ticket
from tickets.conversations.operations import add_event_line, lock_ticket, open_ticket
from tickets.conversations.recording import record
from tickets.conversations.sayings import Opening
from tickets.intake.topic_names import Topic
from tickets.queues.operations import route_ticket
from tickets.sla.operations import start_clocks

BY = Actor.system("delivery")


@transaction.atomic
def open_delivery_case(event: Event, at: datetime) -> Ticket | None:
    """This will open a case for an event that leaves a customer without what we owe them; nothing is sent to anybody.

    A second event about the same contact or bill is a line in the case that is open; the same event is told once.
    """
    if event.customer_id is None or Message.objects.filter(key=f"event:{event.pk}").exists():
        return None
    customer = Customer.objects.select_for_update(no_key=True).get(pk=event.customer_id)
    subject, what = _said(event)
    open_one = Ticket.objects.filter(
        customer=customer, subject_of_question=event.subject, state__in=[Ticket.State.OPEN, Ticket.State.WAITING]
    ).first()
    ticket = open_one or open_case(customer, event.subject, subject, at=at)
    add_event_line(ticket.pk, key=f"event:{event.pk}", text=what, about=event.subject, at=event.occurred_at)
    return ticket


def _said(event: Event) -> tuple[str, str]:
    why = str(event.data.get("why") or "")
    if event.kind == kinds.CONTACT_POINT_FAILED:
        contact = str(event.data.get("contact") or "")
        return (
            f"Our mail to {contact} is refused",
            f"Nothing is sent to {contact} any more. The other server said: {why} "
            "Please ask the customer for an address that works.",
        )
    if event.kind == kinds.DUNNING_PHONE_TASK_DUE:
        number = str(event.data.get("number") or "")
        return (
            f"Call the customer about {number}",
            f"{number} was due on {event.data.get('due_on')} and is not paid. Please call, and ask what stands in the "
            "way: a promise to pay, a payment plan or a dispute each stop the reminders.",
        )
    if event.kind in (kinds.HARDSHIP_STARTED, kinds.HARDSHIP_REVIEW_DUE):
        return (
            "The customer cannot pay",
            "Reminders and late fees have stopped. Please look for a way with the customer: a payment plan within what "
            "they can pay, a cheaper plan, a pause. Give no advice of your own, and offer nothing dearer.",
        )
    return (
        f"A document for {event.subject} could not be made",
        f"The customer was told without it. {why} Please change what it names and make the document again.",
    )


def open_case(customer: Customer, about: str, subject: str, *, topic: Topic = Topic.GENERAL, at: datetime) -> Ticket:
    """This will open a case that the product itself began, about something of a customer; nobody is written to."""
    queue_id, priority = route_ticket(
        topic=str(topic), language=customer.language, is_business=customer.kind == Customer.Kind.BUSINESS
    )
    opening = Opening(
        requester=_reachable(customer),
        requester_name=customer.name,
        channel=str(Channel.API),
        subject=subject,
        queue_id=queue_id,
        customer_id=customer.pk,
        linked_because="the product opened it",
        language=customer.language,
        topic=str(topic),
        priority=priority,
        subject_of_question=about,
    )
    opened = open_ticket(opening, by=BY, at=at)
    ticket = lock_ticket(opened.pk, by=BY)
    start_clocks(ticket, at=at, by_customer=False)
    record(events.TICKET_OPENED, ticket, by=BY, at=at, channel=ticket.channel, topic=ticket.topic, acknowledge=False)
    return ticket


def _reachable(customer: Customer) -> str:
    """Return a contact that takes our mail, else a telephone number, else the first contact there is."""
    points = contact_points(customer.pk)
    for choice in (_works, _is_phone):
        for point in points:
            if choice(point):
                return point.value
    return points[0].value if points else customer.number


def _works(point: ContactPoint) -> bool:
    return point.kind == ContactPoint.Kind.EMAIL and point.failed_at is None and point.may_move_money


def _is_phone(point: ContactPoint) -> bool:
    return point.kind == ContactPoint.Kind.PHONE
