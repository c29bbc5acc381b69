"""How a customer pays and gets bills, changed from a case: on the proof in this conversation, with a line in it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.events.actor import Actor
from ledger.paying.next_charge import Scope
from ledger.paying.operations import choose_payment_method, undo_payment_method
from ledger.payments.choice_models import MethodChoice
from ledger.printing.delivery import choose_delivery, undo_delivery
from ledger.printing.models import DeliveryChoice
from tickets.casework.operations import CustomerNotKnown
from tickets.conversations.models import Ticket
from tickets.conversations.operations import add_event_line, lock_ticket
from verification.queries import require_proof

PURPOSE = "change_plan"


@transaction.atomic
def choose_method_for_ticket(
    ticket_id: int, *, method_id: int | None, scope: Scope, by: Actor, at: datetime
) -> MethodChoice:
    """This will pay something with another card, as the customer asked for in this case.

    :raises ProofMissing: if the customer has not proved who they are in this conversation
    :raises CustomerNotKnown: if the ticket has no customer
    """
    ticket, customer_id = _proved(ticket_id, by=by, at=at)
    made = choose_payment_method(
        customer_id, method_id=method_id, scope=scope, conversation=f"ticket:{ticket.pk}", by=by, at=at
    )
    words = f"{_scope_words(made)}: paid with {made.method or 'the newest card on file'} from now on"
    _note(ticket, words, f"methodchoice:{made.pk}", by=by, at=at)
    return made


@transaction.atomic
def undo_method_for_ticket(ticket_id: int, choice_id: int, *, by: Actor, at: datetime) -> MethodChoice:
    """This will take the choice of a card back for the customer of this case.

    :raises ProofMissing: if the customer has not proved who they are in this conversation
    """
    ticket, customer_id = _proved(ticket_id, by=by, at=at)
    row = undo_payment_method(choice_id, customer_id=customer_id, by=by, at=at)
    words = f"{_scope_words(row)}: the choice of {row.method} is taken back"
    _note(ticket, words, f"methodchoice:{row.pk}", by=by, at=at)
    return row


@transaction.atomic
def choose_delivery_for_ticket(ticket_id: int, *, way: str, by: Actor, at: datetime) -> DeliveryChoice:
    """This will send bills another way, as the customer asked for in this case.

    :raises ProofMissing: if the customer has not proved who they are in this conversation
    """
    ticket, customer_id = _proved(ticket_id, by=by, at=at)
    made = choose_delivery(customer_id, way=way, conversation=f"ticket:{ticket.pk}", by=by, at=at)
    _note(ticket, f"Bills come {made.get_way_display()} from now on", f"deliverychoice:{made.pk}", by=by, at=at)
    return made


@transaction.atomic
def undo_delivery_for_ticket(ticket_id: int, choice_id: int, *, by: Actor, at: datetime) -> DeliveryChoice:
    """This will take the choice of paper or e-mail back for the customer of this case.

    :raises ProofMissing: if the customer has not proved who they are in this conversation
    """
    ticket, customer_id = _proved(ticket_id, by=by, at=at)
    row = undo_delivery(choice_id, customer_id=customer_id, by=by, at=at)
    words = f"Bills {row.get_way_display()}: taken back"
    _note(ticket, words, f"deliverychoice:{row.pk}", by=by, at=at)
    return row


def _proved(ticket_id: int, *, by: Actor, at: datetime) -> tuple[Ticket, int]:
    ticket = lock_ticket(ticket_id, by=by)
    if ticket.customer_id is None:
        raise CustomerNotKnown("First say whose case this is.")
    require_proof(ticket.customer_id, f"ticket:{ticket.pk}", action=PURPOSE, at=at)
    return ticket, ticket.customer_id


def _scope_words(choice: MethodChoice) -> str:
    if choice.subscription is not None:
        return choice.subscription.plan.name
    return choice.invoice.number if choice.invoice is not None else "Everything else"


def _note(ticket: Ticket, text: str, about: str, *, by: Actor, at: datetime) -> None:
    """Put one line into the case: what was done, by whom."""
    who = f", by {by.name}" if by.name else ""
    add_event_line(ticket.pk, key=f"{about}@{at.isoformat()}"[:120], text=f"{text}{who}.", about=about, at=at)
