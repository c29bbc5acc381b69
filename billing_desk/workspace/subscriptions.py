"""A subscription on the desk: what it is, and changed in two steps: what it comes to, then exactly that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from billing_desk.plan_changes import ChangeForm, confirmed_total, why_impossible
from billing_desk.workspace.access import can, needs, staff_actor
from billing_desk.workspace.answers import go
from billing_desk.workspace.change_forms import CancelForm
from billing_desk.workspace.change_kinds import (
    KINDS,
    PERMISSION,
    Kind,
    changes_on_offer,
    proved_in,
    why_not_now,
)
from billing_desk.workspace.place import Place, draw, place_of
from billing_desk.workspace.plan_view import plan_view
from billing_desk.workspace.tickets import open_case
from ledger.customers.operations import refuse_access
from ledger.customers.queries import get_customer
from ledger.errors import DomainError
from ledger.money import Money
from ledger.subscriptions.changes import PreviewOutdated, preview_change
from ledger.subscriptions.models import Subscription, SubscriptionChange
from ledger.subscriptions.preview import Preview
from ledger.subscriptions.queries import subscriptions_of
from tickets.casework.subscriptions import change_subscription_for_ticket, withdraw_change_for_ticket
from tickets.conversations.models import Ticket
from tickets.conversations.queries import messages_of


@dataclass(frozen=True)
class Asked:
    """One change that is being asked for: of which subscription, from where, with what filled in."""

    subscription: Subscription
    place: Place
    name: str
    kind: Kind
    form: ChangeForm


def _open(request: HttpRequest, subscription_id: int) -> tuple[Subscription, Place] | HttpResponse:
    found = Subscription.objects.select_related("plan", "customer").filter(pk=subscription_id).first()
    if found is None:
        raise Http404("There is no such subscription.")
    place = place_of(request, found.customer, subject=f"subscription:{subscription_id}")
    return place if isinstance(place, HttpResponse) else (found, place)


@needs("customer.view")
@require_GET
def plan_of_ticket(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Open the panel of the subscription of the case's customer, the running one first."""
    ticket = open_case(request, ticket_id)
    if isinstance(ticket, HttpResponse):
        return ticket
    if ticket.customer_id is None:
        raise Http404("First say whose case this is.")
    found = subscriptions_of(ticket.customer_id)
    place = Place(found[0].customer if found else get_customer(ticket.customer_id), ticket)
    if not found:
        return draw(request, place, "workspace/subscriptions/_none.html", {"title": "Plan"})
    return _show(request, found[0], place, others=found[1:4])


@needs("customer.view")
@require_GET
def subscription(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """Show one subscription with what can be changed about it."""
    opened = _open(request, subscription_id)
    return opened if isinstance(opened, HttpResponse) else _show(request, *opened)


def _show(
    request: HttpRequest, found: Subscription, place: Place, others: list[Subscription] | None = None
) -> HttpResponse:
    now = timezone.now()
    today = place.customer.local_day(now)
    shown = {
        "title": found.plan.name,
        "plan": plan_view(found, today, at=now),
        "changes": changes_on_offer(request, found, place.ticket, today, at=now),
        "others": others or [],
        "may_propose": can(request, PERMISSION),
        "today": today,
    }
    return draw(request, place, "workspace/subscriptions/_plan.html", shown)


@needs(PERMISSION)
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, subscription_id: int, name: str) -> HttpResponse:
    """Ask what is wanted, show what it comes to, and make it when that total is confirmed."""
    if name not in KINDS:
        raise Http404("There is no such change.")
    opened = _open(request, subscription_id)
    if isinstance(opened, HttpResponse):
        return opened
    (found, place), now = opened, timezone.now()
    asked = _asked(request, found, place, name, at=now)
    why = why_impossible(asked.kind, found, place.customer.local_day(now))
    why = why or why_not_now(request, asked.kind, place.ticket, proved=proved_in(place.ticket, at=now))
    if why:
        if request.method == "POST":
            subject = f"subscription:{found.pk}"
            refuse_access(subject, why=why, customer_id=found.customer_id, by=staff_actor(request), at=now)
        return _draw(request, asked, refusal=why)
    is_filled = asked.form.is_bound
    if is_filled and not asked.form.is_valid():
        return _draw(request, asked, status=422)
    expected = confirmed_total(request.POST.get("expected", ""), found.currency)
    if expected is not None and place.ticket is not None:
        return _confirm(request, asked, place.ticket, expected, at=now)
    if asked.kind.asks_first and not is_filled:
        return _draw(request, asked)
    return _preview(request, asked, at=now)


