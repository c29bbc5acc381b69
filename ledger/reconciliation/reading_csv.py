"""Settlement files of payment providers as CSV: our own plain columns, or Stripe's itemised report (pure).

Stripe's columns: docs.stripe.com/reports/report-types/payout-reconciliation (read 2026-11-22).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from ledger.reconciliation import statement
from ledger.reconciliation.statement import InvalidSettlementFile, Item, StatementLine, read_day, read_money

#: Our name of a column, and what files call it; the first one that is there is read.
COLUMNS = {
    "line_ref": ("line_ref", "balance_transaction_id"),
    "kind": ("type", "reporting_category"),
    "reference": ("reference", "payment_intent_id", "charge_id", "source_id"),
    "amount": ("amount", "gross"),
    "fee": ("fee",),
    "currency": ("currency",),
    "booked_on": ("booked_on", "created_utc", "created"),
    "text": ("text", "description"),
}
MUST = ("line_ref", "kind", "amount", "currency", "booked_on")
#: Kinds as files write them; whether the line takes an earlier one back.
KINDS = {
    "payment": (statement.PAYMENT, False),
    "charge": (statement.PAYMENT, False),
    "payment_reversal": (statement.PAYMENT, True),
    "payment_failure_refund": (statement.PAYMENT, True),
    "refund": (statement.REFUND, False),
    "refund_failure": (statement.REFUND, True),
    "refund_reversal": (statement.REFUND, True),
    "chargeback": (statement.CHARGEBACK, False),
    "dispute": (statement.CHARGEBACK, False),
    "dispute_reversal": (statement.CHARGEBACK, True),
    "fee": (statement.FEE, False),
    "payout": (statement.PAYOUT, False),
}
#: A field longer than this is an attack or a broken file.
MOST_CHARS = 10_000


def read_csv(stream: BinaryIO) -> Iterator[Item]:
    """Give the lines of a CSV one by one, however long it is.

    :raises InvalidSettlementFile: naming the line that cannot be read
    """
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    try:
        yield from _rows(text)
    except UnicodeDecodeError:
        raise InvalidSettlementFile("The file is not text in UTF-8.") from None
    except csv.Error as problem:
        raise InvalidSettlementFile(f"The file is no CSV: {problem}.") from problem
    finally:
        text.detach()


def _rows(text: io.TextIOWrapper) -> Iterator[Item]:
    head = text.readline(MOST_CHARS)
    separator = ";" if head.count(";") > head.count(",") else ","
    names = [name.strip().strip('"').lower() for name in head.strip().split(separator)]
    places = {
        ours: next((names.index(name) for name in theirs if name in names), None) for ours, theirs in COLUMNS.items()
    }
    missing = [COLUMNS[name][0] for name in MUST if places[name] is None]
    if missing:
        raise InvalidSettlementFile(f"The first line has to name the columns; missing: {', '.join(missing)}.")
    for number, row in enumerate(csv.reader(text, delimiter=separator), start=2):
        if any(cell.strip() for cell in row):
            cells = {ours: row[at].strip() if at is not None and at < len(row) else "" for ours, at in places.items()}
            yield _line(cells, where=f"Line {number}", decimal_comma=separator == ";")


def _line(cells: dict[str, str], *, where: str, decimal_comma: bool) -> StatementLine:
    if not cells["line_ref"] or any(len(cell) > MOST_CHARS for cell in cells.values()):
        raise InvalidSettlementFile(f"{where} has no reference of its own, or a field is far too long.")
    amount, fee = cells["amount"], cells["fee"] or "0"
    if decimal_comma:
        amount, fee = amount.replace(",", "."), fee.replace(",", ".")
    money = read_money(amount, cells["currency"], where=where)
    kind, is_reversal = KINDS.get(cells["kind"].lower(), (statement.OTHER, False))
    backwards = money.minor < 0 if kind == statement.PAYMENT else money.minor > 0
    if kind in (statement.PAYMENT, statement.REFUND, statement.CHARGEBACK) and backwards:
        is_reversal = True
    return StatementLine(
        line_ref=cells["line_ref"][:120],
        kind=kind,
        reference=cells["reference"][:140],
        amount=money,
        booked_on=read_day(cells["booked_on"], where=where),
        fee_minor=max(read_money(fee, cells["currency"], where=where).minor, 0),
        is_reversal=is_reversal,
        text=cells["text"][:500],
    )
