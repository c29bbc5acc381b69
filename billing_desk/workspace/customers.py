"""The account page (statement with running balance, bills, payments, timeline), one bill, the entries of one thing."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from billing_desk.as_of import summary_asked_for
from billing_desk.workspace.access import is_own_account, needs, note_view, refuse_own_account, staff_actor
from billing_desk.workspace.account import account_of
from billing_desk.workspace.names import names_of
from billing_desk.workspace.people import staff_names
from billing_desk.workspace.why import STAFF_LANGUAGE, why_of
from ledger.books.queries import EntryView, entries_of, statement
from ledger.customers.models import Customer
from ledger.customers.queries import get_customer
from ledger.errors import NotFound
from ledger.events.kinds import ACCOUNT_VIEWED
from ledger.events.models import Event
from ledger.events.queries import timeline_of_customer
from ledger.explanations.making import anchors_of
from ledger.invoices.explain import Sentence, explain_lines, sentences
from ledger.invoices.models import Invoice
from ledger.invoices.queries import get_invoice, invoices_of
from ledger.payments.queries import payments_of

VIEWS = (("statement", "Statement"), ("bills", "Bills"), ("payments", "Payments"), ("timeline", "Timeline"))
PAGE = 50


@needs("customer.view")
@require_GET
def customer(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Show one customer's whole account, one view of it at a time."""
    found = _open_customer(request, customer_id)
    if isinstance(found, HttpResponse):
        return found
    view = request.GET.get("view", "statement")
    view = view if view in dict(VIEWS) else "statement"
    now = timezone.now()
    summary, remark = summary_asked_for(request, found, found.local_day(now))
    shown = {
        "customer": found,
        "account": account_of(found, by=staff_actor(request), at=now, summary=summary),
        "remark": remark,
        "today": found.local_day(now),
        "views": [{"name": name, "label": label, "is_on": name == view} for name, label in VIEWS],
        "view": view,
        "people": staff_names(),
    }
    readers = {"statement": _statement, "bills": _bills, "payments": _payments, "timeline": _timeline}
    return render(request, "workspace/customers/page.html", shown | readers[view](request, found))


def _open_customer(request: HttpRequest, customer_id: int) -> Customer | HttpResponse:
    try:
        found = get_customer(customer_id)
    except NotFound as missing:
        raise Http404(str(missing)) from missing
    if is_own_account(request, customer_id):
        return refuse_own_account(request, f"customer:{customer_id}", customer_id)
    note_view(request, customer_id, what=f"customer:{customer_id}")
    return found


def _statement(request: HttpRequest, customer: Customer) -> dict[str, object]:
    day, bar, entry_id = request.GET.get("before", "").partition("|")
    try:
        before = (date.fromisoformat(day), int(entry_id)) if bar else None
    except ValueError:
        before = None
    lines = statement(customer.pk, customer.currency, before=before, limit=PAGE)
    older = ""
    if len(lines) == PAGE:
        older = _older("statement", f"{lines[-1].effective_on.isoformat()}|{lines[-1].entry_id}")
    names = names_of(line.source for line in lines)
    rows = [{"line": line, "name": names[line.source], "kind": line.kind.replace("_", " ")} for line in lines]
    return {"rows": rows, "older": older}


def _bills(request: HttpRequest, customer: Customer) -> dict[str, object]:
    bills = invoices_of(customer.pk, limit=24, before=_before(request))
    return {"bills": bills, "older": _older("bills", bills[-1].pk) if len(bills) == 24 else ""}


def _payments(request: HttpRequest, customer: Customer) -> dict[str, object]:
    payments = payments_of(customer.pk, limit=PAGE, before=_before(request))
    return {"payments": payments, "older": _older("payments", payments[-1].pk) if len(payments) == PAGE else ""}


def _timeline(request: HttpRequest, customer: Customer) -> dict[str, object]:
    events = timeline_of_customer(customer.pk, limit=PAGE, before=_before(request))
    older = _older("timeline", events[-1].pk) if len(events) == PAGE else ""
    return {"events": _folded(events), "older": older}


def _folded(events: list[Event]) -> list[Event]:
    """Leave out a look at the account that follows another one by the same person: the audit trail has them all."""
    shown: list[Event] = []
    for event in events:
        before = shown[-1] if shown else None
        if event.kind == ACCOUNT_VIEWED and before and (before.kind, before.actor) == (event.kind, event.actor):
            continue
        shown.append(event)
    return shown


def _before(request: HttpRequest) -> int | None:
    text = request.GET.get("before", "")
    return int(text) if text.isdigit() else None


def _older(view: str, before: object) -> str:
    return "?" + urlencode({"view": view, "before": before})


@needs("customer.view")
@require_GET
def invoice(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """Show one bill, each line with its period and tax."""
    try:
        found = get_invoice(invoice_id)
    except NotFound as missing:
        raise Http404(str(missing)) from missing
    if is_own_account(request, found.customer_id):
        return refuse_own_account(request, f"invoice:{invoice_id}", found.customer_id)
    note_view(request, found.customer_id, what=f"invoice:{invoice_id}")
    explained = _explained(found)
    shown = {
        "invoice": found,
        "customer": found.customer,
        "lines": [(line, explained[line.pk]) for line in found.lines.all()],
        "why": why_of(found.customer, invoice=found),
    }
    return render(request, "workspace/customers/invoice.html", shown)


def _explained(invoice: Invoice) -> dict[int, list[Sentence]]:
    """Return each line's sentences with the entries they rest on."""
    lines = list(invoice.lines.all())
    explained = explain_lines(lines, invoice=invoice, anchors=anchors_of(lines))
    return {one.line_id: sentences(one, STAFF_LANGUAGE) for one in explained}


@needs("customer.view")
@require_GET
def entries(request: HttpRequest, source: str) -> HttpResponse:
    """Show the journal entries one thing led to, with both sides of each."""
    found = entries_of(source)
    owners = {entry.customer_id for entry in found if entry.customer_id is not None}
    for customer_id in owners:
        if is_own_account(request, customer_id):
            return refuse_own_account(request, source[:60], customer_id)
        note_view(request, customer_id, what=f"entries:{source}"[:60])
    shown = {
        "source": source,
        "name": names_of([source])[source],
        "entries": [_drawn(entry) for entry in found],
        "customer_id": next(iter(owners), None),
        "people": staff_names(),
    }
    return render(request, "workspace/customers/entries.html", shown)


def _drawn(entry: EntryView) -> dict[str, object]:
    lines = [
        {
            "account": line.account.replace("_", " "),
            "debit": line.amount if line.amount.minor > 0 else None,
            "credit": -line.amount if line.amount.minor < 0 else None,
        }
        for line in entry.lines
    ]
    return {"entry": entry, "lines": lines, "kind": entry.kind.replace("_", " ").capitalize()}
