"""record_payment, record_failure and the payment methods on file."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Sum

from ledger.books import posting_rules
from ledger.books.operations import post_entry
from ledger.customers.external_ids import insert_or_find
from ledger.customers.models import Customer
from ledger.customers.queries import NoSuchCustomer, get_customer
from ledger.errors import DomainError, InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.invoices.numbering import next_number
from ledger.money import Money
from ledger.payments.allocating import settle_debts
from ledger.payments.failures import explain_failure
from ledger.payments.models import Payment, PaymentMethod
from ledger.payments.queries import get_payment


class InvalidPayment(InvalidInput):
    """A payment is above zero, in the customer's currency, and shows at most a card's last four digits."""


class PaymentIdReused(DomainError):
    """The same external id was used before, for another payment."""


@transaction.atomic
def record_payment(
    customer_id: int,
    *,
    amount: Money,
    received_on: date | None = None,
    method_id: int | None = None,
    card_last4: str = "",
    gateway_reference: str | None = None,
    external_id: str | None = None,
    invoice_id: int | None = None,
    spread: bool = True,
    by: Actor,
    at: datetime,
) -> Payment:
    """This will book money received: the named invoice first, then the oldest debt; the rest becomes credit.

    Without `spread` only the named invoice is paid. Naming a bill that was given up takes that much back from the loss;
    a draft or void one takes nothing. A repeated `external_id` with the same content returns the first payment.

    :raises InvalidPayment: if the amount is not above zero or in another currency
    :raises PaymentIdReused: if the external id, or the gateway's reference, stands for another payment
    :raises NoSuchInvoice: if the named invoice is not this customer's
    """
    customer = Customer.objects.select_for_update(no_key=True).filter(pk=customer_id).first()
    if customer is None:
        raise NoSuchCustomer("We have no such customer.")
    payment = _new_payment(customer, amount, method_id, card_last4, external_id, received_on, at=at)
    payment.gateway_reference = gateway_reference
    known = _insert_or_find(payment)
    if known:
        return _unless_failed(known, succeeded=True)
    payment.succeed(at=at)
    payment.save()
    to_credit = settle_debts(payment, invoice_id, spread=spread, by=by, at=at)
    entry = posting_rules.payment_received(
        amount, to_credit, customer_id=customer_id, payment=f"payment:{payment.pk}", on=payment.received_on
    )
    post_entry(entry, by=by, at=at)
    _record(kinds.PAYMENT_RECEIVED, payment, by=by, at=at, card=payment.card_last4)
    return payment


def _new_payment(
    customer: Customer,
    amount: Money,
    method_id: int | None,
    card_last4: str,
    external_id: str | None,
    received_on: date | None,
    *,
    at: datetime,
) -> Payment:
    if amount.minor <= 0 or amount.currency != customer.currency:
        raise InvalidPayment(f"A payment is above zero and in {customer.currency}.")
    if card_last4 and not (len(card_last4) == 4 and card_last4.isdecimal()):
        raise InvalidPayment("Only the last four digits of a card are kept.")
    method = None
    if method_id is not None:
        method = PaymentMethod.objects.filter(pk=method_id, customer=customer).first()
        if method is None:
            raise InvalidPayment("This payment method is not the customer's.")
    received_on = received_on or customer.local_day(at)
    return Payment(
        number=next_number("P", received_on.year),
        customer=customer,
        method=method,
        amount_minor=amount.minor,
        currency=amount.currency,
        card_last4=card_last4 or (method.last4 if method else ""),
        external_id=external_id,
        received_on=received_on,
        created_at=at,
    )


def _insert_or_find(payment: Payment) -> Payment | None:
    """Insert the payment, or return the one its external id already stands for."""
    try:
        return insert_or_find(payment, same=("customer_id", "amount_minor", "currency"), reused=_reused)
    except IntegrityError:
        reference = payment.gateway_reference
        if reference and Payment.objects.filter(gateway_reference=reference).exists():
            raise PaymentIdReused(f"The gateway's {reference!r} is booked already, as another payment.") from None
        raise


def _reused(external_id: str) -> DomainError:
    return PaymentIdReused(f"{external_id!r} was used before for another payment.")


def _unless_failed(known: Payment, *, succeeded: bool) -> Payment:
    """Return the payment reported before, unless it was reported with the other outcome."""
    if (known.state == Payment.State.SUCCEEDED) != succeeded:
        raise PaymentIdReused(f"{known.external_id!r} was reported before as {known.state}; use an id of its own.")
    return known


def _record(kind: str, payment: Payment, *, by: Actor, at: datetime, **more: Any) -> None:
    record_event(
        kind,
        subject=payment,
        customer_id=payment.customer_id,
        by=by,
        at=at,
        number=payment.number,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        **more,
    )


@transaction.atomic
def record_processor_fee(
    payment_id: int, *, amount: Money, reference: str, charged_on: date | None = None, by: Actor, at: datetime
) -> Payment:
    """This will book what the payment provider keeps of a payment; it stays our cost when the payment is refunded.

    `reference` is the provider's own, so that the same fee reported twice is booked once.

    :raises InvalidPayment: if the amount is not above zero, in another currency, or no reference is given
    :raises KeyReused: if the reference was used for another fee of this payment
    """
    payment = get_payment(payment_id)
    if amount.minor <= 0 or amount.currency != payment.currency or not reference.strip():
        raise InvalidPayment(f"A fee is above zero, in {payment.currency}, and has the provider's reference.")
    entry = posting_rules.processor_fee(
        amount,
        customer_id=payment.customer_id,
        payment=f"payment:{payment.pk}/{reference.strip()}",
        on=charged_on or payment.received_on,
    )
    if not post_entry(entry, by=by, at=at).replayed:
        _record(
            kinds.PROCESSOR_FEE_RECORDED, payment, by=by, at=at, fee_minor=amount.minor, reference=reference.strip()
        )
    return payment


def count_taken_back(payment: Payment) -> bool:
    """Count on a locked payment what banks took of it, beside what refunds give; say whether the two are too much.

    A bank may take back what a refund has given already. That is not counted twice, but remembered: when the refund
    comes to nothing, the bank's part is counted in full.
    """
    taken = payment.chargebacks.filter(is_taken=True).aggregate(sum=Sum("amount_minor"))["sum"] or 0
    room = payment.amount_minor - payment.refunded_minor
    payment.charged_back_minor = min(int(taken), room)
    payment.save(update_fields=["refunded_minor", "charged_back_minor"])
    return int(taken) > room


@transaction.atomic
def record_failure(
    customer_id: int,
    *,
    amount: Money,
    code: str,
    method_id: int | None = None,
    card_last4: str = "",
    external_id: str | None = None,
    invoice_id: int | None = None,
    trigger: str = "",
    by: Actor,
    at: datetime,
) -> Payment:
    """This will record that money did not come, and why; nothing is posted, because nothing moved.

    `trigger` says who wanted it: an attempt of the customer's own does not use up the schedule.

    :raises InvalidPayment: if the amount is not above zero or in another currency
    :raises PaymentIdReused: if the external id stands for another payment
    """
    customer = get_customer(customer_id)
    payment = _new_payment(customer, amount, method_id, card_last4, external_id, None, at=at)
    known = _insert_or_find(payment)
    if known:
        return _unless_failed(known, succeeded=False)
    payment.fail(at=at, code=code)
    payment.save()
    words = explain_failure(code)
    more = {"code": code, "cause": words.cause, "next_step": words.next_step}
    _record(kinds.PAYMENT_FAILED, payment, by=by, at=at, **more, invoice_id=invoice_id, trigger=trigger)
    return payment


def add_payment_method(
    customer_id: int,
    *,
    kind: str,
    brand: str = "",
    last4: str = "",
    expires_on: date | None = None,
    token: str,
    by: Actor,
    at: datetime,
) -> PaymentMethod:
    """This will put a card or account on file, known by the gateway's token and its last four digits only.

    :raises InvalidPayment: if more of a card number is given than its last four digits
    """
    if last4 and not (len(last4) == 4 and last4.isdecimal()):
        raise InvalidPayment("Only the last four digits of a card are kept.")
    customer = get_customer(customer_id)
    with transaction.atomic():
        method = PaymentMethod.objects.create(
            customer=customer, kind=kind, brand=brand, last4=last4, expires_on=expires_on, token=token, added_at=at
        )
        record_event(
            kinds.PAYMENT_METHOD_ADDED, subject=method, customer_id=customer_id, by=by, at=at, method=str(method)
        )
    return method
