"""Links to pay one bill without signing in: signed, so that guessing costs nothing here; expiring; kept as a hash."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction

from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.invoices.operations import lock_invoice
from ledger.payments.attempt_models import Attempt, PaymentLink
from ledger.payments.attempting import NothingToCollect, collectable
from ledger.payments.collecting import collect_invoice
from ledger.payments.on_file import add_test_card

#: How long a link can be used.
LIVES = timedelta(days=14)
SIGNER = signing.Signer(salt="payment link")


class PaymentLinkNotValid(DomainError):
    """The link is too old, was withdrawn, or never existed: the three are not told apart."""


@transaction.atomic
def make_payment_link(invoice_id: int, *, by: Actor, at: datetime) -> str:
    """This will return the secret part of a new link to pay one bill; it is shown now and never again.

    :raises NoSuchInvoice: if there is none
    :raises NothingToCollect: if nothing is asked for on it
    """
    invoice = lock_invoice(invoice_id)
    if collectable(invoice).minor <= 0:
        raise NothingToCollect(f"Nothing is asked for on {invoice.number} at the moment.")
    token = SIGNER.sign(secrets.token_urlsafe(24))
    link = PaymentLink.objects.create(
        customer_id=invoice.customer_id,
        invoice=invoice,
        hash=_digest(token),
        made_by=str(by),
        made_at=at,
        expires_at=at + LIVES,
    )
    record_event(
        kinds.PAYMENT_LINK_MADE, subject=link, customer_id=invoice.customer_id, by=by, at=at, number=invoice.number,
        invoice_id=invoice.pk,
    )  # fmt: skip
    return token


def open_payment_link(token: str, *, at: datetime) -> PaymentLink:
    """Return the link of a token; looking at it changes nothing.

    :raises PaymentLinkNotValid: if it is forged, too old or withdrawn
    """
    refusal = PaymentLinkNotValid("This link is too old or not complete. Please ask us for a new one.")
    try:
        SIGNER.unsign(token)
    except signing.BadSignature as problem:
        raise refusal from problem
    found = PaymentLink.objects.filter(hash=_digest(token), withdrawn_at=None, expires_at__gt=at)
    link = found.select_related("invoice", "customer").first()
    if link is None or link.customer.closed_at is not None:
        raise refusal
    return link


@transaction.atomic
def withdraw_payment_links(invoice_id: int, *, by: Actor, at: datetime) -> int:
    """This will end every live link to a bill; return how many there were."""
    found = PaymentLink.objects.select_for_update().filter(invoice_id=invoice_id, withdrawn_at=None, expires_at__gt=at)
    live = list(found)
    for link in live:
        PaymentLink.objects.filter(pk=link.pk).update(withdrawn_at=at)
        record_event(kinds.PAYMENT_LINK_WITHDRAWN, subject=link, customer_id=link.customer_id, by=by, at=at)
    return len(live)


def pay_by_link(token: str, *, card: str, at: datetime) -> Attempt:
    """This will pay the bill of a link with one of the sandbox's test cards, which is kept for this payment only.

    :raises PaymentLinkNotValid: if the link cannot be used
    :raises NothingToCollect: if the bill is paid already
    """
    link = open_payment_link(token, at=at)
    by = Actor.customer(link.customer_id, name="by payment link")
    if collectable(link.invoice).minor <= 0:
        raise NothingToCollect(f"Nothing is asked for on {link.invoice.number} any more.")
    method = add_test_card(link.customer_id, card=card, single_use=True, by=by, at=at)
    return collect_invoice(link.invoice_id, method_id=method.pk, trigger=Attempt.Trigger.CUSTOMER, by=by, at=at)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