def _asked(request: HttpRequest, found: Subscription, place: Place, name: str, *, at: datetime) -> Asked:
    kind, sent = KINDS[name], request.POST if request.method == "POST" else request.GET
    today = place.customer.local_day(at)
    is_filled = not kind.asks_first or "go" in sent
    initial = dict(sent.items()) if not is_filled else {}
    if kind.form is CancelForm:
        initial.setdefault("request_received_at", timezone.localtime(_first_word(place.ticket) or at))
    form = kind.form(sent if is_filled else None, subscription=found, today=today, initial=initial)
    return Asked(found, place, name, kind, form)


def _first_word(ticket: Ticket | None) -> datetime | None:
    """Return when the customer first wrote in a case: a cancellation counts from then."""
    words = [message for message in messages_of(ticket.pk) if message.kind == "in"] if ticket else []
    return words[0].written_at if words else None


def _preview(request: HttpRequest, asked: Asked, *, at: datetime) -> HttpResponse:
    try:
        wanted = asked.form.change()
        found = preview_change(asked.subscription.pk, wanted, at=at, received_at=asked.form.received_at())
    except DomainError as problem:
        return _draw(request, asked, refusal=str(problem), status=422)
    return _draw(request, asked, preview=found)


def _confirm(request: HttpRequest, asked: Asked, ticket: Ticket, expected: Money, *, at: datetime) -> HttpResponse:
    """Make the change at the total that was shown; where the figures moved, show the new ones instead."""
    form, by = asked.form, staff_actor(request)
    try:
        made = change_subscription_for_ticket(
            ticket.pk,
            asked.subscription.pk,
            form.change(),
            expected_total=expected,
            received_at=form.received_at(),
            by=by,
            at=at,
        )
    except PreviewOutdated as outdated:
        return _draw(request, asked, preview=outdated.preview, refusal=str(outdated), status=422)
    except DomainError as problem:
        return _draw(request, asked, refusal=str(problem), status=422)
    return go(request, asked.place.back, done=_done(asked, made))


def _done(asked: Asked, made: SubscriptionChange) -> str:
    said, when = f"{asked.subscription.plan.name}: {asked.kind.label.lower()}", date_format(made.effective_on, "j F Y")
    if made.state == SubscriptionChange.State.SCHEDULED:
        return f"{said}, arranged for {when}. The customer is told."
    return f"{said}, done from {when}. The customer is told."


def _draw(
    request: HttpRequest, asked: Asked, *, preview: Preview | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    form = asked.form
    hidden = [(name, form.data.get(name, "")) for name in form.fields] if form.is_bound else []
    shown: dict[str, Any] = {
        "title": f"{asked.kind.label}: {asked.subscription.plan.name}",
        "subscription": asked.subscription,
        "kind": asked.kind,
        "form": form,
        "hidden": hidden,
        "preview": preview,
        "refusal": refusal,
        "address": f"/desk/subscriptions/{asked.subscription.pk}/{asked.name}",
        "overview": asked.place.address(f"/desk/subscriptions/{asked.subscription.pk}/"),
    }
    return draw(request, asked.place, "workspace/subscriptions/_change.html", shown, status=status)


@needs(PERMISSION)
@require_POST
def undo(request: HttpRequest, subscription_id: int, change_id: int) -> HttpResponse:
    """Take back a change that waits for its day."""
    opened = _open(request, subscription_id)
    if isinstance(opened, HttpResponse):
        return opened
    (found, place), now = opened, timezone.now()
    if not found.changes.filter(pk=change_id).exists():
        raise Http404("There is no such change.")
    why = why_not_now(request, KINDS["plan"], place.ticket, proved=proved_in(place.ticket, at=now))
    if why or place.ticket is None:
        return go(request, place.back, refusal=why)
    try:
        withdraw_change_for_ticket(place.ticket.pk, change_id, by=staff_actor(request), at=now)
    except DomainError as problem:
        return go(request, place.back, refusal=str(problem))
    return go(request, place.back, done="Taken back. The subscription stays as it is.")
