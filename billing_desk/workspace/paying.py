"""How a customer pays and gets bills, on the desk: seen, changed in two steps for who proved themselves, taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from billing_desk.workspace.access import needs, staff_actor
from billing_desk.workspace.answers import go
from billing_desk.workspace.change_kinds import KINDS, PERMISSION, proved_in, why_not_now
from billing_desk.workspace.place import Place, draw, place_of
from ledger.customers.operations import refuse_access
from ledger.customers.queries import get_customer
from ledger.errors import DomainError, NotFound
from ledger.paying.next_charge import EVERYTHING, next_charge
from ledger.paying.operations import check_method, why_not_undo
from ledger.paying.queries import Payable, payables, scope_of
from ledger.payments.models import PaymentMethod
from ledger.payments.queries import methods_of
from ledger.printing import delivery
from ledger.printing.models import DeliveryChoice
from ledger.printing.queries import choice_of
from tickets.casework.choices import (
    choose_delivery_for_ticket,
    choose_method_for_ticket,
    undo_delivery_for_ticket,
    undo_method_for_ticket,
)

OTHER = {DeliveryChoice.Way.EMAIL.value: "paper", DeliveryChoice.Way.PAPER.value: "email"}


def _open(request: HttpRequest, customer_id: int) -> Place | HttpResponse:
    try:
        customer = get_customer(customer_id)
    except NotFound as missing:
        raise Http404(str(missing)) from missing
    return place_of(request, customer, subject=f"customer:{customer_id}")


def _why_not(request: HttpRequest, place: Place, *, at: datetime) -> str:
    """Return why this agent may not change anything here and now; a try to do so is recorded."""
    why = why_not_now(request, KINDS["plan"], place.ticket, proved=proved_in(place.ticket, at=at))
    if why and request.method == "POST":
        by, subject = staff_actor(request), f"customer:{place.customer.pk}"
        refuse_access(subject, why=why, customer_id=place.customer.pk, by=by, at=at)
    return why


@needs("customer.view")
@require_GET
def choices(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Show with which card what is paid, and how bills come."""
    place = _open(request, customer_id)
    if isinstance(place, HttpResponse):
        return place
    now, way = timezone.now(), choice_of(customer_id)
    current = way.way if way else DeliveryChoice.Way.EMAIL.value
    shown = {
        "title": "Payment and bills",
        "rows": [(each, _can_undo(each, at=now)) for each in payables(customer_id)],
        "methods": list(reversed(methods_of(customer_id))),
        "way": current,
        "other": OTHER[current],
        "delivery": way if way and not delivery.why_not_undo(way, at=now) else None,
        "why_not": _why_not(request, place, at=now),
    }
    return draw(request, place, "workspace/paying/_choices.html", shown)


def _can_undo(payable: Payable, *, at: datetime) -> bool:
    return payable.choice is not None and not why_not_undo(payable.choice, at=at)


@needs(PERMISSION)
@require_http_methods(["GET", "POST"])
def card(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Ask which card, show when it is used next, and choose it when that is confirmed."""
    place = _open(request, customer_id)
    if isinstance(place, HttpResponse):
        return place
    sent, now = request.POST if request.method == "POST" else request.GET, timezone.now()
    scope = scope_of(sent.get("for", ""))
    payable = next((each for each in payables(customer_id) if each.scope == scope), None)
    if scope is None or payable is None:
        raise Http404("There is nothing of the kind to pay on this account.")
    found = [each for each in methods_of(customer_id) if each.kind != PaymentMethod.Kind.TRANSFER]
    options = {str(each.pk): str(each) for each in reversed(found)}
    options["none"] = "the newest that is valid" if scope == EVERYTHING else "like everything else"
    wanted, refusal = sent.get("method", ""), _why_not(request, place, at=now)
    wanted = wanted if wanted in options else ""
    method_id = int(wanted) if wanted not in ("", "none") else None
    try:
        if method_id is not None and not refusal:
            check_method(place.customer, method_id, scope, at=now)
        if wanted and request.method == "POST" and place.ticket is not None and not refusal:
            by = staff_actor(request)
            choose_method_for_ticket(place.ticket.pk, method_id=method_id, scope=scope, by=by, at=now)
            return go(request, place.back, done="Chosen. The customer is told.")
    except DomainError as problem:
        refusal = str(problem)
    shown: dict[str, Any] = {
        "title": "Pay with another card",
        "payable": payable,
        "options": options.items(),
        "wanted": wanted,
        "new": options.get(wanted, ""),
        "refusal": refusal,
        "coming": next_charge(customer_id, scope, at=now) if wanted and not refusal else None,
    }
    return draw(request, place, "workspace/paying/_card.html", shown, status=422 if refusal and wanted else 200)


@needs(PERMISSION)
@require_http_methods(["GET", "POST"])
def bills_by(request: HttpRequest, customer_id: int, way: str) -> HttpResponse:
    """Show what another way of getting bills means, and choose it when that is confirmed."""
    place = _open(request, customer_id)
    if isinstance(place, HttpResponse):
        return place
    now = timezone.now()
    refusal, preview = _why_not(request, place, at=now), None
    try:
        preview = delivery.preview_delivery(customer_id, way, at=now)
        if request.method == "POST" and place.ticket is not None and not refusal:
            choose_delivery_for_ticket(place.ticket.pk, way=way, by=staff_actor(request), at=now)
            return go(request, place.back, done="Chosen. The customer is told.")
    except DomainError as problem:
        refusal = str(problem)
    shown = {"title": "How bills come", "way": way, "preview": preview, "refusal": refusal}
    return draw(request, place, "workspace/paying/_bills_by.html", shown, status=422 if refusal else 200)


@needs(PERMISSION)
@require_POST
def undo(request: HttpRequest, customer_id: int, what: str, choice_id: int) -> HttpResponse:
    """Take a choice back."""
    place = _open(request, customer_id)
    if isinstance(place, HttpResponse):
        return place
    acts = {"card": undo_method_for_ticket, "bills": undo_delivery_for_ticket}
    now = timezone.now()
    why = _why_not(request, place, at=now)
    if what not in acts:
        raise Http404("There is no such choice.")
    if why or place.ticket is None:
        return go(request, place.back, refusal=why)
    try:
        acts[what](place.ticket.pk, choice_id, by=staff_actor(request), at=now)
    except DomainError as refusal:
        return go(request, place.back, refusal=str(refusal))
    return go(request, place.back, done="Taken back. The customer is told.")
