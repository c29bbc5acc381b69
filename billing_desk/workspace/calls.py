"""Calls: who seems to call. A number proves nothing, so names are shown and never a balance."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from billing_desk.workspace.access import needs
from ledger.customers.models import Customer
from tickets.channels.models import CallLog

PAGE = 50


@needs("desk.open")
@require_GET
def calls(request: HttpRequest) -> HttpResponse:
    """List the newest calls with the customers who have the number on file."""
    newest = list(CallLog.objects.select_related("line", "ticket").order_by("-id")[:PAGE])
    wanted = {customer_id for call in newest for customer_id in call.candidates}
    names = {customer.pk: customer for customer in Customer.objects.filter(pk__in=wanted)}
    rows = [{"call": call, "candidates": [names[each] for each in call.candidates if each in names]} for call in newest]
    return render(request, "workspace/calls/page.html", {"rows": rows})
