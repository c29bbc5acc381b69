"""The billing line for a country, and how its hours and languages read: the one source of mails, bills and pages.

Nothing is kept between two questions, so a number changed in the admin is the number everywhere from the next page on.
"""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import phonenumbers
from babel import Locale, UnknownLocaleError
from babel.dates import get_day_names, get_timezone_name
from django.conf import settings

from ledger.customers.queries import normalise_phone
from ledger.documents.contact import ContactBlock
from tickets.channels.models import PhoneLine
from tickets.sla.models import BusinessHours

ALWAYS = {"en": "Day and night", "de": "Rund um die Uhr", "fr": "24 h sur 24", "ja": "24時間対応"}
#: Keys of `BusinessHours.weekly`, Monday first: the ISO number, or the short name.
DAYS = tuple(zip("1234567", ("mon", "tue", "wed", "thu", "fri", "sat", "sun"), strict=True))


def line_for(country: str = "", *, purpose: str = PhoneLine.Purpose.BILLING) -> PhoneLine | None:
    """Return the active line of a country, else the international one; None when neither is set up."""
    lines = PhoneLine.objects.filter(purpose=purpose, is_active=True, country__in={country, ""})
    return lines.select_related("hours").order_by("-country").first()


def billing_contact(country: str = "", language: str = "en") -> ContactBlock:
    """Return whom a reader in a country may call, in their language.

    Until a first line is set up, it is the number the installation was started with.
    """
    line = line_for(country)
    if line is None:
        company = settings.COMPANY
        number = normalise_phone(company["billing_phone"], settings.SELLER_COUNTRY)
        return ContactBlock(number, company["billing_phone"], company["billing_hours"])
    home = line.country or settings.SELLER_COUNTRY
    hours = hours_text(line.hours, language, with_zone=bool(country) and country != home)
    return ContactBlock(line.number, display_number(line.number), hours, _languages(line.languages, language))


def display_number(number: str) -> str:
    """Return a number in E.164 as people read it: +49 30 901820."""
    form = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(phonenumbers.parse(number), form))


def hours_text(hours: BusinessHours, language: str, *, with_zone: bool = False) -> str:
    """Return opening hours as people write them: Mon–Fri 09:00–17:30, with the zone's name for readers elsewhere."""
    locale = _locale(language)
    if hours.always_open:
        return ALWAYS.get(locale.language, ALWAYS["en"])
    names = get_day_names("abbreviated", context="stand-alone", locale=locale)
    parts = []
    for first, last, times in _runs(hours):
        days = names[first] if first == last else f"{names[first]}–{names[last]}"
        parts.append(f"{days.replace('.', '')} {times}")
    said = ", ".join(parts)
    if not with_zone or not said:
        return said
    return f"{said} ({get_timezone_name(ZoneInfo(hours.time_zone), 'long', 'generic', locale=locale)})"


def _runs(hours: BusinessHours) -> list[tuple[int, int, str]]:
    """Return runs of days with the same hours: first day, last day (0 is Monday), hours."""
    runs: list[tuple[int, int, str]] = []
    for day, keys in enumerate(DAYS):
        intervals: Sequence[Sequence[str]] = next((hours.weekly[key] for key in keys if hours.weekly.get(key)), [])
        times = ", ".join(f"{opens}–{closes}" for opens, closes in intervals)
        if not times:
            continue
        if runs and runs[-1][1] == day - 1 and runs[-1][2] == times:
            runs[-1] = (runs[-1][0], day, times)
        else:
            runs.append((day, day, times))
    return runs


def _languages(tags: Sequence[str], language: str) -> str:
    locale = _locale(language)
    names = [str(locale.languages.get(tag.partition("-")[0].lower(), tag)) for tag in tags]
    return ", ".join(name[:1].upper() + name[1:] for name in names)


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language.replace("_", "-").partition("-")[0].lower())
    except (UnknownLocaleError, ValueError):
        return Locale("en")
