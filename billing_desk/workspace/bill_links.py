"""Links to pay a bill: send the customer one, see which still work, end them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from billing_desk.payment_links import send_payment_link
from billing_desk.workspace import access
from billing_desk.workspace.access import needs, staff_actor
from billing_desk.workspace.answers import go
from billing_desk.workspace.bills import open_bill
from billing_desk.workspace.people import staff_names
from billing_desk.workspace.place import draw
from ledger.errors import DomainError
from ledger.invoices.models import Invoice
from ledger.payments.attempt_models import PaymentLink
from ledger.payments.attempting import collectable
from ledger.payments.linking import LIVES, withdraw_payment_links
from notifications.preferences.queries import NobodyToReach, how_to_reach

SEND = "payment.link"


class NoAddressForLink(DomainError):
    """Nobody can be sent a link: the customer has no address on file."""


def act_on_links(request: HttpRequest, invoice: Invoice) -> dict[str, str]:
    """Return the act that sends a link, greyed with the reason where it cannot be done."""
    nothing = "" if collectable(invoice).minor > 0 else "Nothing is asked for on this bill."
    why_not = access.why_not(request, SEND) or nothing
    return {"name": "payment-link", "label": "Send a payment link", "key": "l", "why_not": why_not}


def links_of(invoice: Invoice, *, at: datetime) -> list[dict[str, Any]]:
    """Return the links to a bill, the newest first, each with what became of it in words."""
    links = PaymentLink.objects.filter(invoice=invoice).order_by("-pk")[:20]
    return [{"link": link, "state": _state(link, invoice, at=at)} for link in links]


def _state(link: PaymentLink, invoice: Invoice, *, at: datetime) -> str:
    if link.withdrawn_at is not None:
        return "withdrawn"
    if link.expires_at <= at:
        return "expired"
    return "usable" if collectable(invoice).minor > 0 else "nothing left to pay"


@needs(SEND)
@require_http_methods(["GET", "POST"])
def payment_link(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """Show the links to a bill; send the customer a new one, or end those that still work."""
    opened = open_bill(request, invoice_id)
    if isinstance(opened, HttpResponse):
        return opened
    found, place = opened
    now, refusal = timezone.now(), ""
    if request.method == "POST":
        try:
            done = _act(request, found, at=now)
            return go(request, place.address(f"/desk/invoices/{found.pk}/payment-link"), done=done)
        except DomainError as problem:
            refusal = str(problem)
    shown = {
        "title": f"Payment link for {found.number}",
        "invoice": found,
        "amount": collectable(found),
        "links": links_of(found, at=now),
        "days": LIVES.days,
        "people": staff_names(),
        "refusal": refusal,
        "why_not": act_on_links(request, found)["why_not"],
    }
    return draw(request, place, "workspace/bills/_link.html", shown, status=422 if refusal else 200)


@transaction.atomic
def _act(request: HttpRequest, found: Invoice, *, at: datetime) -> str:
    by = staff_actor(request)
    if "withdraw" in request.POST:
        ended = withdraw_payment_links(found.pk, by=by, at=at)
        words = f"{ended} link{'' if ended == 1 else 's'} ended: whoever opens one is told to ask us."
        return words if ended else "No link was usable any more."
    try:
        how_to_reach(found.customer, at)
    except NobodyToReach as problem:
        raise NoAddressForLink("There is no address on file to send a link to; add one on the account.") from problem
    withdraw_payment_links(found.pk, by=by, at=at)
    send_payment_link(found.pk, by=by, at=at)
    return f"The link is on its way to the customer and works for {LIVES.days} days; earlier ones have ended."
