"""A bill before it is written: what one period of one subscription comes to, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ledger.invoices.book_rates import BookRate
from ledger.jurisdictions.rules import NoRule
from ledger.money import Money
from ledger.periods import Period


@dataclass(frozen=True, slots=True)
class Item:
    """One charge to be, and the line it becomes: amounts in minor units of the bill's currency.

    `rate_given` is the rate the charge names: that of its price, or the one at which tax was taken out of it; None
    where the tax rules decided on `rate`.
    """

    kind: str
    description: str
    basis: str
    net: int
    discount: int
    rate_given: Decimal | None
    rate: Decimal
    treatment: str
    category: str
    included_tax: int | None
    tax: int
    period: Period


@dataclass(frozen=True, slots=True)
class Sums:
    """What subscribers with the same figures share of a bill; `uses` is what each discount took off, by its grant."""

    items: tuple[Item, ...]
    net: int
    tax: int
    evidence: str
    uses: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """Use that was billed too high, because less was reported later: what to credit of which line.

    Without its tax, which comes on top; with it where the price includes it.
    """

    line_id: int
    amount: Money
    without_tax: bool
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class Bill:
    """One period of a subscription, rated and taxed; without items it costs nothing and no bill is sent.

    It is issued on the day of the run, also when that comes late: nobody gets a bill that is overdue already.
    `renews_on` and `metered_on` are the first days not billed by it. `is_last` says that it is not for a period in
    advance, but for the use of the last days of a subscription that ended.
    """

    subscription_id: int
    customer_id: int
    currency: str
    plan: str
    period: Period
    renews_on: date
    metered_on: date
    issued_on: date
    due_on: date
    sums: Sums
    rate: BookRate
    ends_trial: bool = False
    is_last: bool = False
    corrections: Sequence[Correction] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        """What is on it."""
        return self.sums.items

    @property
    def total(self) -> int:
        """Net and tax together."""
        return self.sums.net + self.sums.tax

    @property
    def subject(self) -> str:
        """How charges and events name the subscription."""
        return f"subscription:{self.subscription_id}"

    @property
    def source(self) -> str:
        """What no second bill may be issued for, together with the first day of the period."""
        return f"{self.subject}:last-use" if self.is_last else self.subject

    def key(self, place: int) -> str:
        """Return the name under which the charge in this place is made once, whoever tries again."""
        return f"{self.source}:{self.period.start.isoformat()}:{place}"

    def money(self, minor: int) -> Money:
        """Return an amount of this bill."""
        return Money(minor, self.currency)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A bill with the ids and the number it gets."""

    bill: Bill
    invoice_id: int
    number: str
    charge_ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a subscription could not be billed: the name of the fact in the way, and a sentence about it."""

    subscription_id: int
    customer_id: int
    due_on: date
    code: str
    reason: str
    #: The rule that is missing, where one is.
    gap: NoRule | None = None
