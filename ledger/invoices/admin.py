"""Invoices and credit notes, to read."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline

from ledger.events.admin import FactAdmin
from ledger.invoices.models import CreditNote, CreditNoteLine, Invoice, InvoiceLine


class ReadOnlyInline(TabularInline):
    """Parts of a document: made with it, never changed."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Parts are made when the document is issued."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Parts are never changed."""
        return False

    @admin.display(description="Total")
    def shown_total(self, part: InvoiceLine | CreditNoteLine) -> str:
        """Show net and tax together."""
        return part.total.display()


class LineInline(ReadOnlyInline):
    """What is on a bill."""

    model = InvoiceLine
    fields = ("position", "shown_kind", "description", "shown_total", "tax_rate", "tax_treatment")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[InvoiceLine]:
        """Read the charges with their lines."""
        lines: QuerySet[InvoiceLine] = super().get_queryset(request)
        return lines.select_related("charge").order_by("position")

    @admin.display(description="Kind")
    def shown_kind(self, line: InvoiceLine) -> str:
        """Show what kind of charge it is."""
        return str(line.charge.get_kind_display())


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


class NoteLineInline(ReadOnlyInline):
    """What a credit note takes from each line."""

    model = CreditNoteLine
    fields = ("line", "shown_total")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[CreditNoteLine]:
        """Read what each line was."""
        parts: QuerySet[CreditNoteLine] = super().get_queryset(request)
        return parts.select_related("line").order_by("line__position")


@admin.register(CreditNote)
class CreditNoteAdmin(FactAdmin):
    """Corrections of bills."""

    list_display = ("number", "customer", "invoice", "shown_total", "reason", "issued_on", "issued_by")
    list_select_related = ("customer", "invoice")
    inlines = (NoteLineInline,)
    search_fields = ("=number", "=customer__number")

    @admin.display(description="Total")
    def shown_total(self, note: CreditNote) -> str:
        """Show net and tax together."""
        return note.total.display()
