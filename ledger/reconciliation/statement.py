"""What every settlement file is read into: lines and balances, whatever the format (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from ledger.errors import DomainError, InvalidInput
from ledger.money import Money, exponent

PAYMENT, REFUND, CHARGEBACK, FEE, PAYOUT, OTHER = "payment", "refund", "chargeback", "fee", "payout", "other"


class InvalidSettlementFile(InvalidInput):
    """The file cannot be read as what it is said to be; nothing of it is taken."""


class ControlTotalsDiffer(DomainError):
    """The lines of a statement do not add up to its own balances; nothing of it is taken."""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement as the sender tells it: above zero when money came to us, fees not taken off."""

    line_ref: str
    kind: str
    reference: str
    amount: Money
    booked_on: date
    fee_minor: int = 0
    is_reversal: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Balance:
    """What the account held before the first line of a statement, or after its last."""

    is_closing: bool
    amount: Money


Item = StatementLine | Balance


@dataclass(slots=True)
class CurrencyTotals:
    """The control figures of one currency."""

    lines: int = 0
    in_minor: int = 0
    out_minor: int = 0
    fees_minor: int = 0


@dataclass(slots=True)
class Control:
    """Adds up a file while it is read, and holds every statement against its own balances."""

    lines: int = 0
    first_on: date | None = None
    last_on: date | None = None
    totals: dict[str, CurrencyTotals] = field(default_factory=dict)
    _expected: Money | None = None

    def check(self, items: Iterator[Item]) -> Iterator[StatementLine]:
        """Give the lines on, counted.

        :raises ControlTotalsDiffer: if the lines between two balances are not their difference
        """
        for item in items:
            if isinstance(item, Balance):
                self._balance(item)
                continue
            self._count(item)
            yield item

    def _count(self, line: StatementLine) -> None:
        self.lines += 1
        self.first_on = min(self.first_on or line.booked_on, line.booked_on)
        self.last_on = max(self.last_on or line.booked_on, line.booked_on)
        total = self.totals.setdefault(line.amount.currency, CurrencyTotals())
        total.lines += 1
        total.in_minor += max(line.amount.minor, 0)
        total.out_minor += max(-line.amount.minor, 0)
        total.fees_minor += line.fee_minor
        if self._expected is not None and self._expected.currency == line.amount.currency:
            self._expected = self._expected + line.amount

    def _balance(self, balance: Balance) -> None:
        if balance.is_closing and self._expected is not None and self._expected != balance.amount:
            raise ControlTotalsDiffer(
                f"The statement closes with {balance.amount}, but its lines come to {self._expected}. Nothing was "
                "taken; please ask the sender for the whole file."
            )
        self._expected = None if balance.is_closing else balance.amount


def read_money(text: str, currency: str, *, where: str) -> Money:
    """Return an amount that stands in a file, exactly; a half cent is no amount of money.

    :raises InvalidSettlementFile: if it is no amount, or the currency does not exist
    """
    code = currency.strip().upper()
    try:
        digits = exponent(code)
        value = Decimal(text.strip())
        minor = value.scaleb(digits)
    except DomainError as refusal:
        raise InvalidSettlementFile(f"{where}: {currency!r} is no currency we know.") from refusal
    except InvalidOperation:
        raise InvalidSettlementFile(f"{where}: {text!r} is no amount.") from None
    if not value.is_finite() or minor != minor.to_integral_value() or abs(minor) > 10**15:
        raise InvalidSettlementFile(f"{where}: {text!r} is no amount in {code}.")
    return Money(int(minor), code)


def read_day(text: str, *, where: str) -> date:
    """Return a day that stands in a file; of a moment, its day.

    :raises InvalidSettlementFile: if it is no day
    """
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        raise InvalidSettlementFile(f"{where}: {text!r} is no day; write it as 2026-03-31.") from None
