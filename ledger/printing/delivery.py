"""choose_delivery and undo_delivery: bills by e-mail, or printed and posted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from ledger.customers.addresses import Address, format_address
from ledger.customers.choosing import UNDO_WITHIN, lock_chooser, put_aside, put_back
from ledger.customers.models import Customer
from ledger.customers.queries import get_customer
from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.printing.models import DeliveryChoice, Letter
from ledger.printing.queries import choice_of
from ledger.subscriptions.forecast import forecast
from ledger.subscriptions.queries import subscriptions_of

Way, State = DeliveryChoice.Way, DeliveryChoice.State


class NoPostalAddress(DomainError):
    """There is no postal address on file that a letter could go to."""


class DeliveryAlreadyChosen(DomainError):
    """Bills come this way already."""


class NoSuchDelivery(NotFound):
    """There is no such choice, or it is somebody else's."""


class DeliveryIsUsed(DomainError):
    """A bill went that way since, or the choice is too old or replaced."""


@dataclass(frozen=True, slots=True)
class DeliveryPreview:
    """What a choice means: the way before and after, the day of the first bill that goes so, and where it goes."""

    before: str
    after: str
    first_on: date | None
    address: tuple[str, ...]


def way_of(customer_id: int) -> str:
    """Return how a customer gets bills now."""
    found = choice_of(customer_id)
    return found.way if found else Way.EMAIL.value


def preview_delivery(customer_id: int, way: str, *, at: datetime) -> DeliveryPreview:
    """Return what another way of getting bills would mean.

    :raises InvalidInput: if there is no such way; DeliveryAlreadyChosen: if bills come so already
    :raises NoPostalAddress: if there is nowhere to post them to
    """
    before, customer = way_of(customer_id), get_customer(customer_id)
    _check(customer, before, way)
    coming = (forecast_first(pk, at=at) for pk in (plan.pk for plan in subscriptions_of(customer_id)))
    first_on = min((day for day in coming if day), default=None)
    return DeliveryPreview(before, way, first_on, _lines_of(customer) if way == Way.PAPER else ())


def _lines_of(customer: Customer) -> tuple[str, ...]:
    """Return where a letter goes, as it is written on the envelope."""
    address = Address(
        customer.street, customer.address_more, customer.postal_code, customer.city, customer.region, customer.country
    )
    return tuple(format_address(customer.name, address, from_country=settings.SELLER_COUNTRY))


def forecast_first(subscription_id: int, *, at: datetime) -> date | None:
    """Return the day of the next bill of a plan; None when none comes or nobody can say."""
    try:
        bills = forecast(subscription_id, at=at, bills=1)
    except DomainError:
        return None
    return bills[0].on if bills else None


def _check(customer: Customer, before: str, way: str) -> None:
    if way not in Way.values:
        raise InvalidInput("Bills come by e-mail or on paper.")
    if way == before:
        raise DeliveryAlreadyChosen(f"Your bills come {Way(way).label} already.")
    if way == Way.PAPER and not (customer.street and customer.city):
        raise NoPostalAddress("We have no postal address of yours on file. Please tell us where to post your bills.")


@transaction.atomic
def choose_delivery(customer_id: int, *, way: str, conversation: str = "", by: Actor, at: datetime) -> DeliveryChoice:
    """This will send bills another way, from the next one on; it can be taken back until one went so, 14 days at most.

    :raises InvalidInput, DeliveryAlreadyChosen, NoPostalAddress: as `preview_delivery`
    """
    customer = lock_chooser(customer_id, by)
    before = choice_of(customer_id)
    _check(customer, before.way if before else Way.EMAIL, way)
    put_aside(before, by=by, at=at)
    choice = DeliveryChoice.objects.create(
        customer=customer,
        way=way,
        before=before,
        conversation=conversation,
        chosen_by=str(by),
        chosen_at=at,
        undo_until=at + UNDO_WITHIN,
    )
    _record(kinds.DELIVERY_CHOSEN, choice, way, by=by, at=at)
    return choice


@transaction.atomic
def undo_delivery(choice_id: int, *, customer_id: int, by: Actor, at: datetime) -> DeliveryChoice:
    """This will take a choice back: bills come as they did before.

    :raises NoSuchDelivery: if there is none
    :raises DeliveryIsUsed: if a bill went so since, it is not in force, or its fourteen days are over
    """
    lock_chooser(customer_id, by)
    rows = DeliveryChoice.objects.select_for_update(of=("self",)).select_related("before")
    choice = rows.filter(pk=choice_id, customer_id=customer_id).first()
    if choice is None:
        raise NoSuchDelivery("There is no such choice.")
    why_not = why_not_undo(choice, at=at)
    if why_not:
        raise DeliveryIsUsed(why_not)
    put_back(choice, by=by, at=at)
    _record(kinds.DELIVERY_UNDONE, choice, way_of(customer_id), by=by, at=at)
    return choice


def why_not_undo(choice: DeliveryChoice, *, at: datetime) -> str:
    """Return why a choice cannot be taken back; empty when it can."""
    if choice.state != State.IN_FORCE:
        return "Something else was chosen since."
    if at >= choice.undo_until:
        return "It was chosen more than 14 days ago; choose the other way instead."
    letters = Letter.objects.filter(customer_id=choice.customer_id, queued_at__gte=choice.chosen_at)
    if choice.way == Way.PAPER and letters.exists():
        return "A bill is on its way by post already; choose e-mail instead."
    return ""


def _record(kind: str, choice: DeliveryChoice, way: str, *, by: Actor, at: datetime) -> None:
    record_event(
        kind,
        subject=choice,
        customer_id=choice.customer_id,
        by=by,
        at=at,
        way=way,
        undo_until=choice.undo_until.isoformat(),
        conversation=choice.conversation,
    )
