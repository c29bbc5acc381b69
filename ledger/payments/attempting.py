"""What may be collected of a bill, from which method, and the attempt written down before any gateway is asked."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from ledger.customers.models import Customer
from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.holds.models import Hold
from ledger.holds.queries import live_holds
from ledger.invoices.models import Invoice
from ledger.invoices.operations import NoSuchInvoice, lock_invoice
from ledger.money import Money
from ledger.payments.attempt_models import Attempt, Collection
from ledger.payments.choices import chosen_method
from ledger.payments.events import record_attempt
from ledger.payments.gateways import gateway
from ledger.payments.mandate_models import Mandate
from ledger.payments.methods import takes_kind
from ledger.payments.models import PaymentMethod
from ledger.payments.retry_queries import refused_for_good
from ledger.payments.timing import LEASE


class NothingToCollect(DomainError):
    """Nothing is asked for on this bill, or less than was to be collected."""


class CollectionInProgress(DomainError):
    """A payment of this bill is under way; its answer has to come first."""


class CollectionStopped(DomainError):
    """A hold stops the collection of this bill."""


class NoUsableMethod(DomainError):
    """There is no card or account on file that can pay this bill."""


class MethodExpired(NoUsableMethod):
    """The card has expired; it is not tried."""


class TooSoonToDebit(CollectionStopped):
    """The customer was promised to be told so many days before a direct debit."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be collected, how, and who wants it; `despite` names the source of a hold that arranged it.

    `is_first` refuses what the schedule has tried already: from then on its retries follow a plan of their own.
    """

    invoice_id: int
    method_id: int | None
    amount: Money | None
    trigger: str
    despite: str = ""
    is_first: bool = False


@transaction.atomic
def begin_attempt(order: Order, *, by: Actor, at: datetime) -> Attempt:
    """This will write an attempt down and lock its bill, before any gateway is asked."""
    invoice, method, amount = check_order(order, at=at)
    if Collection.objects.filter(invoice=invoice, closed_at=None).exists():
        raise CollectionInProgress(f"A payment of {invoice.number} is under way already; please wait for its answer.")
    if order.is_first and Attempt.objects.filter(invoice=invoice, trigger=Attempt.Trigger.SCHEDULE).exists():
        raise CollectionInProgress(f"The schedule has tried {invoice.number} already.")
    attempt = Attempt.objects.create(
        key=f"attempt-{secrets.token_hex(12)}",
        customer_id=invoice.customer_id,
        invoice=invoice,
        method=method,
        gateway=gateway().name,
        trigger=order.trigger,
        despite=order.despite,
        amount_minor=amount.minor,
        currency=amount.currency,
        started_by=str(by),
        started_at=at,
        ask_again_at=at + LEASE,
    )
    Collection.objects.create(
        invoice=invoice, attempt=attempt, owner=f"{os.uname().nodename}:{os.getpid()}"[:80], opened_at=at,
        expires_at=at + LEASE,
    )  # fmt: skip
    record_attempt(kinds.ATTEMPT_STARTED, attempt, by=by, at=at)
    return attempt


def check_order(order: Order, *, at: datetime) -> tuple[Invoice, PaymentMethod, Money]:
    """Return bill, method and amount of an order, the customer and the bill locked if a transaction is open."""
    with transaction.atomic():
        customer_id = Invoice.objects.filter(pk=order.invoice_id).values_list("customer_id", flat=True).first()
        if customer_id is None:
            raise NoSuchInvoice("There is no such invoice.")
        customer = Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
        invoice = lock_invoice(order.invoice_id)
        amount = _amount(invoice, order)
        if order.trigger == Attempt.Trigger.SCHEDULE:
            _refuse_if_held(invoice, order.despite, at=at)
        spared = refused_for_good(customer_id) if order.trigger == Attempt.Trigger.SCHEDULE else frozenset()
        wished = chosen_method(invoice) if order.method_id is None else None
        method = choose_method(customer, order.method_id, amount, spared=spared, wished=wished, at=at)
        if order.trigger == Attempt.Trigger.SCHEDULE:
            _refuse_before_notice(invoice, method, today=customer.local_day(at))
        return invoice, method, amount


def collectable(invoice: Invoice) -> Money:
    """Return what may be collected of a bill: what is due, or, once it was given up, what was written off."""
    return invoice.written_off if invoice.state == Invoice.State.UNCOLLECTIBLE else invoice.due_amount


def _amount(invoice: Invoice, order: Order) -> Money:
    due = collectable(invoice)
    if invoice.state == Invoice.State.UNCOLLECTIBLE and order.trigger == Attempt.Trigger.SCHEDULE:
        due = Money(0, invoice.currency)
    if due.minor <= 0:
        raise NothingToCollect(f"Nothing is asked for on {invoice.number} at the moment.")
    amount = order.amount or due
    if amount.currency != due.currency or amount.minor <= 0 or amount > due:
        raise NothingToCollect(f"Of {invoice.number} {due} can be paid at the moment.")
    return amount


def _refuse_if_held(invoice: Invoice, despite: str, *, at: datetime) -> None:
    held = live_holds(invoice.customer_id, stop=Hold.Stop.COLLECTION, invoice_id=invoice.pk, at=at)
    stopping = [hold for hold in held if not despite or hold.source != despite]
    if stopping:
        raise CollectionStopped(f"{invoice.number} is not collected: {stopping[0].why}")


def _refuse_before_notice(invoice: Invoice, method: PaymentMethod, *, today: date) -> None:
    """A bill is the word ahead of a debit: its days have to pass first; who pays by themselves needs no notice."""
    mandate = Mandate.objects.filter(method=method, kind=Mandate.Kind.DIRECT_DEBIT).first()
    if mandate is None:
        return
    first_on = invoice.issued_on + timedelta(days=mandate.notice_days)
    if today < first_on:
        raise TooSoonToDebit(f"The customer is told {mandate.notice_days} days ahead: {first_on} is the first day.")


def choose_method(
    customer: Customer,
    method_id: int | None,
    amount: Money,
    *,
    spared: frozenset[int] = frozenset(),
    wished: int | None = None,
    at: datetime,
) -> PaymentMethod:
    """Return the named method if it can pay an amount, else the wished or the newest that can; never a spared one.

    :raises NoUsableMethod: if there is none; MethodExpired if only its day is the trouble
    """
    found = PaymentMethod.objects.filter(customer=customer)
    # A card used once through a link is never on file, so it can only be named.
    found = found.filter(removed_at=None) if method_id is None else found.filter(pk=method_id)
    ordered = sorted(found.order_by("-pk"), key=lambda one: one.pk != wished)
    methods = [one for one in ordered if takes_kind(one.kind, customer.country, amount)]
    methods = [one for one in methods if one.kind != PaymentMethod.Kind.TRANSFER]
    if method_id is not None:
        methods = [one for one in methods if one.removed_at is None or one.is_single_use]
    if methods and all(one.pk in spared for one in methods):
        raise NoUsableMethod("The bank has refused this card for good; another one is needed.")
    methods = [one for one in methods if one.pk not in spared]
    if not methods:
        raise NoUsableMethod(f"There is no card or account on file that can pay {amount}.")
    today = customer.local_day(at)
    valid = [one for one in methods if one.expires_on is None or one.expires_on >= today]
    if not valid:
        raise MethodExpired(f"The {methods[0]} has expired; please add a card that is still valid.")
    return valid[0]
