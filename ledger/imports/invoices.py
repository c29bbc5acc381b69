"""Writes bills that are still owed: number, days and tax as they were; only what is owed goes into the books."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger.billing.bulk import draw_ids, insert_many
from ledger.books import posting_rules
from ledger.charges.amounts import flat_basis
from ledger.charges.basis import to_json
from ledger.charges.models import Charge
from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.operations import Happening, record_events
from ledger.imports.rows import InvoiceRow
from ledger.imports.writing import Holder, Import, Outcome, among, holder_problem, holders
from ledger.invoices.book_rates import BookRate, book_rate
from ledger.invoices.models import Invoice, InvoiceLine
from ledger.money import LARGEST_MINOR, Money

#: Numbers our own series give (`ledger.invoices.numbering`): one taken by another bill would stop the series.
OURS = re.compile(r"(INV|DRAFT|CN)-.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ready:
    """A bill as it will stand: its customer found, every moment turned into a day."""

    row: InvoiceRow
    holder: Holder
    issued_on: date
    due_on: date
    rate: BookRate

    @property
    def owed(self) -> Money:
        """What is left to pay."""
        return Money(self.row.owed, self.row.currency)


def write_invoices(rows: Sequence[InvoiceRow], work: Import) -> list[Outcome]:
    """This will take over bills that are still owed; nobody is told, and each wrong one is refused."""
    customers = holders(row.customer for row in rows)
    taken = set(Invoice.objects.filter(among("number", (row.number for row in rows))).values_list("number", flat=True))
    ready: list[Ready] = []
    outcomes: list[Outcome] = []
    for row in rows:
        problems = _problems(row, customers.get(row.customer), taken)
        one = None if problems else _ready(row, customers[row.customer], work)
        if isinstance(one, Ready):
            problems = _day_problems(one)
        elif one is not None:
            problems = [one]
        outcomes.append(Outcome(problems=tuple(problems)))
        if not problems and isinstance(one, Ready):
            ready.append(one)
            taken.add(row.number)
    ids = draw_ids(Invoice, len(ready))
    _insert(ready, ids, work)
    subjects = iter(ids)
    return [one if one.problems else Outcome(f"invoice:{next(subjects)}") for one in outcomes]


def _problems(row: InvoiceRow, holder: Holder | None, taken: set[str]) -> list[str]:
    found = [why] if (why := holder_problem(holder, row.customer)) else []
    if holder is not None and holder.currency != row.currency:
        found.append(f"currency: the customer is billed in {holder.currency}, not in {row.currency}.")
    if OURS.fullmatch(row.number):
        found.append(f"number: {row.number} is in a series of ours; put something before it, such as OLD-{row.number}.")
    elif row.number in taken:
        found.append(f"number: there is a bill {row.number} already.")
    if row.owed <= 0:
        found.append("paid: nothing is owed on the bill; only open bills are imported.")
    if row.total > LARGEST_MINOR:
        found.append("net: the bill is too large for the books.")
    if any(not 0 <= line.rate < 100 or (line.tax and not line.net) for line in row.lines):
        found.append("tax: is not less than the net amount.")
    return found


def _ready(row: InvoiceRow, holder: Holder, work: Import) -> Ready | str:
    """Return the bill, or why its currency has no rate: what it is worth counts on the day it is taken over."""
    if row.currency not in work.rates:
        try:
            work.rates[row.currency] = book_rate(row.currency, work.today)
        except DomainError as problem:
            return f"currency: {problem}"
    issued_on = holder.day(row.issued_on)
    due_on = holder.day(row.due_on) if row.due_on else issued_on
    return Ready(row, holder, issued_on, due_on, work.rates[row.currency])


def _day_problems(one: Ready) -> list[str]:
    if one.due_on < one.issued_on:
        return [f"due_on: {one.due_on} is before {one.issued_on}, when the bill was issued."]
    return []


def _insert(ready: Sequence[Ready], ids: Sequence[int], work: Import) -> None:
    if not ready:
        return
    insert_many(
        Invoice,
        {
            "id": ids,
            "number": [one.row.number for one in ready],
            "customer_id": [one.holder.id for one in ready],
            "currency": [one.row.currency for one in ready],
            "issued_on": [one.issued_on for one in ready],
            "due_on": [one.due_on for one in ready],
            "issued_at": [one.holder.begin(one.row.issued_on) for one in ready],
            "net_minor": [sum(line.net for line in one.row.lines) for one in ready],
            "tax_minor": [sum(line.tax for line in one.row.lines) for one in ready],
            "total_minor": [one.row.total for one in ready],
            "paid_minor": [one.row.paid for one in ready],
            "book_rate": [one.rate.value for one in ready],
            "book_rate_source": [one.rate.source for one in ready],
            "book_rate_on": [one.rate.on for one in ready],
        },
        {"state": Invoice.State.OPEN.value, "source": work.source},
    )
    _insert_lines(ready, ids, work)
    entries = [
        posting_rules.opening_receivable(one.owed, customer_id=one.holder.id, invoice=f"invoice:{pk}", on=work.today)
        for one, pk in zip(ready, ids, strict=True)
    ]
    work.post(entries, account="receivable")
    happened = []
    for one, pk in zip(ready, ids, strict=True):
        told = {"number": one.row.number, "amount_minor": one.row.total, "owed_minor": one.row.owed}
        more = {"currency": one.row.currency, "due_on": one.due_on.isoformat(), "import_id": work.run_id}
        happened.append(Happening(kinds.INVOICE_IMPORTED, f"invoice:{pk}", one.holder.id, told | more))
    record_events(happened, by=work.by, at=work.at)


def _insert_lines(ready: Sequence[Ready], ids: Sequence[int], work: Import) -> None:
    """Insert each line with the charge it names; the charge was earned elsewhere, so it posts nothing."""
    lines = [(one, pk, place, line) for one, pk in zip(ready, ids, strict=True)
             for place, line in enumerate(one.row.lines, start=1)]  # fmt: skip
    charges = draw_ids(Charge, len(lines))
    bases = [
        json.dumps(to_json(flat_basis(Money(line.net, one.row.currency), kind="other", name=line.description)))
        for one, _, _, line in lines
    ]
    shared: dict[str, Sequence[Any]] = {
        "description": [line.description for _, _, _, line in lines],
        "currency": [one.row.currency for one, _, _, _ in lines],
        "tax_rate": [line.rate for _, _, _, line in lines],
    }
    insert_many(
        Charge,
        {
            "id": charges,
            "customer_id": [one.holder.id for one, _, _, _ in lines],
            "amount_minor": [line.net for _, _, _, line in lines],
            "basis": bases,
            "charged_on": [one.issued_on for one, _, _, _ in lines],
            **shared,
        },
        {"source": work.source, "added_by": str(work.by), "added_at": work.at},
    )
    columns: dict[str, Sequence[Any]] = {
        "invoice_id": [pk for _, pk, _, _ in lines],
        "charge_id": charges,
        "position": [place for _, _, place, _ in lines],
        "net_minor": [line.net for _, _, _, line in lines],
        "tax_minor": [line.tax for _, _, _, line in lines],
    }
    insert_many(InvoiceLine, {**columns, **shared}, {})
