"""The plan: what it costs, when it renews; pausing and cancelling with what that means said first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from billing_desk.portal.access import page, refuse_foreign, sees_money
from billing_desk.portal.session import SignedIn
from ledger.errors import DomainError
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.operations import cancel_subscription, pause_subscription, resume_subscription
from ledger.subscriptions.queries import next_price, subscriptions_of
from verification.policy import level_for
from verification.queries import current_proof


@dataclass(frozen=True)
class Change:
    """One change a customer may make alone: what it is called, what it means, the operation behind it."""

    title: str
    button: str
    meaning: tuple[str, ...]
    done: str
    states: tuple[str, ...]
    make: Callable[..., object]


CHANGES = {
    "pause": Change(
        "Pause your plan",
        "Pause now",
        (
            "What you have paid for stays yours until the end of the period.",
            "While it is paused nothing renews and nothing is charged.",
            "You can resume it here at any time.",
        ),
        "Your plan is paused. Nothing renews until you resume it.",
        (Subscription.State.ACTIVE,),
        pause_subscription,
    ),
    "resume": Change(
        "Resume your plan",
        "Resume now",
        ("Your plan runs again and renews on the day shown.",),
        "Your plan runs again.",
        (Subscription.State.PAUSED,),
        resume_subscription,
    ),
    "cancel": Change(
        "Cancel your plan",
        "Cancel the plan",
        (
            "It does not renew any more, and nothing further is charged for it.",
            "What you have paid for stays yours until the end of the period.",
            "What is still owed on earlier bills stays owed.",
            "A cancelled plan cannot be resumed; you can start a new one.",
        ),
        "Your plan is cancelled. A confirmation is on its way to you.",
        (Subscription.State.ACTIVE, Subscription.State.PAUSED),
        cancel_subscription,
    ),
}


@require_GET
@sees_money
def plans(request: HttpRequest, who: SignedIn) -> HttpResponse:
    """List the customer's plans with price and renewal day."""
    found = subscriptions_of(who.customer.pk)
    shown = [{"subscription": plan, "price": next_price(plan), "changes": _changes(plan)} for plan in found]
    return page(request, who, "portal/plans.html", plans=shown)


@require_GET
@sees_money
def plan(request: HttpRequest, who: SignedIn, subscription_id: int) -> HttpResponse:
    """Take the address that our messages name to the place of that plan on the page."""
    _own_plan(subscription_id, who)
    return redirect(f"{reverse('portal:plans')}#plan-{subscription_id}")


@require_http_methods(["GET", "POST"])
@sees_money
def change(request: HttpRequest, who: SignedIn, subscription_id: int, name: str) -> HttpResponse:
    """Say what a change means; make it when the button is pressed."""
    chosen = _own_plan(subscription_id, who)
    if name not in CHANGES:
        raise Http404("There is no such change.")
    wanted, refusal = CHANGES[name], ""
    if request.method == "POST":
        refusal = _refusal(who, name) or _make(wanted, chosen, who)
        if not refusal:
            messages.success(request, wanted.done)
            return redirect("portal:plans")
    values = {"subscription": chosen, "price": next_price(chosen), "change": wanted, "refusal": refusal}
    possible = chosen.state in wanted.states
    status = 422 if refusal else 200
    return page(request, who, "portal/plan_change.html", status=status, possible=possible, **values)


def _own_plan(subscription_id: int, who: SignedIn) -> Subscription:
    found = next((one for one in subscriptions_of(who.customer.pk) if one.pk == subscription_id), None)
    if found is None:
        refuse_foreign(f"subscription:{subscription_id}", who)
    return found


def _make(wanted: Change, plan: Subscription, who: SignedIn) -> str:
    try:
        wanted.make(plan.pk, by=who.actor, at=timezone.now())
    except DomainError as refusal:
        return str(refusal)
    return ""


def _refusal(who: SignedIn, name: str) -> str:
    """Return why this session may not change the plan: its proof has run out or is too weak."""
    needed, at = level_for("change_plan" if name == "resume" else name), timezone.now()
    proof = current_proof(who.customer.pk, who.conversation, at=at)
    if proof is None:
        return "You signed in a while ago. For this change, please sign out, ask for a new link and try again."
    if proof.level < needed:
        return "Your address was put on file only recently. For this change, please call us."
    return ""


def _changes(plan: Subscription) -> list[tuple[str, str]]:
    return [(name, change.title) for name, change in CHANGES.items() if plan.state in change.states]
