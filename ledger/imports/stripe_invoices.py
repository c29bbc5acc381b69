"""Stripe's invoices as rows of ours (pure): only what is still owed; lines where they add up, else one line.

Source: Stripe API reference ("Invoices", "Invoice Line Items").
"""

from __future__ import annotations

from decimal import Decimal

from ledger.imports.cells import LeftOut, RowRefused
from ledger.imports.csv_rows import rate_of
from ledger.imports.rows import InvoiceRow, LineRow
from ledger.imports.stripe_values import (
    Thing,
    check_object,
    currency_of,
    id_of,
    list_of,
    minor_of,
    moment_of,
    part_of,
    text_of,
    whole,
)


def invoice_of(thing: Thing) -> InvoiceRow:
    """Read an open bill.

    :raises LeftOut: if nothing is owed on it: a draft, paid, void or given up
    :raises RowRefused: with what is wrong
    """
    check_object(thing, "invoice")
    status = text_of(thing, "status")
    if status in ("draft", "paid", "void", "uncollectible"):
        raise LeftOut
    if status != "open":
        raise RowRefused(f"status: {status!r} is not one we know.")
    currency, external_id, number = currency_of(thing), text_of(thing, "id"), text_of(thing, "number")
    if not 1 <= len(external_id) <= 100 or not 1 <= len(number) <= 40:
        raise RowRefused("id and number: each is needed, of at most 100 and 40 characters.")
    total, owed = minor_of(thing, "total", currency), _owed(thing, currency)
    if owed == 0:
        raise LeftOut
    if not 0 < owed <= total:
        raise RowRefused("amount_remaining: is not between zero and the total; what is owed from before has no bill.")
    issued_at = moment_of(part_of(thing, "status_transitions"), "finalized_at") or moment_of(thing, "created")
    if issued_at is None:
        raise RowRefused("created: is empty.")
    return InvoiceRow(
        external_id=external_id,
        number=number,
        customer=id_of(thing, "customer"),
        currency=currency,
        issued_on=issued_at,
        due_on=moment_of(thing, "due_date"),
        lines=_lines(thing, currency, total, number),
        paid=total - owed,
    )


def _owed(thing: Thing, currency: str) -> int:
    if whole(thing, "amount_remaining") is None:
        raise RowRefused("amount_remaining: is empty.")
    return minor_of(thing, "amount_remaining", currency)


def _lines(thing: Thing, currency: str, total: int, number: str) -> tuple[LineRow, ...]:
    """Return the lines as they are where they make up the total, else one line for all of it."""
    tax = _tax(thing, currency, total)
    as_one = (LineRow(f"As billed on {number}", total - tax, tax, rate_of(total - tax, tax)),)
    found = part_of(thing, "lines")
    if found.get("has_more") or not found:
        return as_one
    lines = tuple(_line(one, currency) for one in list_of(thing, "lines"))
    adds_up = sum(line.net + line.tax for line in lines) == total and sum(line.tax for line in lines) == tax
    is_plain = all(line.net >= 0 and line.tax >= 0 for line in lines)
    return lines if lines and adds_up and is_plain else as_one


def _tax(thing: Thing, currency: str, total: int) -> int:
    """Return the tax in the total, which the API has named differently over the years."""
    if whole(thing, "total_excluding_tax") is not None:
        tax = total - minor_of(thing, "total_excluding_tax", currency)
    elif whole(thing, "tax") is not None:
        tax = minor_of(thing, "tax", currency)
    else:
        tax = sum(minor_of(one, "amount", currency) for one in _taxes(thing, "total_taxes", "total_tax_amounts"))
    if not 0 <= tax <= total:
        raise RowRefused("tax: is not between zero and the total.")
    return tax


def _taxes(thing: Thing, *names: str) -> list[Thing]:
    return next((found for name in names if (found := list_of(thing, name))), [])


def _line(line: Thing, currency: str) -> LineRow:
    gross = minor_of(line, "amount", currency)
    off = sum(minor_of(one, "amount", currency) for one in list_of(line, "discount_amounts"))
    taxes = _taxes(line, "taxes", "tax_amounts")
    tax = sum(minor_of(one, "amount", currency) for one in taxes)
    inside = sum(
        minor_of(one, "amount", currency)
        for one in taxes
        if one.get("inclusive") is True or one.get("tax_behavior") == "inclusive"
    )
    net = gross - off - inside
    rate = rate_of(net, tax) if net > 0 and 0 <= tax < net else Decimal(0)
    return LineRow(text_of(line, "description")[:200] or "As billed", net, tax, rate)
