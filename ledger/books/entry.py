"""The value of one journal entry before it is posted: it cannot be built unbalanced."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ledger.books import chart
from ledger.errors import InvalidInput
from ledger.money import Money


class EmptyEntry(InvalidInput):
    """An entry without any amount says nothing."""


class NegativeAmount(InvalidInput):
    """An amount below zero was given where the rule itself decides the side."""


class UnbalancedEntry(InvalidInput):
    """The debits and the credits of an entry are not equal in every currency."""


class RepeatedAccount(InvalidInput):
    """An entry names one account twice in one currency."""


class UnreadableEntry(InvalidInput):
    """A text of the entry is empty or holds what the books cannot store."""


@dataclass(frozen=True, slots=True)
class Line:
    """One posting to be: an account code and an amount above zero for a debit, below zero for a credit."""

    account: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Entry:
    """One journal entry to be: what it is for, when it takes effect, and lines that add up to zero per currency.

    `key` makes it happen once; `source` ("refund:42") is the thing it came from.

    :raises EmptyEntry: if there is no line, or a line of zero
    :raises UnbalancedEntry: if debits and credits differ in a currency
    :raises RepeatedAccount: if an account stands twice in one currency
    :raises UnknownAccount: if the chart of accounts lacks a code
    :raises CustomerMissing: if an account belongs to a customer and `customer_id` is None
    :raises UnreadableEntry: if key, kind or source is empty, or a text holds a NUL character
    """

    key: str
    kind: str
    customer_id: int | None
    source: str
    effective_on: date
    lines: tuple[Line, ...]
    reason: str = ""

    def __post_init__(self) -> None:
        if not (self.key and self.kind and self.source):
            raise UnreadableEntry("A journal entry needs a key, a kind and a source.")
        if "\0" in self.key + self.kind + self.source + self.reason:
            raise UnreadableEntry("The text of a journal entry holds a character the books cannot store.")
        if not self.lines:
            raise EmptyEntry("A journal entry needs an amount above zero.")
        sums: dict[str, int] = {}
        seen: set[tuple[str, str]] = set()
        for line in self.lines:
            self._check(line, seen)
            currency = line.amount.currency
            sums[currency] = sums.get(currency, 0) + line.amount.minor
        for currency, total in sums.items():
            if total:
                raise UnbalancedEntry(f"Debits and credits differ by {Money(total, currency)}.")

    def _check(self, line: Line, seen: set[tuple[str, str]]) -> None:
        chart.owner(line.account, self.customer_id)
        if not isinstance(line.amount, Money):
            raise InvalidInput("Amounts in the books are Money: whole minor units and a currency.")
        if not line.amount.minor:
            raise EmptyEntry(f"The line for {line.account!r} has no amount.")
        place = (line.account, line.amount.currency)
        if place in seen:
            raise RepeatedAccount(f"The account {line.account!r} stands twice in one entry.")
        seen.add(place)
