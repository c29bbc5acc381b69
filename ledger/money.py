"""Money: whole minor units and an ISO 4217 currency; rounding, splitting, percentages, display.

Every rule here is one of docs/accounting.md's "Money" rules, whose worked examples run as tests.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from babel.core import Locale, UnknownLocaleError

from ledger.errors import InvalidInput

#: Digits after the decimal point where they are not 2. Source: ISO 4217, list one ("minor unit"), 2024-06-25.
EXPONENTS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}

#: Active currencies of ISO 4217, list one, 2024-06-25, without funds codes, metals and test codes; and XCG, which
#: follows ANG since 2025-03-31 (amendment 176). ANG stays readable, for amounts of before.
CURRENCIES = frozenset(
    """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF
    CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD
    HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD
    MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR
    RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS
    UAH UGX USD UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG""".split()
)

Number = int | Decimal | Fraction


class UnknownCurrency(InvalidInput):
    """The currency code is not an active one of ISO 4217."""


class CurrencyMismatch(InvalidInput):
    """Two amounts in different currencies were to be added or compared."""


class InvalidAmount(InvalidInput):
    """The amount is not a whole number of minor units that fits the books."""


class UnknownProvider(InvalidInput):
    """The payment provider is not one whose amounts we know how to write."""


#: What a PostgreSQL bigint holds, less room for sums.
LARGEST_MINOR = 10**17

#: Digits a payment provider expects where they are not ISO 4217's, and to which number of them amounts are limited.
#: Sources: Stripe "Supported currencies" (zero-decimal, three-decimal and special cases); Adyen "Currency codes and
#: minor units"; Checkout.com "Calculating the value" (CLP).
WIRE_DIGITS = {
    "stripe": {"ISK": (2, 0), "UGX": (2, 0), "MGA": (0, 0), **dict.fromkeys("BHD JOD KWD OMR TND".split(), (3, 2))},
    "adyen": {"CLP": (2, 0), "ISK": (2, 0), "CVE": (0, 0), "IDR": (0, 0)},
    "checkout": {"CLP": (2, 0)},
}

_PLAIN_DECIMAL = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?", re.ASCII)


def exponent(currency: str) -> int:
    """Return the digits after the decimal point of a currency, by ISO 4217 and never by CLDR.

    :raises UnknownCurrency: if the code is not an active ISO 4217 currency
    """
    if currency not in CURRENCIES:
        raise UnknownCurrency(f"{currency!r} is not a currency we know.")
    return EXPONENTS.get(currency, 2)


def exact_number(value: Number) -> Fraction:
    """Return a number as an exact fraction.

    :raises InvalidAmount: if it is a floating-point number, or not a number at all
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal | Fraction):
        raise InvalidAmount("Amounts, factors and shares are exact numbers, never floating-point ones.")
    if isinstance(value, Decimal) and not value.is_finite():
        raise InvalidAmount(f"{value} is not a number money can be counted with.")
    return Fraction(value)


def round_half_away(value: Number) -> int:
    """Return the nearest whole number, halves away from zero."""
    exact = exact_number(value)
    whole = (abs(exact.numerator) * 2 + exact.denominator) // (2 * exact.denominator)
    return whole if exact >= 0 else -whole


