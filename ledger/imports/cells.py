"""Reading the cells of one row (pure): each wrong cell is a sentence, and all of them are told, not the first only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from zoneinfo import available_timezones

from ledger.errors import InvalidInput
from ledger.money import CURRENCIES, InvalidAmount, Money

YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_DECIMAL_COMMA = re.compile(r"-?[0-9]+,[0-9]{1,4}", re.ASCII)
_THOUSANDS = re.compile(r"-?[0-9]{1,3}(?:[,.' ][0-9]{3})+(?:[.,][0-9]+)?", re.ASCII)
_DECIMAL = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,8})?", re.ASCII)
_ZONES = available_timezones()


class RowRefused(InvalidInput):
    """The row cannot be imported; `reasons` are all that is wrong with it."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class LeftOut(Exception):
    """There is nothing to import, and nothing wrong: a bill that is paid, a subscription that is over."""


def amount_problem(text: str) -> str:
    """Return what to write instead of an amount that is not one: a decimal comma, thousands apart."""
    shown = text[:40]
    if _THOUSANDS.fullmatch(text) and not _DECIMAL_COMMA.fullmatch(text):
        return f"{shown!r} has a separator between thousands: write the digits without it, such as 1250.00."
    if _DECIMAL_COMMA.fullmatch(text):
        return f"{shown!r} has a decimal comma: write {text.replace(',', '.')}."
    return f"{shown!r} is not an amount such as 12.50."


class RowReader:
    """The cells of one row; a wrong one adds to `problems` and reads as empty."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values
        self.problems: list[str] = []

    def wrong(self, name: str, why: str) -> None:
        """Note what is wrong with a cell."""
        self.problems.append(f"{name}: {why}")

    def has(self, name: str) -> bool:
        """Whether the cell says something."""
        return bool(self.values.get(name))

    def text(self, name: str, *, longest: int, default: str = "", required: bool = False) -> str:
        """Return one line of text."""
        value = self.values.get(name, "") or default
        if required and not value:
            self.wrong(name, "is empty.")
        elif len(value) > longest:
            self.wrong(name, f"is longer than {longest} characters.")
        elif value and not value.isprintable():
            self.wrong(name, "has a line break or a sign that cannot be printed.")
        else:
            return value
        return ""

    def choice(self, name: str, options: tuple[str, ...], *, default: str) -> str:
        """Return one of a few words."""
        value = (self.values.get(name, "") or default).lower()
        if value in options:
            return value
        self.wrong(name, f"{value[:40]!r} is none of {', '.join(options)}.")
        return default

    def yes(self, name: str, *, default: bool) -> bool:
        """Return yes or no."""
        value = self.values.get(name, "").lower()
        if value and value not in YES:
            self.wrong(name, f"{value[:40]!r} is neither yes nor no.")
        return YES.get(value, default)

    def whole(self, name: str, *, lowest: int, highest: int, default: int) -> int:
        """Return a whole number in a range."""
        value = self.values.get(name, "")
        if not value:
            return default
        if value.isascii() and value.isdigit() and len(value) <= 12 and lowest <= int(value) <= highest:
            return int(value)
        self.wrong(name, f"{value[:40]!r} is not a whole number from {lowest} to {highest}.")
        return default

    def day(self, name: str, *, required: bool = False) -> date | None:
        """Return a day, written 2026-03-31; a time after it is left away."""
        value = self.values.get(name, "")
        if not value:
            if required:
                self.wrong(name, "is empty.")
            return None
        try:
            if len(value) != 10:
                raise ValueError(value)
            found = date.fromisoformat(value)
        except ValueError:
            self.wrong(name, f"{value[:40]!r} is not a day such as 2026-03-31.")
            return None
        if not 1970 <= found.year <= 2200:
            self.wrong(name, f"{value} is not a day of our time.")
            return None
        return found

    def currency(self, name: str, *, required: bool = True) -> str:
        """Return a currency code of ISO 4217; empty where none is asked for, or it is wrong."""
        value = self.values.get(name, "").upper()
        if value in CURRENCIES or (not value and not required):
            return value
        self.wrong(name, f"{value[:40]!r} is not a currency we know." if value else "is empty.")
        return ""

    def money(self, name: str, currency: str, *, required: bool = False) -> int:
        """Return an amount of at least zero in minor units."""
        value = self.values.get(name, "")
        if not value or not currency:
            if required and not value:
                self.wrong(name, "is empty.")
            return 0
        try:
            minor = Money.parse(value, currency).minor
        except InvalidAmount as problem:
            plain = re.fullmatch(r"-?[0-9]+\.[0-9]+", value, re.ASCII)
            self.wrong(name, str(problem) if plain else amount_problem(value))
            return 0
        if minor < 0:
            self.wrong(name, f"{value} is below zero.")
            return 0
        return minor

    def decimal(self, name: str, *, highest: Decimal) -> Decimal | None:
        """Return an exact number from zero, or None where the cell is empty."""
        value = self.values.get(name, "")
        if not value:
            return None
        if not _DECIMAL.fullmatch(value):
            self.wrong(name, amount_problem(value).replace("an amount", "a number"))
            return None
        found = Decimal(value)
        if found > highest:
            self.wrong(name, f"{value} is more than {highest}.")
            return None
        return found

    def zone(self, name: str, *, default: str) -> str:
        """Return a time zone of the IANA database."""
        value = self.values.get(name, "") or default
        if value in _ZONES:
            return value
        self.wrong(name, f"{value[:40]!r} is not a time zone such as Europe/Berlin.")
        return default

    def done(self) -> None:
        """Refuse the row when anything was wrong.

        :raises RowRefused: with every reason
        """
        if self.problems:
            raise RowRefused(*self.problems)


def exact(text: str) -> Decimal:
    """Return a plain decimal, such as a provider writes.

    :raises RowRefused: if it is none
    """
    try:
        found = Decimal(text)
    except InvalidOperation as problem:
        raise RowRefused(f"{text[:40]!r} is not a number.") from problem
    if not found.is_finite():
        raise RowRefused(f"{text[:40]!r} is not a number.")
    return found
