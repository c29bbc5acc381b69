"""Supervisors edit plans and prices; subscriptions are read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import TabularInline

from ledger.events.admin import ConfigurationAdmin, FactAdmin
from ledger.catalogue.models import Plan, Price
from ledger.subscriptions.models import Subscription


class PriceInline(TabularInline):
    """Prices of a plan: a new price is a new row from a day on; one that is in force is not rewritten."""

    model = Price
    fields = ("currency", "amount_minor", "tax_rate", "valid_from")
    extra = 0
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """A price that was billed is a fact: add the next one instead."""
        return False


@admin.register(Plan)
class PlanAdmin(ConfigurationAdmin):
    """What can be subscribed to. A plan that was sold is retired, never deleted."""

    list_display = ("name", "code", "interval", "is_on_sale")
    list_filter = ("interval", "is_on_sale")
    search_fields = ("code", "name")
    inlines = (PriceInline,)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Take it off sale instead."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[Any, ...]:
        """Code and interval are what subscriptions were sold under."""
        return ("code", "interval") if obj else ()


@admin.register(Subscription)
class SubscriptionAdmin(FactAdmin):
    """Running agreements."""

    list_display = ("pk", "customer", "plan", "state", "renews_on", "started_at", "cancelled_at")
    list_filter = ("state", "plan")
    list_select_related = ("customer", "plan")
    search_fields = ("=customer__number", "=external_id")
