"""Supervisors say what is offered beside the cancel button; what was shown is read."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from ledger.events.admin import ConfigurationAdmin, FactAdmin
from ledger.offers.models import SaveOffer, ShownOffer


@admin.register(SaveOffer)
class SaveOfferAdmin(ConfigurationAdmin):
    """One offer a plan, shown once to each subscription; with what became of it."""

    list_display = ("plan", "kind", "percent", "months", "limit_of", "is_shown", "times_shown", "times_accepted")
    list_filter = ("is_shown", "kind")
    list_select_related = ("plan",)
    ordering = ("plan__code", "-pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[SaveOffer]:
        """Count how often each was shown and accepted, by one query."""
        accepted = Count("shown", filter=Q(shown__state=ShownOffer.State.ACCEPTED))
        rows: QuerySet[SaveOffer] = super().get_queryset(request)
        return rows.annotate(many_shown=Count("shown"), many_accepted=accepted)

    @admin.display(description="Shown")
    def times_shown(self, offer: SaveOffer) -> int:
        """How many subscriptions were shown it."""
        return int(vars(offer)["many_shown"])

    @admin.display(description="Accepted")
    def times_accepted(self, offer: SaveOffer) -> int:
        """How many took it."""
        return int(vars(offer)["many_accepted"])


@admin.register(ShownOffer)
class ShownOfferAdmin(FactAdmin):
    """Offers that were shown, and what came of them."""

    list_display = ("subscription", "kind", "percent", "months", "state", "shown_at", "answered_at")
    list_filter = ("state", "kind")
    search_fields = ("=subscription__customer__number",)
