"""Which bills a payment settles: the order rule, and moving a part to another bill afterwards.

The order: the bill the payment names; then the bills that are open, the one due first before the others, the older one
first on the same day; what is left is the customer's credit and pays the next bill. Disputed parts are never paid by
themselves.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from ledger.customers.models import Customer
from ledger.customers.operations import refuse_own_account
from ledger.errors import DomainError, InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.invoices.models import Invoice
from ledger.invoices.operations import NoSuchInvoice, lock_invoice, settle_part, unsettle_part
from ledger.invoices.queries import open_invoices
from ledger.invoices.writing_off import take_back_part
from ledger.money import Money
from ledger.payments.models import Payment, PaymentAllocation
from ledger.payments.queries import get_payment


class NotAllocated(DomainError):
    """Less of this payment settled the bill than is to be moved away from it."""


class NotTaken(DomainError):
    """The other bill does not ask for that much."""


def settle_debts(payment: Payment, invoice_id: int | None, *, spread: bool, by: Actor, at: datetime) -> Money:
    """Allocate to the named invoice, then, with `spread`, to the oldest debt; return what is left over."""
    left = payment.amount
    ids = list(open_invoices(payment.customer_id).values_list("pk", flat=True)) if spread else []
    if invoice_id is not None:
        if lock_invoice(invoice_id).customer_id != payment.customer_id:
            raise NoSuchInvoice("There is no such invoice.")
        ids = [invoice_id, *(pk for pk in ids if pk != invoice_id)]
    for pk in ids:
        if not left:
            break
        invoice = lock_invoice(pk)
        if pk == invoice_id:
            take_back_part(invoice, min(left, invoice.written_off), by=by, at=at)
        part = min(left, invoice.due_amount)
        if part.minor <= 0:
            continue
        PaymentAllocation.objects.create(
            payment=payment, invoice=invoice, amount_minor=part.minor, currency=part.currency
        )
        settle_part(invoice, part, by=by, at=at)
        left = left - part
    return left


@transaction.atomic
def move_allocation(
    payment_id: int, *, from_invoice_id: int, to_invoice_id: int, amount: Money, reason: str, by: Actor, at: datetime
) -> Payment:
    """This will let a part of a payment settle another bill of the same customer: the first one is open again.

    Nothing is posted, because the customer owes the same in all; the two bills' sums and an event say what happened.

    :raises NoSuchPayment: if there is none
    :raises NoSuchInvoice: if a bill is not this customer's
    :raises NotAllocated: if less of the payment settled the first bill
    :raises NotTaken: if the other bill asks for less
    :raises OwnAccount: if it is the doer's own customer account
    """
    payment = get_payment(payment_id)
    refuse_own_account(by, payment.customer_id)
    if not reason.strip() or len(reason) > 300:
        raise InvalidInput("Say why the payment is moved, in at most 300 characters.")
    if amount.minor <= 0 or from_invoice_id == to_invoice_id:
        raise InvalidInput("An amount above zero is moved from one bill to another.")
    Customer.objects.select_for_update(no_key=True).get(pk=payment.customer_id)
    source, target = _lock_both(payment, from_invoice_id, to_invoice_id)
    _check_room(payment, source, target, amount)
    PaymentAllocation.objects.filter(payment=payment, invoice=source).update(
        amount_minor=F("amount_minor") - amount.minor
    )
    there, _ = PaymentAllocation.objects.get_or_create(
        payment=payment, invoice=target, defaults={"amount_minor": 0, "currency": amount.currency}
    )
    PaymentAllocation.objects.filter(pk=there.pk).update(amount_minor=F("amount_minor") + amount.minor)
    unsettle_part(source, amount)
    settle_part(target, amount, by=by, at=at)
    record_event(
        kinds.PAYMENT_MOVED, subject=payment, customer_id=payment.customer_id, by=by, at=at, number=payment.number,
        amount_minor=amount.minor, currency=amount.currency, from_invoice=source.number, to_invoice=target.number,
        reason=reason.strip(),
    )  # fmt: skip
    return payment


def _lock_both(payment: Payment, first: int, second: int) -> tuple[Invoice, Invoice]:
    locked = {pk: lock_invoice(pk) for pk in sorted((first, second))}
    if any(invoice.customer_id != payment.customer_id for invoice in locked.values()):
        raise NoSuchInvoice("There is no such invoice.")
    return locked[first], locked[second]


def _check_room(payment: Payment, source: Invoice, target: Invoice, amount: Money) -> None:
    found = PaymentAllocation.objects.filter(payment=payment, invoice=source).first()
    if found is None or amount > found.amount:
        settled = found.amount if found else Money(0, payment.currency)
        raise NotAllocated(f"{settled} of {payment.number} settled {source.number}.")
    if amount > Money(source.paid_minor, source.currency):
        raise NotAllocated(f"Only {Money(source.paid_minor, source.currency)} of {source.number} is paid.")
    if target.state != Invoice.State.OPEN or amount > target.due_amount:
        raise NotTaken(f"{target.number} asks for {target.due_amount}.")
