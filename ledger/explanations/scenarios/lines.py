"""Scenarios seen in what a bill says (pure): each returns its findings, or none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from itertools import combinations

from ledger.catalogue.tariff import exact_price, price_of
from ledger.explanations.scenarios.facts import AccountFacts, Bill, Line, Note
from ledger.explanations.scenarios.finding import Finding, Value
from ledger.money import Money

#: Two equal charges without a period are one charged twice only when they came within a week.
TWICE_DAYS = 7
#: A period longer than this is a year.
YEAR_DAYS = 350


def on_bill(scenario: str, fit: int, bill: Bill, line: Line, **values: Value) -> Finding:
    """Return a finding about a line of a bill."""
    named: dict[str, Value] = {"name": line.basis.name, "amount": line.total, "bill": bill.number, **values}
    return Finding(scenario, fit, bill.issued_on, (f"invoice:{bill.id}", f"invoiceline:{line.id}"), named)


def double_charge(facts: AccountFacts) -> Iterator[Finding]:
    """The same thing for the same days stands on bills twice, and neither was credited.

    Who charged it may differ: what one system billed as a plan, another may have posted again as a bare amount.
    """
    groups: dict[object, list[tuple[Bill, Line]]] = {}
    for bill in facts.bills:
        for line in bill.lines if bill.counts else ():
            if line.credited is None or line.credited < line.total:
                groups.setdefault(line.total, []).append((bill, line))
    for same in groups.values():
        for (newer, second), (older, first) in combinations(same, 2):
            if not facts.is_recent(newer.issued_on) or not _same_time(older, first, newer, second):
                continue
            if not _same_thing(first, second):
                continue
            lines = (f"invoiceline:{first.id}", f"invoiceline:{second.id}")
            refs = (*lines, f"invoice:{older.id}", f"invoice:{newer.id}")
            values: dict[str, Value] = {"name": second.basis.name, "amount": second.total}
            values |= {"first": older.number, "second": newer.number}
            yield Finding("double_charge", 95, newer.issued_on, refs, values)


def _same_thing(first: Line, second: Line) -> bool:
    if first.words and first.words == second.words:
        return True
    return (first.key, first.basis.quantity) == (second.key, second.basis.quantity)


def _same_time(older: Bill, first: Line, newer: Bill, second: Line) -> bool:
    if first.start or second.start:
        return (first.start, first.end) == (second.start, second.end)
    return newer.issued_on - older.issued_on <= timedelta(days=TWICE_DAYS)


def proration_after_change(facts: AccountFacts) -> Iterator[Finding]:
    """A change within a period was billed for the days from it on."""
    bill = facts.bill
    for line in bill.lines if bill else ():
        basis = line.basis
        if bill and basis.cause == "change" and basis.part < 1 and basis.days and basis.of_days and line.start:
            notes = [note for note in facts.notes if _is_of(note, line) and note.on == bill.issued_on]
            back = sum((note.total for note in notes), Money(0, line.total.currency))
            days = {"days": basis.days, "of": basis.of_days}
            yield on_bill("proration_after_change", 85, bill, line, credit=back, since=line.start, **days)


def _is_of(note: Note, line: Line) -> bool:
    """Whether a credit note came from a change of the subscription that the line bills."""
    return bool(line.source) and f"{note.source}:".startswith(f"{line.source}:")


def price_rise(facts: AccountFacts) -> Iterator[Finding]:
    """The same quantity costs more than on the bill before."""
    for old, new in facts.pairs:
        before, after, quantity = old.basis.tariff, new.basis.tariff, new.basis.quantity
        if facts.bill is None or before.currency != after.currency:
            continue
        if 0 < exact_price(before, quantity) < exact_price(after, quantity):
            prices = {"before": price_of(before, quantity), "after": price_of(after, quantity)}
            since = new.basis.price_from or new.start or facts.bill.issued_on
            yield on_bill("price_rise", 80, facts.bill, new, since=since, **prices)


def expired_discount(facts: AccountFacts) -> Iterator[Finding]:
    """A discount on the bill before is not on this one, though what it was for is."""
    for old, new in facts.pairs:
        kept = {discount.name for discount in new.basis.discounts}
        for discount in old.basis.discounts:
            if facts.bill and discount.name not in kept and discount.minor:
                off = Money(discount.minor, old.net.currency)
                yield on_bill("expired_discount", 82, facts.bill, new, discount=discount.name, off=off)


def annual_renewal(facts: AccountFacts) -> Iterator[Finding]:
    """A plan was renewed for a year."""
    bill = facts.bill
    for line in bill.lines if bill else ():
        is_year = line.start and line.end and (line.end - line.start).days >= YEAR_DAYS
        if bill and line.start and line.end and is_year and _ran_before(facts, line):
            yield on_bill("annual_renewal", 84, bill, line, first=line.start, last=line.end - timedelta(days=1))


def _ran_before(facts: AccountFacts, line: Line) -> bool:
    """Whether the subscription was billed, or ran, before the period of the line: the first year is no renewal."""
    running = next((one for one in facts.subscriptions if one.source == line.source), None)
    begins = running.trial_ends_on or running.started_on if running else None
    is_billed = any(line.key == one.key and one.id < line.id for bill in facts.bills for one in bill.lines)
    return line.basis.cause == "renewal" and bool(line.start and (is_billed or (begins and begins < line.start)))


def late_fee(facts: AccountFacts) -> Iterator[Finding]:
    """A fee for paying late."""
    yield from _of_kind(facts, "late_fee", "late_fee", 88)


def one_off_item(facts: AccountFacts) -> Iterator[Finding]:
    """Something bought once."""
    yield from _of_kind(facts, "one_off_item", "one_off", 75)


def _of_kind(facts: AccountFacts, scenario: str, kind: str, fit: int) -> Iterator[Finding]:
    bill = facts.bill
    for line in bill.lines if bill else ():
        if bill and line.basis.kind == kind:
            yield on_bill(scenario, fit, bill, line)


def usage_above_free(facts: AccountFacts) -> Iterator[Finding]:
    """More was used than the free first step of the price holds."""
    bill = facts.bill
    for line in bill.lines if bill else ():
        tiers, used = line.basis.tariff.tiers, line.basis.quantity
        if bill is None or line.basis.kind != "usage" or not tiers or tiers[0].unit_minor or tiers[0].flat_minor:
            continue
        free = tiers[0].up_to
        if free is not None and used > free and line.total.minor:
            yield on_bill("usage_above_free", 80, bill, line, used=used, free=free, unit=line.basis.unit or "×")


def late_usage(facts: AccountFacts) -> Iterator[Finding]:
    """Use that was reported after its period had been billed."""
    bill = facts.bill
    for line in bill.lines if bill else ():
        if bill and line.basis.cause == "late_usage" and line.start and line.end:
            yield on_bill("late_usage", 85, bill, line, first=line.start, last=line.end - timedelta(days=1))


def quantity_increased(facts: AccountFacts) -> Iterator[Finding]:
    """More seats or units than on the bill before; metered use is not meant."""
    for old, new in facts.pairs:
        if facts.bill and new.basis.kind in ("plan", "add_on") and old.basis.quantity < new.basis.quantity:
            counts: dict[str, Fraction] = {"before": old.basis.quantity, "after": new.basis.quantity}
            yield on_bill("quantity_increased", 78, facts.bill, new, **counts)


def add_on_added(facts: AccountFacts) -> Iterator[Finding]:
    """An add-on that was not on the bill before."""
    bill, before = facts.bill, facts.before
    known = {line.key for line in before.lines} if before else set()
    for line in bill.lines if bill and before else ():
        if bill and line.basis.kind == "add_on" and line.key not in known:
            yield on_bill("add_on_added", 78, bill, line, since=line.start or bill.issued_on)


def tax_change(facts: AccountFacts) -> Iterator[Finding]:
    """Tax at another rate than on the bill before, where reverse charge is not the reason."""
    for old, new in facts.pairs:
        if facts.bill and old.rate != new.rate and "reverse_charge" not in (old.treatment, new.treatment):
            yield on_bill("tax_change", 80, facts.bill, new, before=old.rate, after=new.rate, tax=new.tax)
            return


def reverse_charge_began(facts: AccountFacts) -> Iterator[Finding]:
    """The customer accounts for the tax now, and did not before."""
    for old, new in facts.pairs:
        if facts.bill and new.treatment == "reverse_charge" != old.treatment:
            yield on_bill("reverse_charge_began", 86, facts.bill, new, before=old.rate)
            return


def reverse_charge_ended(facts: AccountFacts) -> Iterator[Finding]:
    """The customer accounted for the tax before, and does not now."""
    for old, new in facts.pairs:
        if facts.bill and old.treatment == "reverse_charge" != new.treatment:
            yield on_bill("reverse_charge_ended", 86, facts.bill, new, after=new.rate, tax=new.tax)
            return


def exchange_rate(facts: AccountFacts) -> Iterator[Finding]:
    """The bill before was in another currency: their amounts differ by the exchange rate too."""
    bill, before = facts.bill, facts.before
    if bill and before and bill.total.currency != before.total.currency:
        values: dict[str, Value] = {"amount": bill.total, "before": before.total, "bill": bill.number}
        refs = (f"invoice:{bill.id}", f"invoice:{before.id}")
        yield Finding("exchange_rate", 80, bill.issued_on, refs, values)


DETECTORS = (
    double_charge,
    proration_after_change,
    price_rise,
    expired_discount,
    annual_renewal,
    late_fee,
    one_off_item,
    usage_above_free,
    late_usage,
    quantity_increased,
    add_on_added,
    tax_change,
    reverse_charge_began,
    reverse_charge_ended,
    exchange_rate,
)
