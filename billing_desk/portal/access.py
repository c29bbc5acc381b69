"""Who may see which page: sign-in, the right to see money, and that an object is the customer's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import NoReturn

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache

from billing_desk.portal import session
from billing_desk.portal.contact import json_ld
from billing_desk.portal.line import billing_line
from billing_desk.portal.session import SignedIn
from billing_desk.reading import reader, written_for
from ledger.customers.operations import refuse_access
from ledger.entitlements.models import Access
from ledger.entitlements.queries import access_of, sentence_of
from ledger.invoices.models import Invoice
from notifications.wording.catalogue import LAST_LANGUAGE
from tickets.channels.lines import billing_contact

#: An event's subject holds no more.
LONGEST_SUBJECT = 60
#: Which entry of the navigation a page below it belongs to.
SECTIONS = {
    "bill": "bills",
    "pay": "bills",
    "checkout": "bills",
    "pay-link-new": "bills",
    "methods": "preferences",
    "method-choose": "preferences",
    "bills-by": "preferences",
    "conversation": "conversations",
    "ask": "conversations",
    "dispute": "cases",
    "refund": "cases",
    "plan-change": "plans",
    "plan-changed": "plans",
    "agreement": "plans",
    "statement": "bills",
    "next-days": "bills",
    "cannot-pay": "bills",
    "payment-plans": "bills",
    "payment-plan": "bills",
    "payment-plan-new": "bills",
}
View = Callable[..., HttpResponse]


def signed_in(view: View) -> View:
    """Call the view with who is signed in, in their language; everybody else signs in first and comes back here."""

    @never_cache
    @wraps(view)
    def with_customer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        who = session.current(request, at=timezone.now())
        if who is not None:
            with written_for(who.language):
                return _view_or_not_found(view, request, who, *args, **kwargs)
        if request.method == "GET":
            request.session[session.WANTED] = request.get_full_path()
        return redirect("portal:sign-in")

    return with_customer


def _view_or_not_found(
    view: View, request: HttpRequest, who: SignedIn, *args: object, **kwargs: object
) -> HttpResponse:
    """Show the page, or a page in the portal's own frame that leads back into the account."""
    try:
        return view(request, who, *args, **kwargs)
    except Http404:
        return page(request, who, "portal/not_found.html", status=404)


def sees_money(view: View) -> View:
    """Call the view for contacts who may see money; others read why not, and the try is recorded."""

    @signed_in
    @wraps(view)
    def with_right(request: HttpRequest, who: SignedIn, *args: object, **kwargs: object) -> HttpResponse:
        if who.may_see_money:
            return view(request, who, *args, **kwargs)
        refuse_access(
            f"page:{request.path}"[:LONGEST_SUBJECT],
            why="This contact may not see money.",
            customer_id=who.customer.pk,
            by=who.actor,
            at=timezone.now(),
        )
        return page(request, who, "portal/no_money.html", status=403)

    return with_right


def refuse_foreign(subject: str, who: SignedIn) -> NoReturn:
    """Answer 404 for an object that is not this customer's, and record the try.

    :raises Http404: always
    """
    subject = subject.replace("\x00", "")[:LONGEST_SUBJECT]
    refuse_access(subject, why="Not this customer's.", customer_id=who.customer.pk, by=who.actor, at=timezone.now())
    raise Http404("There is no such page in this account.")


def page_start(request: HttpRequest) -> int | None:
    """Return after which id the wanted page of a list begins; None for the first page."""
    before = request.GET.get("before", "")
    return int(before) if before.isdecimal() and len(before) < 19 else None


def page(request: HttpRequest, who: SignedIn, template: str, *, status: int = 200, **values: object) -> HttpResponse:
    """Render a page of the portal with what every one of them shows."""
    shown = {"who": who, "here": _section(request), "paused": _paused(who), **_always(who.customer.country), **values}
    return _render(request, template, shown, status=status)


def _paused(who: SignedIn) -> dict[str, object] | None:
    """Return what stands above every page while access is restricted or about to be: the sentence, and the bill."""
    if not who.may_see_money:
        return None
    access = access_of(who.customer.pk)
    if access.state == Access.State.ACTIVE:
        return None
    payable = access.invoice_id if access.invoice and access.invoice.state == Invoice.State.OPEN else None
    return {"sentence": sentence_of(access, reader()), "is_open": access.is_open, "invoice_id": payable}


def outside_page(request: HttpRequest, template: str, *, status: int = 200, **values: object) -> HttpResponse:
    """Render a page for somebody not signed in; its address may hold a secret, so nothing keeps or passes it on."""
    shown = {"languages": settings.LANGUAGES, **_always(), **values}
    with written_for(translation.get_language() or LAST_LANGUAGE):
        response = _render(request, template, shown, status=status)
    # Not "no-referrer": browsers then send "Origin: null" with the form, which the check against forged forms refuses.
    response["Referrer-Policy"] = "same-origin"
    response["Cache-Control"] = "no-store"
    return response


def _render(request: HttpRequest, template: str, values: dict[str, object], *, status: int) -> HttpResponse:
    response = render(request, template, values, status=status)
    response["Content-Language"] = translation.get_language() or LAST_LANGUAGE
    return response


def _always(country: str = "") -> dict[str, object]:
    contact = billing_contact(country, reader())
    return {
        "company": settings.COMPANY,
        "contact": contact,
        "contact_data": json_ld(contact, country),
        "line": billing_line(at=timezone.now(), country=country),
    }


def _section(request: HttpRequest) -> str:
    name = request.resolver_match.url_name if request.resolver_match else ""
    return SECTIONS.get(name or "", name or "")
