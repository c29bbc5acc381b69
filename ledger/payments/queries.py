"""Every read of payments worth a name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ledger.errors import NotFound
from ledger.money import Money
from ledger.payments.models import Payment, PaymentMethod


class NoSuchPayment(NotFound):
    """There is no such payment, or it is somebody else's."""


def payments_of(customer_id: int, *, limit: int = 24, before: int | None = None) -> list[Payment]:
    """Return a customer's payments, newest first, paged by the id of the last one seen."""
    found = Payment.objects.filter(customer_id=customer_id).select_related("method")
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[:limit])


def get_payment(payment_id: int, *, customer_id: int | None = None) -> Payment:
    """Return a payment, of this customer when one is named.

    :raises NoSuchPayment: if there is none, or it is another customer's
    """
    found = Payment.objects.filter(pk=payment_id)
    if customer_id is not None:
        found = found.filter(customer_id=customer_id)
    payment = found.first()
    if payment is None:
        raise NoSuchPayment("There is no such payment.")
    return payment


def find_payments(
    customer_id: int, *, amount: Money | None = None, on: Sequence[date] = (), last4: str = ""
) -> list[Payment]:
    """Return the customer's payments that fit everything that is said of one, newest first."""
    found = Payment.objects.filter(customer_id=customer_id)
    if amount is not None:
        found = found.filter(amount_minor=amount.minor, currency=amount.currency)
    if on:
        found = found.filter(received_on__in=list(on))
    if last4:
        found = found.filter(card_last4=last4)
    return list(found.order_by("-received_on", "-pk")[:20])


def find_by_number(number: str) -> Payment | None:
    """Return the payment with this number, if there is one."""
    return Payment.objects.filter(number=number.strip().upper()).first()


def methods_of(customer_id: int) -> list[PaymentMethod]:
    """Return the payment methods on file, oldest first."""
    return list(PaymentMethod.objects.filter(customer_id=customer_id, removed_at=None).order_by("pk"))
