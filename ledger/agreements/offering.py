"""offer_agreement to the customer, who accepts it or lets it lapse; from its first day on, bills follow it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from ledger.agreements.models import Agreement, AgreementAcceptance
from ledger.agreements.moving import check_move, lock_agreement, reason_in_words, record
from ledger.agreements.operations import RUNNING, StartsTooEarly, first_billing_day
from ledger.agreements.queries import NoSuchAgreement, last_accepted
from ledger.customers.acceptance import Acceptance
from ledger.customers.operations import refuse_own_account
from ledger.customers.proof import IdentityProof
from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor, ActorKind
from ledger.holds.queries import is_protected
from ledger.subscriptions.changes import apply_change
from ledger.subscriptions.facts import facts_of
from ledger.subscriptions.models import SubscriptionTerms
from ledger.subscriptions.planning import SubscriptionNotInState
from ledger.subscriptions.terms import Change, What


class OfferHasLapsed(DomainError):
    """The offer can no longer be accepted."""


class CustomerProtected(DomainError):
    """The customer said that they cannot pay: nothing that does not cost less is offered to them."""


@transaction.atomic
def offer_agreement(agreement_id: int, *, by: Actor, at: datetime) -> Agreement:
    """This will offer an approved version to the customer, who may accept it up to its first day.

    :raises AgreementNotInState: if nobody has approved it, or it was offered before
    :raises StartsTooEarly: if its first day is billed already
    :raises CustomerProtected: if it does not cost less, and the customer is helped in hardship
    """
    agreement = lock_agreement(agreement_id)
    refuse_own_account(by, agreement.customer_id)
    check_move(agreement, agreement.offer, "offered")
    if not agreement.worth_minor and is_protected(agreement.customer_id, at=at):
        raise CustomerProtected("The customer is helped in hardship at the moment: only what costs less is offered.")
    if is_too_late(agreement, at=at):
        raise StartsTooEarly(f"{agreement.starts_on} is billed already, or over; please propose a later day.")
    agreement.offer(by=str(by), at=at, open_until=agreement.starts_on)
    agreement.save()
    record(kinds.AGREEMENT_OFFERED, agreement, by=by, at=at, open_until=agreement.starts_on.isoformat())
    return agreement


def is_too_late(agreement: Agreement, *, at: datetime) -> bool:
    """Return whether the first day of a version is billed already, or over."""
    today = agreement.subscription.customer.local_day(at)
    return agreement.subscription.renews_on > agreement.starts_on or today > agreement.starts_on


@transaction.atomic
def accept_agreement(
    agreement_id: int, *, acceptance: Acceptance, proof: IdentityProof | None = None, by: Actor, at: datetime
) -> Agreement:
    """This will keep that the customer said yes, and to which words; bills follow it from its first day on.

    Customers accept for themselves in the portal; whoever takes it down for them needs a proof of who they are.
    The version before is superseded from the first day of this one on.

    :raises WordingDiffers: if the text accepted is another one
    :raises OfferHasLapsed: if its first day is billed already, or over
    :raises ProofMissing: if nobody knows that it was the customer
    """
    agreement = lock_agreement(agreement_id)
    refuse_own_account(by, agreement.customer_id)
    if by.kind == ActorKind.CUSTOMER and by.customer_id != agreement.customer_id:
        raise NoSuchAgreement("There is no such agreement.")
    acceptance.check(proof, customer_id=agreement.customer_id, shown_at=agreement.offered_at, by=by, at=at)
    check_move(agreement, agreement.accept, "accepted")
    acceptance.check_wording(agreement.wording_hash)
    if is_too_late(agreement, at=at):
        raise OfferHasLapsed(f"This offer was open until {agreement.starts_on}; please ask for a new one.")
    if agreement.subscription.state not in RUNNING:
        raise SubscriptionNotInState("This subscription is not running; nothing can be agreed on for it.")
    before = last_accepted(agreement.subscription_id)
    if before is not None:
        _supersede(before, agreement, by=by, at=at)
    agreement.accept(at=at)
    agreement.save()
    kept = _keep(agreement, acceptance, proof, by=by, at=at)
    write_terms(agreement, at=at)
    _change_plan(agreement, by=by, at=at)
    record(
        kinds.AGREEMENT_ACCEPTED, agreement, by=by, at=at, accepted_by=kept.accepted_by, channel=kept.channel,
        proof=kept.proof_reference, replaces=agreement.replaces_id,
    )  # fmt: skip
    return agreement


def _supersede(before: Agreement, agreement: Agreement, *, by: Actor, at: datetime) -> None:
    before.supersede(by=str(by), at=at, until_on=agreement.starts_on)
    before.save()
    record(kinds.AGREEMENT_SUPERSEDED, before, by=by, at=at, superseded_by=agreement.pk)


def _keep(
    agreement: Agreement, acceptance: Acceptance, proof: IdentityProof | None, *, by: Actor, at: datetime
) -> AgreementAcceptance:
    return AgreementAcceptance.objects.create(
        agreement=agreement,
        contact_point_id=acceptance.contact_point_id,
        language=agreement.language,
        **acceptance.columns(proof, person=agreement.subscription.customer.name, by=by, at=at),
    )


def write_terms(agreement: Agreement, *, at: datetime, list_price_from: date | None = None) -> None:
    """Hand a version's price to rating; with `list_price_from`, the list price from that day on."""
    is_list = list_price_from is not None
    SubscriptionTerms.objects.create(
        subscription_id=agreement.subscription_id,
        product_id=agreement.plan_id,
        price_minor=None if is_list else agreement.price_minor,
        percent=None if is_list else agreement.percent,
        currency=agreement.currency,
        valid_from=list_price_from or agreement.starts_on,
        valid_until=None if is_list or agreement.renews_months else agreement.ends_on,
        ends_on=None if is_list else agreement.ends_on,
        renews_months=0 if is_list else agreement.renews_months,
        notice_days=0 if is_list else agreement.notice_days,
        source=f"agreement:{agreement.pk}",
        recorded_at=at,
    )


