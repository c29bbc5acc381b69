"""With which card a plan, a bill or everything is paid: choose, see when it is used, confirm, take back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from billing_desk.portal.access import page, refuse_foreign, sees_money
from billing_desk.portal.retelling import say
from billing_desk.portal.session import SignedIn
from billing_desk.portal.subscription import proof_missing
from billing_desk.portal.taking_back import take_back
from ledger.errors import DomainError
from ledger.paying.next_charge import EVERYTHING, NextCharge, Scope, next_charge
from ledger.paying.operations import (
    check_method,
    choose_payment_method,
    undo_payment_method,
    why_not_undo,
)
from ledger.paying.queries import Payable, payables, scope_of
from ledger.payments.choice_models import MethodChoice
from ledger.payments.models import PaymentMethod
from ledger.payments.queries import methods_of


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is paid: what it is, with what, and whether the last choice can still be taken back."""

    payable: Payable
    choice: MethodChoice | None
    can_undo: bool


def paid_with(who: SignedIn, *, at: datetime) -> list[Row]:
    """Return everything that is paid, each with what was chosen for it."""
    return [
        Row(each, each.choice, each.choice is not None and not why_not_undo(each.choice, at=at))
        for each in payables(who.customer.pk)
    ]


@require_http_methods(["GET", "POST"])
@sees_money
def choose(request: HttpRequest, who: SignedIn) -> HttpResponse:
    """Ask which card, show when it is used next, and choose it when that is confirmed."""
    sent = request.POST if request.method == "POST" else request.GET
    scope = scope_of(sent.get("for", ""))
    payable = next((each for each in payables(who.customer.pk) if each.scope == scope), None)
    if scope is None or payable is None:
        refuse_foreign(f"methodchoice:{sent.get('for', '')}", who)
    wanted, at = sent.get("method", ""), timezone.now()
    if wanted not in _choices(who, scope):
        return _show(request, who, payable, refusal=_("Please choose a card or account.") if wanted else "")
    method_id = int(wanted) if wanted != "none" else None
    refusal = _refusal(who, scope, method_id, at=at)
    if request.method == "GET" or refusal:
        return _show(request, who, payable, wanted=wanted, refusal=refusal, at=at)
    try:
        choose_payment_method(who.customer.pk, method_id=method_id, scope=scope, by=who.actor, at=at)
    except DomainError as problem:
        return _show(request, who, payable, wanted=wanted, refusal=say(problem), at=at)
    messages.success(request, _("Saved. A confirmation is on its way to you."))
    return redirect("portal:methods")


def _choices(who: SignedIn, scope: Scope) -> dict[str, PaymentMethod | None]:
    """Return what can be chosen, the newest first: methods that we charge, and no choice at all."""
    found = [each for each in reversed(methods_of(who.customer.pk)) if each.kind != PaymentMethod.Kind.TRANSFER]
    choices: dict[str, PaymentMethod | None] = {str(each.pk): each for each in found}
    return {**choices, "none": None}


def _refusal(who: SignedIn, scope: Scope, method_id: int | None, *, at: datetime) -> str:
    missing = proof_missing(who, "change_plan")
    if missing or method_id is None:
        return missing
    try:
        check_method(who.customer, method_id, scope, at=at)
    except DomainError as problem:
        return say(problem)
    return ""


def _show(
    request: HttpRequest,
    who: SignedIn,
    payable: Payable,
    *,
    wanted: str = "",
    refusal: str = "",
    at: datetime | None = None,
) -> HttpResponse:
    choices = _choices(who, payable.scope)
    coming: NextCharge | None = None
    if wanted and not refusal:
        coming = next_charge(who.customer.pk, payable.scope, at=at or timezone.now())
    now = str(payable.choice.method_id or "none") if payable.choice else "none"
    return page(
        request,
        who,
        "portal/payments/choose.html",
        status=422 if refusal else 200,
        payable=payable,
        choices=choices.items(),
        now=now,
        wanted=wanted,
        new=choices.get(wanted),
        is_preview=bool(wanted) and not refusal and wanted != now,
        is_same=bool(wanted) and not refusal and wanted == now,
        coming=coming,
        refusal=refusal,
        is_everything=payable.scope == EVERYTHING,
    )


@require_POST
@sees_money
def undo(request: HttpRequest, who: SignedIn, choice_id: int) -> HttpResponse:
    """Take a choice back."""
    return take_back(
        request,
        who,
        f"methodchoice:{choice_id}",
        lambda: undo_payment_method(choice_id, customer_id=who.customer.pk, by=who.actor, at=timezone.now()),
        done=_("Taken back. It is paid as it was before."),
        leads_to="portal:methods",
    )
