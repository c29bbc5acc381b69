"""add_charge and reverse_charge."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from ledger.books import posting_rules
from ledger.books.operations import post_entry
from ledger.charges import checks
from ledger.charges.amounts import flat_basis, tax_inside
from ledger.charges.basis import Basis, discount_amount, to_json
from ledger.charges.checks import InvalidCharge
from ledger.charges.distance import decided_for_price
from ledger.charges.models import Charge
from ledger.customers.external_ids import insert_or_find
from ledger.customers.models import Customer
from ledger.customers.queries import get_customer
from ledger.errors import DomainError, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.money import Money
from ledger.periods import Period

__all__ = ["InvalidCharge"]

#: What must be the same when an external id is used again.
SAME = (
    "customer_id",
    "amount_minor",
    "currency",
    "description",
    "kind",
    "tax_rate",
    "period_start",
    "period_end",
)


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
    kind: str = Charge.Kind.OTHER,
    basis: Basis | None = None,
    tax_rate: Decimal | None = Decimal(0),
    tax_category: str = "standard",
    charged_on: date | None = None,
    period: Period | None = None,
    source: str = "",
    external_id: str | None = None,
    by: Actor,
    at: datetime,
) -> Charge:
    """This will charge an amount and earn its net in the books; the next invoice bills it with its tax.

    `amount` is what `basis` comes to; a tax inside is taken out here. Without a rate the tax rules decide. A repeated
    `external_id` with the same content returns the first charge and changes nothing.

    :raises InvalidCharge: if the amount is not above zero, in another currency, or nothing says what it is for
    :raises ExternalIdReused: if the external id stands for another charge
    :raises NoTaxRule: if tax is to be taken out of a price and no rule says how much
    """
    customer = get_customer(customer_id)
    basis = basis or flat_basis(amount, kind=kind, name=description.strip())
    checks.check_charge(amount, description, kind, basis, tax_rate, customer.currency)
    charge = _new_charge(customer, amount, description.strip(), kind, basis, period)
    charge.tax_rate, charge.tax_category = tax_rate, tax_category
    charge.charged_on = charged_on or customer.local_day(at)
    charge.source, charge.external_id, charge.added_by, charge.added_at = source, external_id, str(by), at
    if basis.includes_tax:
        _take_tax_out(charge, customer)
    known = insert_or_find(charge, same=SAME, reused=_reused)
    return known or earn(charge, by=by, at=at)


def _new_charge(
    customer: Customer, amount: Money, description: str, kind: str, basis: Basis, period: Period | None
) -> Charge:
    return Charge(
        customer=customer,
        description=description,
        kind=kind,
        amount_minor=amount.minor,
        currency=amount.currency,
        basis=to_json(basis),
        discount_minor=discount_amount(basis).minor,
        period_start=period.start if period else None,
        period_end=period.end if period else None,
    )


def _reused(external_id: str) -> DomainError:
    return ExternalIdReused(f"{external_id!r} was used before for another charge.")


def _take_tax_out(charge: Charge, customer: Customer) -> None:
    """Set the net and the tax of a price that includes tax, at the rate of its day, which it keeps."""
    if charge.tax_rate is None:
        decision = decided_for_price(customer, charge.tax_category, charge.amount, charge.charged_on)
        charge.tax_rate, charge.tax_treatment = decision.rate, str(decision.treatment)
    tax = tax_inside(charge.amount, charge.tax_rate)
    charge.included_tax_minor, charge.amount_minor = tax.minor, charge.amount_minor - tax.minor


def earn(charge: Charge, *, by: Actor, at: datetime) -> Charge:
    """Post and record a charge that was inserted; one of nothing (a free period) moves no money."""
    if charge.amount_minor:
        rule = posting_rules.late_fee_charged if charge.kind == Charge.Kind.LATE_FEE else posting_rules.charge_added
        entry = rule(charge.amount, customer_id=charge.customer_id, charge=f"charge:{charge.pk}", on=charge.charged_on)
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
        charge_kind=charge.kind,
    )
    return charge


@transaction.atomic
def reverse_charge(charge_id: int, *, reason: str, by: Actor, at: datetime) -> Charge:
    """This will take back a charge that no invoice carries yet; a late fee is waived.

    :raises NoSuchCharge: if there is none
    :raises ChargeAlreadyReversed: if it was taken back before
    :raises ChargeAlreadyBilled: if an invoice carries it
    :raises InvalidCharge: if no reason is given, or more than 300 characters
    """
    if not reason.strip() or len(reason) > 300:
        raise InvalidCharge("Say why the charge is taken back, in at most 300 characters.")
    charge = Charge.objects.select_for_update(of=("self",)).select_related("customer").filter(pk=charge_id).first()
    if charge is None:
        raise NoSuchCharge("There is no such charge.")
    if charge.reversed_at:
        raise ChargeAlreadyReversed("This charge was taken back already.")
    if hasattr(charge, "invoice_line"):
        raise ChargeAlreadyBilled("This charge is on a bill; open a dispute or issue a credit note instead.")
    return take_back(charge, reason=reason, by=by, at=at)


def take_back(charge: Charge, *, reason: str, by: Actor, at: datetime) -> Charge:
    """Reverse a locked charge that nothing asks for any more."""
    charge.reversed_at, charge.reversal_reason = at, reason
    charge.save(update_fields=["reversed_at", "reversal_reason", "external_id"])
    if charge.amount_minor:
        is_fee = charge.kind == Charge.Kind.LATE_FEE
        rule = posting_rules.late_fee_waived if is_fee else posting_rules.charge_reversed
        day = charge.customer.local_day(at)
        entry = rule(charge.amount, customer_id=charge.customer_id, charge=f"charge:{charge.pk}", on=day)
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
