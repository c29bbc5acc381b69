"""Charges, to read."""

from __future__ import annotations

from django.contrib import admin

from ledger.charges.models import Charge
from ledger.events.admin import FactAdmin


@admin.register(Charge)
class ChargeAdmin(FactAdmin):
    """Amounts owed."""

    list_display = ("description", "kind", "customer", "shown_amount", "charged_on", "source", "reversed_at")
    list_select_related = ("customer",)
    list_filter = ("kind", "currency")
    search_fields = ("=customer__number", "=external_id")

    @admin.display(description="Net")
    def shown_amount(self, charge: Charge) -> str:
        """Show the amount as money."""
        return charge.amount.display()
