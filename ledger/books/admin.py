"""The journal and the accounts, to read. Written they are by posting functions in the database only."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline

from ledger.books.models import Account, JournalEntry, Posting
from ledger.events.admin import FactAdmin
from ledger.money import Money


class PostingInline(TabularInline):
    """The lines of an entry: a debit above zero, a credit below."""

    model = Posting
    fields = ("account", "debit", "credit")
    readonly_fields = fields
    can_delete = False
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Posting]:
        """Read the accounts' names along."""
        found: QuerySet[Posting] = super().get_queryset(request).select_related("account")
        return found

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Postings are added by the database's posting function."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Postings are never changed."""
        return False

    @admin.display(description="Debit")
    def debit(self, posting: Posting) -> str:
        """Show what is above zero."""
        return Money(posting.amount_minor, posting.currency).display() if posting.amount_minor > 0 else ""

    @admin.display(description="Credit")
    def credit(self, posting: Posting) -> str:
        """Show what is below zero, without its sign."""
        return Money(-posting.amount_minor, posting.currency).display() if posting.amount_minor < 0 else ""


@admin.register(JournalEntry)
class JournalEntryAdmin(FactAdmin):
    """The journal."""

    list_display = ("pk", "kind", "source", "customer_id", "effective_on", "posted_at", "actor", "reverses")
    list_filter = ("kind",)
    search_fields = ("=source",)
    search_help_text = "What an entry comes from, exactly: charge:17"
    inlines = (PostingInline,)
    exclude = ("content_hash",)


@admin.register(Account)
class AccountAdmin(FactAdmin):
    """The accounts of the books."""

    list_display = ("code", "owner", "currency", "normal_side", "floor_minor")
    list_filter = ("code", "currency")
    search_fields = ("=owner",)
