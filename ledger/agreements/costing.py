"""What a plan costs for a period under some terms, by the rating that bills use; promotions are left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db.models import Q, Sum

from ledger.agreements.terms import Terms, giveaway_until
from ledger.catalogue.models import Product
from ledger.money import Money
from ledger.periods import Period, whole_periods
from ledger.subscriptions.agreed import AgreedTerms
from ledger.subscriptions.facts import midnight, sold
from ledger.subscriptions.rating import Facts, Item, Rated, rate_period, rate_usage
from ledger.subscriptions.reckoning import Case
from ledger.usage.models import UsageEvent


def rate_plan(
    case: Case,
    plan: Item,
    whole: Period,
    *,
    used: Mapping[str, Decimal],
    pieces: Sequence[tuple[Period, int]] = (),
    agreed: tuple[AgreedTerms, ...] = (),
) -> list[Rated]:
    """Return the lines of a plan alone for a whole period, at the prices of its first day, with the use of it.

    `pieces` are the parts of the period with the quantity taken in each; empty: the plan's own, all the time.

    :raises PriceMissing: if it has no price in the currency then
    """
    lines: list[Rated] = []
    facts = replace(case.facts, items=(plan,), agreed=agreed, trial_ends_on=None, ends_on=None)
    for part, quantity in pieces or [(whole, plan.quantity)]:
        taken = replace(facts, items=(replace(plan, quantity=quantity),))
        lines += rate_period(taken, part, cause="renewal", prices=case.prices, priced_on=whole.start, whole=whole)
    return [*lines, *rate_usage(facts, whole, used=used, prices=case.prices)]


def used_in(facts: Facts, span: Period) -> dict[str, Decimal]:
    """Return what was used in a span of days, by meter, of every meter that was reported."""
    events = UsageEvent.objects.filter(
        Q(subscription_id=None) | Q(subscription_id=facts.subscription_id),
        customer_id=facts.customer_id,
        happened_at__gte=midnight(facts, span.start),
        happened_at__lt=midnight(facts, span.end),
    )
    rows = events.values("meter").annotate(total=Sum("quantity")).order_by("meter")
    return {row["meter"]: row["total"] for row in rows}


def agreed_terms(plan: Product, terms: Terms, *, source: str = "") -> AgreedTerms:
    """Return what rating has to know of a version; a term that goes on has no last day."""
    return AgreedTerms(
        product_id=plan.pk,
        valid_from=terms.starts_on,
        valid_until=None if terms.renews_months else terms.ends_on,
        price_minor=terms.price.minor if terms.price is not None else None,
        percent=None if terms.percent is None else Fraction(terms.percent),
        source=source,
    )


def giveaway(case: Case, plan: Product, old: Terms | None, new: Terms) -> Money:
    """Return what new terms give away over their time: what each period costs less, times the periods.

    Counted with the use of the last full period, without tax or as the price includes it; never below zero.
    """
    facts, starts_on = case.facts, new.starts_on
    whole = Period(starts_on, facts.series.containing(starts_on).end)
    last = facts.series.containing(facts.series.containing(case.today).start - _DAY)
    used = used_in(facts, last)
    held_since = facts.plan.held_since if plan.pk == facts.plan.product.id else starts_on
    wanted = Item(sold(plan), facts.plan.quantity, held_since)
    before = rate_plan(case, facts.plan, whole, used=used, agreed=facts.agreed)
    after = rate_plan(case, wanted, whole, used=used, agreed=(agreed_terms(plan, new),))
    nothing = Money(0, facts.currency)
    less = sum((line.amount for line in before), nothing) - sum((line.amount for line in after), nothing)
    many = whole_periods(starts_on, giveaway_until(old, new, case.today), facts.plan.product.interval)
    return less.times(max(many, 1)) if less.minor > 0 else nothing


_DAY = date.resolution
