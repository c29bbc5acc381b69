"""What Stripe's values mean (pure): amounts on its wire, moments, and things that are an id or the object itself.

Source: Stripe API reference ("Customers", "Products", "Prices", "Subscriptions", "Invoices"), "Supported currencies".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from ledger.errors import DomainError
from ledger.imports.cells import RowReader, RowRefused, exact
from ledger.money import WIRE_DIGITS, Money, exponent

Thing = Mapping[str, Any]


def text_of(thing: Thing, name: str) -> str:
    """Return a text on one line; empty where there is none.

    :raises RowRefused: if it has signs that cannot be printed
    """
    value = thing.get(name)
    found = " ".join(value.split()) if isinstance(value, str) else ""
    if not found.isprintable():
        raise RowRefused(f"{name}: has a sign that cannot be printed.")
    return found


def part_of(thing: Thing, name: str) -> Thing:
    """Return an object inside another; empty where there is none."""
    value = thing.get(name)
    return value if isinstance(value, dict) else {}


def list_of(thing: Thing, name: str) -> list[Thing]:
    """Return the objects of a list object or an array.

    :raises RowRefused: if only the first page of them is in the file
    """
    value = thing.get(name)
    if isinstance(value, dict):
        if value.get("has_more"):
            raise RowRefused(f"{name}: the file has only the first of them; export them all.")
        value = value.get("data")
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def id_of(thing: Thing, name: str) -> str:
    """Return the id of what a field names: by its id, or expanded."""
    value = thing.get(name)
    found = value.get("id") if isinstance(value, dict) else value
    return "".join(letter for letter in found[:100] if letter.isprintable()) if isinstance(found, str) else ""


def whole(thing: Thing, name: str) -> int | None:
    """Return a whole number, or None.

    :raises RowRefused: if it is something else
    """
    value = thing.get(name)
    if value is None:
        return None
    if type(value) is not int:
        raise RowRefused(f"{name}: {str(value)[:40]!r} is not a whole number of the smallest unit.")
    return value


def minor_of(thing: Thing, name: str, currency: str) -> int:
    """Return an amount in our minor units; 0 where there is none.

    :raises RowRefused: if it is no amount, or finer than the currency goes
    """
    value = whole(thing, name) or 0
    try:
        return Money.from_wire(value, currency, "stripe").minor
    except DomainError as problem:
        raise RowRefused(f"{name}: {problem}") from problem


def unit_minor(thing: Thing, name: str, currency: str) -> Decimal | None:
    """Return a unit price in our minor units, with fractions: `<name>_decimal` where it is given, else `<name>`."""
    given = thing.get(f"{name}_decimal")
    value = exact(given) if isinstance(given, str) else whole(thing, name)
    if value is None:
        return None
    digits = exponent(currency)
    expected, _ = WIRE_DIGITS["stripe"].get(currency, (digits, digits))
    return Decimal(value).scaleb(digits - expected)


def moment_of(thing: Thing, name: str) -> datetime | None:
    """Return a moment, given in seconds since 1970.

    :raises RowRefused: if it is none
    """
    seconds = whole(thing, name)
    if seconds is None:
        return None
    if not 0 <= seconds < 7_258_118_400:
        raise RowRefused(f"{name}: {seconds} is not a moment of our time.")
    return datetime.fromtimestamp(seconds, UTC)


def currency_of(thing: Thing, *, default: str = "") -> str:
    """Return the currency, which Stripe writes in small letters.

    :raises RowRefused: if we do not know it
    """
    reader = RowReader({"currency": text_of(thing, "currency") or default})
    found = reader.currency("currency")
    reader.done()
    return found


def utc_day(moment: datetime | None) -> date:
    """Return the day of a moment, in UTC; 1 January 1970 where there is none."""
    return moment.date() if moment else date(1970, 1, 1)


def check_object(thing: Thing, wanted: str) -> None:
    """Refuse an entry of another type.

    :raises RowRefused: naming both
    """
    found = thing.get("object")
    if found != wanted:
        raise RowRefused(f"This is a {str(found)[:40]!r}, not a {wanted!r}.")
