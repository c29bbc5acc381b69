"""The close of each month: its checklist, and the buttons that prepare and close it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ledger.closing.models import MonthClose, Recognition
from ledger.closing.operations import close_month, prepare_again, why_not_close
from ledger.events.actor import Actor
from ledger.events.admin import FactAdmin, ObjectAction

MAY_CLOSE = "billing_desk.books.close"
_MARKS = {"ok": "✓", "warn": "!", "blocking": "✗"}


def _where(item: dict[str, Any]) -> str:
    # A checklist that was kept before checks had links has none.
    link = item.get("link", "")
    return format_html('<a href="{}">Look</a>', link) if link and item["count"] else ""


def _why_not_prepare(row: MonthClose, _by: Actor) -> str | None:
    return "It is closed." if row.state == MonthClose.State.CLOSED else None


@admin.register(MonthClose)
class MonthCloseAdmin(FactAdmin):
    """Months, the newest first; each with what was found when it was last prepared."""

    ordering = ("-month",)
    list_display = ("__str__", "state", "shown_blocking", "prepared_by", "prepared_at", "closed_by", "closed_at")
    list_filter = ("state",)
    object_actions = (
        ObjectAction(
            "prepare", "Prepare", prepare_again, MAY_CLOSE, "The month is prepared; its checklist is up to date.",
            why_not=_why_not_prepare, explains="Recognises its revenue, seals its entries, closes its days.",
        ),
        ObjectAction(
            "close", "Close", close_month, MAY_CLOSE, "The month is closed: no entry can take effect in it any more.",
            why_not=why_not_close, explains="For ever. Whatever comes later takes effect in an open month.",
        ),
    )  # fmt: skip

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the checklist in words."""
        return (
            "month",
            "state",
            "shown_checklist",
            "prepared_by",
            "prepared_at",
            "closed_by",
            "closed_at",
            "seal_head",
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Nothing of it is edited."""
        return self.get_fields(request, obj)

    @admin.display(description="In the way")
    def shown_blocking(self, row: MonthClose) -> int:
        """Count what blocks the close."""
        return len(row.blocking)

    @admin.display(description="Checklist")
    def shown_checklist(self, row: MonthClose) -> SafeString:
        """Show each check with its mark and its first findings, and where they are put right."""
        lines = (
            (_MARKS[item["level"]], item["title"], item["count"] or "", "; ".join(item["findings"]), _where(item))
            for item in row.checklist
        )
        return format_html_join("", "<p>{} {} <strong>{}</strong> {} {}</p>", lines)


@admin.register(Recognition)
class RecognitionAdmin(FactAdmin):
    """Which charge left what to later months, month by month."""

    list_display = (
        "charge_id",
        "month",
        "currency",
        "deferred_minor",
        "recognised_minor",
        "credited_minor",
        "left_minor",
    )
    list_filter = ("month", "currency")
    raw_id_fields = ("charge",)
