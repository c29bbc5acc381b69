"""Customers and their contact points, to read: contacts are changed in the workspace, after verification."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import TabularInline

from ledger.customers.models import ContactPoint, Customer
from ledger.customers.tax_ids import confirm_vat_id, refute_vat_id, set_vat_id
from ledger.events.actor import Actor
from ledger.events.admin import FactAdmin, ObjectAction


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


def _lacks_vat_id(customer: Customer, _by: Actor) -> str | None:
    return None if customer.vat_id else "There is no VAT id on file."


@admin.register(Customer)
class CustomerAdmin(FactAdmin):
    """The parties on our invoices."""

    list_display = ("number", "name", "kind", "country", "currency", "opened_at", "closed_at")
    list_filter = ("kind", "country", "currency")
    search_fields = ("=number", "name", "=external_id")
    inlines = (ContactPointInline,)
    object_actions = (
        ObjectAction("vat-id", "Set the VAT id", set_vat_id, "billing_desk.tax.keep", "The VAT id is on file.",
                     asks="VAT id, with its country letters", asks_as="vat_id"),
        ObjectAction("vat-confirmed", "VAT id is registered", confirm_vat_id, "billing_desk.tax.keep",
                     "The check is on file; bills in other member states carry no tax from now on.",
                     asks="Who was asked, and the reference they gave", asks_as="source", why_not=_lacks_vat_id),
        ObjectAction("vat-refuted", "VAT id is not registered", refute_vat_id, "billing_desk.tax.keep",
                     "The check is on file; bills carry tax from now on.",
                     asks="Who was asked, and the reference they gave", asks_as="source", why_not=_lacks_vat_id),
    )  # fmt: skip
