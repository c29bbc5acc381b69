"""What a line of a bill depends on (pure): its drivers, and what it would come to if only some of them had changed.

The list amount is rounded by the very function that billed it. A percentage off and the tax are rounded once per bill
and then shared out over its lines, so here a line bears its exact share of them: a cent that moved from one line to
another because of rounding is then no cause of anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import count

from ledger.charges.basis import AppliedDiscount, Basis, list_amount
from ledger.money import exponent
from ledger.periods import Period

#: The drivers of a line besides its discounts, in the order in which they are told.
QUANTITY, PART, PRICE, TAX, FX, AMOUNT = "quantity", "part", "price", "tax", "fx", "amount"
DISCOUNT = "discount"
#: More discounts than this that differ on one line count as one driver: every driver doubles the work.
MOST_DISCOUNTS = 4


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One line of a bill: the drivers its charge kept, and what it came to, in the currency of the bill.

    `key` names what is billed in a way that stays the same from bill to bill (subscription, product, kind of charge);
    `ref` is where the facts stand, e.g. "invoiceline:12"; `ended` why it is not billed any more, where that is known.
    """

    key: str
    basis: Basis
    net_minor: int
    tax_minor: int
    tax_rate: Fraction = Fraction(0)
    treatment: str = "standard"
    period: Period | None = None
    ref: str = ""
    ended: str = ""

    @property
    def name(self) -> str:
        """What the customer knows it as."""
        return self.basis.name

    @property
    def total_minor(self) -> int:
        """Net and tax together."""
        return self.net_minor + self.tax_minor


@dataclass(frozen=True, slots=True)
class Share:
    """One discount of a line as a rule: a part of what is left, a part of the list amount, or a fixed amount."""

    name: str
    of: str
    value: Fraction
    shown: AppliedDiscount = field(compare=False)


@dataclass(frozen=True, slots=True)
class Drivers:
    """Everything one line depends on; `flat` is its amount where the kept drivers do not give it."""

    basis: Basis
    shares: tuple[Share, ...]
    tax_rate: Fraction
    fx: Mapping[str, Fraction]
    currency: str
    flat: Fraction | None = None


def drivers_of(line: LineFacts, *, currency: str, fx: Mapping[str, Fraction]) -> Drivers:
    """Return the drivers of a line, or its bare amount when they do not give it to the rounding of a bill."""
    known = Drivers(line.basis, _shares(line.basis), line.tax_rate, fx, currency)
    slack = 2 + len(line.basis.discounts) + (1 if line.basis.tariff.currency != currency else 0)
    if abs(worth(known) - line.total_minor) <= slack:
        return known
    return replace(known, flat=Fraction(line.total_minor))


def worth(drivers: Drivers) -> Fraction:
    """Return what a line with these drivers comes to, tax included, in minor units of the bill's currency; exact."""
    if drivers.flat is not None:
        return drivers.flat
    listed = Fraction(list_amount(drivers.basis).minor)
    return _less(listed, drivers.shares) * _rate(drivers, drivers.fx) * _taxed(drivers)


def _less(listed: Fraction, shares: Iterable[Share]) -> Fraction:
    """Return what is left of a list amount after its discounts, one after the other."""
    left = listed
    for share in shares:
        off = share.value * (left if share.of == "left" else listed if share.of == "list" else 1)
        left -= min(off, left)
    return left


def _taxed(drivers: Drivers) -> Fraction:
    return Fraction(1) if drivers.basis.includes_tax else 1 + drivers.tax_rate / 100


def _rate(drivers: Drivers, fx: Mapping[str, Fraction]) -> Fraction:
    """Return minor units of the bill's currency for one minor unit of the tariff's."""
    of = drivers.basis.tariff.currency
    if of == drivers.currency:
        return Fraction(1)
    return fx.get(of, Fraction(1)) * Fraction(10) ** (exponent(drivers.currency) - exponent(of))


def _shares(basis: Basis) -> tuple[Share, ...]:
    """Read each discount as the rule that gave its amount: a percentage of what was left or of the list amount."""
    listed = left = Fraction(list_amount(basis).minor)
    names: dict[str, count[int]] = {}
    found = []
    for discount in basis.discounts:
        nth = next(names.setdefault(discount.name, count(1)))
        name = discount.name if nth == 1 else f"{discount.name} ({nth})"
        found.append(_share(name, discount, left=left, listed=listed))
        left -= discount.minor
    return tuple(found)


