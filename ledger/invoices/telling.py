"""What is told of a driver that differs, and of a line without a counterpart (pure): kind, subject, facts."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

from ledger.charges.basis import Basis
from ledger.invoices import drivers as on
from ledger.invoices.drivers import Driver, Drivers, LineFacts

#: Why a line is on a bill, by what caused its charge.
ADDED = {
    "start": "started",
    "renewal": "renewed",
    "change": "changed",
    "usage": "used",
    "late_usage": "used_late",
    "one_off": "once",
    "trial_end": "trial_ended",
    "manual": "by_hand",
}


class HasLines(Protocol):
    """A bill, as far as it matters here."""

    @property
    def lines(self) -> tuple[LineFacts, ...]:
        """Its lines."""


@dataclass(frozen=True, slots=True)
class Told:
    """How a driver's part is told. Parts of one `scope` belong together, whatever line they are on."""

    kind: str
    subject: str
    facts: dict[str, Any]
    scope: tuple[str, ...] = ()


def what_differs(driver: Driver, before: LineFacts, after: LineFacts, was: Drivers, now: Drivers) -> Told:
    """Return what a driver that differs between two lines is called, with the facts before and after."""
    told = _told(driver, before, after, was, now)
    told.facts["refs"] = (before.ref, after.ref)
    return told


def _told(driver: Driver, before: LineFacts, after: LineFacts, was: Drivers, now: Drivers) -> Told:
    kind, name, old, new = driver[0], after.name, before.basis, after.basis
    if kind == on.QUANTITY:
        facts = {"before": str(old.quantity), "after": str(new.quantity), "unit": new.unit}
        return Told("usage" if new.kind == "usage" else "quantity", name, facts)
    if kind == on.PART:
        days = {"days_before": old.days, "of_days_before": old.of_days, "days": new.days, "of_days": new.of_days}
        return Told("part", name, {**days, "before": str(old.part), "after": str(new.part)})
    if kind == on.PRICE:
        return Told("price", name, _price_facts(old, new))
    if kind == on.TAX:
        rates = {"before": _per_cent(was.tax_rate), "after": _per_cent(now.tax_rate)}
        treatments = {"treatment_before": before.treatment, "treatment": after.treatment}
        scope = tuple(sorted((f"{was.tax_rate} {before.treatment}", f"{now.tax_rate} {after.treatment}")))
        return Told("tax", "", {**rates, **treatments}, scope)
    if kind == on.FX:
        currency = new.tariff.currency if new.tariff.currency != now.currency else old.tariff.currency
        rates = {"before": str(was.fx.get(currency, 1)), "after": str(now.fx.get(currency, 1))}
        return Told("fx", currency, rates, (currency,))
    if kind == on.DISCOUNT:
        return _discount(driver, was, now)
    return Told("amount", name, {"before_minor": before.total_minor, "after_minor": after.total_minor})


def _price_facts(old: Basis, new: Basis) -> dict[str, Any]:
    return {
        "before_minor": str(_unit(old)),
        "after_minor": str(_unit(new)),
        "model": new.tariff.model.value,
        "price_id": new.price_id,
        "price_id_before": old.price_id,
        "price_from": new.price_from.isoformat() if new.price_from else None,
    }


def _unit(basis: Basis) -> Fraction:
    tariff = basis.tariff
    if tariff.tiers:
        return tariff.tiers[0].unit_minor
    return tariff.unit_minor or Fraction(tariff.flat_minor)


def _discount(driver: Driver, was: Drivers, now: Drivers) -> Told:
    names = driver[1:]
    before, after = ({share.name for share in side.shares} & set(names) for side in (was, now))
    what = "changed" if before and after else "new" if after else "expired"
    shown = [share for side in (now, was) for share in side.shares if share.name in names]
    percent = shown[0].shown.percent
    facts = {"what": what, "percent": None if percent is None else _per_cent(percent), "names": names}
    return Told("discount", ", ".join(names), facts, tuple(names))


def _per_cent(rate: Fraction) -> str:
    """Write a rate as a plain decimal: "19", "8.25"."""
    written = f"{Decimal(rate.numerator) / Decimal(rate.denominator):.6f}"
    return written.rstrip("0").rstrip(".")


def line_facts(line: LineFacts, *, is_added: bool, other: HasLines) -> dict[str, Any]:
    """Return what is told of a line that only one of the bills has, with why it came or went."""
    basis = line.basis
    return {
        "reason": ADDED.get(basis.cause, "by_hand") if is_added else _why_removed(line, other),
        "kind": basis.kind,
        "quantity": str(basis.quantity),
        "unit": basis.unit,
        "days": basis.days,
        "of_days": basis.of_days,
        "first": line.period.start.isoformat() if line.period else None,
        "end": line.period.end.isoformat() if line.period else None,
    }


def _why_removed(line: LineFacts, other: HasLines) -> str:
    if line.ended:
        return line.ended
    if line.basis.kind == "one_off":
        return "once"
    if line.basis.kind == "usage":
        return "not_used"
    of = line.key.partition("/")[0]
    replaced = [one for one in other.lines if one.key.partition("/")[0] == of and one.basis.kind == line.basis.kind]
    return "replaced" if replaced and line.basis.kind == "plan" else "ended"
