"""Finds what a message names: invoices, payments, cases and charges described in words. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from tickets.intake.written_dates import find_dates

Named = TypeVar("Named")

MAX_CHARS = 100_000
MAX_HINTS = 20
_DASH = r"\s?[-‐‑–\u2212]\s?"
NUMBERED = re.compile(
    rf"(?<![A-Za-z0-9])(INV|CN|R|P){_DASH}((?:19|20)[0-9]{{2}}){_DASH}([0-9]{{1,9}})(?![A-Za-z0-9])", re.IGNORECASE
)
CASE = re.compile(
    r"(?<![A-Za-z0-9&#/=])(?:\[\s?(?:case|fall|cas|caso|zaak)\s?#?([0-9]{1,9})\s?\]"
    r"|(?:case|ticket|fall|vorgang|zaak|caso|dossier)\s?"
    r"(?:no\.?|number|nr\.?|nummer|número|numéro|n°)?\s?#?([0-9]{1,9})|#([0-9]{1,9}))(?![A-Za-z0-9])",
    re.I,
)
FOREIGN_TICKET = re.compile(r"(?<![A-Za-z0-9])((?:INC|REQ|RITM|CHG|CS)[0-9]{6,10})(?![A-Za-z0-9])")
LAST4 = re.compile(
    r"(?:•{2,4}|\*{2,12}|x{4,12}|\.{3,4})\s?-?([0-9]{4})(?![0-9])"
    r"|(?:card|karte|carte|kaart|tarjeta|visa|mastercard|amex|maestro)"
    r"(?:[\s:,()#]|\b(?:ending|ends|in|with|number|no|mit|endet|der|endung|auf|finissant|se terminant|terminant|par|"
    r"numéro|eindigend|eindigt|op|nummer|terminada|termina|que|en|xxxx)\b){0,8}(?:•+|\*+)?\s?([0-9]{4})(?![0-9./,:\-])",
    re.I,
)
SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "zł": "PLN", "euro": "EUR", "euros": "EUR", "dollars": "USD"}
#: Currencies with three minor digits. Source: ISO 4217, table A.1.
THOUSANDTHS = {"KWD", "BHD"}
CODES = "EUR|USD|GBP|CHF|JPY|SEK|NOK|DKK|PLN|CZK|CAD|AUD|NZD|BRL|MXN|INR|HUF|RON|KWD|BHD"
_NUMBER = r"(?:[0-9]{1,3}(?:[.,' \u00a0\u202f][0-9]{3})+|[0-9]{1,12})(?:[.,][0-9]{1,3})?"
_CURRENCY = rf"(?:US\$|{CODES}|[€$£¥]|zł|euros?\b|dollars\b)"
AMOUNT = re.compile(
    rf"(?<![0-9A-Za-z.,/\-])(?:(?P<before>{_CURRENCY})\s?(?P<first>{_NUMBER})|(?P<second>{_NUMBER})\s?(?P<after>{_CURRENCY})"
    r"|(?P<bare>(?:[0-9]{1,3}(?:[.,'][0-9]{3})+|[0-9]{1,9})[.,][0-9]{2}))(?![0-9A-Za-z]|[./,\-][0-9])",
    re.I,
)


@dataclass(frozen=True)
class PaymentHint:
    """A charge as the customer describes it.

    `amount` is in major units as written (the minor units need a currency the customer may not have named);
    `dates` holds every reading of an ambiguous date, oldest first; `last4` is empty when no card was named.
    """

    amount: Decimal | None
    amount_text: str
    currency: str
    dates: tuple[date, ...]
    last4: str


@dataclass(frozen=True)
class References:
    """Everything named in a message, each once, in order of appearance and in our own spelling.

    `foreign_tickets` are the numbers of other service desks ("INC0012345"), by which they recognise their own mail.
    """

    invoices: tuple[str, ...] = ()
    credit_notes: tuple[str, ...] = ()
    refunds: tuple[str, ...] = ()
    payments: tuple[str, ...] = ()
    cases: tuple[int, ...] = ()
    payment_hints: tuple[PaymentHint, ...] = ()
    foreign_tickets: tuple[str, ...] = ()


def find_references(text: str, *, today: date) -> References:
    """Return what the text names; `today` gives a date written without a year its most recent past year."""
    text = text[:MAX_CHARS]
    numbered = [(kind.upper(), f"{kind.upper()}-{year}-{number:0>6}") for kind, year, number in NUMBERED.findall(text)]
    without_numbers = NUMBERED.sub(lambda found: " " * len(found[0]), text)
    cases = (int(next(filter(None, groups))) for groups in CASE.findall(without_numbers))
    return References(
        invoices=_of("INV", numbered),
        credit_notes=_of("CN", numbered),
        refunds=_of("R", numbered),
        payments=_of("P", numbered),
        cases=tuple(dict.fromkeys(cases)),
        payment_hints=tuple(_payment_hints(without_numbers, today)),
        foreign_tickets=tuple(dict.fromkeys(FOREIGN_TICKET.findall(text))),
    )


def read_amount(written: str, currency: str = "") -> Decimal:
    """Return the amount a person wrote, e.g. 1.234,56 or 1,234.56 or 1'234.56 or 25.

    The last dot or comma parts the minor units, unless three digits follow it, the other mark is not used before it
    and the currency has no thousandths.
    """
    digits = re.sub(r"[\s'\u00a0\u202f]", "", written)
    whole, mark, rest = _split_at_last_mark(digits)
    other_mark = {".": ",", ",": "."}.get(mark, "")
    if not mark or (len(rest) == 3 and other_mark not in whole and currency not in THOUSANDTHS):
        return Decimal(re.sub(r"[.,]", "", digits))
    return Decimal(re.sub(r"[.,]", "", whole) + "." + rest)


def _split_at_last_mark(digits: str) -> tuple[str, str, str]:
    at = max(digits.rfind("."), digits.rfind(","))
    return (digits, "", "") if at < 0 else (digits[:at], digits[at], digits[at + 1 :])


def _of(kind: str, numbered: list[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(number for each, number in numbered if each == kind))


def _payment_hints(text: str, today: date) -> Iterator[PaymentHint]:
    """Yield one hint per amount with the nearest date and card; one without an amount if only a card is named."""
    written_dates = find_dates(text, today=today)
    dates = [(at, found) for at, _, found in written_dates]
    cards = [(found.start(), found[1] or found[2]) for found in LAST4.finditer(text)]
    amounts = [
        each
        for each in AMOUNT.finditer(text)
        if not any(start < each.end() and each.start() < end for start, end, _ in written_dates)
    ]
    for found in amounts[:MAX_HINTS]:
        written = found["first"] or found["second"] or found["bare"]
        currency = (found["before"] or found["after"] or "").upper()
        yield PaymentHint(
            amount=read_amount(written, currency),
            amount_text=found[0].strip(),
            currency=SYMBOLS.get(currency.lower(), "USD" if currency == "US$" else currency),
            dates=_nearest(dates, found.start()) or (),
            last4=_nearest(cards, found.start()) or "",
        )
    if not amounts and cards:
        yield PaymentHint(None, "", "", _nearest(dates, cards[0][0]) or (), cards[0][1])


def _nearest(found: list[tuple[int, Named]], place: int) -> Named | None:
    return min(found, key=lambda each: abs(each[0] - place))[1] if found else None
