"""The account page (statement with running balance, bills, payments, timeline), one bill, the entries of one thing."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from billing_desk.as_of import summary_asked_for
from billing_desk.workspace import access
from billing_desk.workspace.access import is_own_account, needs, note_view, refuse_own_account, staff_actor
from billing_desk.workspace.account import account_of
from billing_desk.workspace.bill_links import act_on_links
from billing_desk.workspace.bills import CORRECT, acts_on, open_bill, write_off_of
from billing_desk.workspace.names import names_of
from billing_desk.workspace.people import staff_names
from billing_desk.workspace.why import STAFF_LANGUAGE, why_of
from ledger.books.queries import EntryView, entries_of, statement
from ledger.charges.models import Charge
from ledger.customers.models import Customer
from ledger.customers.queries import get_customer
from ledger.errors import NotFound
from ledger.events.kinds import ACCOUNT_VIEWED
from ledger.events.models import Event
from ledger.events.queries import timeline_of_customer
from ledger.explanations.making import anchors_of
from ledger.invoices.explain import explain_lines, sentences
from ledger.invoices.models import Invoice, InvoiceLine
from ledger.invoices.queries import invoices_of
from ledger.payments.queries import payments_of

VIEWS = (("statement", "Statement"), ("bills", "Bills"), ("payments", "Payments"), ("timeline", "Timeline"))
PAGE = 50
#: Bills that can be compared with the one before: neither drafts nor withdrawn ones.
COMPARED = (Invoice.State.OPEN, Invoice.State.PAID, Invoice.State.UNCOLLECTIBLE)


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
        "may_give": access.can(request, "adjustment.give"),
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
    bills = invoices_of(customer.pk, limit=24, before=_before(request), drafts=True)
    return {
        "bills": bills,
        "older": _older("bills", bills[-1].pk) if len(bills) == 24 else "",
        "waiting": waiting_charges(customer.pk),
        "why_not_correct": access.why_not(request, CORRECT),
    }


def waiting_charges(customer_id: int) -> list[Charge]:
    """Return what waits for a bill, the oldest first."""
    waiting = Charge.objects.filter(customer_id=customer_id, reversed_at=None, invoice_line=None)
    return list(waiting.order_by("charged_on", "pk")[:PAGE])


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
    """Show one bill, each line explained with its entries, and what can be done about it."""
    opened = open_bill(request, invoice_id)
    if isinstance(opened, HttpResponse):
        return opened
    found, place = opened
    is_draft = found.state == Invoice.State.DRAFT
    shown = {
        "invoice": found,
        "customer": found.customer,
        "place": place,
        "ticket": place.ticket,
        "lines": _explained(found),
        "is_draft": is_draft,
        "acts": [] if is_draft else [*acts_on(request, found), act_on_links(request, found)],
        "why_not_correct": access.why_not(request, CORRECT),
        "write_off": write_off_of(request, found),
        "why": why_of(found.customer, invoice=found) if found.state in COMPARED else None,
        "people": staff_names(),
    }
    return render(request, "workspace/customers/invoice.html", shown)


def _explained(invoice: Invoice) -> list[dict[str, object]]:
    """Return each line with its sentences and the entries they rest on."""
    lines = list(invoice.lines.all())
    if invoice.state == Invoice.State.DRAFT:
        return [{"line": line, "said": [], "entries": []} for line in lines]
    explained = {one.line_id: one for one in explain_lines(lines, invoice=invoice, anchors=anchors_of(lines))}
    return [
        {
            "line": line,
            "said": sentences(explained[line.pk], STAFF_LANGUAGE),
            "entries": [_drawn(entry) for entry in explained[line.pk].entries],
        }
        for line in lines
    ]


@needs("customer.view")
@require_GET
def entries(request: HttpRequest, source: str) -> HttpResponse:
    """Show the journal entries one thing led to, with both sides of each."""
    if source.startswith("invoiceline:"):
        return _to_its_bill(source.partition(":")[2])
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


def _to_its_bill(line_id: str) -> HttpResponse:
    """Go on to the bill a line stands on: nothing is posted for a line alone."""
    known = line_id.isdecimal() and len(line_id) < 18
    line = InvoiceLine.objects.filter(pk=int(line_id)).first() if known else None
    if line is None:
        raise Http404("There is no such line.")
    return redirect(f"/desk/invoices/{line.invoice_id}/#line-{line.pk}")


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
