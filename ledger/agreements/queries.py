"""Every read of agreements worth a name."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from ledger.agreements.models import Agreement
from ledger.agreements.terms import Difference, differences
from ledger.agreements.wording import Wording, words_for
from ledger.errors import NotFound
from ledger.events.actor import Actor

State = Agreement.State
#: What was accepted, and counts or counted.
BINDING = (State.ACCEPTED, State.SUPERSEDED, State.ENDED)
OPEN = (State.WAITING_APPROVAL, State.PROPOSED, State.OFFERED)


class NoSuchAgreement(NotFound):
    """There is no such agreement, or it is somebody else's."""


def list_agreements(customer_id: int) -> list[Agreement]:
    """Return every version for a customer, the newest first, each with its plan and who accepted it."""
    found = Agreement.objects.filter(customer_id=customer_id)
    return list(found.select_related("plan", "acceptance", "replaces__plan").order_by("-pk"))


def get_agreement(agreement_id: int, *, customer_id: int | None = None) -> Agreement:
    """Return one version; with a customer, only one of theirs, and only what was offered to them.

    :raises NoSuchAgreement: if there is none
    """
    found = Agreement.objects.select_related("plan", "replaces__plan", "subscription")
    if customer_id is not None:
        found = found.filter(customer_id=customer_id).exclude(offered_at=None)
    agreement = found.filter(pk=agreement_id).first()
    if agreement is None:
        raise NoSuchAgreement("There is no such agreement.")
    return agreement


def current_agreement(subscription_id: int, on: date) -> Agreement | None:
    """Return the version that counts for a subscription on a day, None where nothing was agreed."""
    found = Agreement.objects.filter(
        Q(until_on=None) | Q(until_on__gt=on),
        Q(ends_on=None) | Q(ends_on__gt=on) | Q(renews_months__gt=0),
        subscription_id=subscription_id,
        state__in=BINDING,
        starts_on__lte=on,
    )
    return found.select_related("plan", "acceptance").order_by("-version").first()


def last_accepted(subscription_id: int) -> Agreement | None:
    """Return the version that was accepted last and still stands, begun or not."""
    found = Agreement.objects.filter(subscription_id=subscription_id, state=State.ACCEPTED)
    return found.select_related("plan").first()


def differences_of(agreement: Agreement) -> tuple[Difference, ...]:
    """Return what a version changes against the one it takes the place of; of a first one, all it says."""
    return differences(agreement.replaces.terms if agreement.replaces else None, agreement.terms)


def words_of(agreement: Agreement) -> Wording:
    """Return the words of a version as paragraphs and terms, for a document; `wording` is what was accepted."""
    return words_for(
        agreement.terms,
        customer=agreement.customer.name,
        number=agreement.subscription_id,
        version=agreement.version,
        before=agreement.replaces.version if agreement.replaces else None,
        language=agreement.language,
    )


def why_not_decide(agreement: Agreement, by: Actor) -> str | None:
    """Return why somebody cannot approve a version, or None when they can; the limit is checked later."""
    if agreement.state != State.WAITING_APPROVAL:
        return f"This agreement is {agreement.get_state_display().lower()}."
    if by.customer_id is not None and by.customer_id == agreement.customer_id:
        return "This is your own account; a colleague has to work on it."
    if agreement.requested_by == str(by):
        return "Somebody else has to approve this: you asked for it."
    return None