def allocate(minor: int, shares: Sequence[Number]) -> list[int]:
    """Split whole minor units in proportion to shares; the parts always add up to the whole.

    Floor toward zero, then the largest remainder gets the next unit, ties to the earlier share; sign-symmetric;
    a share of zero never gets a unit.

    :raises InvalidAmount: if there are no shares, one is negative, all are zero, or one is not an exact number
    """
    weights = [exact_number(share) for share in shares]
    total = sum(weights, Fraction(0))
    if not weights or any(weight < 0 for weight in weights) or total == 0:
        raise InvalidAmount("An amount is split over at least one share above zero, and none below.")
    sign, size = (-1, -minor) if minor < 0 else (1, minor)
    exact = [size * weight / total for weight in weights]
    parts = [int(part) for part in exact]
    by_remainder = sorted((i for i, weight in enumerate(weights) if weight), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: size - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount: whole minor units (cents, yen) and an ISO 4217 currency.

    :raises InvalidAmount: if `minor` is not an int or too large for the books
    :raises UnknownCurrency: if `currency` is not an active ISO 4217 code
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise InvalidAmount("An amount is a whole number of minor units.")
        if abs(self.minor) > LARGEST_MINOR:
            raise InvalidAmount("The amount is too large for the books.")
        exponent(self.currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """Read a plain decimal such as "12.50".

        :raises InvalidAmount: if it is anything else, or has more digits than the currency: 12.500 EUR may mean 12,500
        """
        digits = exponent(currency)
        found = _PLAIN_DECIMAL.fullmatch(text.strip())
        if found is None or len(text) > 40:
            raise InvalidAmount(f"{text[:40]!r} is not an amount.")
        sign, whole, part = found[1], found[2], found[3] or ""
        if len(part) > digits:
            raise InvalidAmount(f"{text!r} has more digits than {currency} allows ({digits}).")
        return cls(int(sign + whole + part.ljust(digits, "0")), currency)

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} cannot be put together.")
        return other.minor

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def times(self, factor: Number) -> Money:
        """Return the amount times an exact factor, rounded once, half away from zero."""
        return Money(round_half_away(self.minor * exact_number(factor)), self.currency)

    def percent(self, rate: Number) -> Money:
        """Return `rate` per cent of the amount, rounded once, half away from zero."""
        return self.times(exact_number(rate) / 100)

    def allocate(self, shares: Sequence[Number]) -> list[Money]:
        """Split in proportion to shares, losing nothing; see `allocate`."""
        return [Money(part, self.currency) for part in allocate(self.minor, shares)]

    def split(self, parts: int) -> list[Money]:
        """Split into equal parts, the odd units first.

        :raises InvalidAmount: if `parts` is zero or negative
        """
        if parts <= 0:
            raise InvalidAmount("An amount is split into at least one part.")
        return self.allocate([1] * parts)

    def decimal(self) -> Decimal:
        """Return the amount in major units, with exactly the digits of the currency."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def display(self, language: str = "en") -> str:
        """Return the amount as CLDR writes it in a language (`en`, `de-DE`), with ISO 4217's digits, never fewer.

        A language Babel does not know is written the English way.
        """
        try:
            locale = Locale.parse(language, sep="-")
        except (UnknownLocaleError, ValueError):
            locale = Locale("en")
        pattern = copy.copy(locale.currency_formats["standard"])
        pattern.frac_prec = (exponent(self.currency),) * 2
        written = str(pattern.apply(self.decimal(), locale, currency=self.currency, currency_digits=False))
        # CLDR, "currencySpacing": a code that ends in a letter is kept apart from the figure. Babel leaves that out.
        return re.sub(r"(?<=[^\W\d_])(?=\d)", "\u00a0", written)

    def on_the_wire(self, provider: str) -> int:
        """Return the whole number a payment provider expects for this amount: Stripe takes 5 ISK as 500.

        :raises UnknownProvider: if we do not know the provider
        :raises InvalidAmount: if the provider cannot take an amount that fine, as Stripe 5.125 KWD
        """
        if provider not in WIRE_DIGITS:
            raise UnknownProvider(f"We do not know how {provider!r} writes amounts.")
        digits = exponent(self.currency)
        expected, finest = WIRE_DIGITS[provider].get(self.currency, (digits, digits))
        if self.minor % 10 ** max(digits - finest, 0):
            raise InvalidAmount(f"{provider} takes {self.currency} with at most {finest} digits after the point.")
        return int(Fraction(self.minor) * Fraction(10) ** (expected - digits))

    @classmethod
    def from_wire(cls, number: int, currency: str, provider: str) -> Money:
        """Return the amount a provider means by its whole number: 500 from Stripe in ISK is 5.

        :raises UnknownProvider: if we do not know the provider
        :raises InvalidAmount: if it is finer than the currency
        """
        if provider not in WIRE_DIGITS:
            raise UnknownProvider(f"We do not know how {provider!r} writes amounts.")
        digits = exponent(currency)
        expected, _ = WIRE_DIGITS[provider].get(currency, (digits, digits))
        minor = number * Fraction(10) ** (digits - expected)
        if minor.denominator != 1:
            raise InvalidAmount(f"{number} from {provider} is finer than {currency} goes.")
        return cls(int(minor), currency)

    def __str__(self) -> str:
        return f"{self.decimal():,f} {self.currency}"
