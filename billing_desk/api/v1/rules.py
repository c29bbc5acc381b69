"""Rules of countries: read them, and propose the next one. A person reviews every proposal."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from billing_desk.api.authentication import Client
from billing_desk.api.fields import Body, Json, Text
from billing_desk.api.resources import posts, refuse_bound
from billing_desk.api.shown import Listing, Narrows, Shown, Single
from ledger.jurisdictions.kinds import KINDS
from ledger.jurisdictions.operations import RuleSpec, propose_rule
from ledger.models import JurisdictionRule

STATES = ("proposed", "approved", "discarded")
PLACE = ("kind", "country", "region", "customer_type", "category")


class RuleBody(serializers.Serializer[Any]):
    """One dated rule; an empty country, region, customer type or category means any."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(list(KINDS))
    country, region, customer_type, category = (serializers.CharField() for _ in range(4))
    params = serializers.JSONField(help_text="What it says")
    wording = serializers.JSONField(help_text="What documents say, per language")
    note = serializers.CharField()
    source, owner = serializers.CharField(), serializers.CharField()
    examples = serializers.JSONField(help_text="What comes in and what has to come out")
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True, help_text="The first day without it")
    state = serializers.ChoiceField(STATES)
    author, reviewed_by, closing_reason = (serializers.CharField() for _ in range(3))
    proposed_at = serializers.DateTimeField()
    reviewed_at = serializers.DateTimeField(allow_null=True)


class NewRule(Body):
    """A rule as its author writes it, with examples that have to come out."""

    kind = serializers.ChoiceField(list(KINDS))
    country = Text(max_length=2, default="", allow_blank=True, help_text="ISO 3166-1; EU: every member state")
    region = Text(max_length=6, default="", allow_blank=True, help_text="ISO 3166-2, e.g. US-CA")
    customer_type = serializers.ChoiceField(["consumer", "business"], default="", allow_blank=True)
    category = serializers.SlugField(max_length=40, default="", allow_blank=True)
    params = Json(help_text='What it says, e.g. {"rate": "19", "treatment": "standard", "name": "USt"}')
    wording = Json(default=dict, help_text='Per language: {"en": "Reverse charge"}')
    note = Text(max_length=500, default="", allow_blank=True)
    source = Text(max_length=500, help_text="Law, section, and where it can be read")
    owner = Text(max_length=80, help_text="Who keeps it up to date")
    examples = Json(default=list, help_text='A list of {"given": {…}, "expect": {…}}')
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(required=False, allow_null=True)

    def validate_examples(self, examples: Any) -> list[Any]:
        """Take a list only."""
        if not isinstance(examples, list):
            raise serializers.ValidationError('Examples are a list of {"given": {…}, "expect": {…}}.')
        return examples


class ShownRule(Shown):
    """A rule as the API shows it."""

    model, body, name = JurisdictionRule, RuleBody, "jurisdiction_rule"
    noun, customer_column = "rule", None
    columns = tuple(RuleBody._declared_fields)
    states = STATES
    narrows = (
        Narrows("kind", "kind", tuple(KINDS), "Only this kind"),
        Narrows("country", "country", str, "ISO 3166-1 code"),
    )

    @classmethod
    def visible(cls, client: Client) -> QuerySet[Any]:
        """Return the rules; a key that is bound to one customer reads what holds, not what is thought about."""
        rules = super().visible(client)
        return rules if client.customer_id is None else rules.filter(state=JurisdictionRule.State.APPROVED)


class JurisdictionRules(Listing):
    """What the law says, day by day."""

    shown, scopes = ShownRule, {"GET": "rules:read", "POST": "rules:write"}

    @posts("propose_jurisdiction_rule", NewRule, RuleBody, status=201)
    def post(self, request: Request) -> HttpResponse:
        """Propose a rule. It holds once a person of finance, or a supervisor, has approved it in the admin."""
        refuse_bound(request.user, "rules are the same for everybody")
        return ShownRule.created(request, propose_rule, RuleSpec(**NewRule.read(request)))


class OneJurisdictionRule(Single):
    """One rule."""

    shown, scopes = ShownRule, {"GET": "rules:read"}
