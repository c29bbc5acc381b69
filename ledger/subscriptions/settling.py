"""Writes what a reckoning says: credit notes, the bill, the new terms. Always inside the change's own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from ledger.charges.models import Charge
from ledger.charges.operations import add_charge
from ledger.discounts.rules import taken_by_grant
from ledger.discounts.using import count_use
from ledger.events.actor import Actor
from ledger.invoices.crediting import Correction, credit_lines
from ledger.invoices.models import CreditNote, Invoice
from ledger.invoices.operations import issue_invoice
from ledger.money import Money
from ledger.subscriptions.billed import Unused, source_of
from ledger.subscriptions.models import Subscription, SubscriptionAddOn
from ledger.subscriptions.rating import Facts, Rated
from ledger.subscriptions.reckoning import Reckoning


@dataclass(frozen=True, slots=True)
class Settled:
    """What was issued."""

    notes: tuple[CreditNote, ...] = ()
    invoice: Invoice | None = None


def settle(
    subscription: Subscription, reckoning: Reckoning, *, today: date, ref: str, by: Actor, at: datetime
) -> Settled:
    """This will give back what is not used, one credit note per bill, and bill what is due, in that order.

    The credit comes first, so that the new bill is paid from it. `ref` names the change in the ids of its charges.
    """
    notes = tuple(_give_back(reckoning.unused, f"{source_of(subscription.pk)}:{ref}", by=by, at=at))
    if not reckoning.rated:
        return Settled(notes)
    charges = [
        _charge(subscription, line, f"{source_of(subscription.pk)}:{ref}:{place}", today=today, by=by, at=at)
        for place, line in enumerate(reckoning.rated)
    ]
    ids = [charge.pk for charge in charges]
    invoice = issue_invoice(
        subscription.customer_id, charge_ids=ids, issued_on=today, source=source_of(subscription.pk), by=by, at=at
    )
    counted = [line.basis.discounts for line in reckoning.rated if line.uses_discounts]
    for grant_id, minor in taken_by_grant(counted).items():
        count_use(grant_id, invoice_id=invoice.pk, amount=Money(minor, invoice.currency), by=by, at=at)
    return Settled(notes, invoice)


def _give_back(unused: Sequence[Unused], source: str, *, by: Actor, at: datetime) -> list[CreditNote]:
    notes = []
    for _, parts in groupby(
        sorted(unused, key=lambda each: each.line.invoice_id), key=lambda each: each.line.invoice_id
    ):
        of_bill = list(parts)
        reason = "; ".join(each.description for each in of_bill)
        corrections = [Correction(each.line.id, each.total) for each in of_bill]
        notes.append(
            credit_lines(
                corrections, reason=reason[:300], source=f"{source}/{of_bill[0].line.invoice_id}", by=by, at=at
            )
        )
    return notes


def _charge(subscription: Subscription, line: Rated, key: str, *, today: date, by: Actor, at: datetime) -> Charge:
    return add_charge(
        subscription.customer_id,
        amount=line.amount,
        description=line.description,
        kind=line.kind,
        basis=line.basis,
        tax_rate=line.tax_rate,
        tax_category=line.tax_category,
        charged_on=today,
        period=line.period,
        source=source_of(subscription.pk),
        external_id=key,
        by=by,
        at=at,
    )


def write_terms(subscription: Subscription, after: Facts) -> None:
    """Set what a locked subscription is for from now on; its add-ons are written, itself is saved by the caller."""
    subscription.plan_id = after.plan.product.id
    subscription.quantity = after.plan.quantity
    subscription.priced_on = after.plan.held_since
    subscription.anchor_on = after.anchor_on
    subscription.renews_on = after.renews_on
    subscription.metered_on = after.metered_on
    rows = {row.pk: row for row in subscription.add_ons.all()}
    fresh = [item for item in after.items[1:] if item.row is None]
    for item in after.items[1:]:
        if item.row is not None and rows[item.row].until != item.until:
            SubscriptionAddOn.objects.filter(pk=item.row).update(until=item.until)
    for item in fresh:
        SubscriptionAddOn.objects.create(
            subscription=subscription,
            product_id=item.product.id,
            quantity=item.quantity,
            since=item.since,
            priced_on=item.held_since,
        )
