"""Reading the euro reference rates as the European Central Bank publishes them (pure): eurofxref.csv and its history.

Source: ECB, "Euro foreign exchange reference rates", https://www.ecb.europa.eu/stats/eurofxref/. One line per day, one
column per currency; 1 EUR is so many of it. The daily file writes the day as "02 March 2026", the history 2026-03-02.
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from ledger.errors import InvalidInput
from ledger.fx.rates import Rate
from ledger.money import CURRENCIES

SOURCE = "ECB euro reference rates"
BASE = "EUR"
#: A history since 1999 is about 7,000 lines and under 2 MB.
LARGEST_CHARACTERS = 20_000_000
_DAYS = ("%Y-%m-%d", "%d %B %Y")


class UnreadableRates(InvalidInput):
    """The file is not a table of reference rates; the message names the line."""


def parse_rates(text: str, *, source: str = SOURCE) -> list[Rate]:
    """Return the rates of a file, in its order; currencies that no longer exist and empty cells (N/A) are left out.

    :raises UnreadableRates: if it is too large, has no such columns, or a line cannot be read
    """
    if len(text) > LARGEST_CHARACTERS:
        raise UnreadableRates("The file is larger than a history of reference rates can be.")
    lines = csv.reader(io.StringIO(text.lstrip("\ufeff")))
    header = [cell.strip() for cell in next(lines, [])]
    if not header or header[0] != "Date" or not CURRENCIES & set(header):
        raise UnreadableRates('Line 1: the first column of reference rates is "Date", the others are currencies.')
    rates: list[Rate] = []
    for number, cells in enumerate(lines, start=2):
        if any(cell.strip() for cell in cells):
            rates += _line(header, [cell.strip() for cell in cells], number, source)
    return rates


def _line(header: list[str], cells: list[str], number: int, source: str) -> list[Rate]:
    on = _day(cells[0], number)
    found = []
    for currency, cell in zip(header[1:], cells[1:], strict=False):
        if currency not in CURRENCIES or cell in {"", "N/A"}:
            continue
        try:
            value = Decimal(cell)
            found.append(Rate(value, source, on, BASE, currency))
        except (InvalidOperation, InvalidInput) as problem:
            raise UnreadableRates(f"Line {number}: {cell!r} is not a rate of {currency}.") from problem
    return found


def _day(text: str, number: int) -> date:
    for form in _DAYS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    raise UnreadableRates(f"Line {number}: {text[:40]!r} is not a day.")
