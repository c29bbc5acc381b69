"""Sign-in by one-time link: ask for it, confirm it, choose an account, sign out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from billing_desk.portal import session
from billing_desk.portal.access import outside_page
from billing_desk.portal.forms import SignInForm
from billing_desk.portal.retelling import say
from billing_desk.portal.session import LinkNotValid
from ledger.customers.models import ContactPoint
from ledger.customers.operations import refuse_access
from ledger.events.actor import Actor


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for an address and answer the same whether we know it or not."""
    at = timezone.now()
    if request.method == "GET" and session.current(request, at=at):
        return redirect("portal:home")
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        session.send_link(form.cleaned_data["email"], at=at)
        return outside_page(
            request, "portal/sign_in_sent.html", email=form.cleaned_data["email"], minutes=session.LINK_MINUTES
        )
    return outside_page(request, "portal/sign_in.html", form=form)


@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show a button that uses the link; only pressing it does, because mail scanners open every link they see."""
    at = timezone.now()
    if request.method == "GET":
        usable = session.is_usable(token, at=at)
        return outside_page(request, "portal/sign_in_confirm.html", usable=usable, status=200 if usable else 410)
    try:
        accounts = session.use_link(token, at=at)
    except LinkNotValid as refusal:
        return outside_page(request, "portal/sign_in_confirm.html", usable=False, refusal=say(refusal), status=410)
    if len(accounts) > 1:
        session.remember_proved(request, accounts[0].value, at=at)
        return redirect("portal:choose")
    return _enter(request, accounts[0])


@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Let somebody whose address belongs to several accounts choose one, or change to another."""
    at = timezone.now()
    accounts = session.proved_accounts(request, at=at)
    if not accounts:
        return redirect("portal:sign-in")
    if request.method == "GET":
        return outside_page(request, "portal/choose.html", accounts=accounts)
    chosen = request.POST.get("account", "").replace("\x00", "")
    contact = next((account for account in accounts if str(account.pk) == chosen), None)
    if contact is not None:
        return _enter(request, contact)
    refuse_access(
        f"contact_point:{chosen[:20]}",
        why="Not an account of the address that was proved.",
        customer_id=accounts[0].customer_id,
        by=Actor.customer(accounts[0].customer_id),
        at=at,
    )
    return outside_page(
        request, "portal/choose.html", accounts=accounts, refusal=_("Please choose one of these accounts."), status=400
    )


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    session.leave(request)
    return redirect("portal:sign-in")


def _enter(request: HttpRequest, contact: ContactPoint) -> HttpResponse:
    wanted = request.session.pop(session.WANTED, "")
    session.enter(request, contact, at=timezone.now())
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return redirect(wanted)
    return redirect("portal:home")
