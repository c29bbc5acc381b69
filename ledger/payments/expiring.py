"""replace_card: the bank's update service, or the customer, gives a new card for one that expires or was renewed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from ledger.customers.models import Customer
from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.invoices.models import Invoice
from ledger.payments.choices import follow_new_card
from ledger.payments.declines import RetryRule
from ledger.payments.mandates import follow_replacement
from ledger.payments.models import PaymentMethod
from ledger.payments.operations import add_payment_method
from ledger.payments.recovery import cancel_retries_of_card
from ledger.payments.retry_models import Retry


class NoSuchMethod(NotFound):
    """There is no such card or account on file."""


class CardNoLongerOnFile(DomainError):
    """The card was taken off already, and not for the one named now."""


@transaction.atomic
def replace_card(
    method_id: int, *, token: str, brand: str = "", last4: str, expires_on: date, by: Actor, at: datetime
) -> PaymentMethod:
    """This will put the new card in the place of the old one and try it once for every bill the old one failed to pay.

    What was planned for the old card is called off. The same replacement reported twice changes nothing.

    :raises NoSuchMethod: if there is no such card
    :raises CardNoLongerOnFile: if it is off file already, for another card
    :raises InvalidInput: if the new card has expired too
    """
    customer_id = PaymentMethod.objects.filter(pk=method_id).values_list("customer_id", flat=True).first()
    if customer_id is None:
        raise NoSuchMethod("There is no such card on file.")
    customer = Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
    old = PaymentMethod.objects.select_for_update().get(pk=method_id)
    known = PaymentMethod.objects.filter(customer=customer, token=token, removed_at=None).exclude(pk=old.pk).first()
    if old.removed_at is not None:
        if known is None:
            raise CardNoLongerOnFile("This card was taken off the account already.")
        return known
    if expires_on < customer.local_day(at):
        raise InvalidInput("The new card has expired as well.")
    new = known or add_payment_method(
        customer.pk, kind=old.kind, brand=brand or old.brand, last4=last4, expires_on=expires_on, token=token, by=by,
        at=at,
    )  # fmt: skip
    _take_off(old, new, by=by, at=at)
    waiting = _bills_it_failed_to_pay(old)
    cancel_retries_of_card(old.pk, why=f"The card was replaced by {new}.", by=by, at=at)
    for invoice in waiting:
        _try_now(invoice, new, at=at)
    return new


def _take_off(old: PaymentMethod, new: PaymentMethod, *, by: Actor, at: datetime) -> None:
    old.removed_at = at
    old.save(update_fields=["removed_at"])
    follow_new_card(old, new, by=by, at=at)
    follow_replacement(old, new)
    told: dict[str, Any] = {"method": str(old), "replaced_by": str(new), "method_id": new.pk}
    record_event(kinds.PAYMENT_METHOD_REPLACED, subject=old, customer_id=old.customer_id, by=by, at=at, **told)


def _bills_it_failed_to_pay(card: PaymentMethod) -> list[Invoice]:
    """Return open bills whose last scheduled try with this card failed."""
    failed = card.attempts.filter(state="failed", trigger="schedule").values("invoice_id")
    bills = Invoice.objects.filter(pk__in=failed, state=Invoice.State.OPEN)
    return [invoice for invoice in bills.order_by("due_on", "pk") if invoice.due_amount.minor > 0]


def _try_now(invoice: Invoice, card: PaymentMethod, *, at: datetime) -> None:
    Retry.objects.get_or_create(
        invoice=invoice,
        method=card,
        rule=RetryRule.SOON,
        number=1,
        defaults={
            "customer_id": invoice.customer_id,
            "schedule": "new card",
            "amount_minor": invoice.due_amount.minor,
            "currency": invoice.currency,
            "planned_for": at,
            "planned_at": at,
        },
    )
