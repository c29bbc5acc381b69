"""Supervisors and finance keep the rules: propose, approve each other's, end; try them; read checks of VAT ids."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone

from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.events.admin import FactAdmin, ObjectAction, actor_of
from ledger.jurisdictions import operations
from ledger.jurisdictions.models import SHIPPED, JurisdictionRule, TaxIdCheck
from ledger.jurisdictions.operations import RuleSpec
from ledger.jurisdictions.queries import decide_tax, failing_examples, rules_missing, versions_of
from ledger.jurisdictions.rules import Place
from ledger.jurisdictions.tax import TaxDecision, TaxSubject

KEEP = "billing_desk.tax.keep"


class ProposalForm(forms.ModelForm):
    """A rule as its author writes it; what it cannot say is refused in the words of the operation."""

    class Meta:
        model = JurisdictionRule
        fields = [field.name for field in fields(RuleSpec)]

    def spec(self) -> RuleSpec:
        """Return what was written, as the operation takes it."""
        return RuleSpec(**{field.name: self.cleaned_data[field.name] for field in fields(RuleSpec)})

    def clean(self) -> dict[str, Any]:
        """Check it as the operation will."""
        cleaned = dict(super().clean() or self.cleaned_data)
        cleaned["wording"], cleaned["examples"] = cleaned.get("wording") or {}, cleaned.get("examples") or []
        if not self.errors:
            self.cleaned_data = cleaned
            try:
                operations.check_proposal(self.spec())
            except DomainError as refusal:
                raise ValidationError(str(refusal)) from refusal
        return cleaned


class QuestionForm(forms.Form):
    """A customer to try the tax rules on; nothing is stored."""

    country = forms.CharField(max_length=2, help_text="ISO 3166-1, e.g. NL")
    region = forms.CharField(max_length=6, required=False)
    customer_type = forms.ChoiceField(choices=JurisdictionRule.CustomerType.choices)
    category = forms.SlugField(initial="standard")
    vat_id = forms.CharField(max_length=20, required=False, label="VAT id")
    is_registered = forms.BooleanField(required=False, label="The register confirmed it on that day")
    on = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}))

    def decide(self) -> TaxDecision:
        """Return what the rules say."""
        asked = self.cleaned_data
        subject = TaxSubject(
            asked["country"].upper(),
            asked["region"],
            asked["customer_type"],
            asked["vat_id"],
            vat_id_valid=True if asked["is_registered"] else None,
            vat_id_checked_on=asked["on"] if asked["is_registered"] else None,
        )
        return decide_tax(subject, asked["category"], asked["on"])


def end_tomorrow(rule_id: int, *, reason: str, by: Actor, at: datetime) -> None:
    """Let today be the last day of a rule."""
    operations.end_rule(rule_id, on=timezone.localdate(at) + timedelta(days=1), reason=reason, by=by, at=at)


def _not_proposed(row: JurisdictionRule, by: Actor) -> str | None:
    if row.state != JurisdictionRule.State.PROPOSED:
        return "It was decided before."
    return "You wrote it: somebody else has to approve it." if row.author == str(by) else None


def _is_decided(row: JurisdictionRule, _by: Actor) -> str | None:
    return None if row.state == JurisdictionRule.State.PROPOSED else "It was decided before."


def _not_in_force(row: JurisdictionRule, _by: Actor) -> str | None:
    return None if row.is_in_force(timezone.localdate()) else "It is not in force."


def _not_shipped(row: JurisdictionRule, _by: Actor) -> str | None:
    return None if row.author == SHIPPED and not row.reviewed_by else "Only shipped rules are confirmed, once."


@admin.register(JurisdictionRule)
class JurisdictionRuleAdmin(FactAdmin):
    """Rules are added and ended, never rewritten; each shows its versions and whether its examples come out."""

    form = ProposalForm
    list_display = ("kind", "shown_place", "shown_params", "valid_from", "valid_to", "state", "author", "reviewed_by")
    list_filter = ("kind", "state", "country")
    search_fields = ("=country", "=region", "source", "note")
    list_before_template = "admin/jurisdiction_rules.html"
    object_actions = (
        ObjectAction("approve", "Approve", operations.approve_rule, KEEP, "The rule is in force from its first day.",
                     why_not=_not_proposed, explains="The rule it follows ends the day this one begins."),
        ObjectAction("discard", "Discard", operations.discard_rule, KEEP, "The proposal is dropped.", asks="Why",
                     why_not=_is_decided),
        ObjectAction("confirm", "Confirm", operations.confirm_rule, KEEP, "Your name stands under the rule now.",
                     why_not=_not_shipped, explains="You compared this shipped rule with its source."),
        ObjectAction("end", "End after today", end_tomorrow, KEEP, "Today is the last day of the rule.", asks="Why",
                     why_not=_not_in_force, explains="What nothing follows blocks the documents it was for."),
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Keepers of rules propose."""
        return bool(request.user.has_perm(KEEP))

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """The author fills in the rule itself; a reader sees everything, and what comes out of it."""
        if obj is None:
            return self.form.Meta.fields
        hidden = {"params", "wording", "examples"}
        names = [field.name for field in self.opts.concrete_fields if field.name not in hidden]
        return [*names, "shown_params", "shown_wording", "shown_examples", "versions"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Everything, once it is written."""
        return self.get_fields(request, obj) if obj is not None else ()

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Propose the rule; it holds once somebody else approves it."""
        row = operations.propose_rule(form.spec(), by=actor_of(request), at=timezone.now())
        obj.pk = row.pk
        messages.info(request, "Proposed. Somebody else has to approve it before it holds.")

    def get_urls(self) -> list[Any]:
        """Add the page to try the tax rules on."""
        view = self.admin_site.admin_view(self.try_rules)
        return [path("try/", view, name="ledger_jurisdictionrule_try"), *super().get_urls()]

    def try_rules(self, request: HttpRequest) -> HttpResponse:
        """Show what the rules say of a customer, and by which rules; nothing is stored."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = QuestionForm(request.GET or None, initial={"on": timezone.localdate()})
        said: dict[str, Any] = {}
        if form.is_valid():
            try:
                said["decision"] = form.decide()
            except DomainError as refusal:
                said["refusal"] = str(refusal)
        context = {**self.admin_site.each_context(request), "title": "Try the tax rules", "form": form, **said}
        return TemplateResponse(request, "admin/try_rules.html", context)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show above the list what was refused because a rule is missing."""
        more = {**(extra_context or {}), "rules_missing": rules_missing()}
        page: HttpResponse = super().changelist_view(request, more)
        return page

    @admin.display(description="For")
    def shown_place(self, row: JurisdictionRule) -> str:
        """Show for whom it is."""
        return str(Place(row.country, row.region, row.customer_type, row.category))

    @admin.display(description="Says")
    def shown_params(self, row: JurisdictionRule) -> str:
        """Show what it says, part by part."""
        return ", ".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in row.params.items())

    @admin.display(description="Wording")
    def shown_wording(self, row: JurisdictionRule) -> str:
        """Show what documents say."""
        return " · ".join(f"{language}: {text}" for language, text in row.wording.items()) or "-"

    @admin.display(description="Examples")
    def shown_examples(self, row: JurisdictionRule) -> str:
        """Run the stored examples now."""
        if not row.examples:
            return "none stored"
        wrong = failing_examples(on=row.valid_from).get(row) if row.state == JurisdictionRule.State.APPROVED else None
        return " ".join(wrong) if wrong else f"{len(row.examples)} stored, all come out as written"

    @admin.display(description="Versions")
    def versions(self, row: JurisdictionRule) -> str:
        """Show every rule for the same place, newest first."""
        spans = [
            f"{version.valid_from} to {version.valid_to or 'now'} ({version.state})"
            + (" - this one" * (version == row))
            for version in versions_of(row)
        ]
        return "; ".join(spans)


@admin.register(TaxIdCheck)
class TaxIdCheckAdmin(FactAdmin):
    """What registers said of VAT ids. A check is recorded on the customer's page."""

    list_display = ("vat_id", "customer_id", "country", "result", "source", "checked_at", "recorded_by")
    list_filter = ("result", "country")
    search_fields = ("=vat_id", "=customer_id")
