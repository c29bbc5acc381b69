"""Subscriptions and what was asked for, to read."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import TabularInline

from ledger.events.admin import FactAdmin
from ledger.subscriptions.models import Subscription, SubscriptionAddOn, SubscriptionChange


class _ReadInline(TabularInline):
    """Rows that are made by operations only."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Operations add them."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Operations change them."""
        return False


class AddOnInline(_ReadInline):
    """What is taken beside the plan."""

    model = SubscriptionAddOn
    fields = ("product", "quantity", "since", "until")


class ChangeInline(_ReadInline):
    """What was asked for."""

    model = SubscriptionChange
    fields = ("what", "target", "state", "effective_on", "requested_by", "received_at", "refusal")
    ordering = ("-pk",)


@admin.register(Subscription)
class SubscriptionAdmin(FactAdmin):
    """Running agreements."""

    list_display = ("pk", "customer", "plan", "quantity", "state", "renews_on", "started_at", "ends_on")
    list_filter = ("state", "plan")
    list_select_related = ("customer", "plan")
    search_fields = ("=customer__number", "=external_id")
    inlines = (AddOnInline, ChangeInline)


@admin.register(SubscriptionChange)
class SubscriptionChangeAdmin(FactAdmin):
    """Changes made, waiting, taken back and refused."""

    list_display = ("pk", "subscription", "what", "target", "state", "effective_on", "requested_by", "received_at")
    list_filter = ("state", "what")
    list_select_related = ("subscription",)
    search_fields = ("=subscription__customer__number",)
