"""Changing a plan: choose, see what it comes to, confirm exactly that; and take back what waits for its day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from billing_desk.plan_changes import ChangeForm, confirmed_total
from billing_desk.plan_words import arranged_words
from billing_desk.portal.access import page, refuse_foreign, sees_money
from billing_desk.portal.change_kinds import KINDS, Kind, is_possible
from billing_desk.portal.offering import offer_for
from billing_desk.portal.plans import own_plan
from billing_desk.portal.retelling import retell, say
from billing_desk.portal.session import SignedIn
from ledger.agreements.cheaper import CheaperPlan, cheaper_plan
from ledger.errors import DomainError
from ledger.money import Money
from ledger.offers.operations import decline_save_offer
from ledger.subscriptions.arranged import withdraw_change
from ledger.subscriptions.changes import PreviewOutdated, apply_change, preview_change
from ledger.subscriptions.facts import load_facts
from ledger.subscriptions.final import ending_of
from ledger.subscriptions.models import Subscription, SubscriptionChange
from ledger.subscriptions.preview import Preview
from ledger.subscriptions.terms import Change, What
from verification.policy import level_for
from verification.queries import current_proof

#: A refusal this soon after the same change was made is its second click.
SECOND_CLICK = timedelta(minutes=2)
#: What else is the same change to a customer: an add-on is taken and ended on one page.
SAME = {What.TAKE_ADD_ON: (What.DROP_ADD_ON,)}


@require_http_methods(["GET", "POST"])
@sees_money
def change(request: HttpRequest, who: SignedIn, subscription_id: int, name: str) -> HttpResponse:
    """Ask what is wanted, show what it comes to, and make it when that total is confirmed."""
    plan = own_plan(subscription_id, who)
    if name not in KINDS:
        raise Http404("There is no such change.")
    kind = KINDS[name]
    values: dict[str, Any] = {"subscription": plan, "kind": kind, "name": name}
    form = _form(request, kind, plan, who)
    if form.is_bound and form.is_valid() and request.method == "POST":
        return _confirm(request, who, form, values)
    if not is_possible(kind, plan, who.today):
        return page(request, who, "portal/plan_change.html", possible=False, **values)
    if form.is_bound and not form.is_valid():
        return page(request, who, "portal/plan_change.html", status=422, possible=True, form=form, **values)
    if kind.asks_first and not form.is_bound:
        return page(request, who, "portal/plan_change.html", possible=True, form=form, **values)
    return _show(request, who, form, values)


def _form(request: HttpRequest, kind: Kind, plan: Subscription, who: SignedIn) -> ChangeForm:
    sent = request.POST if request.method == "POST" else request.GET
    is_filled = request.method == "POST" or any(name in sent for name in kind.form.base_fields)
    return kind.form(sent if is_filled else None, subscription=plan, today=who.today)


def _show(
    request: HttpRequest,
    who: SignedIn,
    form: ChangeForm,
    values: dict[str, Any],
    *,
    preview: Preview | None = None,
    refusal: str = "",
) -> HttpResponse:
    """Show what a change comes to; the form goes along, so that it is confirmed as it was shown."""
    plan, kind = values["subscription"], values["kind"]
    if preview is None and not refusal:
        try:
            preview = preview_change(plan.pk, form.change(), at=timezone.now())
        except DomainError as problem:
            refusal = say(problem)
    return page(
        request,
        who,
        "portal/plan_change.html",
        status=422 if refusal else 200,
        possible=True,
        form=form,
        hidden=_hidden(form) if kind.asks_first else [],
        preview=preview,
        warnings=[retell(each) for each in preview.warnings] if preview else [],
        refusal=refusal,
        **(_beside_cancelling(request, who, plan) if kind.what == What.CANCEL and preview else {}),
        **values,
    )


def _hidden(form: ChangeForm) -> list[tuple[str, str]]:
    return [(name, str(form.data[name])) for name in form.fields if name in form.data]


def _beside_cancelling(request: HttpRequest, who: SignedIn, plan: Subscription) -> dict[str, Any]:
    """Return how the plan ends, and the one thing that is said beside the button: our offer, else a cheaper plan."""
    at = timezone.now()
    offer = offer_for(who, plan, at=at) if request.method == "GET" else None
    cheaper = _cheaper(plan) if request.method == "GET" and offer is None else None
    return {"ending": ending_of(plan.pk, at=at), "offer": offer, "cheaper": cheaper}


def _cheaper(plan: Subscription) -> CheaperPlan | None:
    """Return the one thing we say before a cancellation: a plan that costs less, if there is one."""
    try:
        found = cheaper_plan(plan.pk, at=timezone.now())
    except DomainError:
        return None
    return found if found.plan else None


def _confirm(request: HttpRequest, who: SignedIn, form: ChangeForm, values: dict[str, Any]) -> HttpResponse:
    plan, kind, wanted, at = values["subscription"], values["kind"], form.change(), timezone.now()
    expected = confirmed_total(request.POST.get("expected", ""), plan.currency)
    if expected is None:
        return _show(request, who, form, values)
    refusal = proof_missing(who, kind.purpose)
    if refusal:
        return _show(request, who, form, values, refusal=refusal)
    try:
        made = apply_change(plan.pk, wanted, by=who.actor, at=at, expected_total=expected)
    except PreviewOutdated as outdated:
        return _show(request, who, form, values, preview=outdated.preview, refusal=say(outdated))
    except DomainError as problem:
        before = _made_just_now(plan, wanted, at=at)
        if before is None:
            return _show(request, who, form, values, refusal=say(problem))
        made = before
    if kind.what == What.CANCEL:
        decline_save_offer(plan.pk, by=who.actor, at=at)
    return redirect("portal:plan-changed", plan.pk, made.pk)


def _made_just_now(plan: Subscription, wanted: Change, *, at: datetime) -> SubscriptionChange | None:
    """Return the same change where the first click of two made it."""
    last = plan.changes.filter(what=wanted.what, recorded_at__gte=at - SECOND_CLICK).order_by("-pk").first()
    asked = wanted.to_json()
    return last if last and all(last.wanted.get(name) == value for name, value in asked.items()) else None


def proof_missing(who: SignedIn, purpose: str) -> str:
    """Return why this session may not change the plan: its proof has run out or is too weak."""
    proof = current_proof(who.customer.pk, who.conversation, at=timezone.now())
    if proof is None:
        return _("You signed in a while ago. For this change, please sign out, ask for a new link and try again.")
    if proof.level < level_for(purpose):
        return _("Your address was put on file only recently. For this change, please call us.")
    return ""


def _own_change(plan: Subscription, change_id: int, who: SignedIn) -> SubscriptionChange:
    found = plan.changes.filter(pk=change_id).first()
    if found is None:
        refuse_foreign(f"subscriptionchange:{change_id}", who)
    return found


@require_GET
@sees_money
def changed(request: HttpRequest, who: SignedIn, subscription_id: int, change_id: int) -> HttpResponse:
    """Say what was done or arranged, with its figures and the way back."""
    plan = own_plan(subscription_id, who)
    row = _own_change(plan, change_id, who)
    kind = next(each for each in KINDS.values() if each.what == row.what or row.what in SAME.get(each.what, ()))
    back = {What.CANCEL: "keep", What.PAUSE: "resume"}.get(What(row.what), "")
    waits = row.state == SubscriptionChange.State.SCHEDULED
    return page(
        request,
        who,
        "portal/plan_changed.html",
        subscription=plan,
        change=row,
        kind=kind,
        words=arranged_words(row),
        waits=waits,
        back=back if back and not waits and is_possible(KINDS[back], plan, who.today) else "",
        last_day=plan.ends_on - timedelta(days=1) if row.what == What.CANCEL and plan.ends_on else None,
        is_metered=row.what == What.CANCEL and bool(load_facts([plan.pk])[plan.pk].meters),
        **_figures(row),
    )


def _figures(row: SubscriptionChange) -> dict[str, Any]:
    figures = row.figures
    currency = figures.get("currency")
    if not currency:
        return {}
    minor = {name: figures.get(f"{name}_minor") for name in ("due_now", "credited", "next_bill")}
    return {name: Money(amount, currency) for name, amount in minor.items() if amount is not None}


@require_POST
@sees_money
def undo(request: HttpRequest, who: SignedIn, subscription_id: int, change_id: int) -> HttpResponse:
    """Take back a change that waits for its day."""
    plan = own_plan(subscription_id, who)
    row = _own_change(plan, change_id, who)
    refusal = proof_missing(who, "change_plan")
    try:
        if not refusal:
            withdraw_change(row.pk, by=who.actor, at=timezone.now())
    except DomainError as problem:
        refusal = say(problem)
    if refusal:
        messages.error(request, refusal)
    else:
        messages.success(request, _("Taken back. Your plan stays as it is."))
    return redirect("portal:plans")
