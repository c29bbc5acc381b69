"""Prices as supervisors write them, one step a line (pure): `up to 1000: 0`, `above: 0.0085 + 2.00`."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from ledger.catalogue.explaining import Explained, display_number, display_unit_price, explain_tariff, worked_examples
from ledger.catalogue.tariff import InvalidTariff, Model, Tariff
from ledger.money import Money, exponent

_NUMBER = r"[0-9]{1,12}(?:\.[0-9]{1,8})?"
_LINE = re.compile(
    rf"(?:(?P<above>above)|up to (?P<up_to>{_NUMBER})): ?(?P<unit>{_NUMBER})(?: ?\+ ?(?P<flat>{_NUMBER}))?", re.ASCII
)
_AMOUNT = re.compile(_NUMBER, re.ASCII)


def read_unit_price(text: str, currency: str) -> Decimal:
    """Read the price of one unit in major units, such as 0.0123, and return it in minor units: 1.23.

    :raises InvalidTariff: if it is anything else, or finer than eight digits below the minor unit
    """
    if not _AMOUNT.fullmatch(text.strip()):
        raise InvalidTariff(f"{text[:40]!r} is not a price such as 0.0123; write it without signs or separators.")
    return Decimal(text.strip()).scaleb(exponent(currency))


def read_steps(text: str, currency: str) -> list[dict[str, Any]]:
    """Read steps, one a line, as `Price.tiers` holds them; prices are in major units.

    :raises InvalidTariff: naming the line that cannot be read
    """
    lines = [(number, line.strip().lower()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    return [_step(number, line, currency) for number, line in lines]


def _step(number: int, line: str, currency: str) -> dict[str, Any]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise InvalidTariff(
            f"Line {number} is {line[:60]!r}. Write a step like “up to 1000: 0.0123” or “up to 1000: 0.0123 + 5.00”, "
            "the last one like “above: 0.0085”; numbers without separators."
        )
    flat = Money.parse(found["flat"], currency).minor if found["flat"] else 0
    unit = read_unit_price(found["unit"], currency)
    return {"up_to": found["up_to"], "unit_minor": f"{unit.normalize():f}", "flat_minor": flat}


def price_in_words(tariff: Tariff, unit: str = "", language: str = "en") -> list[str]:
    """Return a price a line per step: `up to 1,000: €0.00 each`."""
    each = f"per {unit}" if unit else "each"
    lines = []
    for row in explain_tariff(tariff, 0).rows:
        parts = [f"{display_unit_price(row.unit_minor, tariff.currency, language)} {each}"] if row.unit_minor else []
        if row.flat_minor or not parts:
            parts.append(Money(row.flat_minor, tariff.currency).display(language))
        where = "" if not tariff.tiers else "above: " if row.up_to is None else f"up to {display_number(row.up_to)}: "
        lines.append(where + " + ".join(parts))
    return lines


def examples_in_words(tariff: Tariff, language: str = "en") -> list[str]:
    """Return what some telling quantities cost: `1,001: €0.01`."""
    return [
        f"{display_number(quantity, language)}: {amount.display(language)}"
        for quantity, amount in worked_examples(tariff)
        if tariff.model != Model.FLAT
    ]


def explained_in_words(explained: Explained, currency: str, language: str = "en") -> list[str]:
    """Return the steps a quantity went through, a line each: `9,000 × €0.0123 = €110.70`; they add up to the total."""
    lines = []
    for row in explained.rows:
        if not row.is_used:
            continue
        parts = []
        if row.unit_minor or not row.flat_minor:
            each = display_unit_price(row.unit_minor, currency, language)
            parts.append(f"{display_number(row.units, language)} × {each}")
        if row.flat_minor:
            parts.append(Money(row.flat_minor, currency).display(language))
        lines.append(f"{' + '.join(parts)} = {row.amount.display(language)}")
    return lines
