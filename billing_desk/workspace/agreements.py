"""Agreements on the desk: what a version says and changes, propose the next one, decide it, offer it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from billing_desk.workspace.access import needs, staff_actor, why_not
from billing_desk.workspace.answers import go
from billing_desk.workspace.forms import amount_field, amount_of
from billing_desk.workspace.people import staff_names
from billing_desk.workspace.place import Place, draw, place_of
from ledger.agreements.deciding import approve_agreement, decline_agreement
from ledger.agreements.models import Agreement
from ledger.agreements.offering import offer_agreement
from ledger.agreements.operations import propose_amendment
from ledger.agreements.queries import differences_of, get_agreement, why_not_decide
from ledger.agreements.terms import Difference, Proposal
from ledger.catalogue.models import Product
from ledger.errors import DomainError, NotFound
from ledger.subscriptions.models import Subscription

PROPOSE, APPROVE = "subscription.change", "refund.approve"
WORDS = {
    "plan_name": "Plan",
    "starts_on": "Holds from",
    "price": "Price of a period",
    "percent": "Off the list price",
    "ends_on": "Ends on",
    "renews_months": "Goes on by months",
    "notice_days": "Notice in days",
}
MOVES: dict[str, Any] = {"approve": approve_agreement, "decline": decline_agreement, "offer": offer_agreement}
DONE = {
    "approve": "Approved. It can be offered to the customer now.",
    "decline": "Declined. The subscription stays as it is.",
    "offer": "Offered. The customer reads it in their account and accepts it there.",
}


class ProposalForm(forms.Form):
    """What the next version of an agreement is to say."""

    plan = forms.ChoiceField(label="Plan", required=False)
    price = amount_field("Agreed price of a period, before tax")
    percent = forms.DecimalField(label="Or per cent off the list price", required=False, max_digits=9, decimal_places=6)
    starts_on = forms.DateField(
        label="Not before", required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text="It begins with a billing day; empty: as early as possible.",
    )  # fmt: skip
    term_months = forms.IntegerField(label="Term in months", required=False, min_value=0, help_text="0: no end")
    renews_months = forms.IntegerField(label="Goes on by months", required=False, min_value=0)
    notice_days = forms.IntegerField(label="Notice in days", required=False, min_value=0)
    reason = forms.CharField(label="Why", max_length=300)

    def __init__(self, data: Any = None, *, subscription: Subscription) -> None:
        super().__init__(data, auto_id="agree_%s")
        self.currency = subscription.currency
        plans = Product.objects.filter(kind=Product.Kind.PLAN, is_on_sale=True, interval=subscription.plan.interval)
        running = (subscription.plan.code, f"{subscription.plan.name}, as now")
        others = [(each.code, each.name) for each in plans.exclude(pk=subscription.plan_id).order_by("name")]
        field = self.fields["plan"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [running, *others]
        self.fields["price"].required = False
        self.fields["price"].label = f"Agreed price of a period, before tax ({self.currency})"
        self.fields["reason"].error_messages["required"] = "Please say why; an approver reads it."

    def clean_price(self) -> Any:
        """Read the price as typed; empty where a percentage or the list price is meant."""
        text = str(self.cleaned_data["price"]).strip()
        return amount_of(text, self.currency, least=0) if text else None

    def proposal(self) -> Proposal:
        """Return what is proposed."""
        asked = self.cleaned_data
        return Proposal(
            price=asked["price"],
            percent=asked["percent"],
            plan=asked["plan"],
            starts_on=asked["starts_on"],
            term_months=asked["term_months"] or 0,
            renews_months=asked["renews_months"] or 0,
            notice_days=asked["notice_days"] or 0,
        )


@needs(PROPOSE)
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """Ask for the terms of the next version, and propose it; beyond the proposer's authority it waits."""
    found = Subscription.objects.select_related("plan", "customer").filter(pk=subscription_id).first()
    if found is None:
        raise Http404("There is no such subscription.")
    place = place_of(request, found.customer, subject=f"subscription:{subscription_id}")
    if isinstance(place, HttpResponse):
        return place
    form = ProposalForm(request.POST if request.method == "POST" else None, subscription=found)
    if form.is_bound and form.is_valid():
        conversation = f"ticket:{place.ticket.pk}" if place.ticket else ""
        why, by, now = form.cleaned_data["reason"], staff_actor(request), timezone.now()
        try:
            made = propose_amendment(
                found.pk, proposal=form.proposal(), reason=why, conversation=conversation, by=by, at=now
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            return _show(request, made.pk, place, said=_proposed(made))
    shown = {"title": f"Propose terms for {found.plan.name}", "form": form, "subscription": found}
    return draw(request, place, "workspace/agreements/_propose.html", shown, status=422 if form.errors else 200)


def _proposed(made: Agreement) -> str:
    if made.state == Agreement.State.WAITING_APPROVAL:
        return f"It gives away {made.worth}, which is above your own limit: a colleague has to approve it."
    return f"Proposed, from {date_format(made.starts_on, 'j F Y')}. Offer it to the customer when they shall read it."


@needs("customer.view")
@require_GET
def agreement(request: HttpRequest, agreement_id: int) -> HttpResponse:
    """Show one version: its words, what it changes, what can be done about it."""
    place = _place(request, agreement_id)
    return place if isinstance(place, HttpResponse) else _show(request, agreement_id, place)


@needs("customer.view")
@require_POST
def decide(request: HttpRequest, agreement_id: int, move: str) -> HttpResponse:
    """Approve, decline or offer a version."""
    place = _place(request, agreement_id)
    if isinstance(place, HttpResponse):
        return place
    by, reason = staff_actor(request), request.POST.get("reason", "")
    refusal = why_not(request, APPROVE if move == "approve" else PROPOSE)
    more = {"reason": reason} if move == "decline" else {}
    try:
        if not refusal:
            MOVES[move](agreement_id, by=by, at=timezone.now(), **more)
            return go(request, place.back, done=DONE[move])
    except DomainError as problem:
        refusal = str(problem)
    return _show(request, agreement_id, place, refusal=refusal)


def _place(request: HttpRequest, agreement_id: int) -> Place | HttpResponse:
    try:
        found = get_agreement(agreement_id)
    except NotFound as missing:
        raise Http404(str(missing)) from missing
    return place_of(request, found.customer, subject=f"agreement:{agreement_id}")


def _show(request: HttpRequest, agreement_id: int, place: Place, *, said: str = "", refusal: str = "") -> HttpResponse:
    found, by = get_agreement(agreement_id), staff_actor(request)
    can_decide = found.state == Agreement.State.WAITING_APPROVAL
    shown = {
        "title": f"Agreement, version {found.version}",
        "agreement": found,
        "differences": [_said(one) for one in differences_of(found)],
        "why_not_approve": (why_not(request, APPROVE) or why_not_decide(found, by)) if can_decide else "",
        "can_approve": can_decide,
        "can_offer": found.state == Agreement.State.PROPOSED,
        "can_decline": found.state in (Agreement.State.WAITING_APPROVAL, Agreement.State.PROPOSED),
        "why_not_work": why_not(request, PROPOSE),
        "people": staff_names(),
        "said": said,
        "refusal": refusal,
    }
    return draw(request, place, "workspace/agreements/_agreement.html", shown, status=422 if refusal else 200)


def _said(one: Difference) -> dict[str, object]:
    return {"what": WORDS.get(one.what, one.what), "before": _plain(one.before), "after": _plain(one.after)}


def _plain(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, date):
        return date_format(value, "j F Y")
    return f"{value.normalize():f} %" if isinstance(value, Decimal) else str(value)
