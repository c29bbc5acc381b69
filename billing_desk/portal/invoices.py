"""Bills, each line explained."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from billing_desk.portal.access import page, page_start, refuse_foreign, sees_money
from billing_desk.portal.session import SignedIn
from ledger.customers.operations import record_view
from ledger.errors import NotFound
from ledger.invoices.queries import get_invoice, invoices_of
from ledger.money import Money

BILLS_A_PAGE = 24


@require_GET
@sees_money
def bills(request: HttpRequest, who: SignedIn) -> HttpResponse:
    """List the customer's bills, newest first."""
    found = invoices_of(who.customer.pk, limit=BILLS_A_PAGE + 1, before=page_start(request))
    older = f"?before={found[BILLS_A_PAGE - 1].pk}" if len(found) > BILLS_A_PAGE else ""
    return page(request, who, "portal/bills.html", invoices=found[:BILLS_A_PAGE], older_url=older)


@require_GET
@sees_money
def bill(request: HttpRequest, who: SignedIn, invoice_id: int) -> HttpResponse:
    """Show one bill line by line, with its credit notes and what is left to pay."""
    try:
        invoice = get_invoice(invoice_id, customer_id=who.customer.pk)
    except NotFound:
        refuse_foreign(f"invoice:{invoice_id}", who)
    record_view(who.customer.pk, what=f"invoice:{invoice.pk}", by=who.actor, at=timezone.now())
    return page(
        request,
        who,
        "portal/bill.html",
        invoice=invoice,
        lines=[
            (line, Money(line.disputed_minor, line.currency), Money(line.credited_minor, line.currency))
            for line in invoice.lines.all()
        ],
        credit_notes=invoice.credit_notes.all(),
        net=Money(invoice.net_minor, invoice.currency),
        tax=Money(invoice.tax_minor, invoice.currency),
        paid=Money(invoice.paid_minor, invoice.currency),
        credited=Money(invoice.credited_minor, invoice.currency),
        on_hold=Money(invoice.disputed_minor, invoice.currency),
    )
