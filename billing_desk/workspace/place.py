"""Where an act on an account happens: in a case, or on the account page; and whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from billing_desk.workspace.access import is_own_account, note_view, refuse_own_account, refused
from billing_desk.workspace.tickets import open_case
from ledger.customers.models import Customer
from tickets.conversations.models import Ticket

NOT_THEIRS = "There is no such thing in this case."


@dataclass(frozen=True)
class Place:
    """A customer, and the case it is done from, if it is done from one."""

    customer: Customer
    ticket: Ticket | None

    @property
    def back(self) -> str:
        """Where to go on afterwards."""
        return f"/desk/tickets/{self.ticket.pk}/" if self.ticket else f"/desk/customers/{self.customer.pk}/"

    @property
    def suffix(self) -> str:
        """What an address ends with so that the case stays known."""
        return f"?ticket={self.ticket.pk}" if self.ticket else ""

    def address(self, path: str, **more: object) -> str:
        """Return an address with the case, and what else it is to carry."""
        asked = {**({"ticket": self.ticket.pk} if self.ticket else {}), **more}
        return f"{path}?{urlencode(asked)}" if asked else path


def place_of(request: HttpRequest, customer: Customer, *, subject: str) -> Place | HttpResponse:
    """Return where an act on an object of a customer happens; the view of it is put on record.

    Staff are kept away from their own account. A case of somebody else answers 404, and the try is recorded.
    """
    if is_own_account(request, customer.pk):
        return refuse_own_account(request, subject, customer.pk)
    number = request.GET.get("ticket") or request.POST.get("ticket") or ""
    ticket = None
    if number:
        found = open_case(request, int(number)) if number.isdecimal() and len(number) < 18 else None
        if isinstance(found, HttpResponse):
            return found
        if found is None or found.customer_id != customer.pk:
            return refused(request, NOT_THEIRS, subject=subject, customer_id=customer.pk, status=404)
        ticket = found
    note_view(request, customer.pk, what=subject)
    return Place(customer, ticket)


def draw(request: HttpRequest, place: Place, inner: str, shown: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Draw a panel: alone into the case that is open, or as a page of its own."""
    values = {"place": place, "customer": place.customer, "ticket": place.ticket, "inner": inner, **shown}
    is_panel = bool(request.headers.get("HX-Request"))
    template = "workspace/panel.html" if is_panel else "workspace/panel_page.html"
    return render(request, template, values | {"is_panel": is_panel}, status=status)
