"""The findings a correction can start from: each a query over all bills for the lines it hit, and by how much."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from ledger.adjustments.hits import NOT_ASKED, Hit
from ledger.adjustments.overcharge import overcharge
from ledger.adjustments.wrong_tax import WrongTax
from ledger.catalogue.models import Price
from ledger.charges.basis import from_json
from ledger.errors import InvalidInput, NotFound
from ledger.invoices.models import InvoiceLine
from ledger.money import Money


class NoSuchPrice(NotFound):
    """There is no such price."""


@dataclass(frozen=True, slots=True)
class WrongPrice:
    """Lines billed by one price that should have been billed by another, on bills issued in a span of days."""

    wrong_price_id: int
    right_price_id: int
    first: date
    last: date

    @property
    def name(self) -> str:
        """What the same finding is known by, whoever finds it again."""
        return f"price:{self.wrong_price_id}"

    def terms(self) -> dict[str, Any]:
        """What it was asked with, for the record."""
        return {
            "kind": "wrong_price", "wrong_price_id": self.wrong_price_id, "right_price_id": self.right_price_id,
            "first": str(self.first), "last": str(self.last),
        }  # fmt: skip

    def hits(self, currency: str) -> Iterator[Hit]:
        """List every line it hit.

        :raises NoSuchPrice: if one of the prices does not exist
        :raises InvalidInput: if the two prices are not of one product and currency
        """
        prices = Price.objects.in_bulk([self.wrong_price_id, self.right_price_id])
        if len(prices) != 2:
            raise NoSuchPrice("Name two prices: the one that was billed and the one that was agreed.")
        wrong, right = prices[self.wrong_price_id], prices[self.right_price_id]
        if wrong.product_id != right.product_id or {wrong.currency, right.currency} != {currency}:
            raise InvalidInput(f"Both prices are of one product, in {currency}.")
        lines = InvoiceLine.objects.filter(
            charge__basis__price_id=self.wrong_price_id,
            invoice__issued_on__gte=self.first,
            invoice__issued_on__lte=self.last,
            currency=currency,
        )
        asked = lines.exclude(invoice__state__in=NOT_ASKED).order_by("pk")
        rows = asked.values_list("pk", "invoice__customer_id", "net_minor", "tax_minor", "charge__basis")
        for pk, customer_id, net, tax, basis in rows.iterator(chunk_size=2000):
            amount = overcharge(from_json(basis), Money(net + tax, currency), right=right.tariff)
            if amount.minor > 0:
                yield Hit(pk, customer_id, amount)


_TWICE = """
SELECT id, customer_id, total FROM (
    SELECT line.id, invoice.customer_id, line.net_minor + line.tax_minor AS total,
        row_number() OVER (
            PARTITION BY invoice.customer_id, charge.kind, charge.description, charge.period_start, charge.period_end,
                line.net_minor, line.tax_minor
            ORDER BY line.id
        ) AS place
    FROM ledger_invoiceline line
    JOIN ledger_charge charge ON charge.id = line.charge_id
    JOIN ledger_invoice invoice ON invoice.id = line.invoice_id
    WHERE invoice.issued_on BETWEEN %(first)s AND %(last)s AND line.currency = %(currency)s
        AND invoice.state NOT IN ('draft', 'void') AND charge.period_start IS NOT NULL
        AND line.net_minor + line.tax_minor > 0
) AS lines WHERE place > 1 ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class ChargedTwice:
    """Lines that charge a customer again for the same thing, period and amount, on bills issued in a span of days."""

    first: date
    last: date

    @property
    def name(self) -> str:
        """What the same finding is known by, whoever finds it again."""
        return "charged_twice"

    def terms(self) -> dict[str, Any]:
        """What it was asked with, for the record."""
        return {"kind": "charged_twice", "first": str(self.first), "last": str(self.last)}

    def hits(self, currency: str) -> Iterator[Hit]:
        """List every line but the first of its kind."""
        with connection.cursor() as cursor:
            cursor.execute(_TWICE, {"first": self.first, "last": self.last, "currency": currency})
            for pk, customer_id, total in cursor.fetchall():
                yield Hit(pk, customer_id, Money(int(total), currency))


Finding = WrongPrice | ChargedTwice | WrongTax
