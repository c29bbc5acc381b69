"""What a scenario looks at (pure): one account as plain values, and which bill is compared with which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ledger.charges.basis import Basis
from ledger.money import Money

#: What happened longer ago than this is not why somebody asks today.
RECENT_DAYS = 45


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill; `end` is the first day after its period."""

    id: int
    basis: Basis
    net: Money
    tax: Money
    rate: str
    treatment: str = ""
    source: str = ""
    start: date | None = None
    end: date | None = None
    credited: Money | None = None
    words: str = ""

    @property
    def total(self) -> Money:
        """Net and tax together."""
        return self.net + self.tax

    @property
    def key(self) -> tuple[str, str, str]:
        """What is billed, the same from bill to bill."""
        return self.source, self.basis.product or self.basis.name, self.basis.kind


@dataclass(frozen=True, slots=True)
class Bill:
    """One bill. `credit_used` is what the customer's credit paid of it."""

    id: int
    number: str
    state: str
    issued_on: date
    due_on: date
    total: Money
    lines: tuple[Line, ...] = ()
    source: str = ""
    paid: Money | None = None
    due: Money | None = None
    written_off: Money | None = None
    credit_used: Money | None = None
    closing_note: str = ""

    @property
    def counts(self) -> bool:
        """Whether it was asked for and not withdrawn."""
        return self.state in ("open", "paid", "uncollectible")

    @property
    def what(self) -> str:
        """What it is for: its own source, or the one its lines share."""
        sources = {line.source for line in self.lines}
        return self.source or (sources.pop() if len(sources) == 1 else "")


@dataclass(frozen=True, slots=True)
class Note:
    """One credit note."""

    id: int
    number: str
    bill: int
    total: Money
    on: date
    reason: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment; `settled` is what of it paid bills, by bill, `failed` why no money came."""

    id: int
    number: str
    state: str
    amount: Money
    on: date
    last4: str = ""
    failed: str = ""
    settled: Mapping[int, Money] = field(default_factory=dict)

    @property
    def left_over(self) -> Money:
        """What of it paid no bill."""
        return self.amount - sum(self.settled.values(), Money(0, self.amount.currency))


@dataclass(frozen=True, slots=True)
class Refunded:
    """One refund, with the days it was asked for, approved and closed."""

    id: int
    number: str
    state: str
    amount: Money
    asked_on: date
    approved_on: date | None = None
    closed_on: date | None = None
    reference: str = ""
    arrives_by: date | None = None


@dataclass(frozen=True, slots=True)
class Disputed:
    """One dispute, about a line of a bill."""

    id: int
    number: str
    is_open: bool
    amount: Money
    bill: int
    opened_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class TakenBack:
    """One chargeback: what a bank took back of a payment."""

    id: int
    state: str
    amount: Money
    payment: int
    on: date


@dataclass(frozen=True, slots=True)
class Agreed:
    """One subscription."""

    id: int
    plan: str
    state: str
    started_on: date
    trial_ends_on: date | None = None
    ends_on: date | None = None
    paused_on: date | None = None

    @property
    def source(self) -> str:
        """How its charges and bills name it."""
        return f"subscription:{self.id}"


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of the account."""

    id: int
    kind: str
    subject: str
    on: date
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Version:
    """One price version of a product in the account's currency; `free` means it costs nothing."""

    product: str
    since: date
    is_free: bool


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """Everything the scenarios look at; bills and payments newest first."""

    customer_id: int
    currency: str
    today: date
    bills: tuple[Bill, ...] = ()
    notes: tuple[Note, ...] = ()
    payments: tuple[Paid, ...] = ()
    refunds: tuple[Refunded, ...] = ()
    disputes: tuple[Disputed, ...] = ()
    chargebacks: tuple[TakenBack, ...] = ()
    subscriptions: tuple[Agreed, ...] = ()
    events: tuple[Happened, ...] = ()
    versions: tuple[Version, ...] = ()
    credit: Money | None = None
    about: int | None = None

    @property
    def bill(self) -> Bill | None:
        """The bill that is asked about: the named one, else the newest that counts, if it is recent."""
        if self.about is not None:
            return next((bill for bill in self.bills if bill.id == self.about), None)
        return next((bill for bill in self.bills if bill.counts and self.is_recent(bill.issued_on)), None)

    @property
    def before(self) -> Bill | None:
        """The bill before it, for the same thing; for none in particular, simply the one before."""
        bill = self.bill
        if bill is None:
            return None
        older = [one for one in self.bills if one.counts and (one.issued_on, one.id) < (bill.issued_on, bill.id)]
        return next((one for one in older if not bill.what or one.what == bill.what), None)

    @property
    def pairs(self) -> list[tuple[Line, Line]]:
        """The lines of the bill that have a counterpart on the one before, each with it."""
        bill, before = self.bill, self.before
        if bill is None or before is None:
            return []
        old = {line.key: line for line in before.lines}
        return [(old[line.key], line) for line in bill.lines if line.key in old]

    def is_recent(self, on: date) -> bool:
        """Whether a day is not long ago, and not to come."""
        return 0 <= (self.today - on).days <= RECENT_DAYS

    def happened(self, *kinds: str) -> list[Happened]:
        """Return recent events of some kinds, newest first."""
        found = [event for event in self.events if event.kind in kinds and self.is_recent(event.on)]
        return sorted(found, key=lambda event: (event.on, event.id), reverse=True)
