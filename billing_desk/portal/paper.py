"""Bills by e-mail or on paper: see what it means, confirm, take back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from billing_desk.portal.access import page, sees_money
from billing_desk.portal.retelling import say
from billing_desk.portal.session import SignedIn
from billing_desk.portal.subscription import proof_missing
from billing_desk.portal.taking_back import take_back
from ledger.errors import DomainError
from ledger.printing.delivery import choose_delivery, preview_delivery, undo_delivery, why_not_undo
from ledger.printing.models import DeliveryChoice
from ledger.printing.queries import choice_of


def delivery_of(who: SignedIn) -> dict[str, object]:
    """Return how bills come now, and whether the choice can still be taken back."""
    choice = choice_of(who.customer.pk)
    can_undo = choice is not None and not why_not_undo(choice, at=timezone.now())
    way = choice.way if choice else DeliveryChoice.Way.EMAIL.value
    other = DeliveryChoice.Way.EMAIL if way == DeliveryChoice.Way.PAPER else DeliveryChoice.Way.PAPER
    return {"way": way, "other": other.value, "choice": choice if can_undo else None}


@require_http_methods(["GET", "POST"])
@sees_money
def bills_by(request: HttpRequest, who: SignedIn, way: str) -> HttpResponse:
    """Show what another way of getting bills means, and choose it when that is confirmed."""
    at, preview, refusal = timezone.now(), None, ""
    try:
        preview = preview_delivery(who.customer.pk, way, at=at)
        refusal = proof_missing(who, "change_plan") if request.method == "POST" else ""
        if request.method == "POST" and not refusal:
            choose_delivery(who.customer.pk, way=way, by=who.actor, at=at)
            messages.success(request, _("Saved. A confirmation is on its way to you."))
            return redirect("portal:preferences")
    except DomainError as problem:
        refusal = say(problem)
    status = 422 if refusal else 200
    return page(request, who, "portal/bills_by.html", status=status, way=way, preview=preview, refusal=refusal)


@require_POST
@sees_money
def undo(request: HttpRequest, who: SignedIn, choice_id: int) -> HttpResponse:
    """Take the choice back."""
    return take_back(
        request,
        who,
        f"deliverychoice:{choice_id}",
        lambda: undo_delivery(choice_id, customer_id=who.customer.pk, by=who.actor, at=timezone.now()),
        done=_("Taken back. Your bills come as they did before."),
        leads_to="portal:preferences",
    )
