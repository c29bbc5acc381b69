"""CSV exports of Stripe's Dashboard (pure): columns are found by name, those without a use here are not read.

Amounts there are written in major units ("12.50"). Source: Stripe, "Export file formats" and the Dashboard's exports of
customers and invoices, whose columns are chosen by who exports.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ledger.imports import csv_rows
from ledger.imports.cells import LeftOut, RowReader, RowRefused
from ledger.imports.csv_rows import rate_of
from ledger.imports.reading import Cells, UnreadableFile
from ledger.imports.rows import CustomerRow, InvoiceRow, LineRow

#: Our name and the column's names, in the order in which the first that says something is taken.
CUSTOMER = {
    "id": ("id", "customer id"),
    "name": ("name", "description", "card name", "email"),
    "country": ("address country", "customer address country", "card address country", "shipping address country"),
    "currency": ("currency",),
    "street": ("address line1", "customer address line1", "card address line1"),
    "address_more": ("address line2", "customer address line2", "card address line2"),
    "postal_code": ("address postal code", "customer address postal code", "card address zip"),
    "city": ("address city", "customer address city", "card address city"),
    "email": ("email",),
    "phone": ("phone",),
    "vat_id": ("business vat id",),
    "balance": ("account balance",),
}
INVOICE = {
    "id": ("id", "invoice id"),
    "number": ("number",),
    "customer": ("customer", "customer id"),
    "currency": ("currency",),
    "issued_on": ("finalized at (utc)", "date (utc)", "created (utc)"),
    "due_on": ("due date (utc)",),
    "status": ("status",),
    "total": ("total",),
    "tax": ("tax",),
    "paid": ("amount paid",),
    "remaining": ("amount remaining",),
}
REQUIRED = {
    "customers": ("id",),
    "invoices": ("id", "number", "customer", "currency", "issued_on", "status", "total"),
}
USED = {"customers": CUSTOMER, "invoices": INVOICE}


def check_columns(kind: str, found: Mapping[str, str]) -> None:
    """Refuse a header without what is needed.

    :raises UnreadableFile: naming what is missing
    """
    names = {name.strip().lower() for name in found}
    missing = [wanted for wanted in REQUIRED[kind] if not names.intersection(USED[kind][wanted])]
    if missing:
        columns = ", ".join(repr(USED[kind][wanted][0]) for wanted in missing)
        raise UnreadableFile(f"The export lacks the columns {columns}: choose all columns when exporting.")


def _named(cells: Cells, used: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    values = {name.strip().lower(): value for name, value in cells.values.items()}
    return {
        ours: next((value for name in names if (value := values.get(name, ""))), "") for ours, names in used.items()
    }


def customer_of(cells: Cells, *, country: str = "", currency: str = "") -> CustomerRow:
    """Read a customer.

    :raises RowRefused: with every wrong cell
    """
    values = _named(cells, CUSTOMER)
    balance = values.pop("balance")
    if balance and not balance.startswith("-") and balance.strip("0."):
        raise RowRefused("balance: the customer owes this without a bill; bill it in Stripe first, then import again.")
    values["credit"] = balance.removeprefix("-")
    values["kind"] = "business" if values["vat_id"] else "consumer"
    return csv_rows.customer_of(Cells(cells.line, values), country=country, currency=currency)


def invoice_of(cells: Cells) -> InvoiceRow:
    """Read an open bill as one line.

    :raises LeftOut: if nothing is owed on it
    :raises RowRefused: with every wrong cell
    """
    values = _named(cells, INVOICE)
    for name in ("issued_on", "due_on"):
        values[name] = values[name][:10]
    if values["status"].lower() in ("draft", "paid", "void", "uncollectible"):
        raise LeftOut
    row = RowReader(values)
    currency = row.currency("currency")
    total, tax = row.money("total", currency, required=True), row.money("tax", currency)
    number = row.text("number", longest=40, required=True)
    paid = total - row.money("remaining", currency) if row.has("remaining") else row.money("paid", currency)
    read = InvoiceRow(
        external_id=row.text("id", longest=100, required=True),
        number=number,
        customer=row.text("customer", longest=100, required=True),
        currency=currency,
        issued_on=row.day("issued_on", required=True) or date.min,
        due_on=row.day("due_on"),
        lines=(LineRow(f"As billed on {number}"[:200], total - tax, tax, rate_of(total - tax, tax)),),
        paid=paid,
    )
    if values["status"].lower() != "open":
        row.wrong("status", f"{values['status'][:40]!r} is not one we know.")
    if not 0 <= tax <= total:
        row.wrong("tax", "is more than the total.")
    row.done()
    if not read.owed:
        raise LeftOut
    return read
