"""Paying one bill by a link, without signing in."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from billing_desk.portal.access import outside_page
from billing_desk.portal.retelling import say
from billing_desk.reading import reader
from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.invoices.queries import get_invoice
from ledger.payments.attempt_models import Attempt, PaymentLink
from ledger.payments.attempting import collectable
from ledger.payments.checkout import open_checkout_page
from ledger.payments.failures import explain_failure
from ledger.payments.gateways_sandbox import TEST_CARDS
from ledger.payments.linking import PaymentLinkNotValid, open_payment_link, pay_by_link
from ledger.payments.methods import CARD, TRANSFER, eligible_ways


@require_http_methods(["GET", "POST"])
def pay_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show the bill of a link, its amount and the ways to pay it; only pressing a button pays."""
    at, refusal, url = timezone.now(), "", ""
    try:
        link = open_payment_link(token, at=at)
        if request.method == "POST":
            refusal, url = _pay(request, link, token, at=at)
            link = open_payment_link(token, at=at)
    except PaymentLinkNotValid as problem:
        return outside_page(request, "portal/payments/link_gone.html", status=410, refusal=say(problem))
    invoice = link.invoice
    amount = collectable(invoice)
    ways = {way.code for way in eligible_ways(link.customer.country, amount)}
    return outside_page(
        request,
        "portal/payments/by_link.html",
        status=422 if refusal else 200,
        invoice=invoice,
        lines=get_invoice(invoice.pk).lines.all(),
        amount=amount,
        refusal=refusal,
        checkout_url=url,
        is_under_way=any(one.is_open for one in invoice.attempts.all() if one.method_id),
        takes_card=CARD in ways,
        takes_transfer=TRANSFER in ways and bool(settings.SELLER["iban"]),
        cards=TEST_CARDS if settings.GATEWAY == "sandbox" else {},
        seller=settings.SELLER,
    )


def _pay(request: HttpRequest, link: PaymentLink, token: str, *, at: datetime) -> tuple[str, str]:
    """Return why it was not paid, and the page of the gateway where there is one."""
    try:
        if settings.GATEWAY != "sandbox":
            by = Actor.customer(link.customer_id, name="by payment link")
            back_to = settings.PUBLIC_URL + reverse("portal:pay-link", args=[token])
            words = f"Bill {link.invoice.number}"
            return "", open_checkout_page(link.invoice_id, words=words, back_to=back_to, by=by, at=at) or ""
        attempt = pay_by_link(token, card=request.POST.get("card", ""), at=at)
    except PaymentLinkNotValid:
        raise
    except DomainError as problem:
        return str(problem), ""
    if attempt.state == Attempt.State.FAILED:
        words = explain_failure(attempt.failure_code, reader())
        return f"{words.cause} {words.next_step}", ""
    return "", ""
