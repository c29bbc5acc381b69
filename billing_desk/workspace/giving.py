"""Giving a customer something for a reason: credit, a fee let go, a discount; greyed until it is possible again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods

from billing_desk.workspace.access import is_own_account, needs, refuse_own_account, staff_actor
from billing_desk.workspace.answers import go
from billing_desk.workspace.forms import amount_of
from ledger.adjustments.models import Adjustment, AdjustmentReason
from ledger.adjustments.operations import Gift, give_adjustment
from ledger.adjustments.queries import Choice, Room, adjustments_of, choices_for, rooms_of
from ledger.charges.models import Charge
from ledger.customers.models import Customer
from ledger.customers.queries import get_customer
from ledger.errors import DomainError, NotFound
from ledger.invoices.models import InvoiceLine
from ledger.money import Money
from tickets.queues.queries import teams_of

FEES = (Charge.Kind.LATE_FEE, Charge.Kind.FEE)


class GiftForm(forms.Form):
    """What is given, for which reason, and why here."""

    reason = forms.ChoiceField(label="Reason")
    amount = forms.CharField(widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
    team = forms.ChoiceField(label="From the budget of")
    line = forms.ChoiceField(label="Fee to waive", required=False)
    why = forms.CharField(
        label="Why here", max_length=300, help_text="Colleagues read it; the customer reads the reason"
    )

    def __init__(self, customer: Customer, choices: list[Choice], rooms: list[Room], data: Any = None) -> None:
        super().__init__(data)
        self.customer = customer
        open_to = [choice.reason for choice in choices if choice.possible_again is None]
        reason: Any = self.fields["reason"]
        reason.choices = [(each.code, f"{each.title} ({each.get_kind_display().lower()})") for each in open_to]
        line: Any = self.fields["line"]
        line.choices = [("", "—"), *((str(fee.pk), f"{fee.description}, {fee.total}") for fee in _fees(customer))]
        self.fields["amount"].label = f"Amount ({customer.currency})"
        team: Any = self.fields["team"]
        team.choices = [(room.team, _room_words(room)) for room in rooms if room.team]
        if not team.choices:
            del self.fields["team"]

    def clean_amount(self) -> Money:
        """Read the amount as typed."""
        return amount_of(str(self.cleaned_data["amount"]), self.customer.currency)

    def gift(self) -> Gift:
        """Return what was asked for."""
        asked = self.cleaned_data
        line = int(asked["line"]) if asked["line"] else None
        return Gift(asked["reason"], asked["amount"], asked["why"], line_id=line, team=asked.get("team", ""))


def _room_words(room: Room) -> str:
    return f"{room.team}: {room.left.display()} of {room.amount.display()} left in {date_format(room.month, 'F Y')}"


def _rooms(request: HttpRequest, customer: Customer, at: datetime) -> list[Room]:
    """Return the budgets somebody may give from: their teams', or everybody's where none of theirs has one."""
    teams = teams_of(int(request.user.pk or 0))
    rooms = rooms_of(teams, currency=customer.currency, today=customer.local_day(at))
    return [room for room in rooms if room.team] or rooms


def _fees(customer: Customer) -> list[InvoiceLine]:
    """Return the fees on this customer's bills that can still be waived."""
    lines = InvoiceLine.objects.filter(invoice__customer=customer, charge__kind__in=FEES, credited_minor=0)
    return list(lines.exclude(invoice__state__in=["draft", "void"]).order_by("-pk")[:20])


@needs("adjustment.give")
@require_http_methods(["GET", "POST"])
def give(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Show what may be given to a customer and what was, and give it."""
    try:
        customer = get_customer(customer_id)
    except NotFound as missing:
        raise Http404(str(missing)) from missing
    if is_own_account(request, customer_id):
        return refuse_own_account(request, f"customer:{customer_id}", customer_id)
    now = timezone.now()
    choices = choices_for(customer, at=now)
    rooms = _rooms(request, customer, now)
    form = GiftForm(customer, choices, rooms, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            given = give_adjustment(customer_id, gift=form.gift(), by=staff_actor(request), at=now)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            return go(request, f"/desk/customers/{customer_id}/", done=_said(given))
    shown = {
        "customer": customer,
        "form": form,
        "used_up": [choice for choice in choices if choice.possible_again],
        "given": adjustments_of(customer_id, limit=12),
        "rooms": rooms,
        "has_reasons": AdjustmentReason.objects.filter(is_in_use=True).exists(),
    }
    return render(request, "workspace/giving/page.html", shown, status=422 if form.errors else 200)


def _said(given: Adjustment) -> str:
    if given.state == Adjustment.State.REQUESTED:
        return f"{given.number} of {given.amount} waits for a colleague's word."
    return f"{given.number} of {given.amount} is given; the customer is told."
