"""Cases and what was said in them, to read: the work is done in the workspace."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
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

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show where the file of the case is taken out, too."""
        return [*super().get_fields(request, obj), "case_file"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Nothing of it is edited."""
        return [*super().get_readonly_fields(request, obj), "case_file"]

    @admin.display(description="File of the case")
    def case_file(self, ticket: Ticket) -> SafeString:
        """Lead to the downloads of the workspace, which ask for the permission and put it on record."""
        page = f"/desk/tickets/{ticket.pk}/case"
        return format_html('<a href="{}.pdf">PDF</a> · <a href="{}.json">JSON</a>', page, page)
