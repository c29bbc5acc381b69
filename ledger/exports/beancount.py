"""The journal as plain-text accounting, for the Beancount program.

Source of the syntax: Beancount language syntax, https://beancount.github.io/docs/beancount_language_syntax.html.
Customers are sub-accounts (Assets:Receivable:C17). The file ends with the balance of every account, so the program
checks our trial balance while it reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from ledger.books.chart import nature
from ledger.books.entry import Line
from ledger.books.journal import AccountView, accounts, journal, one_snapshot
from ledger.books.queries import EntryView, trial_balance
from ledger.money import Money

#: Under which of Beancount's five roots an account stands.
ROOTS: dict[str, str] = {
    **dict.fromkeys(("receivable", "receivable_disputed", "unbilled", "provisional_credits", "cash"), "Assets"),
    **dict.fromkeys(
        ("customer_credit", "credit_promised", "refunds_payable", "dispute_hold", "deferred_revenue", "tax_payable"),
        "Liabilities",
    ),
    **dict.fromkeys(("fx", "opening_balance"), "Equity"),
    **dict.fromkeys(("revenue", "credit_notes", "disputed_revenue", "late_fees", "fx_gain"), "Income"),
    **dict.fromkeys(("goodwill", "bad_debt", "chargeback_losses", "processor_fees", "fx_loss"), "Expenses"),
}


def account_name(code: str, customer_id: int | None) -> str:
    """Return an account as Beancount names it: "Assets:ReceivableDisputed:C17"."""
    name = "".join(word.capitalize() for word in code.split("_"))
    return f"{ROOTS[code]}:{name}" + (f":C{customer_id}" if customer_id is not None else "")


def beancount_lines(first: date, last: date) -> Iterator[str]:
    """Give the text of the journal from `first` to `last` line by line; what was held before opens it."""
    with one_snapshot():
        yield ";; -*- mode: beancount -*-\n"
        yield 'option "title" "Journal"\n\n'
        yield from _opened(first, last)
        yield from _opening(first, last)
        for entry in journal(first, last):
            yield from _transaction(entry)
        yield from _balances(last)


def _opened(first: date, last: date) -> Iterator[str]:
    for code in ROOTS:
        yield f"{first} open {account_name(code, None)}\n"
    seen: set[str] = set()
    for account in accounts(first, last):
        name = account_name(account.code, account.customer_id)
        if account.customer_id is not None and name not in seen:
            seen.add(name)
            yield f"{first} open {name}\n"


def _opening(first: date, last: date) -> Iterator[str]:
    """Give one transaction that brings every account to what it held before; it balances as the books do."""
    begun = False
    for account in accounts(first, last):
        if account.opening.minor:
            if not begun:
                begun = True
                yield f'\n{first} * "Opening balances"\n'
            yield f"  {_name_of(account)}  {_amount(account.opening)}\n"


def _name_of(account: AccountView) -> str:
    return account_name(account.code, account.customer_id)


def _transaction(entry: EntryView) -> Iterator[str]:
    yield f"\n{entry.effective_on} * {_text(entry.kind)} {_text(entry.reason or entry.source)}\n"
    yield f"  entry: {entry.id}\n  source: {_text(entry.source)}\n  key: {_text(entry.key)}\n"
    for line in entry.lines:
        yield f"  {_line_name(line, entry.customer_id)}  {_amount(line.amount)}\n"


def _line_name(line: Line, customer_id: int | None) -> str:
    return account_name(line.account, customer_id if nature(line.account).per_customer else None)


def _balances(last: date) -> Iterator[str]:
    """Give what the trial balance says, as assertions on the morning after the last day, without tolerance."""
    yield "\n"
    for row in trial_balance(as_of=last):
        held = row.debit - row.credit
        number, currency = _amount(held).split(" ")
        yield f"{last + timedelta(days=1)} balance {account_name(row.account, None)}  {number} ~ 0 {currency}\n"


def _amount(amount: Money) -> str:
    return f"{amount.decimal()} {amount.currency}"


def _text(words: str) -> str:
    plain = " ".join(words.split())
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
