"""Payments and payment methods, to read."""

from __future__ import annotations

from django.contrib import admin

from ledger.events.admin import FactAdmin
from ledger.payments.models import Payment, PaymentMethod


@admin.register(Payment)
class PaymentAdmin(FactAdmin):
    """Money from customers."""

    list_display = ("number", "customer", "shown_amount", "state", "received_on", "card_last4", "failure_code")
    list_filter = ("state", "currency")
    list_select_related = ("customer",)
    search_fields = ("=number", "=customer__number", "=gateway_reference", "=external_id")

    @admin.display(description="Amount")
    def shown_amount(self, payment: Payment) -> str:
        """Show the amount as money."""
        return payment.amount.display()


@admin.register(PaymentMethod)
class PaymentMethodAdmin(FactAdmin):
    """Cards and accounts on file: the last four digits, never the gateway's token."""

    list_display = ("customer", "kind", "brand", "last4", "expires_on", "removed_at")
    list_select_related = ("customer",)
    exclude = ("token",)
    search_fields = ("=customer__number",)
