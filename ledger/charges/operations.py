"""add_charge and reverse_charge."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from ledger.books import posting_rules
from ledger.books.operations import post_entry
from ledger.charges.models import Charge
from ledger.customers.queries import get_customer
from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.money import Money, exact_number
from ledger.periods import Period


class InvalidCharge(InvalidInput):
    """A charge needs a description and an amount above zero in the customer's currency."""


class ExternalIdReused(DomainError):
    """The same external id was used before, for something else."""


class NoSuchCharge(NotFound):
    """There is no such charge."""


class ChargeAlreadyBilled(DomainError):
    """The charge stands on an invoice: correct it by a credit note."""


class ChargeAlreadyReversed(DomainError):
    """The charge was reversed before."""


@transaction.atomic
def add_charge(
    customer_id: int,
    *,
    amount: Money,
    description: str,
    tax_rate: Decimal = Decimal(0),
    charged_on: date | None = None,
    period: Period | None = None,
    source: str = "",
    external_id: str | None = None,
    by: Actor,
    at: datetime,
) -> Charge:
    """This will charge a net amount and earn it in the books; the next invoice bills it with its tax.

    A repeated `external_id` with the same content returns the first charge and changes nothing.

    :raises InvalidCharge: if the amount is not above zero, in another currency, or nothing describes it
    :raises ExternalIdReused: if the external id stands for another charge
    """
    customer = get_customer(customer_id)
    _check_charge(amount, description, tax_rate, customer.currency)
    charge = Charge(
        customer=customer,
        description=description.strip(),
        amount_minor=amount.minor,
        currency=amount.currency,
        tax_rate=tax_rate,
        charged_on=charged_on or customer.local_day(at),
        period_start=period.start if period else None,
        period_end=period.end if period else None,
        source=source,
        external_id=external_id,
        added_by=str(by),
        added_at=at,
    )
    return _insert_or_find(charge) or _earn(charge, by=by, at=at)


def _earn(charge: Charge, *, by: Actor, at: datetime) -> Charge:
    entry = posting_rules.charge_added(
        charge.amount, customer_id=charge.customer_id, charge=f"charge:{charge.pk}", on=charge.charged_on
    )
    post_entry(entry, by=by, at=at)
    record_event(
        kinds.CHARGE_ADDED,
        subject=charge,
        customer_id=charge.customer_id,
        by=by,
        at=at,
        amount_minor=charge.amount_minor,
        currency=charge.currency,
        description=charge.description,
    )
    return charge


def _check_charge(amount: Money, description: str, tax_rate: Decimal, currency: str) -> None:
    if amount.minor <= 0:
        raise InvalidCharge("A charge is above zero; to give money back, credit or refund it.")
    if amount.currency != currency:
        raise InvalidCharge(f"This customer is billed in {currency}, not in {amount.currency}.")
    if not description.strip() or len(description) > 200:
        raise InvalidCharge("A charge says in at most 200 characters what it is for.")
    if not 0 <= tax_rate < 100 or (exact_number(tax_rate) * 1000).denominator != 1:
        raise InvalidCharge(
            "A tax rate is a percentage from 0 to below 100, with at most three digits after the point."
        )


def _insert_or_find(charge: Charge) -> Charge | None:
    """Insert the charge, or return the one its external id already stands for."""
    try:
        with transaction.atomic():
            charge.save(force_insert=True)
            return None
    except IntegrityError:
        known = Charge.objects.filter(external_id=charge.external_id).first() if charge.external_id else None
        if known is None:
            raise
    same = ("customer_id", "amount_minor", "currency", "description", "tax_rate", "period_start", "period_end")
    if any(getattr(known, field) != getattr(charge, field) for field in same):
        raise ExternalIdReused(f"{charge.external_id!r} was used before for another charge.")
    return known


@transaction.atomic
def reverse_charge(charge_id: int, *, reason: str, by: Actor, at: datetime) -> Charge:
    """This will take back a charge that no invoice carries yet.

    :raises NoSuchCharge: if there is none
    :raises ChargeAlreadyReversed: if it was taken back before
    :raises ChargeAlreadyBilled: if an invoice carries it
    :raises InvalidCharge: if no reason is given, or more than 300 characters
    """
    if not reason.strip() or len(reason) > 300:
        raise InvalidCharge("Say why the charge is taken back, in at most 300 characters.")
    charge = Charge.objects.select_for_update().filter(pk=charge_id).first()
    if charge is None:
        raise NoSuchCharge("There is no such charge.")
    if charge.reversed_at:
        raise ChargeAlreadyReversed("This charge was taken back already.")
    if hasattr(charge, "invoice_line"):
        raise ChargeAlreadyBilled("This charge is on a bill; open a dispute or issue a credit note instead.")
    charge.reversed_at, charge.reversal_reason = at, reason
    charge.save(update_fields=["reversed_at", "reversal_reason"])
    entry = posting_rules.charge_reversed(
        charge.amount, customer_id=charge.customer_id, charge=f"charge:{charge.pk}", on=charge.customer.local_day(at)
    )
    post_entry(entry, by=by, at=at)
    record_event(
        kinds.CHARGE_REVERSED,
        subject=charge,
        customer_id=charge.customer_id,
        by=by,
        at=at,
        reason=reason,
        amount_minor=charge.amount_minor,
        currency=charge.currency,
    )
    return charge
