"""Invoices and credit notes, to read."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import TabularInline

from ledger.events.admin import FactAdmin
from ledger.invoices.models import CreditNote, Invoice, InvoiceLine


class LineInline(TabularInline):
    """What is on a bill."""

    model = InvoiceLine
    fields = ("position", "description", "shown_total", "tax_rate")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Lines are made when a bill is issued."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Lines are never changed."""
        return False

    @admin.display(description="Total")
    def shown_total(self, line: InvoiceLine) -> str:
        """Show the line with its tax."""
        return line.total.display()


@admin.register(Invoice)
class InvoiceAdmin(FactAdmin):
    """Bills."""

    list_display = ("number", "customer", "shown_total", "shown_due", "state", "issued_on", "due_on")
    list_filter = ("state", "currency")
    list_select_related = ("customer",)
    search_fields = ("=number", "=customer__number")
    inlines = (LineInline,)

    @admin.display(description="Total")
    def shown_total(self, invoice: Invoice) -> str:
        """Show what was billed."""
        return invoice.total.display()

    @admin.display(description="Due")
    def shown_due(self, invoice: Invoice) -> str:
        """Show what is asked for now."""
        return invoice.due_amount.display()


@admin.register(CreditNote)
class CreditNoteAdmin(FactAdmin):
    """Corrections of bills."""

    list_display = ("number", "customer", "invoice", "shown_total", "reason", "issued_on", "issued_by")
    list_select_related = ("customer", "invoice")
    search_fields = ("=number", "=customer__number")

    @admin.display(description="Total")
    def shown_total(self, note: CreditNote) -> str:
        """Show net and tax together."""
        return note.total.display()
