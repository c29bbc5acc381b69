"""The whole life of a customer and of the contact points on file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import connection, transaction

from ledger.customers.models import ContactPoint, Customer
from ledger.customers.queries import NoSuchCustomer, normalise_contact
from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.money import exponent


class InvalidCustomer(InvalidInput):
    """A customer needs a name, an ISO country and a known time zone."""


class ContactPointExists(DomainError):
    """The customer has this address on file already."""


class NoSuchContactPoint(NotFound):
    """There is no such live contact point."""


class LastContactPoint(DomainError):
    """The last way to reach a customer cannot be removed."""


class OwnAccount(DomainError):
    """A member of staff may not work on their own customer account."""


def refuse_own_account(by: Actor, customer_id: int | None) -> None:
    """Refuse when a member of staff acts on their own customer account.

    :raises OwnAccount: if they do
    """
    if by.kind == "agent" and by.customer_id is not None and by.customer_id == customer_id:
        raise OwnAccount("This is your own account; a colleague has to work on it.")


@transaction.atomic
def open_customer(
    *,
    name: str,
    country: str,
    currency: str,
    kind: str = "consumer",
    language: str = "en",
    region: str = "",
    time_zone: str = "Europe/Berlin",
    vat_id: str = "",
    external_id: str | None = None,
    email: str = "",
    phone: str = "",
    person: str = "",
    by: Actor,
    at: datetime,
) -> Customer:
    """This will open an account with its owner's contacts; a repeated `external_id` returns the first one.

    :raises InvalidCustomer: or UnknownCurrency, if name, country, kind, time zone or currency cannot be
    """
    known = Customer.objects.filter(external_id=external_id).first() if external_id is not None else None
    if known:
        return known
    _check_customer(name, country, kind, time_zone, currency)
    customer = Customer.objects.create(
        number=_next_number(),
        name=name.strip(),
        kind=kind,
        language=language,
        country=country,
        region=region,
        time_zone=time_zone,
        currency=currency,
        vat_id=vat_id,
        external_id=external_id,
        opened_at=at,
    )
    _record_opening(customer, {"email": email, "phone": phone}, person=person or name, by=by, at=at)
    return customer


def _record_opening(customer: Customer, contacts: Mapping[str, str], *, person: str, by: Actor, at: datetime) -> None:
    record_event(kinds.CUSTOMER_OPENED, subject=customer, customer_id=customer.pk, by=by, at=at, number=customer.number)
    for kind, value in contacts.items():
        if value:
            add_contact_point(customer.pk, kind=kind, value=value, person=person, by=by, at=at)


def _check_customer(name: str, country: str, kind: str, time_zone: str, currency: str) -> None:
    exponent(currency)
    if not name.strip() or len(name.strip()) > 200:
        raise InvalidCustomer("A customer needs a name, of at most 200 characters.")
    if len(country) != 2 or not (country.isascii() and country.isalpha() and country.isupper()):
        raise InvalidCustomer(f"{country!r} is not an ISO 3166-1 country code.")
    if kind not in Customer.Kind.values:
        raise InvalidCustomer("A customer is a consumer or a business.")
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError) as problem:
        raise InvalidCustomer(f"{time_zone!r} is not a time zone.") from problem


def _next_number() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('ledger_customer_number')")
        return f"C-{int(cursor.fetchone()[0]):06d}"


@transaction.atomic
def add_contact_point(
    customer_id: int, *, kind: str, value: str, person: str = "", right: str = "owner", by: Actor, at: datetime
) -> ContactPoint:
    """This will put an address or number on file.

    :raises ContactPointExists: if it is there already
    :raises InvalidInput: if it cannot be an address or number, or the kind or right is unknown
    :raises NoSuchCustomer: if there is no such customer
    """
    customer = _lock_customer(customer_id)
    if kind not in ContactPoint.Kind.values or right not in ContactPoint.Right.values:
        raise InvalidInput("A contact is an e-mail address or a phone, of an owner, a finance contact or a user.")
    value = normalise_contact(kind, value, customer.country)
    if ContactPoint.objects.filter(customer=customer, kind=kind, value__iexact=value, removed_at=None).exists():
        raise ContactPointExists("This contact is on file already.")
    point = ContactPoint.objects.create(
        customer=customer, kind=kind, value=value, person=person, right=right, added_at=at
    )
    record_event(
        kinds.CONTACT_POINT_ADDED,
        subject=point,
        customer_id=customer_id,
        by=by,
        at=at,
        contact=point.masked,
        contact_kind=kind,
        right=right,
    )
    return point


def _lock_customer(customer_id: int) -> Customer:
    # Contacts of one customer change one after the other, so that the last one is seen to be the last.
    customer = Customer.objects.select_for_update(no_key=True).filter(pk=customer_id).first()
    if customer is None:
        raise NoSuchCustomer("We have no such customer.")
    return customer


@transaction.atomic
def remove_contact_point(contact_point_id: int, *, by: Actor, at: datetime) -> None:
    """This will take an address or number off file; it stays known for the record.

    :raises NoSuchContactPoint: if it is not on file
    :raises LastContactPoint: if the customer could not be reached any more
    """
    live = ContactPoint.objects.filter(pk=contact_point_id, removed_at=None)
    customer_id = live.values_list("customer_id", flat=True).first()
    if customer_id is not None:
        _lock_customer(customer_id)
    point = live.select_for_update().first()
    if point is None:
        raise NoSuchContactPoint("This contact is not on file.")
    others = ContactPoint.objects.filter(customer_id=point.customer_id, removed_at=None).exclude(pk=point.pk)
    if not others.exists():
        raise LastContactPoint("This is the last way to reach the customer; add another one first.")
    point.removed_at = at
    point.save(update_fields=["removed_at"])
    record_event(
        kinds.CONTACT_POINT_REMOVED, subject=point, customer_id=point.customer_id, by=by, at=at, contact=point.masked
    )


def record_view(customer_id: int, *, what: str, by: Actor, at: datetime) -> None:
    """This will put a read of sensitive data on the audit trail."""
    record_event(
        kinds.ACCOUNT_VIEWED, subject=f"customer:{customer_id}", customer_id=customer_id, by=by, at=at, what=what
    )


def refuse_access(subject: str, *, why: str, customer_id: int | None, by: Actor, at: datetime) -> None:
    """This will put a refused access on the audit trail; the caller refuses."""
    record_event(kinds.ACCESS_REFUSED, subject=subject, customer_id=customer_id, by=by, at=at, why=why)
