"""What every move of an agreement begins and ends with: the lock, the check of the diagram, the event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django_fsm import can_proceed

from ledger.agreements.models import Agreement
from ledger.agreements.queries import NoSuchAgreement
from ledger.errors import DomainError, InvalidInput
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.subscriptions.telling import lock_subscription


class AgreementNotInState(DomainError):
    """The agreement is not in a state in which this can be done."""


def record(kind: str, agreement: Agreement, *, by: Actor, at: datetime, **more: Any) -> None:
    """Record what happened to a version, with what it says and what it gives away."""
    terms = agreement.terms
    record_event(
        kind,
        subject=agreement,
        customer_id=agreement.customer_id,
        by=by,
        at=at,
        **{
            "subscription_id": agreement.subscription_id,
            "version": agreement.version,
            "plan": terms.plan_name,
            "price_minor": terms.price.minor if terms.price is not None else None,
            "percent": None if terms.percent is None else str(terms.percent),
            "starts_on": terms.starts_on.isoformat(),
            "ends_on": terms.ends_on.isoformat() if terms.ends_on else None,
            "amount_minor": agreement.worth_minor,
            "currency": agreement.currency,
            "wording_hash": agreement.wording_hash,
            "conversation": agreement.conversation,
            **more,
        },
    )


def lock_agreement(agreement_id: int) -> Agreement:
    """Lock a version and its subscription for this transaction, the subscription first.

    :raises NoSuchAgreement: if there is none
    """
    found = Agreement.objects.filter(pk=agreement_id).values_list("subscription_id", flat=True).first()
    if found is None:
        raise NoSuchAgreement("There is no such agreement.")
    subscription = lock_subscription(found)
    agreement = Agreement.objects.select_for_update(of=("self",)).select_related("plan").get(pk=agreement_id)
    agreement.subscription = subscription
    return agreement


def check_move(agreement: Agreement, move: object, words: str) -> None:
    """Refuse a move the diagram does not have.

    :raises AgreementNotInState: if it is not possible now
    """
    if not can_proceed(move):
        state = agreement.get_state_display().lower()
        raise AgreementNotInState(f"Version {agreement.version} is {state}; it cannot be {words}.")


def reason_in_words(reason: str, *, most: int = 500) -> str:
    """Return a reason without blanks around it.

    :raises InvalidInput: if there is none, or too much of it
    """
    if not 1 <= len(reason.strip()) <= most:
        raise InvalidInput(f"Say why, in at most {most} characters.")
    return reason.strip()
