"""The threshold of sales to consumers in other member states: counted over the calendar year, from the bills issued.

Up to it the seller's own rate applies; from the bill that crosses it, and in the whole year after, the customer's.
Source: Directive 2006/112/EC, Article 59c. A credit note does not bring a bill back below it; a void bill counts not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection

from ledger.charges.amounts import tax_inside
from ledger.charges.taxes import decided_tax, subject_of
from ledger.customers.models import Customer
from ledger.events import kinds
from ledger.events.models import Event
from ledger.fx.queries import rate_for
from ledger.fx.rates import convert
from ledger.jurisdictions.queries import find_rule
from ledger.jurisdictions.rules import EU, EU_MEMBERS, Place
from ledger.jurisdictions.tax import TaxDecision
from ledger.money import Money, exponent

Decisions = Mapping[str, TaxDecision]

_SOLD = """
SELECT date_part('year', i.issued_on)::int, i.currency, i.book_rate, sum(l.net_minor)::bigint
FROM ledger_invoice i
JOIN ledger_customer c ON c.id = i.customer_id
JOIN ledger_invoiceline l ON l.invoice_id = i.id
WHERE i.issued_on BETWEEN %(first)s AND %(last)s AND i.state NOT IN ('draft', 'void')
  AND l.tax_treatment NOT IN ('reverse_charge', 'export')
  AND coalesce(jsonb_path_query_first(i.tax_evidence, '$.decisions.*.evidence.country') #>> '{}', c.country)
      = ANY(%(others)s)
GROUP BY 1, 2, 3
"""


@dataclass(slots=True)
class Counted:
    """What was sold so far, by year, while bills are being decided; None once the threshold is crossed for good.

    The count is read under a lock that lasts until the end of the transaction, so that of two bills issued at once the
    second sees the first.
    """

    years: dict[int, Money | None] = field(default_factory=dict)
    is_known: dict[int, bool] = field(default_factory=dict)

    def sold(self, limit: Money, on: date) -> Money | None:
        """Return what was sold in the calendar year; None where that, or the year before, is above the limit."""
        if on.year not in self.years:
            self.is_known[on.year] = is_crossed(on.year) or _crossed_while_waiting(on.year)
            self.years[on.year] = None if self.is_known[on.year] else _read(limit, on)
        return self.years[on.year]

    def take(self, sold: Money | None, on: date) -> bool:
        """Set what is sold with one bill more (None: above the limit); return whether that is news."""
        is_news = sold is None and not self.is_known[on.year]
        self.years[on.year], self.is_known[on.year] = sold, self.is_known[on.year] or is_news
        return is_news


def is_crossed(year: int) -> bool:
    """Return whether a bill of the year, or of the year before, is on record as having crossed the threshold."""
    subjects = [f"distance_threshold:{year}", f"distance_threshold:{year - 1}"]
    return Event.objects.filter(kind=kinds.DISTANCE_THRESHOLD_CROSSED, subject__in=subjects).exists()


def sold_by_year(currency: str, on: date) -> dict[int, Money]:
    """Return what was sold to consumers in other member states in the calendar year of a day, and the year before.

    :raises NoRate: if a bill's currency cannot be told in this one
    """
    others = sorted(EU_MEMBERS - {settings.SELLER_COUNTRY})
    sold = {on.year - 1: Money(0, currency), on.year: Money(0, currency)}
    with connection.cursor() as cursor:
        cursor.execute(_SOLD, {"first": date(on.year - 1, 1, 1), "last": date(on.year, 12, 31), "others": others})
        for year, of, book_rate, minor in cursor.fetchall():
            sold[year] += _in_currency(Money(minor, of), currency, on, book_rate=book_rate)
    return sold


def choose(abroad: Decisions, at_home: Decisions, net: Money, on: date, *, counted: Counted) -> dict[str, TaxDecision]:
    """Return which of two answers holds for a bill of `net`: the seller's own rate while it stays within the threshold.

    :raises NoRate: if the amounts cannot be told in the currency of the threshold
    """
    found = next(decision.evidence["threshold"] for decision in abroad.values() if is_asked(decision))
    limit = Money(found["limit_minor"], found["currency"])
    before = counted.sold(limit, on)
    after = None if before is None else before + _in_currency(net, limit.currency, on)
    is_within = after is not None and after <= limit
    is_news = counted.take(after if is_within else None, on)
    said: dict[str, Any] = {**found, "sold_minor": after.minor if after else None, "is_within": is_within}
    if is_news:
        said["crossed_in"] = on.year
    chosen = {name: at_home[name] if is_within and is_asked(abroad[name]) else abroad[name] for name in abroad}
    return {
        name: replace(decision, evidence={**decision.evidence, "threshold": said}) if is_asked(decision) else decision
        for name, decision in chosen.items()
    }


def is_asked(decision: TaxDecision) -> bool:
    """Return whether a decision depends on what was sold to consumers in other member states."""
    return "threshold" in decision.evidence


def decided_for_price(customer: Customer, category: str, price: Money, on: date) -> TaxDecision:
    """Return which tax is inside a price.

    :raises NoTaxRule: if no rule says
    """
    decision = decided_tax(customer, category, on)
    if not is_asked(decision):
        return decision
    below = replace(subject_of(customer), is_below_threshold=True)
    at_home = decided_tax(customer, category, on, subject=below)
    net = price - tax_inside(price, at_home.rate)
    return choose({category: decision}, {category: at_home}, net, on, counted=Counted())[category]


def crossed_in(evidence: Mapping[str, Any]) -> int | None:
    """Return the year whose threshold a bill crossed, from the evidence kept with it; None for any other bill."""
    for decision in (evidence.get("decisions") or {}).values():
        year = (decision["evidence"].get("threshold") or {}).get("crossed_in")
        if year is not None:
            return int(year)
    return None


def _crossed_while_waiting(year: int) -> bool:
    """Wait for the bills being counted now, and look again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('distance_threshold'))")
    return is_crossed(year)


def _read(limit: Money, on: date) -> Money | None:
    sold = sold_by_year(limit.currency, on)
    return None if max(sold.values()) > limit else sold[on.year]


def _in_currency(amount: Money, currency: str, on: date, *, book_rate: Decimal | None = None) -> Money:
    if amount.currency == currency:
        return amount
    if book_rate is not None and currency == settings.BOOK_CURRENCY:
        return Money(10 ** exponent(currency), currency).times(amount.decimal() * book_rate)
    return convert(amount, rate_for(amount.currency, to=currency, on=on))


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the sales to consumers in other member states are from the threshold, for who keeps the rules."""

    limit: Money
    is_waived: bool
    year: int
    sold: Money
    sold_before: Money

    @property
    def is_crossed(self) -> bool:
        """Whether this year or the year before is above it."""
        return max(self.sold, self.sold_before) > self.limit


def standing(on: date) -> Standing | None:
    """Return where the sales of a day's calendar year stand; None where no threshold applies to the seller.

    :raises NoRate: if a bill's currency cannot be told in that of the threshold
    """
    rule = find_rule("distance_threshold", Place(EU), on=on)
    if rule is None or settings.SELLER_COUNTRY not in EU_MEMBERS:
        return None
    limit = Money(rule.params["threshold_minor"], rule.params["currency"])
    sold = sold_by_year(limit.currency, on)
    return Standing(limit, bool(rule.params["is_waived"]), on.year, sold[on.year], sold[on.year - 1])
