"""show_save_offer, accept_save_offer, decline_save_offer: one offer at most, never in the way of cancelling."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django_fsm import can_proceed

from ledger.catalogue.queries import interval_of
from ledger.discounts.models import DiscountGrant
from ledger.discounts.operations import grant_discount, may_grant
from ledger.discounts.terms import DiscountTerms
from ledger.errors import DomainError, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor, ActorKind
from ledger.events.operations import record_event
from ledger.holds.queries import is_protected
from ledger.offers.models import SaveOffer, ShownOffer
from ledger.periods import add_months
from ledger.subscriptions.changes import apply_change, preview_change
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.telling import lock_subscription
from ledger.subscriptions.terms import Change, What

Kind, State = SaveOffer.Kind, ShownOffer.State
#: Who can still be kept: a cancelled subscription has no offer.
RUNNING = (Subscription.State.TRIAL, Subscription.State.ACTIVE, Subscription.State.PAST_DUE)


class NoSuchOffer(NotFound):
    """There is no such offer for this customer."""


class OfferIsOver(DomainError):
    """The offer was answered, or what it gives cannot be given any more."""


def show_save_offer(subscription_id: int, *, language: str, by: Actor, at: datetime) -> ShownOffer | None:
    """This will note that the offer of a plan is shown, and return it; None where none is, or one was shown before.

    Nothing is shown to customers in hardship, above the limit of the role the offer names, and where a pause cannot be.
    It never stands in the way: whatever is wrong with an offer, nothing is shown.
    """
    found = Subscription.objects.select_related("plan", "customer").filter(pk=subscription_id).first()
    if found is None or found.state not in RUNNING or ShownOffer.objects.filter(subscription=found).exists():
        return None
    offer = SaveOffer.objects.filter(plan_id=found.plan_id, is_shown=True).first()
    if offer is None or is_protected(found.customer_id, at=at) or not _can_be_given(found, offer, at=at):
        return None
    text = offer.text_de if language.partition("-")[0] == "de" else offer.text_en
    try:
        with transaction.atomic():
            shown = ShownOffer.objects.create(
                subscription=found, offer=offer, kind=offer.kind, text=text, percent=offer.percent,
                months=offer.months, shown_to=str(by), shown_at=at,
            )  # fmt: skip
            _record(kinds.SAVE_OFFER_SHOWN, shown, found, by=by, at=at)
    except IntegrityError:
        return None  # Two windows at once: the other one shows it.
    return shown


def _can_be_given(subscription: Subscription, offer: SaveOffer, *, at: datetime) -> bool:
    try:
        if offer.kind == Kind.PAUSE:
            preview_change(subscription.pk, _pause(subscription, offer.months, at=at), at=at)
            return True
        terms = _discount(subscription, offer.percent or Decimal(0), offer.months)
        return may_grant(subscription.customer_id, terms=terms, by=_giver(offer), at=at).alone
    except DomainError:
        return False


def _pause(subscription: Subscription, months: int, *, at: datetime) -> Change:
    return Change(What.PAUSE, pause_until=add_months(subscription.customer.local_day(at), months))


def _discount(subscription: Subscription, percent: Decimal, months: int) -> DiscountTerms:
    """Return the discount for the bills that begin within the months: one at least."""
    each = interval_of(subscription.plan).months
    bills = -(-months // each) if each else months * 4
    return DiscountTerms(
        name=f"{subscription.plan.name} -{percent:g} %"[:60],
        percent=percent,
        targets=(subscription.plan.code,),
        duration=DiscountGrant.Duration.PERIODS,
        periods=bills,
    )


def _giver(offer: SaveOffer) -> Actor:
    """Return who gives: the product, by the limit of the role that the offer names."""
    return Actor(ActorKind.SYSTEM, f"save_offer_{offer.pk}", "save offer", roles=frozenset({offer.limit_of}))


@transaction.atomic
def accept_save_offer(shown_id: int, *, customer_id: int, by: Actor, at: datetime) -> ShownOffer:
    """This will give what was offered, through the operations for discounts and pauses, with all their rules.

    :raises NoSuchOffer: if it is not this customer's
    :raises OfferIsOver: if it was answered, the subscription was cancelled, or its limit is used up meanwhile
    """
    shown = _lock(shown_id, customer_id)
    subscription = lock_subscription(shown.subscription_id)
    if not can_proceed(shown.accept) or subscription.state not in RUNNING:
        raise OfferIsOver("This offer is over.")
    shown.accept(at=at)
    until = None
    if shown.kind == Kind.PAUSE:
        wanted = _pause(subscription, shown.months, at=at)
        until = wanted.pause_until
        apply_change(subscription.pk, wanted, by=by, at=at)
    else:
        shown.grant_given = _grant(shown, subscription, at=at)
    shown.save()
    _record(kinds.SAVE_OFFER_ACCEPTED, shown, subscription, by=by, at=at, until=until.isoformat() if until else None)
    return shown


def _grant(shown: ShownOffer, subscription: Subscription, *, at: datetime) -> DiscountGrant:
    grant = grant_discount(
        subscription.customer_id,
        terms=_discount(subscription, shown.percent or Decimal(0), shown.months),
        reason="Offer accepted beside the cancel button.",
        source=f"shownoffer:{shown.pk}",
        external_id=f"shownoffer:{shown.pk}",
        by=_giver(shown.offer),
        at=at,
    )
    if grant.state != DiscountGrant.State.ACTIVE:
        raise OfferIsOver("This offer cannot be given any more.")
    return grant


@transaction.atomic
def decline_save_offer(subscription_id: int, *, by: Actor, at: datetime) -> None:
    """This will note that a customer cancelled all the same; where nothing was shown or it is answered, nothing."""
    shown = ShownOffer.objects.select_for_update().filter(subscription_id=subscription_id).first()
    if shown is not None and can_proceed(shown.decline):
        shown.decline(at=at)
        shown.save()
        _record(kinds.SAVE_OFFER_DECLINED, shown, shown.subscription, by=by, at=at)


def _lock(shown_id: int, customer_id: int) -> ShownOffer:
    rows = ShownOffer.objects.select_for_update(of=("self",)).select_related("offer")
    shown = rows.filter(pk=shown_id, subscription__customer_id=customer_id).first()
    if shown is None:
        raise NoSuchOffer("There is no such offer.")
    return shown


def _record(
    kind: str, shown: ShownOffer, subscription: Subscription, *, by: Actor, at: datetime, until: str | None = None
) -> None:
    bills = shown.grant_given.periods_left if shown.grant_given else None
    record_event(
        kind,
        subject=shown,
        customer_id=subscription.customer_id,
        by=by,
        at=at,
        what=shown.kind,
        plan=subscription.plan.name,
        subscription_id=subscription.pk,
        percent=f"{shown.percent:f}" if shown.percent is not None else None,
        months=shown.months,
        bills=bills,
        until=until,
    )
