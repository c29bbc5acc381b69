"""The page "Demo mailbox": every mail a customer got, and an answer written as that customer. Only in the demo.

What is written here leaves as a real mail over SMTP and comes back through the mailbox we poll, as any answer would.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods

from billing_desk.demo import mail
from billing_desk.demo.letters import Letter, compose, reply_headers, send
from billing_desk.portal.forms import SeveralFilesField
from ledger.customers.models import ContactPoint

View = Callable[..., HttpResponse]
MAILS_A_PAGE = 20
ADDRESSES_A_PAGE = 60


PERSON = forms.EmailInput(attrs={"list": "people", "autocomplete": "off"})


class LetterForm(forms.Form):
    """A mail written as a customer."""

    to = forms.EmailField(label="To", max_length=254)
    subject = forms.CharField(label="Subject", max_length=200, required=False)
    text = forms.CharField(label="Text", max_length=100_000, widget=forms.Textarea(attrs={"rows": 7}))
    uploads = SeveralFilesField(label="Attachments", required=False)


class AnyoneForm(LetterForm):
    """A new mail, also from somebody we do not know."""

    sender = forms.EmailField(
        label="From", max_length=254, help_text="A customer's address, or any other.", widget=PERSON
    )
    field_order = ["sender", "to", "subject", "text", "uploads"]


@dataclass(frozen=True)
class Box:
    """One address, whose it is, how many mails lie there, and which is the newest."""

    address: str
    owner: str
    mails: int
    newest: Path | None


def demo_only(view: View) -> View:
    """Answer 404 unless this is the demo: these pages read other people's mail."""

    @never_cache
    @wraps(view)
    def only_in_demo(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not settings.DEMO:
            raise Http404("There is no such page.")
        return view(request, *args, **kwargs)

    return only_in_demo


@require_GET
@demo_only
def boxes(request: HttpRequest) -> HttpResponse:
    """List every address that got mail, with whose it is and what it got last; where something happened last first."""
    words = request.GET.get("q", "").strip().lower()
    found = [box for box in _boxes() if words in box.address or words in box.owner.lower()]
    page = Paginator(found, ADDRESSES_A_PAGE).get_page(request.GET.get("page"))
    shown = [(one, mail.subject_of(one.newest) if one.newest else "") for one in page]
    values = {"page": page, "shown": shown, "words": words, "company": settings.COMPANY}
    return render(request, "demo/boxes.html", values)


@require_http_methods(["GET", "POST"])
@demo_only
def box(request: HttpRequest, address: str) -> HttpResponse:
    """Show the mails of one address; send an answer to one of them."""
    mails = _mails(address)
    page = Paginator(mails, MAILS_A_PAGE).get_page(request.GET.get("page"))
    answered = next((one for one in mails if one.key == request.POST.get("answers")), None)
    form = LetterForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and answered and form.is_valid():
        letter = _letter(address, form.cleaned_data)
        if _send(request, form, letter, answered):
            return redirect("demo:box", address)
    owner = _owners([address]).get(address.lower(), "")
    shown = [(one, form if one is answered else _answer_form(one)) for one in page]
    values = {"address": address, "owner": owner, "page": page, "shown": shown, "company": settings.COMPANY}
    return render(request, "demo/box.html", values, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@demo_only
def write(request: HttpRequest) -> HttpResponse:
    """Write a new mail to the support address as a customer, or as a stranger."""
    start = {"sender": request.GET.get("as", ""), "to": settings.SUPPORT_ADDRESS}
    form = AnyoneForm(request.POST or None, request.FILES or None, initial=start)
    if request.method == "POST" and form.is_valid():
        sender = form.cleaned_data["sender"]
        if _send(request, form, _letter(sender, form.cleaned_data), None):
            return redirect("demo:box", sender)
    people = ContactPoint.objects.filter(kind="email", removed_at=None).select_related("customer").order_by("id")[:300]
    values = {"form": form, "people": people, "company": settings.COMPANY}
    return render(request, "demo/write.html", values, status=422 if form.errors else 200)


@require_GET
@xframe_options_sameorigin
@demo_only
def html_part(request: HttpRequest, address: str, key: str) -> HttpResponse:
    """Show the HTML of one mail; it runs no script, loads nothing and cannot reach this site."""
    found = next((one for one in _mails(address) if one.key == key and one.html), None)
    if found is None:
        raise Http404("There is no such mail.")
    response = HttpResponse(found.html)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _mails(address: str) -> list[mail.DemoMail]:
    try:
        return mail.messages_for(address)
    except ValueError as problem:
        raise Http404("This is no mail address.") from problem


def _boxes() -> list[Box]:
    addresses = mail.addresses()
    owners = _owners(addresses)
    found = []
    for address in addresses:
        files = mail.newest_first(address)
        found.append(Box(address, owners.get(address.lower(), ""), len(files), next(iter(files), None)))
    return sorted(found, key=lambda box: box.newest.name if box.newest else "", reverse=True)


def _owners(addresses: list[str]) -> dict[str, str]:
    """Return the names of the customers behind addresses; several share one."""
    lowered = [address.lower() for address in addresses]
    live = ContactPoint.objects.filter(kind="email", removed_at=None).alias(lowered=Lower("value"))
    found = live.filter(lowered__in=lowered).order_by("id")
    owners: dict[str, str] = {}
    for value, name in found.values_list(Lower("value"), "customer__name"):
        owners[value] = f"{owners[value]}, {name}" if value in owners else name
    return owners


def _answer_form(answered: mail.DemoMail) -> LetterForm:
    headers = reply_headers(answered.raw)
    return LetterForm(initial={"to": headers.to, "subject": headers.subject}, auto_id=f"id_{answered.key}_%s")


def _letter(sender: str, values: Mapping[str, Any]) -> Letter:
    owner = _owners([sender]).get(sender.lower(), "")
    named = {name: values[name] for name in ("to", "subject", "text")}
    return Letter(sender=sender, sender_name=owner.partition(",")[0], files=values["uploads"], **named)


def _send(request: HttpRequest, form: LetterForm, letter: Letter, answered: mail.DemoMail | None) -> bool:
    try:
        send(compose(letter, answered.raw if answered else None))
    except (OSError, smtplib.SMTPException) as problem:
        form.add_error(None, f"The mail server did not take it: {problem}. Is the demo running?")
        return False
    messages.success(request, f"Sent to {letter.to}. The desk fetches its mail within a minute.")
    return True
