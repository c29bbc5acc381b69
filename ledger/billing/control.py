"""The control total: what the books ask for by the bills of a run, read back from the journal entries themselves."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from ledger.books import control

_BILLED = """
SELECT currency, sum(net_minor)::bigint, sum(tax_minor)::bigint, sum(total_minor)::bigint, count(*)
FROM ledger_invoice WHERE id = ANY (%s::bigint[]) GROUP BY currency
"""
_OF_RUN = "SELECT unnest(invoice_ids) FROM ledger_billingstep WHERE run_id = %s"

Totals = dict[str, dict[str, int]]


def booked(invoice_ids: Sequence[int]) -> dict[str, int]:
    """Return per currency what the entries of these bills put on their customers' receivables, in minor units."""
    return control.booked([f"invoice_issued:invoice:{each}" for each in invoice_ids], "receivable")


def billed(invoice_ids: Sequence[int]) -> Totals:
    """Return per currency net, tax, total and number of these bills, from the bills themselves."""
    with connection.cursor() as cursor:
        cursor.execute(_BILLED, [list(invoice_ids)])
        return {
            currency: {"net": int(net), "tax": int(tax), "total": int(total), "invoices": int(count)}
            for currency, net, tax, total, count in cursor.fetchall()
        }


def invoices_of(run_id: int) -> list[int]:
    """Return the ids of every bill a run issued."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_RUN, [run_id])
        return [row[0] for row in cursor.fetchall()]


def add_totals(first: Totals, second: Totals) -> Totals:
    """Return the sums of two totals, per currency."""
    added = {currency: dict(sums) for currency, sums in first.items()}
    for currency, sums in second.items():
        into = added.setdefault(currency, {})
        for name, value in sums.items():
            into[name] = into.get(name, 0) + value
    return added
