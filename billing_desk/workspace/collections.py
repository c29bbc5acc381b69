"""Collections: who is overdue, what comes next, and what can be done about it."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from billing_desk.workspace.access import is_own_account, needs, note_view, refuse_own_account, staff_actor, why_not
from billing_desk.workspace.answers import go
from ledger.collections.board import SHOWN, collections_board, steps_of
from ledger.collections.fee_models import LateFee
from ledger.collections.models import Action, DunningStep, PaymentPromise
from ledger.collections.promises import make_payment_promise, withdraw_payment_promise
from ledger.collections.waiving import waive_late_fee
from ledger.customers.models import Customer
from ledger.customers.queries import get_customer
from ledger.entitlements.queries import access_of, sentence_of
from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.holds.queries import live_holds
from ledger.invoices.models import Invoice
from ledger.invoices.queries import open_invoices
from ledger.money import Money

TABS = {
    "all": "All overdue",
    "due": "Next step due",
    "calls": "Calls",
    "held": "On hold",
    "promised": "Promised",
    "without_steps": "No step left",
}
EMPTY = {
    "all": "Every bill that is due has been paid or is in dispute.",
    "due": "The ladders have nothing to do today.",
    "calls": "Nobody has to be called.",
    "held": "No plan, promise or hardship holds an overdue bill.",
    "promised": "No customer has given their word on an overdue bill.",
    "without_steps": "Every overdue bill has a next step.",
}
ACTIONS = dict(Action.choices)


@needs("collections.view")
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """List the customers with something overdue, the oldest debt first."""
    wanted = request.GET.get("show", "all")
    shown, now = wanted if wanted in SHOWN else "all", timezone.now()
    today, problem = timezone.localdate(now), ""
    try:
        page = collections_board(today=today, at=now, shown=shown, after=request.GET.get("after", ""))
    except InvalidInput as refusal:
        page, problem = collections_board(today=today, at=now, shown=shown), str(refusal)
    rows = [
        {
            "row": row,
            "days": (today - row.since).days,
            "last": ACTIONS.get(row.last_action, ""),
            "next": ACTIONS.get(row.next_action, ""),
        }
        for row in page.rows
    ]
    tabs = [{"key": key, "label": label, "is_on": key == shown} for key, label in TABS.items()]
    older = f"/desk/collections/?{urlencode({'show': shown, 'after': page.next_key})}" if page.next_key else ""
    given = {"rows": rows, "tabs": tabs, "next_url": older, "empty": EMPTY[shown], "today": today, "problem": problem}
    return render(request, "workspace/collections/page.html", given)


@needs("collections.view")
@require_GET
def customer(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Show where one customer's bills stand, and take their word."""
    try:
        owner = get_customer(customer_id)
    except NotFound:
        return render(
            request, "404.html", {"why": "There is no such customer.", "back": "/desk/collections/"}, status=404
        )
    if is_own_account(request, customer_id):
        return refuse_own_account(request, f"customer:{customer_id}", customer_id)
    note_view(request, customer_id, what=f"collections:{customer_id}")
    return render(request, "workspace/collections/customer.html", _shown(request, owner))


def _shown(request: HttpRequest, owner: Customer) -> dict[str, Any]:
    now = timezone.now()
    today = owner.local_day(now)
    bills = [bill for bill in open_invoices(owner.pk) if bill.due_on < today]
    steps: dict[int, list[DunningStep]] = {}
    for step in steps_of(owner.pk):
        steps.setdefault(step.invoice_id, []).append(step)
    access, promises = access_of(owner.pk), list(PaymentPromise.objects.filter(customer=owner).order_by("-pk")[:5])
    return {
        "customer": owner,
        "today": today,
        "bills": [(bill, steps.get(bill.pk, [])) for bill in bills],
        "due": sum((bill.due_amount for bill in bills), Money(0, owner.currency)),
        "holds": live_holds(owner.pk, at=now),
        "promises": promises,
        "has_promise": any(one.state == PaymentPromise.State.OPEN for one in promises),
        "fees": LateFee.objects.filter(customer=owner).select_related("invoice").order_by("-pk")[:10],
        "access": access,
        "sentence": sentence_of(access),
        "why_not": why_not(request, "collections.work"),
    }


@needs("collections.work")
@require_POST
def promise(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Take a customer's word to pay what is overdue by a day."""
    back = f"/desk/collections/{customer_id}/"
    try:
        owner = get_customer(customer_id)
        made = make_payment_promise(
            customer_id,
            amount=Money.parse(request.POST.get("amount", ""), owner.currency),
            pay_by=_day(request.POST.get("pay_by", "")),
            invoice_ids=_overdue_ids(owner),
            by=staff_actor(request),
            at=timezone.now(),
        )
    except DomainError as refusal:
        return go(request, back, refusal=str(refusal))
    return go(
        request, back, done=f"Noted: {made.amount.display()} by {made.pay_by:%-d %B}. Nothing is reminded until then."
    )


@needs("collections.work")
@require_POST
def withdraw(request: HttpRequest, promise_id: int) -> HttpResponse:
    """Take a promise back."""
    try:
        taken = withdraw_payment_promise(promise_id, by=staff_actor(request), at=timezone.now())
    except DomainError as refusal:
        return go(request, "/desk/collections/", refusal=str(refusal))
    return go(request, f"/desk/collections/{taken.customer_id}/", done="The promise is withdrawn; the ladder goes on.")


@needs("collections.work")
@require_POST
def waive(request: HttpRequest, late_fee_id: int) -> HttpResponse:
    """Let a fee for late payment go, or ask for it."""
    try:
        fee = waive_late_fee(
            late_fee_id, reason=request.POST.get("reason", ""), by=staff_actor(request), at=timezone.now()
        )
    except DomainError as refusal:
        found = LateFee.objects.filter(pk=late_fee_id).values_list("customer_id", flat=True).first()
        return go(request, f"/desk/collections/{found}/" if found else "/desk/collections/", refusal=str(refusal))
    done = "The fee is waived." if fee.waived_at else "That is above your limit: a colleague has to approve it."
    return go(request, f"/desk/collections/{fee.customer_id}/", done=done)


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise InvalidInput("Please choose the day by which they pay.") from None


def _overdue_ids(owner: Customer) -> list[int]:
    """Return the overdue bills on which something is asked for."""
    late = Invoice.objects.filter(customer=owner, state=Invoice.State.OPEN, due_on__lt=owner.local_day(timezone.now()))
    return [bill.pk for bill in late if bill.due_amount.minor > 0]