def _change_plan(agreement: Agreement, *, by: Actor, at: datetime) -> None:
    if agreement.subscription.plan_id != agreement.plan_id:
        wanted = Change(What.PLAN, plan=agreement.plan.code)
        apply_change(agreement.subscription_id, wanted, on=agreement.starts_on, by=by, at=at)


@transaction.atomic
def end_agreement(agreement_id: int, *, reason: str, by: Actor, at: datetime) -> Agreement:
    """This will end what is agreed from the next billing day on, after its notice; the list price counts then.

    :raises AgreementNotInState: if it does not count
    """
    agreement = lock_agreement(agreement_id)
    refuse_own_account(by, agreement.customer_id)
    check_move(agreement, agreement.end, "ended")
    facts = facts_of(agreement.subscription)
    today = agreement.subscription.customer.local_day(at)
    until_on = first_billing_day(facts, max(today + timedelta(days=agreement.notice_days), agreement.starts_on))
    agreement.end(by=str(by), at=at, until_on=until_on, reason=reason_in_words(reason))
    agreement.save()
    write_terms(agreement, at=at, list_price_from=until_on)
    record(kinds.AGREEMENT_ENDED, agreement, by=by, at=at, reason=agreement.close_reason, until_on=until_on.isoformat())
    return agreement


def keep_agreements(*, at: datetime) -> int:
    """This will lapse offers nobody accepted in time and end what has run out; return how many of both."""
    by, horizon = Actor.system("agreements"), (at + timedelta(days=1)).date()
    offered = Agreement.objects.filter(state=Agreement.State.OFFERED).order_by("open_until", "pk")
    running = Agreement.objects.filter(state=Agreement.State.ACCEPTED, ends_on__lte=horizon, renews_months=0)
    lapsed = [_lapse(pk, by=by, at=at) for pk in _ids(offered.filter(open_until__lte=horizon))]
    ended = [_run_out(pk, by=by, at=at) for pk in _ids(running.order_by("ends_on", "pk"))]
    return sum(lapsed) + sum(ended)


def _ids(found: QuerySet[Agreement]) -> list[int]:
    return list(found.values_list("pk", flat=True))


@transaction.atomic
def _lapse(agreement_id: int, *, by: Actor, at: datetime) -> bool:
    agreement = lock_agreement(agreement_id)
    if agreement.state != Agreement.State.OFFERED or not is_too_late(agreement, at=at):
        return False
    agreement.lapse(by=str(by), at=at)
    agreement.save()
    record(kinds.AGREEMENT_LAPSED, agreement, by=by, at=at)
    return True


@transaction.atomic
def _run_out(agreement_id: int, *, by: Actor, at: datetime) -> bool:
    agreement = lock_agreement(agreement_id)
    ends_on = agreement.ends_on
    today = agreement.subscription.customer.local_day(at)
    if agreement.state != Agreement.State.ACCEPTED or ends_on is None or today < ends_on:
        return False
    agreement.end(by=str(by), at=at, until_on=ends_on, reason="Its term is over.")
    agreement.save()
    record(kinds.AGREEMENT_ENDED, agreement, by=by, at=at, reason=agreement.close_reason, until_on=ends_on.isoformat())
    return True
