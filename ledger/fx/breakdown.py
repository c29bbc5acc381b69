"""An international card charge, part by part (pure): what each part is, and that together they are the charge.

The customer sees four lines: the price, the tax, the exchange (rate, source, day, our markup), and what was charged
under which name on the card statement. Their bank may add a fee of its own, which is not ours and none of the parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_decimal

from ledger.errors import InvalidInput
from ledger.fx.rates import Rate, convert
from ledger.money import Money


class InvalidBreakdown(InvalidInput):
    """The price, tax, rate and markup do not make a charge."""


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The parts of one charge, all in the currency of the card: `price + tax + markup == charged`, always.

    `tax_rate` is None where a bill bears several. `bank_rate` is what the currency of the charge was worth in the
    customer's own on the day of the bill: their bank exchanges, at a rate of its own.
    """

    price: Money
    tax: Money
    markup: Money
    charged: Money
    tax_rate: Decimal | None
    rate: Rate | None
    markup_percent: Decimal
    descriptor: str
    bank_rate: Rate | None = None


def break_down(
    net: Money,
    tax: Money,
    *,
    tax_rate: Decimal | None,
    rate: Rate | None = None,
    markup_percent: Decimal = Decimal(0),
    descriptor: str,
    bank_rate: Rate | None = None,
) -> Breakdown:
    """Return the parts of a charge of net and tax, converted at a rate with our markup on it.

    Converted and marked up once each, on the total; price and tax share the converted total, losing nothing.

    :raises InvalidBreakdown: if an amount or the markup is below zero, or there is a markup without a rate
    """
    if net.minor < 0 or tax.minor < 0 or markup_percent < 0 or not descriptor.strip():
        raise InvalidBreakdown("A charge has a price, a tax and a markup of at least zero, and a statement name.")
    if rate is None and markup_percent:
        raise InvalidBreakdown("A markup is on an exchange rate: without a rate there is none.")
    total = net + tax
    converted = convert(total, rate) if rate else total
    price, tax_part = converted.allocate([net.minor, tax.minor]) if total else (converted, converted)
    markup = converted.percent(markup_percent)
    charged = converted + markup
    return Breakdown(price, tax_part, markup, charged, tax_rate, rate, markup_percent, descriptor.strip(), bank_rate)


#: The words of the card; a language that is not here is written in English.
_WORDS = {
    "en": {
        "price": "Price",
        "tax": "Tax ({rate} %)",
        "taxes": "Tax (several rates, see the lines)",
        "bank": "Exchange: none by us. Your bank exchanges at its own rate; on {day} 1 {base} was {value} {quote} "
        "({source})",
        "same": "Exchange: none, the price is in the currency of your card charge",
        "exchange": "Exchange: 1 {base} = {value} {quote} ({source}, {day}), our markup {percent} %",
        "charged": "Charged as “{descriptor}”. Your bank may add a fee of its own; that fee is not ours",
    },
    "de": {
        "price": "Preis",
        "tax": "Steuer ({rate} %)",
        "taxes": "Steuer (mehrere Sätze, siehe Posten)",
        "bank": "Umrechnung: keine von uns. Ihre Bank rechnet zu ihrem Kurs um; am {day} war 1 {base} {value} {quote} "
        "({source})",
        "same": "Umrechnung: keine, der Preis ist in der Währung der Kartenzahlung",
        "exchange": "Umrechnung: 1 {base} = {value} {quote} ({source}, {day}), unser Aufschlag {percent} %",
        "charged": "Abgebucht als „{descriptor}“. Ihre Bank kann ein eigenes Entgelt erheben; es ist nicht von uns",
    },
}


def card_lines(parts: Breakdown, language: str = "en") -> list[tuple[str, str]]:
    """Return the four lines of the card as label and amount, in the customer's language."""
    words = _WORDS.get(language.partition("-")[0].lower(), _WORDS["en"])
    locale = language.replace("-", "_") if words is not _WORDS["en"] or language.startswith("en") else "en"
    return [
        (words["price"], parts.price.display(language)),
        (_tax_line(parts, words, locale), parts.tax.display(language)),
        (_exchange_line(parts, words, locale), parts.markup.display(language)),
        (words["charged"].format(descriptor=parts.descriptor), parts.charged.display(language)),
    ]


def _tax_line(parts: Breakdown, words: dict[str, str], locale: str) -> str:
    return words["taxes"] if parts.tax_rate is None else words["tax"].format(rate=_number(parts.tax_rate, locale))


def _exchange_line(parts: Breakdown, words: dict[str, str], locale: str) -> str:
    rate = parts.rate or parts.bank_rate
    if rate is None:
        return words["same"]
    return words["exchange" if parts.rate else "bank"].format(
        base=rate.currency,
        value=_number(rate.value, locale),
        quote=rate.to,
        source=rate.source,
        day=format_date(rate.on, "medium", locale=locale),
        percent=_number(parts.markup_percent, locale),
    )


def _number(value: Decimal, locale: str) -> str:
    return str(format_decimal(value, "#,##0.######", locale=locale))


def origin_of_fee(fee: Money, parts: Breakdown) -> str:
    """Return whose a fee is that a customer found on their statement: `price`, `tax`, `markup`, `charged`, or `bank`.

    Everything we take is a part of the charge, to the unit; whatever else stands there, such as a cross-border card
    fee, was added by the bank that issued the card.
    """
    ours = {"charged": parts.charged, "price": parts.price, "tax": parts.tax, "markup": parts.markup}
    return next((name for name, part in ours.items() if part == fee and fee), "bank")


def explain_fee(fee: Money, parts: Breakdown, language: str = "en") -> str:
    """Return a sentence that says whose the fee is."""
    german = language.lower().startswith("de")
    shown, charged = fee.display(language), parts.charged.display(language)
    origin = origin_of_fee(fee, parts)
    if origin == "bank" and german:
        return (
            f"{shown} ist nicht von uns: Wir haben {charged} als „{parts.descriptor}“ abgebucht und sonst nichts. "
            "Das Entgelt kommt von der Bank, die Ihre Karte ausgegeben hat."
        )
    if origin == "bank":
        return (
            f"{shown} is not ours: we charged {charged} as “{parts.descriptor}” and nothing else. "
            "The fee comes from the bank that issued your card."
        )
    if german:
        return f"{shown} ist ein Teil unserer Abbuchung von {charged} ({parts.descriptor})."
    return f"{shown} is part of our charge of {charged} ({parts.descriptor})."
