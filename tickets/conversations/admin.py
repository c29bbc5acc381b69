"""Cases and what was said in them, to read: the work is done in the workspace."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline

from ledger.events.admin import FactAdmin
from tickets.conversations.models import Message, Ticket


class MessageInline(TabularInline):
    """What was said, oldest first, card numbers masked."""

    model = Message
    fields = ("written_at", "kind", "author", "text")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        """Keep the order of the conversation."""
        found: QuerySet[Message] = super().get_queryset(request).defer("html").order_by("written_at", "id")
        return found

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Messages come in by their channels."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Messages are never changed."""
        return False


@admin.register(Ticket)
class TicketAdmin(FactAdmin):
    """Cases."""

    list_display = ("number", "subject", "customer", "queue", "state", "priority", "sort_at", "opened_at")
    list_filter = ("state", "queue", "topic", "priority", "channel")
    list_select_related = ("customer", "queue")
    search_fields = ("=id", "=customer__number", "=requester")
    # Whoever has the token can write into the case.
    exclude = ("token",)
    inlines = (MessageInline,)
