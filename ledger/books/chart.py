"""The chart of accounts: every account code the books know, and its nature.

An account belongs either to one customer (owner "customer:17") or to the company itself (owner ""). Accounts of the
company are buffered: many entries hit them at once, so their balance is folded later instead of locked. Accounts of
a customer have a balance that is exact at once, because a customer's money must never be spent twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ledger.errors import InvalidInput


class Side(StrEnum):
    """The side on which an account grows."""

    DEBIT = "debit"
    CREDIT = "credit"

    @property
    def sign(self) -> int:
        """Return +1 where a debit makes the balance grow, else -1."""
        return 1 if self is Side.DEBIT else -1


class UnknownAccount(InvalidInput):
    """The chart of accounts has no such account."""


class CustomerMissing(InvalidInput):
    """An account that belongs to a customer was named without the customer."""


@dataclass(frozen=True, slots=True)
class AccountNature:
    """What is always true of an account.

    `floor_minor`: the balance, as a reader sees it, never falls below this; None means there is no such floor.
    """

    code: str
    title: str
    side: Side
    per_customer: bool
    floor_minor: int | None = None

    @property
    def buffered(self) -> bool:
        """Return whether the balance is folded later instead of locked by every entry."""
        return not self.per_customer


def _of_customer(code: str, title: str, side: Side, floor_minor: int | None = None) -> AccountNature:
    return AccountNature(code, title, side, per_customer=True, floor_minor=floor_minor)


def _of_company(code: str, title: str, side: Side) -> AccountNature:
    return AccountNature(code, title, side, per_customer=False)


CHART: dict[str, AccountNature] = {
    nature.code: nature
    for nature in (
        _of_customer("receivable", "Invoiced and not yet paid", Side.DEBIT),
        _of_customer("receivable_disputed", "Invoiced, unpaid and in dispute", Side.DEBIT, floor_minor=0),
        _of_customer("unbilled", "Delivered and not yet invoiced", Side.DEBIT),
        _of_customer("customer_credit", "What we owe the customer as credit", Side.CREDIT, floor_minor=0),
        _of_customer("credit_promised", "Credit set aside for refunds that wait", Side.CREDIT, floor_minor=0),
        _of_customer("refunds_payable", "Refunds approved and not yet paid", Side.CREDIT, floor_minor=0),
        _of_customer("dispute_hold", "Paid amounts held while in dispute", Side.CREDIT, floor_minor=0),
        _of_customer("provisional_credits", "Credit given before a dispute is decided", Side.DEBIT, floor_minor=0),
        _of_company("cash", "Money received and paid out", Side.DEBIT),
        _of_company("revenue", "What we earned", Side.CREDIT),
        _of_company("deferred_revenue", "Billed for days after the month", Side.CREDIT),
        _of_company("tax_payable", "Tax collected for the authorities", Side.CREDIT),
        _of_company("credit_notes", "Revenue given back by credit note", Side.DEBIT),
        _of_company("goodwill", "Given without being owed", Side.DEBIT),
        _of_company("bad_debt", "Written off as not collectable", Side.DEBIT),
        _of_company("late_fees", "Fees for late payment", Side.CREDIT),
        _of_company("chargeback_losses", "Taken back by the customer's bank", Side.DEBIT),
        _of_company("processor_fees", "Kept by payment providers", Side.DEBIT),
        _of_company("fx", "Other currencies bought and sold", Side.DEBIT),
        _of_company("fx_gain", "Gained on other currencies", Side.CREDIT),
        _of_company("fx_loss", "Lost on other currencies", Side.DEBIT),
        _of_company("opening_balance", "Brought forward from another system", Side.CREDIT),
        _of_company("disputed_revenue", "Paid revenue that is in dispute", Side.DEBIT),
    )
}


def nature(code: str) -> AccountNature:
    """Return the nature of an account.

    :raises UnknownAccount: if the chart has no such code
    """
    try:
        return CHART[code]
    except KeyError:
        raise UnknownAccount(f"There is no account called {code!r} in the books.") from None


def owner(code: str, customer_id: int | None) -> str:
    """Return whose account this is: "customer:17", or "" for the company.

    :raises CustomerMissing: if the account belongs to a customer and none is named
    """
    if not nature(code).per_customer:
        return ""
    if customer_id is None:
        raise CustomerMissing(f"The account {code!r} belongs to a customer: say which one.")
    return f"customer:{customer_id}"
