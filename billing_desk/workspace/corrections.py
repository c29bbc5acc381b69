"""Corrections: list what a mistake of ours charged too much, look at the dry run, ask for approval, watch it run."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from billing_desk.workspace.access import can, needs, staff_actor
from billing_desk.workspace.answers import go
from billing_desk.workspace.people import staff_names
from ledger.adjustments.correcting import (
    Mistake,
    cancel_corrections,
    draft_corrections,
    request_corrections,
    total_of,
)
from ledger.adjustments.correction_models import CorrectionBatch
from ledger.adjustments.findings import ChargedTwice, Finding, WrongPrice
from ledger.adjustments.wrong_tax import WrongTax
from ledger.errors import DomainError

PAGE = 50
HOME = "/desk/corrections/"


class FindingForm(forms.Form):
    """What is looked for, and what its customers read."""

    finding = forms.ChoiceField(
        choices=[
            ("price", "Billed at a wrong price"),
            ("twice", "Charged twice"),
            ("tax", "Taxed at a rate that was not in force"),
        ]
    )
    wrong_price = forms.IntegerField(required=False, label="Price that was billed (its number)", min_value=1)
    right_price = forms.IntegerField(required=False, label="Price that was agreed (its number)", min_value=1)
    first = forms.DateField(label="Bills from", widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label="to", widget=forms.DateInput(attrs={"type": "date"}))
    currency = forms.CharField(max_length=3, min_length=3, initial="EUR")
    root_cause = forms.CharField(max_length=500, label="What went wrong, for ourselves")
    problem = forms.CharField(max_length=60, required=False, help_text="The known problem behind it, as a link")
    what = forms.CharField(max_length=300, label="Customers read: what was wrong")
    why = forms.CharField(max_length=300, label="Customers read: why")
    fixed = forms.CharField(max_length=300, label="Customers read: so that it does not happen again")
    what_de = forms.CharField(max_length=300, required=False, label="In German: what was wrong")
    why_de = forms.CharField(max_length=300, required=False, label="In German: why")
    fixed_de = forms.CharField(max_length=300, required=False, label="In German: so that it does not happen again")

    def clean(self) -> dict[str, Any]:
        """Ask for both prices where a price was wrong, and for the days in order."""
        asked: dict[str, Any] = super().clean() or {}
        if asked.get("finding") == "price" and not (asked.get("wrong_price") and asked.get("right_price")):
            raise forms.ValidationError("Name both prices: the one that was billed and the one that was agreed.")
        first, last = asked.get("first"), asked.get("last")
        if isinstance(first, date) and isinstance(last, date) and last < first:
            raise forms.ValidationError("The last day is not before the first.")
        return asked

    def wanted(self) -> Finding:
        """Return the finding that was asked for."""
        asked = self.cleaned_data
        if asked["finding"] == "price":
            return WrongPrice(asked["wrong_price"], asked["right_price"], asked["first"], asked["last"])
        if asked["finding"] == "tax":
            return WrongTax(asked["first"], asked["last"])
        return ChargedTwice(asked["first"], asked["last"])

    def mistake(self) -> Mistake:
        """Return the mistake in the words of each language that was filled in."""
        asked, said = self.cleaned_data, {}
        for language, ending in (("en", ""), ("de", "_de")):
            texts = {name: asked[f"{name}{ending}"] for name in ("what", "why", "fixed")}
            if any(texts.values()):
                said[language] = texts
        return Mistake(asked["root_cause"], said, asked["problem"])


@needs("correction.ask")
@require_http_methods(["GET", "POST"])
def corrections(request: HttpRequest) -> HttpResponse:
    """List the batches, and draft a new one as a dry run."""
    form = FindingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        currency = form.cleaned_data["currency"].upper()
        drafted = {"currency": currency, "mistake": form.mistake(), "by": staff_actor(request), "at": timezone.now()}
        try:
            batch = draft_corrections(form.wanted(), **drafted)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            return go(request, f"{HOME}{batch.pk}/", done=f"{batch.number} is a dry run: nothing is credited yet.")
    batches = list(CorrectionBatch.objects.order_by("-pk")[:PAGE])
    shown = {"form": form, "batches": batches, "people": staff_names()}
    return render(request, "workspace/corrections/page.html", shown, status=422 if form.errors else 200)


@needs("desk.open")
@require_GET
def correction(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Show one batch: what it credits, whom it passes over, how far it is."""
    batch = CorrectionBatch.objects.filter(pk=batch_id).first()
    if batch is None:
        raise Http404("There is no such correction batch.")
    after = request.GET.get("after", "")
    found = batch.items.select_related("customer", "line__invoice", "credit_note").order_by("pk")
    items = list(found.filter(pk__gt=int(after) if after.isdigit() else 0)[: PAGE + 1])
    counts = {state: found.filter(state=state).count() for state in ("pending", "corrected", "skipped", "reversed")}
    shown = {
        "batch": batch,
        "items": items[:PAGE],
        "more": f"?after={items[PAGE - 1].pk}" if len(items) > PAGE else "",
        "counts": counts,
        "total": total_of(batch),
        "may_ask": can(request, "correction.ask"),
        "people": staff_names(),
    }
    return render(request, "workspace/corrections/batch.html", shown)


@needs("correction.ask")
@require_POST
def ask(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Put a drafted batch before somebody else."""
    try:
        batch = request_corrections(batch_id, by=staff_actor(request), at=timezone.now())
    except DomainError as refusal:
        return go(request, f"{HOME}{batch_id}/", refusal=str(refusal))
    return go(request, f"{HOME}{batch_id}/", done=f"{batch.number} waits for somebody else's word.")


@needs("correction.ask")
@require_POST
def drop(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Drop a batch that nobody approved yet."""
    try:
        cancel_corrections(batch_id, reason=request.POST.get("reason", ""), by=staff_actor(request), at=timezone.now())
    except DomainError as refusal:
        return go(request, f"{HOME}{batch_id}/", refusal=str(refusal))
    return go(request, HOME, done="Dropped; nothing is credited.")
