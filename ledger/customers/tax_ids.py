"""What finance notes of a customer's VAT id: the number on file, and what the register said of it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.customers.models import Customer
from ledger.customers.operations import refuse_own_account
from ledger.customers.queries import NoSuchCustomer, get_customer
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.configuration import record_change
from ledger.jurisdictions.models import TaxIdCheck
from ledger.jurisdictions.operations import check_keeper
from ledger.jurisdictions.tax_ids import InvalidVatId, record_tax_id_check
from ledger.jurisdictions.vat_ids import normalise_vat_id, vat_id_problem


@transaction.atomic
def set_vat_id(customer_id: int, *, vat_id: str, by: Actor, at: datetime) -> Customer:
    """This will put a VAT id on file; checks of another number say nothing about it. Empty takes it off.

    :raises InvalidVatId: if it cannot be a VAT id of the customer's country
    :raises NotKeeperOfRules: if the doer is neither supervisor nor finance
    """
    check_keeper(by)
    refuse_own_account(by, customer_id)
    customer = Customer.objects.select_for_update(no_key=True).filter(pk=customer_id).first()
    if customer is None:
        raise NoSuchCustomer("We have no such customer.")
    problem = vat_id_problem(vat_id, country=customer.country) if vat_id.strip() else ""
    if problem:
        raise InvalidVatId(problem)
    before, customer.vat_id = customer.vat_id, normalise_vat_id(vat_id)
    customer.save(update_fields=["vat_id"])
    record_change(
        kinds.CONFIGURATION_CHANGED, customer, what=f"VAT id of {customer.number}", before={"vat_id": before},
        after={"vat_id": customer.vat_id}, by=by, at=at,
    )  # fmt: skip
    return customer


def confirm_vat_id(customer_id: int, *, source: str, by: Actor, at: datetime) -> TaxIdCheck:
    """This will note that the register knows the customer's VAT id; `source` is who was asked, with their reference.

    :raises InvalidVatId: if there is none on file, or it cannot be one
    """
    return _note(customer_id, TaxIdCheck.Result.REGISTERED, source=source, by=by, at=at)


def refute_vat_id(customer_id: int, *, source: str, by: Actor, at: datetime) -> TaxIdCheck:
    """This will note that the register does not know the customer's VAT id: from now on they pay the tax.

    :raises InvalidVatId: if there is none on file, or it cannot be one
    """
    return _note(customer_id, TaxIdCheck.Result.NOT_REGISTERED, source=source, by=by, at=at)


def _note(customer_id: int, result: str, *, source: str, by: Actor, at: datetime) -> TaxIdCheck:
    refuse_own_account(by, customer_id)
    customer = get_customer(customer_id)
    return record_tax_id_check(
        customer_id, vat_id=customer.vat_id, country=customer.country, result=result, source=source, by=by, at=at
    )
