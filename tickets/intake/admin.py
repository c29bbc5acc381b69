"""Supervisors edit the routing rules; mail nobody has to answer is read."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin

from ledger.events.admin import ConfigurationAdmin, FactAdmin
from tickets.intake.models import ParkedMail
from tickets.intake.topics import Topic
from tickets.queues.models import RoutingRule


@admin.register(ParkedMail)
class ParkedMailAdmin(FactAdmin):
    """Robots' answers without a case, our own mail, mail we could not read: with the reason."""

    list_display = ("subject", "sender", "mailbox", "why", "parked_at")
    list_filter = ("mailbox",)
    search_fields = ("=sender", "=message_id")


class RoutingRuleForm(forms.ModelForm):
    """A rule on topics that exist."""

    topics = forms.MultipleChoiceField(
        choices=[(topic.value, topic.value.replace("_", " ")) for topic in Topic],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None: every topic",
    )

    class Meta:
        model = RoutingRule
        fields: Any = "__all__"


@admin.register(RoutingRule)
class RoutingRuleAdmin(ConfigurationAdmin):
    """The first rule whose conditions all hold decides."""

    form = RoutingRuleForm
    list_display = ("position", "queue", "topics", "languages", "only_business_customers", "priority")
    list_select_related = ("queue",)
    ordering = ("position",)
