"""Checks of VAT ids: what a register said, kept as evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from django.db import transaction

from ledger.errors import InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor, ActorKind
from ledger.events.operations import record_event
from ledger.jurisdictions.models import TaxIdCheck
from ledger.jurisdictions.operations import check_keeper
from ledger.jurisdictions.vat_ids import normalise_vat_id, vat_id_problem


class InvalidVatId(InvalidInput):
    """The text cannot be a VAT id of a customer in this country."""


class TaxIdChecker(Protocol):
    """Something that can ask a register whether a VAT id is known there, as VIES can."""

    name: str

    def check(self, vat_id: str) -> tuple[str, str]:
        """Return a `TaxIdCheck.Result` and the register's answer word for word."""


def check_tax_id(
    customer_id: int, *, vat_id: str, country: str, checker: TaxIdChecker, by: Actor, at: datetime
) -> TaxIdCheck:
    """This will ask a register, outside any transaction, and keep what it answered.

    :raises InvalidVatId: if the text cannot be a VAT id of the country; nobody is asked then
    """
    number = _check_vat_id(vat_id, country)
    result, response = checker.check(number)
    return record_tax_id_check(
        customer_id, vat_id=number, country=country, result=result, source=checker.name, response=response, by=by, at=at
    )


@transaction.atomic
def record_tax_id_check(
    customer_id: int,
    *,
    vat_id: str,
    country: str,
    result: str,
    source: str,
    response: str = "",
    by: Actor,
    at: datetime,
) -> TaxIdCheck:
    """This will keep what a register said of a customer's VAT id: by a member of staff, or by a program that asked.

    :raises InvalidVatId: if the text cannot be a VAT id of the country
    :raises InvalidInput: if the result is unknown, or no source is named
    :raises NotKeeperOfRules: if a customer, or staff without the right, says so
    """
    if by.kind not in (ActorKind.SYSTEM, ActorKind.INTEGRATION):
        check_keeper(by)
    number = _check_vat_id(vat_id, country)
    if result not in TaxIdCheck.Result.values:
        raise InvalidInput(f"{result!r} is not a result of a check: {', '.join(TaxIdCheck.Result.values)}.")
    if not source.strip():
        raise InvalidInput("A check needs its source: who was asked, and the reference they gave.")
    check = TaxIdCheck.objects.create(
        customer_id=customer_id, country=country, vat_id=number, result=result, source=source.strip()[:200],
        response=response, checked_at=at, recorded_by=str(by),
    )  # fmt: skip
    record_event(
        kinds.TAX_ID_CHECKED, subject=f"customer:{customer_id}", customer_id=customer_id, by=by, at=at, result=result,
        vat_id=number, source=check.source,
    )  # fmt: skip
    return check


def _check_vat_id(vat_id: str, country: str) -> str:
    problem = vat_id_problem(vat_id, country=country)
    if problem:
        raise InvalidVatId(problem)
    return normalise_vat_id(vat_id)
