"""change_address: where a customer's letters go. The country is not changed here: it decides the tax."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.customers.addresses import Address, format_address
from ledger.customers.models import Customer
from ledger.customers.operations import refuse_own_account
from ledger.customers.queries import NoSuchCustomer
from ledger.errors import InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event


class InvalidAddress(InvalidInput):
    """The address has a part that cannot be, or does not fit."""


#: Field, what it is called, and how long it may be.
_PARTS = {
    "street": ("street", 200),
    "address_more": ("second line", 200),
    "postal_code": ("postcode", 20),
    "city": ("city", 100),
}


@transaction.atomic
def change_address(
    customer_id: int,
    *,
    street: str = "",
    address_more: str = "",
    postal_code: str = "",
    city: str = "",
    region: str | None = None,
    by: Actor,
    at: datetime,
) -> Customer:
    """This will put a postal address on file in place of the one before; nothing in it empties it.

    The event says that it changed, not what it is: an address is personal data, and events are kept for good.

    :raises InvalidAddress: if a part is too long, has a line break, or the region is not of the customer's country
    :raises NoSuchCustomer: if there is no such customer
    :raises OwnAccount: if staff change their own customer account
    """
    refuse_own_account(by, customer_id)
    customer = Customer.objects.select_for_update(no_key=True).filter(pk=customer_id).first()
    if customer is None:
        raise NoSuchCustomer("We have no such customer.")
    parts = {"street": street, "address_more": address_more, "postal_code": postal_code, "city": city}
    for name, value in parts.items():
        setattr(customer, name, _part(name, value))
    if region is not None:
        customer.region = _region(region, customer.country)
    customer.save(update_fields=[*_PARTS, "region"])
    record_event(kinds.CUSTOMER_ADDRESS_CHANGED, subject=customer, customer_id=customer_id, by=by, at=at)
    return customer


def _part(name: str, value: str) -> str:
    called, longest = _PARTS[name]
    text = value.strip()
    if len(text) > longest or not text.isprintable():
        raise InvalidAddress(f"The {called} of an address is one line of at most {longest} characters.")
    return text


def _region(region: str, country: str) -> str:
    text = region.strip()
    if text and (not text.startswith(f"{country}-") or len(text) > 6):
        raise InvalidAddress(f"{text!r} is not an ISO 3166-2 region of {country}, such as US-CA.")
    return text


def address_of(customer: Customer) -> Address:
    """Return a customer's address as a value."""
    return Address(
        street=customer.street,
        more=customer.address_more,
        postal_code=customer.postal_code,
        city=customer.city,
        region=customer.region,
        country=customer.country,
    )


def letter_lines(customer: Customer, *, from_country: str, language: str = "en") -> list[str]:
    """Return the lines above a letter to a customer: name, then the address as their country writes it."""
    return format_address(customer.name, address_of(customer), from_country=from_country, language=language)
