"""What a bill says, before any language (pure): the one source of the page, the electronic invoice and the sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ledger.charges.basis import Basis
from ledger.money import Money
from ledger.periods import Period

#: Tax categories of EN 16931 (UNCL 5305) for how the tax came about. Goods and services outside the EU are "G".
CATEGORY_OF = {
    "standard": "S",
    "reduced": "S",
    "zero": "Z",
    "reverse_charge": "AE",
    "export": "G",
    "exempt": "E",
}


@dataclass(frozen=True, slots=True)
class Party:
    """The seller or the buyer, as printed."""

    name: str
    country: str
    street: str = ""
    more: str = ""
    postal_code: str = ""
    city: str = ""
    region: str = ""
    vat_id: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Seller:
    """Whose bills these are, and where money is paid to."""

    party: Party
    register: str = ""
    iban: str = ""
    bic: str = ""
    email: str = ""
    account_url: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `discount` and `listed` are without tax, also where the price includes it."""

    description: str
    net: Money
    tax: Money
    rate: Decimal
    category: str
    discount: Money
    period: Period | None = None
    basis: Basis | None = None

    @property
    def listed(self) -> Money:
        """The line before its discount."""
        return self.net + self.discount


@dataclass(frozen=True, slots=True)
class TaxGroup:
    """The lines of one category and rate together, and the sentence the document must carry about them."""

    category: str
    rate: Decimal
    net: Money
    tax: Money
    wording: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BookTax:
    """The tax in the currency of the seller's books, and the rate that led there."""

    amount: Money
    rate: Decimal
    source: str
    on: date


@dataclass(frozen=True, slots=True)
class Bill:
    """An invoice, or a credit note when `corrects` names the invoice it takes something off."""

    number: str
    language: str
    issued_on: date
    issued_at: datetime
    seller: Seller
    buyer: Party
    lines: tuple[Line, ...]
    groups: tuple[TaxGroup, ...]
    due_on: date | None = None
    period: Period | None = None
    credit_used: Money | None = None
    corrects: str = ""
    corrects_on: date | None = None
    reason: str = ""
    book_tax: BookTax | None = None

    @property
    def currency(self) -> str:
        """The one currency of the bill."""
        return self.lines[0].net.currency

    @property
    def net(self) -> Money:
        """What it comes to without tax."""
        return _sum([line.net for line in self.lines])

    @property
    def tax(self) -> Money:
        """All tax on it."""
        return _sum([group.tax for group in self.groups])

    @property
    def total(self) -> Money:
        """What it comes to."""
        return self.net + self.tax

    @property
    def supplied_on(self) -> date:
        """The last day of what is billed (BT-72); the day of the bill where no line has a period."""
        ends = [line.period.end for line in self.lines if line.period]
        return max(ends) - timedelta(days=1) if ends else self.issued_on

    @property
    def payable(self) -> Money:
        """What was asked for when it was issued: the total less the credit used at once."""
        return self.total - self.credit_used if self.credit_used else self.total


def tax_groups(lines: Sequence[Line], wordings: Mapping[tuple[str, Decimal], Mapping[str, str]]) -> list[TaxGroup]:
    """Return the lines grouped by category and rate, highest rate first."""
    found: dict[tuple[str, Decimal], list[Line]] = {}
    for line in lines:
        found.setdefault((line.category, line.rate), []).append(line)
    return [
        TaxGroup(
            category, rate, _sum([each.net for each in group]), _sum([each.tax for each in group]),
            wordings.get((category, rate), {}),
        )
        for (category, rate), group in sorted(found.items(), key=lambda one: (-one[0][1], one[0][0]))
    ]  # fmt: skip


def category_of(treatment: str, rate: Decimal) -> str:
    """Return a line's tax category in EN 16931 from how it was taxed; a rate given by hand is standard, or zero.

    The standard case has a rate above zero (BR-S-05), so a standard rate of zero is zero-rated.
    """
    code = CATEGORY_OF.get(treatment, "S")
    return "Z" if code == "S" and not rate else code


def sentences_in(evidence: Mapping[str, Any], tax_category: str) -> dict[str, str]:
    """Return what the rule that taxed a category says, per language, from the evidence kept with the invoice."""
    decision = (evidence.get("decisions") or {}).get(tax_category) or {}
    return dict((decision.get("evidence") or {}).get("text") or {})


def _sum(amounts: Sequence[Money]) -> Money:
    total = Money(0, amounts[0].currency)
    for amount in amounts:
        total = total + amount
    return total
