"""What a change would come to, in figures somebody can confirm; made from the reckoning that the change itself uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Q, Sum

from ledger.errors import DomainError
from ledger.invoices.taxing import Bill, BillPart, bill_of
from ledger.money import Money
from ledger.periods import Period
from ledger.subscriptions.agreed import term_on
from ledger.subscriptions.billed import Unused
from ledger.subscriptions.facts import midnight
from ledger.subscriptions.planning import Planned
from ledger.subscriptions.rating import Facts, Rated, figure, period_due
from ledger.subscriptions.reckoning import Case, worth_billing
from ledger.subscriptions.terms import Change, What
from ledger.usage.models import UsageEvent


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """One line that is or will be billed, or given back (`invoice` names the bill it stands on)."""

    description: str
    period: Period
    net: Money
    tax: Money
    invoice: str = ""

    @property
    def total(self) -> Money:
        """Net and tax together."""
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class NextBill:
    """The bill after the change: of the fixed prices; use that is metered comes on top (`is_exact` is False then)."""

    on: date
    period: Period
    net: Money
    tax: Money
    is_exact: bool

    @property
    def total(self) -> Money:
        """Net and tax together."""
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change comes to. `lines` less `credits` is `net`, `tax` and `total`.

    Of a change at once they are issued when it is confirmed; of a planned one, `lines` are the bill of its day. Below
    zero, the total is given back as credit.
    """

    change: Change
    effective_on: date
    is_now: bool
    lines: tuple[PreviewLine, ...]
    credits: tuple[PreviewLine, ...]
    net: Money
    tax: Money
    total: Money
    next_bill: NextBill | None
    old: str
    new: str
    lost_features: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def due_now(self) -> Money:
        """What is asked for when it is confirmed."""
        return self.total if self.is_now and self.total.minor > 0 else Money(0, self.total.currency)

    def figures(self) -> dict[str, Any]:
        """Return the figures as JSON, to keep with the change and to tell the customer from."""
        return {
            "currency": self.total.currency,
            "net_minor": self.net.minor,
            "tax_minor": self.tax.minor,
            "total_minor": self.total.minor,
            "credited_minor": sum(line.total.minor for line in self.credits),
            "due_now_minor": self.due_now.minor,
            "old": self.old,
            "new": self.new,
            "effective_on": self.effective_on.isoformat(),
            "next_bill_on": self.next_bill.on.isoformat() if self.next_bill else None,
            "next_bill_minor": self.next_bill.total.minor if self.next_bill else None,
        }


def preview_of(case: Case, planned: Planned) -> Preview:
    """Return what a planned change comes to, with the tax of the day on which it is billed."""
    reckoning = planned.reckoning
    after = reckoning.after
    coming = next_bill(case, _billed_next(planned))
    issued = billed_lines(case, reckoning.rated, case.today)
    lines = issued if planned.is_now else _coming_lines(case, after)
    credits = tuple(_credit(unused) for unused in reckoning.unused)
    nothing = Money(0, after.currency)
    net = sum((line.net for line in lines), nothing) - sum((line.net for line in credits), nothing)
    tax = sum((line.tax for line in lines), nothing) - sum((line.tax for line in credits), nothing)
    old, new = in_words(case, planned)
    return Preview(
        change=planned.change,
        effective_on=planned.on,
        is_now=planned.is_now,
        lines=lines,
        credits=credits,
        net=net,
        tax=tax,
        total=net + tax,
        next_bill=coming,
        old=old,
        new=new,
        lost_features=_lost(planned),
        warnings=_warnings(case, planned),
    )


def _billed_next(planned: Planned) -> Facts:
    """Return the facts from which the next bill follows: a pause is billed again from its end."""
    after, until = planned.reckoning.after, planned.change.pause_until
    return replace(after, renews_on=max(after.renews_on, until)) if until else after


def parts_of(rated: Sequence[Rated]) -> list[BillPart]:
    """Return rated lines as parts of a bill."""
    return [BillPart(basis=line.basis, tax_rate=line.tax_rate, tax_category=line.tax_category) for line in rated]


def bill_rated(case: Case, rated: Sequence[Rated], on: date) -> Bill:
    """Return what rated lines come to on a bill of a day."""
    return bill_of(case.customer, parts_of(rated), on)


def billed_lines(case: Case, rated: Sequence[Rated], on: date) -> tuple[PreviewLine, ...]:
    """Return rated lines with their tax, as a bill of a day would carry them."""
    if not rated:
        return ()
    taxed = bill_rated(case, rated, on).lines
    return tuple(
        PreviewLine(line.description, line.period, tax.net, tax.tax) for line, tax in zip(rated, taxed, strict=True)
    )


