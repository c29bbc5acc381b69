"""What a finding says of one line it hit."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.invoices.models import Invoice
from ledger.invoices.tax import RightTax
from ledger.money import Money

#: Bills nobody is asked to pay: nothing on them is to be corrected.
NOT_ASKED = (Invoice.State.DRAFT, Invoice.State.VOID)


@dataclass(frozen=True, slots=True)
class Hit:
    """One line that a finding hit, and what it charged too much, tax included.

    With `right_tax` the amount is tax alone, and that is the tax the line should have borne.
    """

    line_id: int
    customer_id: int
    amount: Money
    right_tax: RightTax | None = None
