"""Customers and their contact points, to read: contacts are changed in the workspace, after verification."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import TabularInline

from ledger.customers.models import ContactPoint, Customer
from ledger.events.admin import FactAdmin


class ContactPointInline(TabularInline):
    """Where a customer can be reached, masked."""

    model = ContactPoint
    fields = ("kind", "masked", "person", "right", "added_at", "confirmed_at", "removed_at")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Contacts are added by operations."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Contacts are changed by operations."""
        return False


@admin.register(Customer)
class CustomerAdmin(FactAdmin):
    """The parties on our invoices."""

    list_display = ("number", "name", "kind", "country", "currency", "opened_at", "closed_at")
    list_filter = ("kind", "country", "currency")
    search_fields = ("=number", "name", "=external_id")
    inlines = (ContactPointInline,)