def _credit(unused: Unused) -> PreviewLine:
    return PreviewLine(unused.description, unused.period, unused.net, unused.tax, unused.line.invoice)


def _coming(case: Case, after: Facts) -> tuple[Period, tuple[Rated, ...]] | None:
    period = period_due(after)
    if period is None:
        return None
    return period, worth_billing(case.rate(after, period, cause="renewal"))


def _coming_lines(case: Case, after: Facts) -> tuple[PreviewLine, ...]:
    coming = _coming(case, after)
    return billed_lines(case, coming[1], coming[0].start) if coming else ()


def next_bill(case: Case, after: Facts) -> NextBill | None:
    """Return the next bill of some facts, or None when none comes or nobody can say what it will be."""
    try:
        coming = _coming(case, after)
        if coming is None:
            return None
        period, rated = coming
        bill = bill_rated(case, rated, period.start)
    except DomainError:
        return None
    return NextBill(period.start, period, bill.net, bill.tax, is_exact=not after.meters)


def in_words(case: Case, planned: Planned) -> tuple[str, str]:
    """Return what is and what will be, each in a few words."""
    before, after, change = planned.reckoning.before, planned.reckoning.after, planned.change
    if change.what in (What.PLAN, What.QUANTITY):
        return _counted(before), _counted(after)
    if change.what in (What.TAKE_ADD_ON, What.DROP_ADD_ON):
        return _add_ons(before), _add_ons(after)
    if change.what == What.BILLING_DAY:
        return f"{before.series.anchor.day}.", f"{change.bill_day}."
    state = {What.PAUSE: "paused", What.RESUME: "active", What.CANCEL: "cancelled", What.REINSTATE: "active"}
    return str(case.subscription.state), state[change.what]


def _counted(facts: Facts) -> str:
    item = facts.plan
    return item.product.name if item.quantity == 1 else f"{item.product.name} × {item.quantity}"


def _add_ons(facts: Facts) -> str:
    names = [(item.product.name, item.quantity) for item in facts.items[1:] if item.until is None]
    return ", ".join(name if many == 1 else f"{name} × {many}" for name, many in names)


def _lost(planned: Planned) -> tuple[str, ...]:
    """Return the features that are no longer there afterwards, in the order they are sold in."""
    before, after = planned.reckoning.before, planned.reckoning.after
    had = [feature for item in before.items if item.until is None for feature in item.product.features]
    if planned.change.what in (What.CANCEL, What.PAUSE):
        return tuple(dict.fromkeys(had))
    kept = {feature for item in after.items if item.until is None for feature in item.product.features}
    return tuple(dict.fromkeys(feature for feature in had if feature not in kept))


def _warnings(case: Case, planned: Planned) -> tuple[str, ...]:
    """Say when a term holds an end back, more is used than the new terms allow, and use is billed after the end."""
    warnings = []
    if planned.change.what == What.CANCEL and term_on(case.facts.agreed, case.asked_on):
        warnings.append(f"A term is agreed on; {planned.on} is the earliest end.")
    if planned.change.what == What.CANCEL and planned.reckoning.after.meters and planned.on > case.today:
        warnings.append(f"What is used until {planned.on} is billed then.")
    after = planned.reckoning.after.plan
    limit = after.product.usage_limit
    if limit is None or planned.change.what not in (What.PLAN, What.QUANTITY):
        return tuple(warnings)
    for meter, used in sorted(_used(case).items()):
        if used > limit and meter == (after.product.meter or meter):
            warnings.append(
                f"{after.product.name} allows {figure(Fraction(limit))} {after.product.unit or meter} a period; "
                f"{figure(Fraction(used))} were used in one."
            )
    return tuple(warnings)


def _used(case: Case) -> dict[str, Decimal]:
    """Return the most that was used of each meter in the running period or the one before it."""
    facts = case.facts
    running = facts.series.containing(case.today)
    before = facts.series.containing(running.start - timedelta(days=1))
    found: dict[str, Decimal] = {}
    for span in (running, before):
        events = UsageEvent.objects.filter(
            Q(subscription_id=None) | Q(subscription_id=facts.subscription_id),
            customer_id=facts.customer_id,
            happened_at__gte=midnight(facts, span.start),
            happened_at__lt=midnight(facts, span.end),
        )
        for row in events.values("meter").annotate(total=Sum("quantity")).order_by("meter"):
            found[row["meter"]] = max(found.get(row["meter"], Decimal(0)), row["total"])
    return found
