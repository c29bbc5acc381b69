"""One search box: customer, invoice, ticket, payment."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from billing_desk.workspace.access import needs
from ledger.customers.queries import search_customers
from ledger.invoices.queries import find_by_number as find_invoice
from ledger.payments.queries import find_by_number as find_payment
from tickets.conversations.models import Ticket


@needs("desk.open")
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Find by what people have at hand; a number that fits exactly one thing opens it."""
    words = request.GET.get("q", "").strip()[:200]
    found = _exact(words)
    customers = search_customers(words, limit=20) if len(words) >= 2 else []
    if len(found) == 1 and not customers:
        return redirect(found[0]["address"])
    shown = {
        "words": words,
        "found": found,
        "customers": customers,
        "nothing": bool(words) and not found and not customers,
    }
    return render(request, "workspace/search/page.html", shown)


def _exact(words: str) -> list[dict[str, Any]]:
    """Return what the words name exactly: a ticket's, a bill's or a payment's number."""
    found: list[dict[str, Any]] = []
    number = words.removeprefix("#")
    if number.isdigit() and len(number) < 18:
        ticket = Ticket.objects.filter(pk=int(number)).select_related("customer").first()
        if ticket is not None:
            found.append(
                {"what": f"Ticket {ticket.number}", "text": ticket.subject, "address": f"/desk/tickets/{ticket.pk}/"}
            )
    if "-" not in words:
        return found
    invoice = find_invoice(words)
    if invoice is not None:
        found.append(
            {"what": f"Bill {invoice.number}", "text": str(invoice.total), "address": f"/desk/invoices/{invoice.pk}/"}
        )
    payment = find_payment(words)
    if payment is not None:
        address = f"/desk/customers/{payment.customer_id}/?view=payments"
        found.append({"what": f"Payment {payment.number}", "text": str(payment.amount), "address": address})
    return found
