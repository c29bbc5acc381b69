"""open_payment_case: a bill that no further try will pay becomes a conversation, with cause and what can be done."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.customers.models import Customer
from ledger.events.models import Event
from ledger.money import Money
from ledger.payments.failures import explain_failure
from ledger.payments.models import Payment
from tickets.automation.delivery_cases import open_case
from tickets.conversations.models import Message, Ticket
from tickets.conversations.operations import add_event_line
from tickets.intake.topic_names import Topic


@transaction.atomic
def open_payment_case(event: Event, at: datetime) -> Ticket | None:
    """This will open a case for a bill that needs its customer, or add a line to the open one; once for each event.

    The words are those the customer reads: what a bank keeps to itself is not written here either.
    """
    if event.customer_id is None or Message.objects.filter(key=f"event:{event.pk}").exists():
        return None
    customer = Customer.objects.select_for_update(no_key=True).get(pk=event.customer_id)
    about, number = event.subject, str(event.data["number"])
    found = Ticket.objects.filter(
        customer=customer,
        subject_of_question=about,
        topic=str(Topic.PAYMENT_FAILED),
        state__in=[Ticket.State.OPEN, Ticket.State.WAITING],
    ).first()
    ticket = found or open_case(customer, about, f"{number} could not be collected", topic=Topic.PAYMENT_FAILED, at=at)
    add_event_line(ticket.pk, key=f"event:{event.pk}", text=_said(event), about=about, at=event.occurred_at)
    return ticket


def _said(event: Event) -> str:
    """Return what happened, what it means for the service, and what to do."""
    amount = Money(int(event.data["amount_minor"]), str(event.data["currency"])).display()
    payment = Payment.objects.filter(pk=event.data.get("payment_id") or 0).first()
    if payment is not None:
        words = explain_failure(payment.failure_code)
        what, to_do = words.cause, words.next_step
    else:
        what, to_do = str(event.data.get("why") or ""), "Please ask the customer for another way to pay."
    return (
        f"{event.data['number']}: {amount} could not be collected. {what} It is not tried again by itself; the bill "
        f"stays open and the service goes on until a reminder says otherwise. {to_do}"
    )