def _share(name: str, discount: AppliedDiscount, *, left: Fraction, listed: Fraction) -> Share:
    if discount.percent is None:
        return Share(name, "fixed", Fraction(discount.minor), discount)
    rate = discount.percent / 100
    for of, base in (("left", left), ("list", listed)):
        # A share of a rounded total is less than one unit away from the exact one; two roundings came before it.
        if abs(base * rate - discount.minor) <= 2:
            return Share(name, of, rate, discount)
    return Share(name, "list", Fraction(discount.minor) / listed if listed else Fraction(0), discount)


Driver = tuple[str, ...]


def differing(old: Drivers, new: Drivers) -> list[Driver]:
    """Return which drivers of two lines differ, each discount by its name, in the order in which they are told."""
    if old.flat is not None or new.flat is not None:
        return [(AMOUNT,)] if worth(old) != worth(new) else []
    found: list[Driver] = []
    if old.basis.quantity != new.basis.quantity:
        found.append((QUANTITY,))
    if old.basis.part != new.basis.part:
        found.append((PART,))
    if _price(old.basis) != _price(new.basis):
        found.append((PRICE,))
    found += _differing_discounts(old, new)
    if old.tax_rate != new.tax_rate:
        found.append((TAX,))
    if any(_rate(drivers, old.fx) != _rate(drivers, new.fx) for drivers in (old, new)):
        found.append((FX,))
    return found


def _price(basis: Basis) -> tuple[object, ...]:
    return basis.tariff, basis.includes_tax


def _differing_discounts(old: Drivers, new: Drivers) -> list[Driver]:
    before, after = ({share.name: share for share in drivers.shares} for drivers in (old, new))
    names = [name for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name)]
    if len(names) > MOST_DISCOUNTS:
        return [(DISCOUNT, *names)]
    return [(DISCOUNT, name) for name in names]


class Mixture:
    """What a line comes to with some drivers from the new bill and the others from the old one.

    Only what a set of drivers really changes is computed anew: asking for all sets costs little more than for two.
    """

    def __init__(self, old: Drivers, new: Drivers) -> None:
        self.old, self.new = old, new
        self._listed: dict[tuple[bool, bool, bool], Fraction] = {}
        self._left: dict[tuple[object, ...], Fraction] = {}
        self._factors: dict[tuple[bool, bool, bool], Fraction] = {}
        self._places = _places(old, new)

    def worth(self, changed: frozenset[Driver]) -> Fraction:
        """Return the amount with the named drivers changed; exact."""
        if self.old.flat is not None or self.new.flat is not None:
            return worth(self.new if changed else self.old)
        price, names = (PRICE,) in changed, frozenset(n for d in changed if d[0] == DISCOUNT for n in d[1:])
        of = ((QUANTITY,) in changed, (PART,) in changed, price)
        if (of, names) not in self._left:
            self._left[of, names] = _less(self._list(of), self._shares(names))
        by = (price, (TAX,) in changed, (FX,) in changed)
        if by not in self._factors:
            self._factors[by] = self._factor(*by)
        return self._left[of, names] * self._factors[by]

    def _list(self, of: tuple[bool, bool, bool]) -> Fraction:
        if of not in self._listed:
            quantity, part, price = (self.new.basis if is_new else self.old.basis for is_new in of)
            basis = replace(price, quantity=quantity.quantity, part=part.part)
            self._listed[of] = Fraction(list_amount(basis).minor)
        return self._listed[of]

    def _shares(self, changed: frozenset[str]) -> list[Share]:
        before, after = ({share.name: share for share in drivers.shares} for drivers in (self.old, self.new))
        chosen = [(after if name in changed else before).get(name) for name in self._places]
        return [share for share in chosen if share is not None]

    def _factor(self, price: bool, tax: bool, fx: bool) -> Fraction:
        basis = (self.new if price else self.old).basis
        drivers = replace(self.old, basis=basis, tax_rate=(self.new if tax else self.old).tax_rate)
        return _rate(drivers, (self.new if fx else self.old).fx) * _taxed(drivers)


def _places(old: Drivers, new: Drivers) -> list[str]:
    """Return the names of all discounts in the order in which they are taken off, on whichever bill they are."""
    sides = [[share.name for share in drivers.shares] for drivers in (old, new)]
    places = {name: max(side.index(name) if name in side else 0 for side in sides) for side in sides for name in side}
    return sorted(places, key=lambda name: (places[name], name))
