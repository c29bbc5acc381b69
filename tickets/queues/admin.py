"""Supervisors edit queues and who works them. The routing rules, which speak of topics, are in intake/admin.py."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminSelectWidget

from ledger.events.admin import ConfigurationAdmin, FactAdmin
from tickets.queues.models import Membership, Queue, QueuePause


def staff_choices() -> list[tuple[int, str]]:
    """Return the active members of staff by name."""
    active = get_user_model()._default_manager.filter(is_active=True).order_by("username")
    return [(user.pk, str(user)) for user in active]


class MembershipForm(forms.ModelForm):
    """Somebody by name, not by number."""

    user_id = forms.TypedChoiceField(label="Member", coerce=int, choices=staff_choices, widget=UnfoldAdminSelectWidget)

    class Meta:
        model = Membership
        fields = ("user_id",)


class MembershipInline(TabularInline):
    """Who works a queue."""

    model = Membership
    form = MembershipForm
    extra = 0


@admin.register(Queue)
class QueueAdmin(ConfigurationAdmin):
    """Where cases wait for a team."""

    list_display = ("name", "slug", "purpose", "sla_policy")
    list_select_related = ("sla_policy",)
    inlines = (MembershipInline,)


@admin.register(QueuePause)
class QueuePauseAdmin(FactAdmin):
    """Which queue was paused, by whom and why; the switch is in the control room of the workspace."""

    list_display = ("queue", "why", "paused_by", "paused_at", "resumed_by", "resumed_at")
    list_filter = ("queue",)
    list_select_related = ("queue",)
