"""What a row says, whatever file it came from (pure): the same value is the same content."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

#: A moment is turned into the day it is where the customer lives, once the customer is known.
Day = date | datetime


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One customer, with the contacts of their owner and the credit they have, in minor units."""

    external_id: str
    name: str
    country: str
    currency: str
    kind: str = "consumer"
    language: str = "en"
    region: str = ""
    street: str = ""
    address_more: str = ""
    postal_code: str = ""
    city: str = ""
    time_zone: str = "Europe/Berlin"
    vat_id: str = ""
    email: str = ""
    phone: str = ""
    person: str = ""
    credit: int = 0


@dataclass(frozen=True, slots=True)
class ProductRow:
    """What prices are for, in a system where a product may have prices of several intervals."""

    external_id: str
    name: str
    unit: str = ""
    kind: str = "plan"
    is_on_sale: bool = True


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One version of the price of a plan, an add-on or a one-off item; unit prices in minor units, with fractions.

    `product` is the external id of a product imported before, which gives the name; empty where the row has it itself.
    """

    external_id: str
    code: str
    name: str
    currency: str
    valid_from: date
    product: str = ""
    kind: str = "plan"
    interval: str = "month"
    unit: str = ""
    meter: str = ""
    model: str = "flat"
    amount_minor: int = 0
    unit_minor: Decimal = Decimal(0)
    tiers: tuple[tuple[str | None, str, int], ...] = ()
    includes_tax: bool = False
    tax_rate: Decimal | None = None
    tax_category: str = "standard"
    trial_days: int = 0
    is_on_sale: bool = True


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """A running subscription. Its next billing day is the first day the other system has not billed."""

    external_id: str
    customer: str
    plan: str
    next_billing_on: Day
    quantity: int = 1
    add_ons: tuple[tuple[str, int], ...] = ()
    state: str = "active"
    started_on: Day | None = None
    anchor_on: Day | None = None
    ends_on: Day | None = None
    metered_on: Day | None = None


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of a bill, in minor units; the tax as it was charged."""

    description: str
    net: int
    tax: int
    rate: Decimal


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """A bill that is still owed, in minor units: what was billed, and how much of it is paid or credited already."""

    external_id: str
    number: str
    customer: str
    currency: str
    issued_on: Day
    due_on: Day | None
    lines: tuple[LineRow, ...]
    paid: int = 0

    @property
    def total(self) -> int:
        """Net and tax of all lines."""
        return sum(line.net + line.tax for line in self.lines)

    @property
    def owed(self) -> int:
        """What is left to pay."""
        return self.total - self.paid


Row = CustomerRow | ProductRow | PriceRow | SubscriptionRow | InvoiceRow


@dataclass(frozen=True, slots=True)
class Placed:
    """A row with its place in the file; without a row, why it cannot be read, or nothing where nothing is to do."""

    line: int
    row: Row | None
    external_id: str = ""
    problems: tuple[str, ...] = ()

    @property
    def is_left_out(self) -> bool:
        """Whether there is nothing to import, and nothing wrong."""
        return self.row is None and not self.problems


def fingerprint(row: Row) -> str:
    """Return what differs when the row says something else."""
    return hashlib.sha256(repr(row).encode()).hexdigest()
