"""Every read of customers worth a name."""

from __future__ import annotations

import phonenumbers
from django.db.models import Q
from django.db.models.functions import Lower

from ledger.customers.models import ContactPoint, Customer
from ledger.errors import InvalidInput, NotFound


class NoSuchCustomer(NotFound):
    """There is no customer with this number."""


class InvalidPhoneNumber(InvalidInput):
    """The text is not a telephone number that can exist."""


class InvalidEmailAddress(InvalidInput):
    """The text is not an e-mail address."""


def get_customer(customer_id: int) -> Customer:
    """Return a customer.

    :raises NoSuchCustomer: if there is none
    """
    customer = Customer.objects.filter(pk=customer_id).first()
    if customer is None:
        raise NoSuchCustomer("We have no such customer.")
    return customer


def normalise_phone(text: str, region: str = "DE") -> str:
    """Return a telephone number in E.164 (ITU-T), e.g. +4930901820.

    :raises InvalidPhoneNumber: if it cannot be a number
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as problem:
        raise InvalidPhoneNumber(f"{text!r} is not a telephone number.") from problem
    if not phonenumbers.is_possible_number(number):
        raise InvalidPhoneNumber(f"{text!r} is not a telephone number.")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def normalise_contact(kind: str, value: str, region: str = "DE") -> str:
    """Return an address or number as it is kept on file.

    :raises InvalidEmailAddress: or InvalidPhoneNumber, if it cannot be one
    """
    if kind == ContactPoint.Kind.PHONE:
        return normalise_phone(value, region)
    value = value.strip()
    name, at_sign, domain = value.rpartition("@")
    if not (name and at_sign and "." in domain) or any(c.isspace() for c in value) or len(value) > 254:
        raise InvalidEmailAddress(f"{value!r} is not an e-mail address.")
    return f"{name}@{domain.lower()}"


def find_by_contact(kind: str, value: str) -> list[ContactPoint]:
    """Return the live contact points with this address or number; more than one when customers share it."""
    found = ContactPoint.objects.filter(kind=kind, removed_at=None, customer__closed_at=None)
    matching = found.alias(lowered=Lower("value")).filter(lowered=value.strip().lower())
    return list(matching.select_related("customer").order_by("id")[:20])


def contact_points(customer_id: int) -> list[ContactPoint]:
    """Return a customer's live contact points, oldest first."""
    return list(ContactPoint.objects.filter(customer_id=customer_id, removed_at=None).order_by("id"))


def search_customers(words: str, *, limit: int = 20) -> list[Customer]:
    """Return customers whose number or address is exactly, or whose name contains, the words; oldest first."""
    words = words.strip()
    if not words:
        return []
    by_contact = ContactPoint.objects.filter(removed_at=None).alias(lowered=Lower("value"))
    matching = Q(number__iexact=words) | Q(external_id=words) | Q(name__icontains=words)
    matching |= Q(pk__in=by_contact.filter(lowered=words.lower()).values("customer_id"))
    return list(Customer.objects.filter(matching).order_by("id")[:limit])
