"""Reads dates as customers write them, every reading of an ambiguous one. Pure."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jän januari janvier janv enero ene",
            "february feb februar februari février fevrier févr febrero",
            "march mar märz maerz mrz maart mrt mars marzo",
            "april apr avril avr abril abr",
            "may mai mei mayo",
            "june jun juni juin junio",
            "july jul juli juillet juil julio",
            "august aug augustus août aout agosto ago",
            "september sep sept septembre septiembre",
            "october oct oktober okt octobre octubre",
            "november nov novembre noviembre",
            "december dec dezember dez décembre déc diciembre dic",
        ),
        start=1,
    )
    for name in names.split()
}
MAX_DATES = 200
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_YEAR = r"(?P<year>(?:19|20)[0-9]{2}|'?[0-9]{2})"
PATTERNS = (
    re.compile(r"(?<![0-9./\-])(?P<year>(?:19|20)[0-9]{2})[-/.](?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})(?![0-9])"),
    re.compile(
        r"(?<![0-9./\-,])(?P<one>[0-9]{1,2})(?P<mark>[/.\-])\s?(?P<two>[0-9]{1,2})(?P=mark)\s?(?P<year>(?:19|20)?[0-9]{2})(?![0-9])"
    ),
    re.compile(r"(?<![0-9./\-,])(?P<one>[0-9]{1,2})/(?P<two>[0-9]{1,2})(?![0-9/])"),
    re.compile(r"(?<![0-9./\-,])(?P<one>[0-9]{1,2})\.\s?(?P<two>[0-9]{1,2})\.(?![0-9])"),
    re.compile(
        rf"(?<![0-9./\-,])(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th|er|\.)?\s(?:of\s|de\s)?(?P<name>{_MONTH})\b\.?,?(?:\s(?:de\s|del\s)?{_YEAR}(?![0-9:.,]))?",
        re.I,
    ),
    re.compile(
        rf"\b(?P<name>{_MONTH})\.?\s(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?\b(?![:.,][0-9])(?:,?\s{_YEAR}(?![0-9:.,]))?",
        re.I,
    ),
)
YESTERDAY = re.compile(r"\b(?:yesterday|gestern|hier|gisteren|ayer)\b", re.I)
TODAY = re.compile(r"\b(?:today|heute|aujourd'hui|vandaag|hoy)\b", re.I)


def find_dates(text: str, *, today: date) -> list[tuple[int, int, tuple[date, ...]]]:
    """Return where dates stand (start, end) and their readings, oldest first.

    1/3 is both 1 March and 3 January; with dots the day comes first. Without a year, the latest one
    that is not in the future is meant.
    """
    dates: list[tuple[int, int, tuple[date, ...]]] = []
    taken = bytearray(len(text))
    for pattern in PATTERNS:
        for found in pattern.finditer(text):
            readings = tuple(sorted(set(_readings(found, today))))
            if readings and b"x" not in taken[slice(*found.span())]:
                taken[slice(*found.span())] = b"x" * len(found[0])
                dates.append((*found.span(), readings))
    for pattern, day in ((YESTERDAY, today - timedelta(days=1)), (TODAY, today)):
        dates += [(found.start(), found.end(), (day,)) for found in pattern.finditer(text)]
    return sorted(dates)[:MAX_DATES]


def _readings(found: re.Match[str], today: date) -> Iterator[date]:
    parts = found.groupdict()
    if parts.get("name"):
        orders = [(int(parts["day"]), MONTHS[parts["name"].lower()])]
    elif parts.get("day"):
        orders = [(int(parts["day"]), int(parts["month"]))]
    else:
        one, two = int(parts["one"]), int(parts["two"])
        orders = [(one, two)] if "." in found[0] else [(one, two), (two, one)]
    for day, month in orders:
        reading = _date(parts.get("year"), month, day, today)
        if reading is not None:
            yield reading


def _date(year: str | None, month: int, day: int, today: date) -> date | None:
    """Return the date, or None when there is no such day; without a year the latest one that is not in the future."""
    try:
        if year:
            number = int(year.strip("'"))
            return date(number + 2000 if number < 100 else number, month, day)
        this_year = date(today.year, month, day)
        return this_year if this_year <= today else date(today.year - 1, month, day)
    except ValueError:
        return None
