"""What a customer pays for, each with the choice that was made for it."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.invoices.models import Invoice
from ledger.paying.next_charge import EVERYTHING, Scope
from ledger.payments.choice_models import MethodChoice
from ledger.payments.choices import choices_in_force
from ledger.subscriptions.models import Subscription

#: Open bills that are listed one by one.
BILLS = 10


@dataclass(frozen=True, slots=True)
class Payable:
    """One thing that is paid: a running plan, an open bill, or (no name) everything else."""

    scope: Scope
    name: str
    choice: MethodChoice | None

    @property
    def key(self) -> str:
        """How it is named in an address: `everything`, `subscription:9`, `invoice:7`."""
        if self.scope.subscription_id is not None:
            return f"subscription:{self.scope.subscription_id}"
        return f"invoice:{self.scope.invoice_id}" if self.scope.invoice_id is not None else "everything"

    @property
    def kind(self) -> str:
        """What it is: `subscription`, `invoice` or `everything`."""
        return self.key.partition(":")[0]


def payables(customer_id: int) -> list[Payable]:
    """Return everything that is paid: everything else first, then the running plans and the open bills."""
    chosen = {row.scope: row for row in choices_in_force(customer_id)}
    plans = Subscription.objects.filter(customer_id=customer_id).exclude(state=Subscription.State.CANCELLED)
    bills = Invoice.objects.filter(customer_id=customer_id, state=Invoice.State.OPEN).order_by("due_on", "pk")
    found = [Payable(EVERYTHING, "", chosen.get(""))]
    for plan in plans.select_related("plan").order_by("pk"):
        found.append(Payable(Scope(subscription_id=plan.pk), plan.plan.name, chosen.get(f"subscription:{plan.pk}")))
    for bill in bills[:BILLS]:
        found.append(Payable(Scope(invoice_id=bill.pk), bill.number, chosen.get(f"invoice:{bill.pk}")))
    return found


def scope_of(key: str) -> Scope | None:
    """Read back what `Payable.key` wrote; None where it is nothing of the kind."""
    kind, _, number = key.partition(":")
    if key == "everything":
        return EVERYTHING
    if not (number.isascii() and number.isdecimal()) or len(number) > 18:
        return None
    return {"subscription": Scope(subscription_id=int(number)), "invoice": Scope(invoice_id=int(number))}.get(kind)
