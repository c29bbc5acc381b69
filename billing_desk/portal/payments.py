"""Paying a bill, and the cards and accounts on file. A card number is never typed on a page of ours."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from billing_desk.portal.access import page, refuse_foreign, sees_money
from billing_desk.portal.mandates import accounts_for, consent_to_keep, kept_with_mandates, sepa_consent
from billing_desk.portal.paying import paid_with
from billing_desk.portal.retelling import say
from billing_desk.portal.session import SignedIn
from billing_desk.reading import reader
from ledger.errors import DomainError, NotFound
from ledger.invoices.models import Invoice
from ledger.invoices.queries import get_invoice
from ledger.payments.attempt_models import Attempt
from ledger.payments.attempting import collectable
from ledger.payments.checkout import open_checkout_page
from ledger.payments.collecting import collect_invoice
from ledger.payments.failures import explain_failure
from ledger.payments.gateways_sandbox import TEST_CARDS
from ledger.payments.linking import LIVES, make_payment_link
from ledger.payments.methods import CARD, LINK, TRANSFER, eligible_ways, takes_kind
from ledger.payments.models import PaymentMethod
from ledger.payments.on_file import NoSuchPaymentMethod, add_test_card, remove_payment_method
from ledger.payments.queries import methods_of

UNDER_WAY = gettext_lazy(
    "Your bank has not answered yet. There is nothing for you to do: the bill shows it as soon as we know."
)


@dataclass(frozen=True, slots=True)
class OnFile:
    """A card or account on file, and why it cannot pay now; an empty reason: it can."""

    method: PaymentMethod
    why_not: str


@require_http_methods(["GET", "POST"])
@sees_money
def pay(request: HttpRequest, who: SignedIn, invoice_id: int) -> HttpResponse:
    """Show what is to pay and how; charge the card or account that was chosen."""
    invoice = _own_invoice(invoice_id, who)
    refusal = ""
    if request.method == "POST":
        refusal = _pay(request, who, invoice)
        if not refusal:
            return redirect("portal:bill", invoice.pk)
        invoice = _own_invoice(invoice_id, who)
    amount = collectable(invoice)
    ways = {way.code: way for way in eligible_ways(who.customer.country, amount)}
    return page(
        request,
        who,
        "portal/payments/pay.html",
        status=422 if refusal else 200,
        invoice=invoice,
        amount=amount,
        refusal=refusal,
        on_file=methods_on_file(who, invoice),
        takes_card=CARD in ways,
        takes_transfer=TRANSFER in ways and bool(settings.SELLER["iban"]),
        takes_link=LINK in ways,
        ways=ways.values(),
        seller=settings.SELLER,
        is_sandbox=settings.GATEWAY == "sandbox",
        keep=consent_to_keep(),
    )


def methods_on_file(who: SignedIn, invoice: Invoice) -> list[OnFile]:
    """Return the cards and accounts on file, the newest first, each with why it cannot pay this bill."""
    amount = collectable(invoice)
    shown = []
    for method in reversed(methods_of(who.customer.pk)):
        why_not = ""
        if method.kind == PaymentMethod.Kind.TRANSFER or not takes_kind(method.kind, who.customer.country, amount):
            why_not = _("cannot pay {currency}").format(currency=amount.currency)
        elif method.expires_on and method.expires_on < who.today:
            why_not = _("has expired")
        shown.append(OnFile(method, why_not))
    return shown


def _own_invoice(invoice_id: int, who: SignedIn) -> Invoice:
    try:
        return get_invoice(invoice_id, customer_id=who.customer.pk)
    except NotFound:
        refuse_foreign(f"invoice:{invoice_id}", who)


def _pay(request: HttpRequest, who: SignedIn, invoice: Invoice) -> str:
    """Return why it was not paid; nothing when it was, or when the answer is still to come."""
    chosen = request.POST.get("method", "")
    if not chosen.isdecimal() or len(chosen) > 18:
        return _("Please choose a card or account first.")
    if int(chosen) not in {method.pk for method in methods_of(who.customer.pk)}:
        return _("This card or account is not on file any more.")
    try:
        attempt = collect_invoice(
            invoice.pk, method_id=int(chosen), trigger=Attempt.Trigger.CUSTOMER, by=who.actor, at=timezone.now()
        )
    except DomainError as problem:
        return say(problem)
    return say_outcome(request, attempt)


def say_outcome(request: HttpRequest, attempt: Attempt) -> str:
    """Return the cause and next step of a decline; anything else is put up as a message."""
    if attempt.state == Attempt.State.FAILED:
        words = explain_failure(attempt.failure_code, reader())
        return f"{words.cause} {words.next_step}"
    if attempt.state == Attempt.State.SUCCEEDED:
        messages.success(request, _("Thank you. {amount} is paid.").format(amount=attempt.amount.display(reader())))
    else:
        messages.info(request, str(UNDER_WAY))
    return ""


@require_POST
@sees_money
def checkout(request: HttpRequest, who: SignedIn, invoice_id: int) -> HttpResponse:
    """Open the gateway's page for a bill and show the way there."""
    invoice = _own_invoice(invoice_id, who)
    back_to = settings.PUBLIC_URL + reverse("portal:bill", args=[invoice.pk])
    try:
        url = open_checkout_page(
            invoice.pk,
            words=_("Bill {number}").format(number=invoice.number),
            back_to=back_to,
            consent=consent_to_keep() if request.POST.get("keep") == "yes" else None,
            by=who.actor,
            at=timezone.now(),
        )
    except DomainError as problem:
        messages.error(request, say(problem))
        url = None
    if not url:
        return redirect("portal:pay", invoice.pk)
    return page(request, who, "portal/payments/checkout.html", invoice=invoice, url=url)


