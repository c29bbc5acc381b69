"""The last bill of a plan that is to be cancelled: what use is still to be billed, and what is owed from before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, Sum

from ledger.invoices.models import Invoice
from ledger.money import Money
from ledger.subscriptions.discounting import DiscountsToCome
from ledger.subscriptions.forecast import Forecast, last_use
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.planning import plan_change
from ledger.subscriptions.reckoning import Case
from ledger.subscriptions.telling import NoSuchSubscription
from ledger.subscriptions.terms import Change, What


@dataclass(frozen=True, slots=True)
class Ending:
    """How a plan ends when it is cancelled now: the first day without it, the last bill (None: none comes), the debt.

    `owed` is what is still open on bills of the plan that are issued already.
    """

    ends_on: date
    last_bill: Forecast | None
    owed: Money


def ending_of(subscription_id: int, *, at: datetime) -> Ending:
    """Return how a plan ends when its cancellation is confirmed now; nothing is written.

    :raises DomainError: if it cannot be cancelled; the message says why
    """
    found = Subscription.objects.select_related("plan", "customer").filter(pk=subscription_id).first()
    if found is None:
        raise NoSuchSubscription("There is no such subscription.")
    case = Case(found, at=at)
    planned = plan_change(case, Change(What.CANCEL))
    grants = DiscountsToCome.load([found.customer_id]).get(found.customer_id, [])
    ends_on = planned.on
    bill = last_use(case, planned.reckoning.after, DiscountsToCome(grants))
    return Ending(ends_on, bill, _owed(found))


def _owed(subscription: Subscription) -> Money:
    bills = Invoice.objects.filter(
        customer_id=subscription.customer_id, source=f"subscription:{subscription.pk}", state=Invoice.State.OPEN
    )
    open_part = F("total_minor") - F("paid_minor") - F("credited_minor") - F("written_off_minor") - F("disputed_minor")
    owed = bills.aggregate(sum=Sum(open_part))["sum"]
    return Money(int(owed or 0), subscription.currency)
