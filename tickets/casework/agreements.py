"""An agreement accepted in a case: on the customer's proof in this very conversation, linked to it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.agreements.models import Agreement
from ledger.agreements.offering import accept_agreement
from ledger.agreements.queries import NoSuchAgreement
from ledger.customers.acceptance import Acceptance
from ledger.events.actor import Actor
from tickets.casework.operations import LED_TO, CustomerNotKnown, link
from tickets.conversations.operations import lock_ticket
from verification.queries import require_proof

#: What the customer proves who they are for.
ACTION = "change_plan"


@transaction.atomic
def accept_agreement_for_ticket(
    ticket_id: int, agreement_id: int, *, acceptance: Acceptance, by: Actor, at: datetime
) -> Agreement:
    """This will take down the yes of a customer who proved in this case who they are, and link the case to it.

    :raises ProofMissing: if the customer has not proved who they are in this conversation
    :raises NoSuchAgreement: if it is not this customer's
    :raises CustomerNotKnown: if the ticket has no customer
    """
    ticket = lock_ticket(ticket_id, by=by)
    if ticket.customer_id is None:
        raise CustomerNotKnown("Please say first whose case this is.")
    if not Agreement.objects.filter(pk=agreement_id, customer_id=ticket.customer_id).exists():
        raise NoSuchAgreement("There is no such agreement in this case.")
    proof = require_proof(ticket.customer_id, f"ticket:{ticket_id}", action=ACTION, at=at)
    agreement = accept_agreement(agreement_id, acceptance=acceptance, proof=proof, by=by, at=at)
    link(ticket, f"agreement:{agreement_id}", LED_TO, by=by, at=at)
    return agreement
