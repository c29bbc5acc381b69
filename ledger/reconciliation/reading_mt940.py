"""Bank statements as MT940, through the mt-940 library: it is given one slice of a statement at a time (pure).

The library keeps the sign of an amount for C and D only: a reversal (RC, RD) is told by its mark, and the side follows
from the mark here. It would open a file whose name it is given, so it is only ever given text of several lines.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO

import mt940

from ledger.reconciliation import statement
from ledger.reconciliation.statement import Balance, InvalidSettlementFile, Item, StatementLine, read_day, read_money

#: So many entries of one statement are read at once.
SLICE = 500
MOST_CHARS = 10_000
OPENING, CLOSING = ("final_opening_balance", "intermediate_opening_balance"), ("final_closing_balance",)
NOTHING = frozenset({"", "NONREF", "NOTPROVIDED"})


def read_mt940(stream: BinaryIO) -> Iterator[Item]:
    """Give the balances and the entries of every statement in a file.

    :raises InvalidSettlementFile: if it is no MT940
    """
    text = io.TextIOWrapper(stream, encoding="utf-8", errors="replace")
    seen = 0
    try:
        for slice_text, entries_before in _slices(text):
            seen += 1
            yield from _read(slice_text, entries_before)
    finally:
        text.detach()
    if not seen:
        raise InvalidSettlementFile("There is no statement (:20:) in the file.")


def _slices(text: io.TextIOWrapper) -> Iterator[tuple[str, int]]:
    """Give each statement in slices that begin with its own head; only the first has the opening balance."""
    head, body, entries, before = list[str](), list[str](), 0, 0
    while line := text.readline(MOST_CHARS):
        if line.startswith(":20:"):
            if head:
                yield "".join([*head, *body]), before
            head, body, entries, before = [line], [], 0, 0
        elif head and line.startswith(":61:") and entries >= SLICE:
            yield "".join([*head, *body]), before
            head = [each for each in head if not each.startswith((":60F:", ":60M:"))]
            body, before, entries = [line], before + entries, 1
        elif head:
            entries += line.startswith(":61:")
            (body if entries or line.startswith((":62", ":64")) else head).append(line)
    if head:
        yield "".join([*head, *body]), before


def _read(text: str, entries_before: int) -> Iterator[Item]:
    try:
        parsed: Any = mt940.parse(text)
    except Exception as problem:
        # The library raises whatever its patterns and dates run into; all of it means that the file is not readable.
        raise InvalidSettlementFile(f"The file is no MT940: {problem}.") from problem
    facts: dict[str, Any] = parsed.data
    name = f"{facts.get('transaction_reference', '')}/{facts.get('statement_number', '')}"
    for key in OPENING:
        if facts.get(key) is not None:
            yield _balance(facts[key], is_closing=False)
    for number, entry in enumerate(parsed, start=entries_before + 1):
        if entry.data.get("amount") is not None:
            yield _line(entry.data, f"{name}/{number}")
    for key in CLOSING:
        if facts.get(key) is not None:
            yield _balance(facts[key], is_closing=True)


def _balance(balance: Any, *, is_closing: bool) -> Balance:
    amount = balance.amount
    return Balance(is_closing, read_money(str(amount.amount), str(amount.currency), where="A balance"))


def _line(entry: dict[str, Any], where: str) -> StatementLine:
    mark = str(entry.get("status") or "").upper()
    is_reversal = mark.startswith("R")
    comes_in = mark in ("C", "RD")
    size = read_money(str(abs(entry["amount"].amount)), str(entry["amount"].currency), where=f"The entry {where}")
    words = [str(entry.get(name) or "") for name in ("purpose", "additional_purpose", "transaction_details")]
    named = [str(entry.get(name) or "").strip() for name in ("end_to_end_reference", "customer_reference")]
    booked = entry.get("entry_date") or entry.get("date")
    return StatementLine(
        line_ref=(str(entry.get("bank_reference") or "").strip() or where)[:120],
        kind=statement.PAYMENT if comes_in is not is_reversal else statement.REFUND,
        reference=next((each for each in named if each.upper() not in NOTHING), "")[:140],
        amount=size if comes_in else -size,
        booked_on=read_day(str(booked), where=f"The entry {where}"),
        is_reversal=is_reversal,
        text=" ".join(word.replace("\n", " ") for word in words if word).strip()[:500],
    )