@require_POST
@sees_money
def link(request: HttpRequest, who: SignedIn, invoice_id: int) -> HttpResponse:
    """Make a link with which somebody else can pay the bill, and show it once."""
    invoice = _own_invoice(invoice_id, who)
    try:
        token = make_payment_link(invoice.pk, by=who.actor, at=timezone.now())
    except DomainError as problem:
        messages.error(request, say(problem))
        return redirect("portal:pay", invoice.pk)
    url = settings.PUBLIC_URL + reverse("portal:pay-link", args=[token])
    return page(request, who, "portal/payments/link.html", invoice=invoice, url=url, days=LIVES.days)


@require_http_methods(["GET", "POST"])
@sees_money
def methods(request: HttpRequest, who: SignedIn) -> HttpResponse:
    """List the cards and accounts on file; put one of the sandbox's test cards on file, or take one off."""
    refusal = ""
    if request.method == "POST":
        refusal = _change_methods(request, who)
        if not refusal:
            return redirect(_next_page(request))
    return page(
        request,
        who,
        "portal/payments/methods.html",
        status=422 if refusal else 200,
        refusal=refusal,
        on_file=kept_with_mandates(list(reversed(methods_of(who.customer.pk)))),
        accounts=accounts_for(who),
        sepa=sepa_consent(),
        rows=paid_with(who, at=timezone.now()),
        cards=TEST_CARDS if settings.GATEWAY == "sandbox" else {},
        is_charged=settings.COLLECT_DUE,
        pay_next=_invoice_to_pay(request),
    )


def _change_methods(request: HttpRequest, who: SignedIn) -> str:
    by, at = who.actor, timezone.now()
    gone = request.POST.get("remove", "")
    try:
        if gone.isdecimal() and len(gone) < 19:
            remove_payment_method(int(gone), customer_id=who.customer.pk, by=by, at=at)
            messages.success(request, _("It is no longer on file."))
        elif settings.GATEWAY == "sandbox":
            add_test_card(who.customer.pk, card=request.POST.get("card", ""), by=by, at=at)
            messages.success(request, _("The card is on file."))
        else:
            return _("A new card is added on the payment page of a bill.")
    except NoSuchPaymentMethod:
        refuse_foreign(f"paymentmethod:{gone}", who)
    except DomainError as problem:
        return say(problem)
    return ""


def _invoice_to_pay(request: HttpRequest) -> int | None:
    """Return the bill whose payment the customer came from."""
    wanted = request.GET.get("pay", "")
    return int(wanted) if wanted.isdecimal() and len(wanted) < 19 else None


def _next_page(request: HttpRequest) -> str:
    wanted = _invoice_to_pay(request)
    return reverse("portal:pay", args=[wanted]) if wanted else reverse("portal:methods")
