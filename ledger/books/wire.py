"""Entries as the arguments of the posting function: PostgreSQL array literals, one per column.

Literals are written here rather than by the driver because a list costs it more than the whole rest of a call.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from ledger.books import chart
from ledger.books.entry import Entry, Line

AccountKey = tuple[str, str, str]


def text_array(values: Iterable[str]) -> str:
    """Return a PostgreSQL text[] literal."""
    quoted = ['"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values]
    return "{" + ",".join(quoted) + "}"


def plain_array(values: Iterable[object]) -> str:
    """Return an array literal of numbers, days or NULLs, which need no quotes."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def pair_arguments(entry: Entry, reverses: int | None) -> list[str | None]:
    """Return the first 13 arguments of ledger_post_pair, as texts: what costs the driver least, and the server nothing.

    :raises ValueError: if the entry has not two lines
    """
    line, other = entry.lines
    customer = entry.customer_id
    return [
        entry.key,
        entry.kind,
        None if customer is None else str(customer),
        entry.source,
        entry.reason,
        str(entry.effective_on),
        None if reverses is None else str(reverses),
        line.amount.currency,
        str(line.amount.minor),
        line.account,
        chart.owner(line.account, customer),
        other.account,
        chart.owner(other.account, customer),
    ]


def one_arguments(entry: Entry, reverses: int | None) -> list[Any]:
    """Return the first 14 arguments of ledger_post_entry: the entry, and its accounts with one amount each."""
    return [
        entry.key,
        entry.kind,
        entry.customer_id,
        entry.source,
        entry.reason,
        entry.effective_on,
        reverses,
        *_account_columns([_account_of(line, entry.customer_id) for line in entry.lines]),
        plain_array([line.amount.minor for line in entry.lines]),
    ]


def many_arguments(entries: Sequence[Entry]) -> list[Any]:
    """Return the first 17 arguments of ledger_post_entries: entries, their distinct accounts, their lines."""
    accounts: dict[AccountKey, int] = {}
    line_entries: list[int] = []
    line_accounts: list[int] = []
    line_currencies: list[str] = []
    line_amounts: list[int] = []
    for number, entry in enumerate(entries, start=1):
        for line in entry.lines:
            line_entries.append(number)
            line_accounts.append(accounts.setdefault(_account_of(line, entry.customer_id), len(accounts) + 1))
            line_currencies.append(line.amount.currency)
            line_amounts.append(line.amount.minor)
    return [
        text_array([entry.key for entry in entries]),
        text_array([entry.kind for entry in entries]),
        plain_array([entry.customer_id for entry in entries]),
        text_array([entry.source for entry in entries]),
        text_array([entry.reason for entry in entries]),
        plain_array([entry.effective_on.isoformat() for entry in entries]),
        plain_array([None] * len(entries)),
        *_account_columns(list(accounts)),
        plain_array(line_entries),
        plain_array(line_accounts),
        plain_array(line_currencies),
        plain_array(line_amounts),
    ]


def _account_of(line: Line, customer_id: int | None) -> AccountKey:
    return line.account, chart.owner(line.account, customer_id), line.amount.currency


def _account_columns(accounts: Sequence[AccountKey]) -> list[str]:
    codes, sides, buffered, floors = _natures(tuple(code for code, _, _ in accounts))
    owners = text_array([owner for _, owner, _ in accounts])
    return [codes, owners, plain_array([currency for _, _, currency in accounts]), sides, buffered, floors]


@lru_cache(maxsize=64)
def _natures(codes: tuple[str, ...]) -> tuple[str, str, str, str]:
    """Return four columns that follow from the chart alone; there are few combinations, so they are kept."""
    natures = [chart.nature(code) for code in codes]
    return (
        plain_array(codes),
        plain_array([nature.side.value for nature in natures]),
        plain_array([nature.buffered for nature in natures]),
        plain_array([nature.floor_minor for nature in natures]),
    )
