"""Supervisors edit limits; the approval list is read."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from ledger.authority.limiting import Terms, profits
from ledger.authority.models import Approval, ApprovalRule, ApprovalVote, AuthorityLimit, Freeze, LimitChange
from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.admin import ConfigurationAdmin, FactAdmin, actor_of
from ledger.money import Money, exponent


class CurrencyForm(forms.ModelForm):
    """Something in a currency that exists."""

    def clean_currency(self) -> str:
        """Refuse a currency we do not know, in the words of the money module."""
        currency = str(self.cleaned_data["currency"]).upper()
        try:
            exponent(currency)
        except DomainError as refusal:
            raise ValidationError(str(refusal)) from refusal
        return currency


class LimitForm(CurrencyForm):
    """A limit that who edits it does not profit from: that takes a second person, in the control room."""

    by: Actor

    class Meta:
        model = AuthorityLimit
        fields = ("role", "act", "currency", "amount_minor", "window_hours")

    def clean(self) -> dict[str, Any]:
        """Refuse to raise what oneself may give."""
        asked: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return asked
        amount = Money(asked["amount_minor"], asked["currency"])
        terms = Terms(asked["role"], asked["act"], amount, asked["window_hours"])
        stored = AuthorityLimit.objects.filter(pk=self.instance.pk).first()
        is_same_limit = stored is not None and (stored.role, stored.act, stored.currency) == (
            terms.role, terms.act, amount.currency,
        )  # fmt: skip
        if profits(terms, stored if is_same_limit else None, by=self.by):
            raise ValidationError(
                "You hold this role, so you would be allowed to give more. Change it in the control room of the "
                "workspace, where a second person agrees."
            )
        return asked


@admin.register(AuthorityLimit)
class AuthorityLimitAdmin(ConfigurationAdmin):
    """Who may give how much alone."""

    form = LimitForm
    event_kind = kinds.AUTHORITY_LIMIT_CHANGED
    list_display = ("role", "act", "shown_amount", "window_hours")
    list_filter = ("role", "act", "currency")
    ordering = ("role", "act", "currency")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **more: Any) -> Any:
        """Let the form know who edits."""
        form: Any = super().get_form(request, obj, change=change, **more)
        form.by = actor_of(request)
        return form

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


class RuleForm(CurrencyForm):
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


@admin.register(LimitChange)
class LimitChangeAdmin(FactAdmin):
    """Which limit was changed, by whom and why; it is changed in the control room of the workspace."""

    list_display = ("role", "act", "shown_amount", "why", "asked_by", "asked_at", "in_force_by", "in_force_at")
    list_filter = ("role", "act", "currency")

    @admin.display(description="Limit")
    def shown_amount(self, change: LimitChange) -> str:
        """Show the limit as money."""
        return change.amount.display()
