"""The message log, and another try for a message that was given up."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import TabularInline

from ledger.events.actor import Actor
from ledger.events.admin import FactAdmin, ObjectAction
from notifications.delivery.models import DeliveryAttempt, Message
from notifications.delivery.operations import retry_message


def _why_not_retry(message: Message, _by: Actor) -> str | None:
    if message.state != Message.State.FAILED:
        return f"This message is {message.get_state_display().lower()}."
    return "It held a code, which is gone; send a new one." if message.is_secret else None


class AttemptInline(TabularInline):
    """Every try to hand a message over."""

    model = DeliveryAttempt
    fields = ("tried_at", "succeeded", "answer")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Attempts are recorded by the sender."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Attempts are never changed."""
        return False


@admin.register(Message)
class MessageAdmin(FactAdmin):
    """What customers were told."""

    list_display = ("template", "customer", "channel", "recipient", "state", "queued_at", "sent_at", "last_error")
    list_filter = ("state", "channel", "is_automatic")
    list_select_related = ("customer",)
    search_fields = ("=recipient", "=message_id", "=about", "=customer__number")
    # The Reply-To carries the case's token: whoever has it can write into the case.
    exclude = ("reply_to",)
    inlines = (AttemptInline,)
    object_actions = (
        ObjectAction(
            "retry", "Try again", retry_message, "billing_desk.reaction.retry", "The message is queued again.",
            why_not=_why_not_retry,
        ),
    )  # fmt: skip
