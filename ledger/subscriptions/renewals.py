"""The nightly run: bill every subscription that renews, one period each, exactly once."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from ledger.charges.operations import add_charge
from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.invoices.models import Invoice
from ledger.invoices.operations import issue_invoice
from ledger.periods import Period, period_containing
from ledger.catalogue.models import Price
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.operations import PlanNotOnSale, lock_subscription
from ledger.subscriptions.queries import INTERVAL_MONTHS, next_price

log = logging.getLogger(__name__)

RENEWER = Actor.system("renew_subscriptions")


@dataclass
class RenewalRun:
    """What a run did: periods billed, and what it could not bill, with the reason."""

    billed: int = 0
    exceptions: list[tuple[int, str]] = field(default_factory=list)


def renew_due_subscriptions(*, at: datetime) -> RenewalRun:
    """Bill each active subscription whose next period has begun where its customer lives.

    One transaction per period: a run that dies has billed what it has billed, and the next run goes on. A
    subscription that cannot be billed is an exception of the run and harms no other.
    """
    run = RenewalRun()
    last, horizon = 0, (at + timedelta(days=1)).date()
    while True:
        due = Subscription.objects.filter(state=Subscription.State.ACTIVE, renews_on__lte=horizon, pk__gt=last)
        ids = list(due.order_by("pk").values_list("pk", flat=True)[:500])
        if not ids:
            return run
        for subscription_id in ids:
            _renew_until_today(subscription_id, run, at=at)
        last = ids[-1]


def _renew_until_today(subscription_id: int, run: RenewalRun, *, at: datetime) -> None:
    try:
        while renew_subscription(subscription_id, at=at):
            run.billed += 1
    except DomainError as refusal:
        log.warning("subscription %s could not be renewed: %s", subscription_id, refusal)
        run.exceptions.append((subscription_id, str(refusal)))


@transaction.atomic
def renew_subscription(subscription_id: int, *, at: datetime) -> bool:
    """This will bill one period, if it has begun in the customer's time zone; False when nothing was due.

    :raises PlanNotOnSale: if the plan has no price in force
    """
    subscription = lock_subscription(subscription_id)
    customer = subscription.customer
    if subscription.state != Subscription.State.ACTIVE or subscription.renews_on > customer.local_day(at):
        return False
    period = period_containing(
        subscription.anchor_on, INTERVAL_MONTHS[subscription.plan.interval], subscription.renews_on
    )
    price = next_price(subscription)
    if price is None:
        raise PlanNotOnSale(f"{subscription.plan} has no price in {subscription.currency} for {period.start}.")
    subscription.renews_on = period.end
    subscription.save()
    invoice = _bill(subscription, price, period, at=at) if price.amount_minor else None
    record_event(
        kinds.SUBSCRIPTION_RENEWED,
        subject=subscription,
        customer_id=customer.pk,
        by=RENEWER,
        at=at,
        plan=subscription.plan.name,
        invoice_id=invoice.pk if invoice else None,
        period_start=period.start.isoformat(),
        period_end=period.end.isoformat(),
    )
    return True


def _bill(subscription: Subscription, price: Price, period: Period, *, at: datetime) -> Invoice:
    charge = add_charge(
        subscription.customer_id,
        amount=price.amount,
        description=f"{subscription.plan.name}, {_words(period)}",
        tax_rate=price.tax_rate,
        charged_on=period.start,
        period=period,
        source=f"subscription:{subscription.pk}",
        external_id=f"subscription:{subscription.pk}:{period.start.isoformat()}",
        by=RENEWER,
        at=at,
    )
    return issue_invoice(subscription.customer_id, charge_ids=[charge.pk], issued_on=period.start, by=RENEWER, at=at)


def _words(period: Period) -> str:
    last = period.end - timedelta(days=1)
    return f"{period.start.isoformat()} to {last.isoformat()}"
