"""place_hold and lift_hold: one live hold per source and invoice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from ledger.customers.models import Customer
from ledger.customers.queries import NoSuchCustomer
from ledger.errors import InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.holds.models import Hold
from ledger.invoices.models import Invoice
from ledger.invoices.operations import NoSuchInvoice


@transaction.atomic
def place_hold(
    customer_id: int,
    *,
    kind: str,
    stops: Sequence[str],
    source: str,
    why: str,
    invoice_id: int | None = None,
    until: datetime | None = None,
    by: Actor,
    at: datetime,
) -> Hold:
    """This will stop what follows from not paying; a repeated source and invoice returns the hold there is.

    :raises NoSuchCustomer: if there is none
    :raises NoSuchInvoice: if the invoice is not this customer's
    :raises InvalidInput: if kind or stops are unknown, nothing is stopped, or no reason is given
    """
    _check(kind, stops, why)
    if not Customer.objects.select_for_update(no_key=True).filter(pk=customer_id).exists():
        raise NoSuchCustomer("We have no such customer.")
    if invoice_id is not None and not Invoice.objects.filter(pk=invoice_id, customer_id=customer_id).exists():
        raise NoSuchInvoice("This bill is not the customer's.")
    of_what = Q(invoice=None) if invoice_id is None else Q(invoice_id=invoice_id)
    live = Hold.objects.filter(of_what, source=source, lifted_at=None).first()
    if live:
        return live
    hold = Hold.objects.create(
        customer_id=customer_id,
        invoice_id=invoice_id,
        kind=kind,
        stops=sorted(set(stops)),
        source=source,
        why=why.strip()[:300],
        placed_by=str(by),
        placed_at=at,
        until=until,
    )
    _record(kinds.HOLD_PLACED, hold, by=by, at=at)
    return hold


def _check(kind: str, stops: Sequence[str], why: str) -> None:
    if kind not in Hold.Kind.values or not stops or not set(stops) <= set(Hold.Stop.values):
        raise InvalidInput("A hold is of a known kind and stops collection, reminders, fees or restriction.")
    if not why.strip():
        raise InvalidInput("A hold says why.")


@transaction.atomic
def lift_holds(source: str, *, by: Actor, at: datetime) -> list[Hold]:
    """This will end every live hold that comes from a source; where there is none nothing changes."""
    live = list(Hold.objects.select_for_update().filter(source=source, lifted_at=None).order_by("pk"))
    for hold in live:
        hold.lifted_by, hold.lifted_at = str(by), at
        hold.save(update_fields=["lifted_by", "lifted_at"])
        _record(kinds.HOLD_LIFTED, hold, by=by, at=at)
    return live


def _record(kind: str, hold: Hold, *, by: Actor, at: datetime) -> None:
    record_event(
        kind,
        subject=hold,
        customer_id=hold.customer_id,
        by=by,
        at=at,
        hold=hold.kind,
        stops=hold.stops,
        source=hold.source,
        invoice_id=hold.invoice_id,
        why=hold.why,
    )
