"""Ways to pay, and for whom: one table of countries, currencies and amounts (pure).

Sources: European Payments Council, "EPC list of SEPA scheme countries" (EPC409-09): the countries a SEPA direct debit
or transfer reaches, in euro only. Stripe, "Payment method support" (docs.stripe.com/payments/payment-methods): SEPA and
Bacs debit, ACH debit, iDEAL and Bancontact with the countries of the customer and the currency each takes; "Minimum and
maximum charge amounts" (docs.stripe.com/currencies) for the least a card can be charged.
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.money import Money

#: EPC409-09, by ISO code: the EEA, Switzerland, the United Kingdom and its Crown dependencies, the small states, and
#: the western Balkans that joined in 2025.
SEPA = frozenset(
    """AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME MK MT NL NO PL PT
    RO RS SE SI SK SM VA""".split()
)
ANYWHERE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Way:
    """One way to pay: for customers of which countries (empty: all), in which currencies (empty: all), how much.

    `kind` is the kind of method it is kept as; a way without one is not kept on file but used once.
    """

    code: str
    name: str
    kind: str
    countries: frozenset[str]
    currencies: frozenset[str]
    least_minor: int = 1
    most_minor: int | None = None

    def takes(self, country: str, amount: Money) -> bool:
        """Return whether a customer of a country can pay an amount this way."""
        return (
            (not self.countries or country in self.countries)
            and (not self.currencies or amount.currency in self.currencies)
            and amount.minor >= self.least_minor
            and (self.most_minor is None or amount.minor <= self.most_minor)
        )


def _only(*codes: str) -> frozenset[str]:
    return frozenset(codes)


CARD, SEPA_DEBIT, TRANSFER, LINK = "card", "sepa_debit", "transfer", "link"

#: In the order in which they are offered.
WAYS = (
    Way(CARD, "Card", "card", ANYWHERE, ANYWHERE, least_minor=50),
    Way(SEPA_DEBIT, "SEPA direct debit", "direct_debit", SEPA, _only("EUR"), most_minor=10_000_00),
    Way("us_bank_debit", "Bank debit (ACH)", "direct_debit", _only("US"), _only("USD"), least_minor=50),
    Way("bacs_debit", "Bacs Direct Debit", "direct_debit", _only("GB"), _only("GBP"), least_minor=30),
    Way("ideal", "iDEAL", "", _only("NL"), _only("EUR")),
    Way("bancontact", "Bancontact", "", _only("BE"), _only("EUR"), least_minor=50),
    Way(TRANSFER, "Bank transfer", "transfer", SEPA, _only("EUR")),
    Way(LINK, "Payment link", "", ANYWHERE, ANYWHERE, least_minor=50),
)


def eligible_ways(country: str, amount: Money) -> list[Way]:
    """Return the ways in which a customer of a country can pay an amount, in the order they are offered."""
    return [way for way in WAYS if way.takes(country, amount)]


def takes_kind(kind: str, country: str, amount: Money) -> bool:
    """Return whether a kind of method on file can pay an amount for a customer of a country."""
    return any(way.kind == kind and way.takes(country, amount) for way in WAYS)
