"""Which card or account a customer chose to pay a bill with, and that the choice goes along with a card renewed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from ledger.events.actor import Actor
from ledger.invoices.models import Invoice
from ledger.payments.choice_models import MethodChoice
from ledger.payments.models import PaymentMethod

State = MethodChoice.State


def choices_in_force(customer_id: int) -> list[MethodChoice]:
    """Return what a customer has chosen, for plans and bills before everything else."""
    found = MethodChoice.objects.filter(customer_id=customer_id, state=State.IN_FORCE)
    rows = found.select_related("method", "subscription__plan", "invoice").order_by("-pk")
    return sorted(rows, key=lambda row: not row.scope)


def chosen_for(invoice: Invoice) -> MethodChoice | None:
    """Return the choice that counts for a bill: that of the bill, else of its plan, else of everything."""
    kind, _, number = invoice.source.partition(":")
    subscription_id = int(number) if kind == "subscription" and number.isdecimal() else None
    fitting = Q(invoice=invoice) | Q(subscription=None, invoice=None)
    if subscription_id is not None:
        fitting |= Q(subscription_id=subscription_id)
    found = MethodChoice.objects.filter(fitting, customer_id=invoice.customer_id, state=State.IN_FORCE)
    rows = list(found.exclude(method=None).select_related("method"))
    return min(rows, key=lambda row: (row.invoice_id is None, row.subscription_id is None), default=None)


def chosen_method(invoice: Invoice, *, since: datetime | None = None) -> int | None:
    """Return the card or account chosen for a bill; with `since` only one that was chosen after that moment."""
    choice = chosen_for(invoice)
    if choice is None or (since is not None and choice.chosen_at < since):
        return None
    return choice.method_id


def follow_new_card(old: PaymentMethod, new: PaymentMethod, *, by: Actor, at: datetime) -> None:
    """This will carry what an old card was chosen for over to the card that takes its place."""
    for row in MethodChoice.objects.select_for_update().filter(method=old, state=State.IN_FORCE):
        row.replace(by=str(by), at=at)
        row.save()
        MethodChoice.objects.create(
            customer_id=row.customer_id,
            subscription_id=row.subscription_id,
            invoice_id=row.invoice_id,
            method=new,
            conversation=row.conversation,
            chosen_by=row.chosen_by,
            chosen_at=at,
            undo_until=max(row.undo_until, at + timedelta(seconds=1)),
        )
