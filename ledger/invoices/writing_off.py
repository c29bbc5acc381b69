"""Bad debts: give up what a customer will not pay, with somebody's authority; and take it back when money comes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django_fsm import can_proceed

from ledger.authority import operations as authority
from ledger.authority.models import Approval, AuthorityLimit
from ledger.books import posting_rules
from ledger.books.operations import post_entry
from ledger.customers.operations import refuse_own_account
from ledger.errors import DomainError, InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.invoices import building
from ledger.invoices.models import Invoice
from ledger.invoices.operations import InvoiceNotInState, NoSuchInvoice, close_if_settled, lock_invoice
from ledger.money import Money

ACT = AuthorityLimit.Act.WRITE_OFF


class WriteOffWaits(DomainError):
    """Somebody asked to give this bill up already; a colleague has to decide."""


class NoWriteOffAsked(DomainError):
    """Nobody has asked to give this bill up."""


class StillDisputed(DomainError):
    """A part of the bill is in dispute: that is decided first."""


class MoreOpenThanApproved(DomainError):
    """More is open by now than was to be given up."""


@transaction.atomic
def give_up_invoice(invoice_id: int, *, reason: str, by: Actor, at: datetime) -> Invoice:
    """This will write off what is open on a bill; above the doer's own limit it waits for a colleague's approval.

    The bill stays known and can still be paid. Look at its state: `open` means that the request waits.

    :raises InvoiceNotInState: if it is not open
    :raises StillDisputed: if a part of it is in dispute
    :raises WriteOffWaits: if it was asked for already
    :raises OwnAccount: if it is the doer's own customer account
    """
    invoice = _lock(invoice_id, by=by)
    if not reason.strip() or len(reason) > 300:
        raise InvalidInput("Say why the bill is given up, in at most 300 characters.")
    _check_can_be_given_up(invoice)
    reference = f"invoice:{invoice.pk}"
    if authority.waiting_for(reference):
        raise WriteOffWaits(f"Somebody asked to give {invoice.number} up already; a colleague has to decide.")
    amount = invoice.due_amount
    given = authority.given_lately(ACT, invoice.customer_id, amount.currency, by=by, at=at)
    decision = authority.decide(ACT, amount, given=given, by=by)
    asked: dict[str, Any] = {"act": ACT, "customer_id": invoice.customer_id, "amount": amount, "by": by, "at": at}
    if decision.alone and decision.limit:
        authority.record_alone(reference, limit=decision.limit, why=reason.strip(), **asked)
        return _write_off(invoice, reason=reason.strip(), approved_by=decision.limit.reference, by=by, at=at)
    authority.request_approval(reference, why=decision.why, reason=reason.strip(), **asked)
    building.record_invoice(kinds.WRITE_OFF_REQUESTED, invoice, by=by, at=at, reason=reason.strip(), why=decision.why)
    return invoice


@transaction.atomic
def approve_write_off(invoice_id: int, *, by: Actor, at: datetime) -> Invoice:
    """This will give a bill up that a colleague asked to give up: what is open by now, if that is not more.

    :raises NoWriteOffAsked: if nobody asked, or it is decided
    :raises ApproverIsRequester: if the same person asked
    :raises ApprovalLimitExceeded: if it is more than they may write off
    """
    invoice = _lock(invoice_id, by=by)
    asked = _asked_for(invoice)
    subject = f"invoice:{invoice.pk}"
    agreed = authority.agree_to(ACT, subject, amount=asked.amount, requested_by=asked.requested_by, by=by, at=at)
    _check_can_be_given_up(invoice)
    if invoice.due_amount > asked.amount:
        raise MoreOpenThanApproved(f"{invoice.due_amount} is open on {invoice.number} by now; ask again.")
    if not agreed:
        return invoice
    return _write_off(invoice, reason=asked.reason, approved_by=str(by), by=by, at=at)


@transaction.atomic
def decline_write_off(invoice_id: int, *, reason: str, by: Actor, at: datetime) -> Invoice:
    """This will leave a bill open that a colleague asked to give up.

    :raises NoWriteOffAsked: if nobody asked, or it is decided
    """
    invoice = _lock(invoice_id, by=by)
    asked = _asked_for(invoice)
    if not reason.strip() or len(reason) > 300:
        raise InvalidInput("Say why the bill is not given up, in at most 300 characters.")
    authority.check_approver(ACT, asked.amount, requested_by=asked.requested_by, by=by)
    authority.close_declined(f"invoice:{invoice.pk}", reason=reason.strip(), by=by, at=at)
    building.record_invoice(kinds.WRITE_OFF_DECLINED, invoice, by=by, at=at, reason=reason.strip())
    return invoice


@transaction.atomic
def recover_invoice(invoice_id: int, *, reason: str, by: Actor, at: datetime) -> Invoice:
    """This will expect again what was given up on a bill, e.g. because the customer agreed to pay; it is open again.

    :raises InvoiceNotInState: if it is not given up
    """
    invoice = _lock(invoice_id, by=by)
    if not reason.strip() or len(reason) > 300:
        raise InvalidInput("Say why the bill is expected again, in at most 300 characters.")
    if not can_proceed(invoice.recover):
        raise InvoiceNotInState(f"{invoice.number} is {invoice.state}; nothing on it was given up.")
    _post_recovery(invoice, invoice.written_off, by=by, at=at)
    invoice.recover()
    invoice.save()
    building.record_invoice(kinds.INVOICE_RECOVERED, invoice, by=by, at=at, reason=reason.strip())
    return invoice


def take_back_part(invoice: Invoice, amount: Money, *, by: Actor, at: datetime) -> None:
    """This will expect a part again that was written off, because it is paid or credited now; nothing for zero."""
    if amount.minor > 0:
        _post_recovery(invoice, amount, by=by, at=at)
        invoice.written_off_minor -= amount.minor


def _post_recovery(invoice: Invoice, amount: Money, *, by: Actor, at: datetime) -> None:
    event = record_event(
        kinds.WRITE_OFF_RECOVERED,
        subject=invoice,
        customer_id=invoice.customer_id,
        by=by,
        at=at,
        number=invoice.number,
        amount_minor=amount.minor,
        currency=amount.currency,
    )
    entry = posting_rules.write_off_recovered(
        amount,
        customer_id=invoice.customer_id,
        invoice=f"invoice:{invoice.pk}/{event.pk}",
        on=invoice.customer.local_day(at),
    )
    post_entry(entry, by=by, at=at)


def _lock(invoice_id: int, *, by: Actor) -> Invoice:
    customer_id = Invoice.objects.filter(pk=invoice_id).values_list("customer_id", flat=True).first()
    if customer_id is None:
        raise NoSuchInvoice("There is no such invoice.")
    building.lock_customer(customer_id)
    refuse_own_account(by, customer_id)
    return lock_invoice(invoice_id)


def _check_can_be_given_up(invoice: Invoice) -> None:
    if invoice.state != Invoice.State.OPEN:
        raise InvoiceNotInState(f"{invoice.number} is {invoice.state}; only an open bill can be given up.")
    if invoice.disputed_minor:
        raise StillDisputed(f"A part of {invoice.number} is in dispute; decide that first.")


def _asked_for(invoice: Invoice) -> Approval:
    asked = authority.waiting_for(f"invoice:{invoice.pk}")
    if asked is None:
        raise NoWriteOffAsked(f"Nobody has asked to give {invoice.number} up.")
    return asked


def _write_off(invoice: Invoice, *, reason: str, approved_by: str, by: Actor, at: datetime) -> Invoice:
    amount = invoice.due_amount
    invoice.give_up(amount=amount, why=reason)
    close_if_settled(invoice, by=by, at=at)
    event = record_event(
        kinds.INVOICE_GIVEN_UP,
        subject=invoice,
        customer_id=invoice.customer_id,
        by=by,
        at=at,
        number=invoice.number,
        amount_minor=amount.minor,
        currency=amount.currency,
        reason=reason,
        approved_by=approved_by,
    )
    entry = posting_rules.write_off(
        amount,
        customer_id=invoice.customer_id,
        invoice=f"invoice:{invoice.pk}/{event.pk}",
        on=invoice.customer.local_day(at),
    )
    post_entry(entry, by=by, at=at)
    return invoice
