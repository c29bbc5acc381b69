"""Disputes with their decisions as buttons; chargebacks and evidence, to read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django_fsm import can_proceed
from unfold.admin import StackedInline

from ledger.disputes.answer_models import ChargebackAnswer
from ledger.disputes.models import (
    Chargeback,
    ChargebackStep,
    Dispute,
    DisputeDraft,
    EvidenceBundle,
    EvidenceItem,
    ProvisionalCredit,
)
from ledger.disputes.operations import reject_dispute, review_dispute, uphold_dispute
from ledger.events.actor import Actor
from ledger.events.admin import FactAdmin, ObjectAction

DECIDE = "billing_desk.dispute.decide"


def _why_not(dispute: Dispute, by: Actor, move: Any) -> str | None:
    if by.customer_id is not None and by.customer_id == dispute.customer_id:
        return "This is your own account; a colleague has to work on it."
    return None if can_proceed(move) else f"{dispute.number} is {dispute.get_state_display().lower()}."


class FrozenInline(StackedInline):
    """Facts beside their object: nobody adds, changes or deletes one here."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Facts come from operations."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Facts are never changed."""
        return False


class EvidenceInline(FrozenInline):
    """What was known when the dispute was opened, frozen, with its hash."""

    model = EvidenceBundle
    fields = ("taken_at", "hash", "content")
    readonly_fields = fields


class EvidenceItemInline(FrozenInline):
    """What was added later, each chained to the one before."""

    model = EvidenceItem
    fields = ("number", "kind", "added_at", "added_by", "hash", "content")
    readonly_fields = fields


class StepInline(FrozenInline):
    """What the network reported, as it came."""

    model = ChargebackStep
    fields = ("stage", "state", "due_at", "reported_at")
    readonly_fields = fields


@admin.register(Dispute)
class DisputeAdmin(FactAdmin):
    """Charges that customers say are wrong."""

    list_display = ("number", "customer", "shown_amount", "reason", "state", "due_at", "decided_by")
    list_filter = ("state", "reason")
    list_select_related = ("customer",)
    search_fields = ("=number", "=customer__number")
    inlines = (EvidenceInline, EvidenceItemInline)
    object_actions = (
        ObjectAction(
            "review", "Look into it", review_dispute, DECIDE, "The dispute is in review.",
            why_not=lambda dispute, by: _why_not(dispute, by, dispute.review),
        ),
        ObjectAction(
            "uphold", "Uphold", uphold_dispute, DECIDE, "The dispute is upheld; the customer is told.",
            asks="Explanation the customer reads", asks_as="explanation",
            explains="A credit note takes the unpaid part off the bill; the paid part becomes credit.",
            why_not=lambda dispute, by: _why_not(dispute, by, dispute.uphold),
        ),
        ObjectAction(
            "reject", "Reject", reject_dispute, DECIDE, "The dispute is rejected; the customer is told why.",
            asks="Explanation the customer reads", asks_as="explanation",
            explains="What was held is due again.",
            why_not=lambda dispute, by: _why_not(dispute, by, dispute.reject),
        ),
    )  # fmt: skip

    @admin.display(description="Amount")
    def shown_amount(self, dispute: Dispute) -> str:
        """Show the amount as money."""
        return dispute.amount.display()


@admin.register(Chargeback)
class ChargebackAdmin(FactAdmin):
    """Payments that banks ask for or took back."""

    list_display = ("external_id", "customer", "payment", "shown_amount", "reason", "stage", "state", "due_at")
    list_filter = ("state", "stage")
    list_select_related = ("customer", "payment")
    search_fields = ("=external_id",)
    inlines = (StepInline,)

    @admin.display(description="Amount")
    def shown_amount(self, chargeback: Chargeback) -> str:
        """Show the amount as money."""
        return chargeback.amount.display()


@admin.register(ProvisionalCredit)
class ProvisionalCreditAdmin(FactAdmin):
    """Credit given before a dispute was decided."""

    list_display = ("dispute", "shown_amount", "state", "given_at", "reverse_on")
    list_filter = ("state",)
    list_select_related = ("dispute",)
    search_fields = ("=dispute__number",)

    @admin.display(description="Open amount")
    def shown_amount(self, credit: ProvisionalCredit) -> str:
        """Show the amount as money."""
        return credit.open_amount.display()


@admin.register(DisputeDraft)
class DisputeDraftAdmin(FactAdmin):
    """Disputes that were begun on the telephone."""

    list_display = ("customer", "shown_amount", "reason", "conversation", "received_at", "dispute", "given_up_at")
    list_select_related = ("customer", "dispute")
    search_fields = ("=customer__number",)

    @admin.display(description="Amount")
    def shown_amount(self, draft: DisputeDraft) -> str:
        """Show the amount as money."""
        return draft.amount.display()


@admin.register(ChargebackAnswer)
class ChargebackAnswerAdmin(FactAdmin):
    """Our answers to banks on their way: each is sent once, and asked about before it is sent again."""

    list_display = ("key", "pack", "state", "due_at", "attempts", "try_again_at", "failure_code", "settled_at")
    list_filter = ("state", "gateway")
    search_fields = ("=key",)
