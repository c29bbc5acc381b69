"""How a refund, a dispute or a payment plan goes, in the customer's words; the steps are those the product takes."""

from __future__ import annotations

from contextlib import nullcontext

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from billing_desk.portal import session
from billing_desk.portal.access import outside_page
from billing_desk.reading import written_for
from billing_desk.workflows import workflows_for_customers


@require_safe
def how_it_works(request: HttpRequest) -> HttpResponse:
    """Show the steps of each; open to everybody, because it says nothing of anybody."""
    who = session.current(request, at=timezone.now())
    with written_for(who.language) if who else nullcontext():
        return outside_page(request, "portal/how_it_works.html", workflows=workflows_for_customers())
