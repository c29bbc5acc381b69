"""What a change of terms comes to: what is given back of what was billed, what is billed at once, what holds after it.

Previews and changes both take their figures from here, so what was shown is what is issued.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from ledger.catalogue.queries import PriceBook
from ledger.periods import Period
from ledger.subscriptions.billed import BilledLine, Cut, Unused, lines_reaching, unused_of
from ledger.subscriptions.discounting import discounts_in_force_of, discounts_kept
from ledger.subscriptions.facts import facts_of, use_in
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.proration import Basis as CountedBy
from ledger.subscriptions.rating import Facts, Rated, period_due, rate_period, rate_usage, usage_span
from ledger.subscriptions.terms import What


class Case:
    """A subscription whose terms are to change, with what its figures are made from; the day is the request's."""

    def __init__(
        self,
        subscription: Subscription,
        *,
        at: datetime,
        received_at: datetime | None = None,
        prices: PriceBook | None = None,
    ) -> None:
        self.subscription = subscription
        self.customer = subscription.customer
        self.facts = facts_of(subscription)
        self.at = at
        self.received_at = received_at or at
        self.today = self.customer.local_day(at)
        self.asked_on = self.customer.local_day(self.received_at)
        self._prices = prices

    @cached_property
    def prices(self) -> PriceBook:
        """The price book in the subscription's currency."""
        return self._prices or PriceBook.load([self.facts.currency])

    @cached_property
    def lines(self) -> list[BilledLine]:
        """What was billed for the day of the request and later ones."""
        return lines_reaching(self.subscription.pk, self.asked_on)

    @property
    def running(self) -> list[BilledLine]:
        """Those of the lines that pay for what is taken now: nothing replaced them."""
        codes = {item.product.code for item in self.facts.items}
        return [line for line in self.lines if line.basis.product in codes and not line.cut]

    def rate(self, facts: Facts, period: Period, *, cause: str) -> list[Rated]:
        """Return the fixed prices of a period that was not billed, with the discounts in force on its first day."""
        discounts = discounts_in_force_of(facts.customer_id, period.start)
        return rate_period(
            facts, period, cause=cause, prices=self.prices, discounts=discounts, moment=self.moment(period.start)
        )

    def rate_rest(self, facts: Facts, rest: Period, billed: Sequence[BilledLine]) -> list[Rated]:
        """Return the fixed prices of the rest of a billed period: with its length, its prices and its discounts."""
        lines = rate_period(
            facts,
            rest,
            cause="change",
            prices=self.prices,
            discounts=discounts_kept(billed, until=rest.end),
            priced_on=min(line.period.start for line in billed),
            moment=self.moment(rest.start),
            whole=billed[0].whole,
        )
        return [replace(line, uses_discounts=False) for line in lines]

    def rate_use(self, facts: Facts, until: date) -> list[Rated]:
        """Return what metered use before a day costs that is not billed yet."""
        span = usage_span(facts, until)
        if span is None:
            return []
        return rate_usage(facts, span, used=use_in(facts, span), prices=self.prices)

    def moment(self, day: date) -> datetime | None:
        """Return the moment of the request where it lies on a day."""
        return self.received_at if self.asked_on == day else None


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What a change comes to, from the first day `on` of the new terms: given back, billed at once, and what holds."""

    what: What
    before: Facts
    after: Facts
    on: date
    unused: tuple[Unused, ...] = ()
    rated: tuple[Rated, ...] = ()
    data: dict[str, object] = field(default_factory=dict)


def first_new_day(facts: Facts, day: date) -> date:
    """Return the first day billed under new terms: the day of change, or the next where the plan bills the last day."""
    if facts.plan.product.is_last_day_billed and day < facts.renews_on and not _in_trial(facts, day):
        return day + timedelta(days=1)
    return day


def _in_trial(facts: Facts, day: date) -> bool:
    return facts.trial_ends_on is not None and day < facts.trial_ends_on


def caught_up(case: Case, day: date) -> tuple[Facts, list[Rated], bool]:
    """Bill by the old terms what lies before a day and no run has billed yet.

    Returns the facts as they stand then, the lines, and whether the last period was billed only up to the day.
    """
    facts, rated, is_split = case.facts, list[Rated](), False
    while facts.renews_on < day and (piece := period_due(facts)) is not None:
        rated += case.rate_use(facts, piece.start)
        part = Period(piece.start, min(piece.end, day))
        rated += case.rate(facts, part, cause="renewal")
        is_split = piece.end > day
        facts = replace(facts, renews_on=piece.end, metered_on=max(facts.metered_on, piece.start))
    return facts, rated, is_split


def reckon_terms(case: Case, what: What, day: date, make: Callable[[Facts, date], Facts]) -> Reckoning:
    """Return what other terms from a day on come to: unused days of what changes back, the rest of the period billed.

    `make` returns the new facts from the old ones and the first day they hold.
    """
    first = first_new_day(case.facts, day)
    before, rated, is_split = caught_up(case, first)
    after = make(before, first)
    changed = changed_products(before, after)
    if _metered(before) != _metered(after):
        rated += case.rate_use(before, first)
        after = replace(after, metered_on=max(before.metered_on, first))
    everything = is_split or before.series != after.series
    fresh = _rated_rest(case, after, first)
    rated += [line for line in fresh if everything or line.product.code in changed]
    wanted = [line for line in case.lines if everything or line.basis.product in changed]
    unused = cut_lines(case, wanted, first)
    return Reckoning(what, case.facts, after, day, unused, worth_billing(rated))


def reckon_stop(case: Case, what: What, day: date) -> Reckoning:
    """Return what ending service on a day comes to: every unused day back, use up to it billed."""
    first = first_new_day(case.facts, day)
    before, rated, is_split = caught_up(case, first)
    rated += case.rate_use(before, first)
    unused = cut_lines(case, case.lines, first)
    renews_on = first if unused or is_split else before.renews_on
    after = replace(before, renews_on=renews_on, metered_on=max(before.metered_on, first))
    return Reckoning(what, case.facts, after, first, unused, worth_billing(rated))


def _rated_rest(case: Case, after: Facts, first: date) -> list[Rated]:
    """Rate the days from the first of the new terms up to the next day that is not billed."""
    if first >= after.renews_on:
        return []
    billed = [line for line in case.running if line.period.end == after.renews_on]
    if billed and after.plan.product.interval == case.facts.plan.product.interval:
        return case.rate_rest(after, Period(first, after.renews_on), billed)
    pieces = after.series.pieces(first, after.renews_on)
    return [line for part, _ in pieces for line in case.rate(after, part, cause="change")]


def cut_lines(case: Case, lines: Sequence[BilledLine], first: date) -> tuple[Unused, ...]:
    """Return what is given back of lines when service ends before a day."""
    how: dict[str, CountedBy] = {item.product.code: item.product.proration for item in case.facts.items}
    zone = case.facts.time_zone
    cut = Cut(on=first, zone=zone, how=how, moment=case.moment(first))
    found = (unused_of(line, cut) for line in lines)
    return tuple(each for each in found if each is not None)


def changed_products(before: Facts, after: Facts) -> set[str]:
    """Return the codes of what is taken otherwise after a change than before it."""

    def running(facts: Facts) -> set[tuple[str, int, date]]:
        return {(i.product.code, i.quantity, i.held_since) for i in facts.items if i.until is None}

    return {code for code, _, _ in running(before) ^ running(after)}


def _metered(facts: Facts) -> set[tuple[str, int]]:
    return {(item.product.code, item.quantity) for item in facts.items if item.product.meter and item.until is None}


def worth_billing(rated: Sequence[Rated]) -> tuple[Rated, ...]:
    """Return the lines without those whose list price for the days is nothing."""
    return tuple(line for line in rated if line.list_amount.minor)
