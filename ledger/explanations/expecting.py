"""What the next bill of a subscription is expected to be, as facts to compare the real one with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

from ledger.invoices.difference import BillFacts, LineFacts
from ledger.invoices.taxing import Bill
from ledger.subscriptions.billed import source_of
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.preview import bill_rated
from ledger.subscriptions.rating import Rated, period_due
from ledger.subscriptions.reckoning import Case, worth_billing
from ledger.subscriptions.telling import NoSuchSubscription


def expected_bill(subscription_id: int, *, at: datetime) -> BillFacts | None:
    """Return the next bill as everything stands at a moment, or None when none comes.

    Fixed prices only: metered use is on the bill and not in what was expected, so it is a cause of the difference.

    :raises NoSuchSubscription: if there is none
    :raises PriceMissing: if something has no price on the day of the bill
    """
    found = Subscription.objects.select_related("plan", "customer").filter(pk=subscription_id).first()
    if found is None:
        raise NoSuchSubscription("There is no such subscription.")
    case = Case(found, at=at)
    period = period_due(case.facts)
    if period is None:
        return None
    rated = worth_billing(case.rate(case.facts, period, cause="renewal"))
    return facts_of_rated(subscription_id, rated, bill_rated(case, rated, period.start)) if rated else None


def facts_of_rated(subscription_id: int, rated: Sequence[Rated], bill: Bill) -> BillFacts:
    """Return rated lines and what they come to on a bill as facts; their keys are those of the lines billed later."""
    lines = tuple(
        LineFacts(
            key=f"{source_of(subscription_id)}/{line.product.code}/{line.kind}",
            basis=line.basis,
            net_minor=taxed.net.minor,
            tax_minor=taxed.tax.minor,
            tax_rate=Fraction(taxed.rate),
            treatment=taxed.treatment,
            period=line.period,
        )
        for line, taxed in zip(rated, bill.lines, strict=True)
    )
    return BillFacts(bill.net.currency, lines)
