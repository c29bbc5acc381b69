"""Supervisors edit limits; the approval list is read."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError

from ledger.authority.models import Approval, ApprovalRule, ApprovalVote, AuthorityLimit, Freeze
from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.admin import ConfigurationAdmin, FactAdmin
from ledger.money import exponent


class LimitForm(forms.ModelForm):
    """A limit in a currency that exists."""

    class Meta:
        model = AuthorityLimit
        fields = ("role", "act", "currency", "amount_minor", "window_hours")

    def clean_currency(self) -> str:
        """Refuse a currency we do not know, in the words of the money module."""
        currency = str(self.cleaned_data["currency"]).upper()
        try:
            exponent(currency)
        except DomainError as refusal:
            raise ValidationError(str(refusal)) from refusal
        return currency


@admin.register(AuthorityLimit)
class AuthorityLimitAdmin(ConfigurationAdmin):
    """Who may give how much alone."""

    form = LimitForm
    event_kind = kinds.AUTHORITY_LIMIT_CHANGED
    list_display = ("role", "act", "shown_amount", "window_hours")
    list_filter = ("role", "act", "currency")
    ordering = ("role", "act", "currency")

    @admin.display(description="Limit", ordering="amount_minor")
    def shown_amount(self, limit: AuthorityLimit) -> str:
        """Show the limit as money."""
        return limit.amount.display()


@admin.register(Approval)
class ApprovalAdmin(FactAdmin):
    """What waits for somebody's word. The decision is a button on the object itself, e.g. the refund."""

    list_display = ("subject", "shown_amount", "state", "why", "requested_by", "requested_at", "decided_by")
    list_filter = ("state", "act")

    @admin.display(description="Amount")
    def shown_amount(self, approval: Any) -> str:
        """Show the amount as money."""
        return str(approval.amount.display())


class RuleForm(LimitForm):
    """A rule in a currency that exists."""

    class Meta:
        model = ApprovalRule
        fields = ("act", "currency", "above_minor", "approvers", "roles", "window_hours")


@admin.register(ApprovalRule)
class ApprovalRuleAdmin(ConfigurationAdmin):
    """How many people must agree, above which amount."""

    form = RuleForm
    event_kind = kinds.AUTHORITY_LIMIT_CHANGED
    list_display = ("act", "currency", "above_minor", "approvers", "roles", "window_hours")
    list_filter = ("act", "currency")
    ordering = ("act", "currency", "above_minor")


@admin.register(ApprovalVote)
class ApprovalVoteAdmin(FactAdmin):
    """Who agreed to what."""

    list_display = ("approval", "voter", "voted_at")
    list_select_related = ("approval",)


@admin.register(Freeze)
class FreezeAdmin(FactAdmin):
    """What is and was frozen; the switch is on the approvals page of the workspace."""

    list_display = ("act", "why", "frozen_by", "frozen_at", "lift_asked_by", "lifted_by", "lifted_at")
    list_filter = ("act",)
