"""Why a bill differs from another one (pure): causes that add up to the difference, to the last minor unit.

Lines that bill the same thing are matched by their key and compared driver by driver (`ledger.invoices.drivers`); what
each driver that differs contributes is its Shapley value (`ledger.invoices.attribution`). Lines without a counterpart
were added or removed. Whatever else a bill carries (credits, a balance carried over) is compared item by item.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import zip_longest
from typing import Any

from ledger.invoices import drivers as on
from ledger.invoices.attribution import shapley, whole_units
from ledger.invoices.drivers import LineFacts
from ledger.invoices.grouping import Cause, group_causes
from ledger.invoices.telling import line_facts, what_differs
from ledger.money import CurrencyMismatch, Money

__all__ = ["BillFacts", "Cause", "Difference", "HeaderItem", "LineFacts", "difference"]

#: Charges that stand for themselves when they have no counterpart on the other bill.
OWN_KINDS = {"late_fee": "late_fee", "one_off": "one_off", "fee": "fee"}


@dataclass(frozen=True, slots=True)
class HeaderItem:
    """What a bill carries besides its lines, below zero where it takes off: a credit, a balance carried over."""

    kind: str
    key: str
    minor: int
    subject: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BillFacts:
    """A bill as its drivers; amounts are minor units of `currency`.

    `fx` holds what one unit of another currency is worth in it, for lines whose price is in that currency. A bill in
    another currency is compared as if it were in this one: the loader converts its totals, `fx` says at which rate.
    """

    currency: str
    lines: tuple[LineFacts, ...] = ()
    items: tuple[HeaderItem, ...] = ()
    fx: Mapping[str, Fraction] = field(default_factory=dict)

    @property
    def total(self) -> Money:
        """Everything on it together."""
        lines = sum(line.total_minor for line in self.lines)
        return Money(lines + sum(item.minor for item in self.items), self.currency)

    @property
    def roundings(self) -> Fraction:
        """How far exact shares may be from the bill: what is rounded once for all lines, and each conversion."""
        rates = {line.tax_rate for line in self.lines if line.tax_rate}
        names = {discount.name for line in self.lines for discount in line.basis.discounts}
        converted = sum(line.basis.tariff.currency != self.currency for line in self.lines)
        return Fraction(len(rates) + 2 * len(names) + converted)


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more the new bill is, and why: `causes` for the customer, at most five, and every one in `details`."""

    total: Money
    causes: tuple[Cause, ...]
    details: tuple[Cause, ...]


#: Names one cause in both directions: what is compared, in which order it is told. Added and removed share a name.
_Key = tuple[str, ...]


def difference(old: BillFacts | None, new: BillFacts) -> Difference:
    """Return why `new` differs from `old`; without an old bill everything on the new one is its cause.

    `old` may as well be the bill that was expected. Swapping the two changes the sign of every cause.

    :raises CurrencyMismatch: if the bills are in different currencies
    """
    old = old or BillFacts(new.currency)
    if old.currency != new.currency:
        raise CurrencyMismatch(f"A bill in {old.currency} is converted before it is compared with {new.currency}.")
    total = new.total.minor - old.total.minor
    found = _Found()
    for place, before, after in _matched(old.lines, new.lines):
        if before and after:
            _compare(found, place, before, after, old, new)
        elif line := after or before:
            _note_unmatched(found, place, line, is_added=line is after, other=new)
    _compare_items(found, old.items, new.items)
    exact = {key: part for key, part in sorted(found.exact.items()) if part}
    left_over = total - sum(exact.values(), Fraction(0))
    if left_over and (not exact or abs(left_over) > old.roundings + new.roundings):
        key = ("rounding", "")
        exact[key], found.facts[key] = left_over, {}
    parts = whole_units(exact, total)
    details = tuple(
        Cause(found.kind_of(key), minor, found.subjects.get(key, ""), found.facts[key])
        for key, minor in parts.items()
        if minor
    )
    return Difference(Money(total, new.currency), group_causes(details, total), group_causes(details, total, most=None))


class _Found:
    """What the comparison found so far: exact parts, what each is about and the facts to tell it."""

    def __init__(self) -> None:
        self.exact: defaultdict[_Key, Fraction] = defaultdict(Fraction)
        self.subjects: dict[_Key, str] = {}
        self.kinds: dict[_Key, str] = {}
        self.facts: dict[_Key, dict[str, Any]] = {}

    def add(self, key: _Key, part: Fraction, *, kind: str, subject: str, facts: dict[str, Any]) -> None:
        """Count a part under its key; the references of all its lines are kept."""
        self.exact[key] += part
        self.kinds[key], self.subjects[key] = kind, subject
        refs = (*self.facts.get(key, {}).get("refs", ()), *facts.get("refs", ()))
        self.facts[key] = {**facts, "refs": tuple(dict.fromkeys(refs))}

    def kind_of(self, key: _Key) -> str:
        """Return the kind of a cause; what no line explains is rounding."""
        return self.kinds.get(key, "rounding")


def _matched(
    old: Iterable[LineFacts], new: Iterable[LineFacts]
) -> Iterable[tuple[_Key, LineFacts | None, LineFacts | None]]:
    """Pair lines of one key in the order of their service periods; what has no counterpart stands alone."""
    before, after = (_by_key(lines) for lines in (old, new))
    for key in sorted(before.keys() | after.keys()):
        for number, pair in enumerate(zip_longest(before.get(key, []), after.get(key, []))):
            yield (key, f"{number:05}"), *pair


def _by_key(lines: Iterable[LineFacts]) -> dict[str, list[LineFacts]]:
    keyed: defaultdict[str, list[LineFacts]] = defaultdict(list)
    for line in lines:
        keyed[line.key].append(line)
    return {key: sorted(same, key=_service_order) for key, same in keyed.items()}


def _service_order(line: LineFacts) -> tuple[Any, ...]:
    # Lines without a period, and those of the same one, stand in the order of everything else that is known of them.
    days = (line.period.start.isoformat(), line.period.end.isoformat()) if line.period else ("", "")
    return (*days, line.total_minor, line.basis.quantity, line.basis.part, line.tax_rate, line.name, line.ref)


def _compare(found: _Found, place: _Key, before: LineFacts, after: LineFacts, old: BillFacts, new: BillFacts) -> None:
    was = on.drivers_of(before, currency=old.currency, fx=old.fx)
    now = on.drivers_of(after, currency=new.currency, fx=new.fx)
    changed = on.differing(was, now)
    for driver, part in shapley(changed, on.Mixture(was, now).worth).items():
        told = what_differs(driver, before, after, was, now)
        found.add((told.kind, *(told.scope or place)), part, kind=told.kind, subject=told.subject, facts=told.facts)


def _note_unmatched(found: _Found, place: _Key, line: LineFacts, *, is_added: bool, other: BillFacts) -> None:
    kind = OWN_KINDS.get(line.basis.kind) or ("added" if is_added else "removed")
    part = Fraction(line.total_minor if is_added else -line.total_minor)
    facts = {**line_facts(line, is_added=is_added, other=other), "refs": (line.ref,)}
    found.add(("line", *place), part, kind=kind, subject=line.name, facts=facts)


def _compare_items(found: _Found, old: Iterable[HeaderItem], new: Iterable[HeaderItem]) -> None:
    for sign, items in ((-1, old), (1, new)):
        for item in items:
            key = ("item", item.kind, item.key)
            found.add(key, Fraction(sign * item.minor), kind=item.kind, subject=item.subject, facts=dict(item.facts))
