"""Whose message is it? By contact on file, and never by guessing between several."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from ledger.customers.models import ContactPoint, Customer
from ledger.customers.queries import find_by_contact, get_customer, normalise_phone
from ledger.errors import InvalidInput
from notifications.models import Message as Delivered
from tickets.channels.models import Mailbox
from tickets.conversations.inbound import InboundMessage
from tickets.conversations.threads import Thread


@dataclass(frozen=True)
class Sender:
    """The customer, if exactly one fits, with the reason; else the customers it may be."""

    customer: Customer | None = None
    because: str = ""
    candidates: tuple[int, ...] = ()


def match_sender(inbound: InboundMessage, thread: Thread, *, customer_id: int | None) -> Sender:
    """Return whose message it is: who is signed in, else whose notice or case it answers, else whose contact it is.

    An address several customers share links none of them; they are kept as candidates for the agent.
    """
    if customer_id is not None:
        return Sender(get_customer(customer_id), "signed in, or named by the integration")
    told = _customer_told(thread)
    if told is not None:
        return Sender(get_customer(told), "answers what we sent to this customer")
    points = find_contacts(inbound.sender.address)
    customers = {point.customer_id: point.customer for point in points}
    if len(customers) == 1:
        (customer,) = customers.values()
        return Sender(customer, f"{inbound.sender.address} is on file for {customer.number}")
    return Sender(candidates=tuple(sorted(customers)))


def find_contacts(address: str) -> list[ContactPoint]:
    """Return the live contacts with this address or number; none for what is neither."""
    if not address:
        return []
    if "@" in address:
        return find_by_contact(ContactPoint.Kind.EMAIL, address)
    try:
        return find_by_contact(ContactPoint.Kind.PHONE, normalise_phone(address))
    except InvalidInput:
        return []


def is_our_own(address: str) -> bool:
    """Say whether an address is one of ours: then nobody outside wrote."""
    address = address.strip().lower()
    local, at_sign, domain = settings.SUPPORT_ADDRESS.lower().rpartition("@")
    own = bool(at_sign) and (address == f"{local}@{domain}" or _is_plus_address(address, local, domain))
    return own or Mailbox.objects.filter(address__iexact=address).exists()


def _is_plus_address(address: str, local: str, domain: str) -> bool:
    return address.startswith(f"{local}+") and address.endswith(f"@{domain}")


def _customer_told(thread: Thread) -> int | None:
    """Return the customer of the notice answered, or of the closed case continued."""
    sources: Iterable[Delivered | object | None] = (thread.notice, thread.ticket)
    for source in sources:
        customer_id = getattr(source, "customer_id", None)
        if customer_id is not None:
            return int(customer_id)
    return None
