"""Acts on one bill: void it, credit lines of it, give it up and decide on that, issue or discard a draft."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from billing_desk.corrections import credit_bill, preview_credit, void_bill
from billing_desk.workspace import access
from billing_desk.workspace.access import needs, staff_actor
from billing_desk.workspace.answers import go
from billing_desk.workspace.bill_forms import CreditForm, GiveUpForm, VoidForm
from billing_desk.workspace.place import Place, draw, place_of
from ledger.authority.models import Approval
from ledger.authority.queries import last_approval
from ledger.errors import DomainError, NotFound
from ledger.events.actor import Actor
from ledger.invoices.drafts import discard_draft, draft_invoice, issue_draft
from ledger.invoices.models import CreditNote, Invoice
from ledger.invoices.queries import get_invoice
from ledger.invoices.writing_off import approve_write_off, decline_write_off, give_up_invoice
from ledger.money import Money

CORRECT, GIVE_UP, APPROVE = "bill.correct", "bill.give_up", "refund.approve"
UNTOUCHABLE = (Invoice.State.DRAFT, Invoice.State.VOID)


def acts_on(request: HttpRequest, invoice: Invoice) -> list[dict[str, str]]:
    """Return what can be done about a bill, each with its key; a greyed one says why."""
    correct, give_up = access.why_not(request, CORRECT), access.why_not(request, GIVE_UP)
    touched = invoice.paid_minor or invoice.credited_minor or invoice.disputed_minor
    not_open = "" if invoice.state == Invoice.State.OPEN else f"Only an open bill; this one is {invoice.state}."
    void = "Something was paid, credited or disputed on it; write a credit note." if touched else not_open
    if not touched and invoice.is_imported:
        void = "Another system issued it; write a credit note."
    held = "A part of it is in dispute; decide that first." if invoice.disputed_minor else ""
    none = f"Nothing can be credited: it is {invoice.state}." if invoice.state in UNTOUCHABLE else ""
    return [
        {"name": "credit", "label": "Credit note", "key": "c", "why_not": correct or none},
        {"name": "void", "label": "Void", "key": "x", "why_not": correct or void},
        {"name": "give-up", "label": "Give up", "key": "g", "why_not": give_up or not_open or held},
    ]


def write_off_of(request: HttpRequest, invoice: Invoice) -> dict[str, Any] | None:
    """Return the request to give a bill up that waits, with why this reader may not decide it."""
    asked = last_approval(f"invoice:{invoice.pk}")
    if asked is None or asked.state != Approval.State.WAITING:
        return None
    why = access.why_not(request, APPROVE)
    if not why and asked.requested_by == str(staff_actor(request)):
        why = "Somebody else has to approve this: you asked for it."
    return {"asked": asked, "why_not": why}


def open_bill(request: HttpRequest, invoice_id: int) -> tuple[Invoice, Place] | HttpResponse:
    """Return a bill and where it is worked on, or the refusal.

    :raises Http404: if there is none
    """
    try:
        found = get_invoice(invoice_id)
    except NotFound as missing:
        raise Http404(str(missing)) from missing
    place = place_of(request, found.customer, subject=f"invoice:{invoice_id}")
    return place if isinstance(place, HttpResponse) else (found, place)


def _page(found: Invoice, place: Place) -> str:
    return place.address(f"/desk/invoices/{found.pk}/")


@needs(CORRECT)
@require_http_methods(["GET", "POST"])
def void(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """Withdraw a bill nobody has paid."""

    def act(form: VoidForm, by: Actor) -> str:
        asked = form.cleaned_data
        void_bill(invoice_id, reason=asked["reason"], bill_again=asked["bill_again"], by=by, at=timezone.now())
        return "Voided. Its number stays taken, and the customer is told."

    return _ask(request, invoice_id, VoidForm, act, title="Void", button="Void the bill")


@needs(GIVE_UP)
@require_http_methods(["GET", "POST"])
def give_up(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """Give up what is open on a bill, or ask a colleague to."""

    def act(form: GiveUpForm, by: Actor) -> str:
        made = give_up_invoice(invoice_id, reason=form.cleaned_data["reason"], by=by, at=timezone.now())
        if made.state == Invoice.State.OPEN:
            return "Asked for: it is above your own limit, so a colleague has to approve it."
        return f"{made.number} is given up. If the customer pays after all, it is taken back."

    return _ask(request, invoice_id, GiveUpForm, act, title="Give up", button="Give the bill up")


def _ask(request: HttpRequest, invoice_id: int, form_class: Any, act: Any, *, title: str, button: str) -> HttpResponse:
    opened = open_bill(request, invoice_id)
    if isinstance(opened, HttpResponse):
        return opened
    found, place = opened
    form = form_class(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            done = act(form, staff_actor(request))
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            return go(request, _page(found, place), done=done)
    shown = {"title": f"{title} {found.number}", "invoice": found, "form": form, "button": button}
    return draw(request, place, "workspace/bills/_ask.html", shown, status=422 if form.errors else 200)


@needs(CORRECT)
@require_http_methods(["GET", "POST"])
def credit(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """Ask what is to be credited of which lines, show the credit note, and write it when it is confirmed."""
    opened = open_bill(request, invoice_id)
    if isinstance(opened, HttpResponse):
        return opened
    found, place = opened
    form = CreditForm(found, request.POST if request.method == "POST" else None)
    note: CreditNote | None = None
    if form.is_bound and form.is_valid():
        wanted, now, by = form.cleaned_data, timezone.now(), staff_actor(request)
        given: dict[str, Any] = {"reason": wanted["reason"], "by": by, "at": now}
        try:
            if "confirmed" in request.POST:
                key = request.POST.get("key", "")[:32]
                made = credit_bill(invoice_id, wanted["corrections"], key=key, **given)
                done = f"Credit note {made.number} of {made.total} is issued; the customer is told."
                return go(request, _page(found, place), done=done)
            note = preview_credit(invoice_id, wanted["corrections"], **given)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
    shown = {"title": f"Credit note for {found.number}", "invoice": found, "form": form, "note": note}
    shown["key"] = request.POST.get("key") or secrets.token_hex(8)
    if note:
        shown["net"], shown["tax"] = Money(note.net_minor, note.currency), Money(note.tax_minor, note.currency)
    shown["hidden"] = [(name, form.data.get(name, "")) for name in form.fields] if note else []
    return draw(request, place, "workspace/bills/_credit.html", shown, status=422 if form.errors else 200)


@needs(APPROVE)
@require_POST
def decide_write_off(request: HttpRequest, invoice_id: int, decision: str) -> HttpResponse:
    """Approve or decline what a colleague asked to give up."""
    opened = open_bill(request, invoice_id)
    if isinstance(opened, HttpResponse):
        return opened
    (found, place), by, now = opened, staff_actor(request), timezone.now()
    try:
        if decision == "approve":
            approve_write_off(invoice_id, by=by, at=now)
            return go(request, _page(found, place), done=f"{found.number} is given up.")
        decline_write_off(invoice_id, reason=request.POST.get("reason", ""), by=by, at=now)
    except DomainError as refusal:
        return go(request, _page(found, place), refusal=str(refusal))
    return go(request, _page(found, place), done=f"{found.number} is not given up; it stays open.")


@needs(CORRECT)
@require_POST
def draft(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Put the charges that wait together for a bill that is not asked for yet."""
    if access.is_own_account(request, customer_id):
        return access.refuse_own_account(request, f"customer:{customer_id}", customer_id)
    try:
        made = draft_invoice(customer_id, by=staff_actor(request), at=timezone.now())
    except NotFound as missing:
        raise Http404(str(missing)) from missing
    except DomainError as refusal:
        return go(request, f"/desk/customers/{customer_id}/?view=bills", refusal=str(refusal))
    return go(request, f"/desk/invoices/{made.pk}/", done="This is a draft: nothing is asked for and posted yet.")


@needs(CORRECT)
@require_POST
def settle_draft(request: HttpRequest, invoice_id: int, decision: str) -> HttpResponse:
    """Issue a draft, or discard it so that its charges wait for another bill."""
    opened = open_bill(request, invoice_id)
    if isinstance(opened, HttpResponse):
        return opened
    (found, place), by, now = opened, staff_actor(request), timezone.now()
    try:
        if decision == "issue":
            made = issue_draft(invoice_id, by=by, at=now)
            return go(request, _page(found, place), done=f"Issued as {made.number}; the customer is told.")
        discard_draft(invoice_id, reason=request.POST.get("reason", ""), by=by, at=now)
    except DomainError as refusal:
        return go(request, _page(found, place), refusal=str(refusal))
    address = f"/desk/customers/{found.customer_id}/?view=bills"
    return go(request, address, done="Discarded. Its charges wait for the next bill.")
