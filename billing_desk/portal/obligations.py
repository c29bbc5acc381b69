"""Your next 60 days: what is to be paid when, what can be done about it, and help for those who cannot pay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from billing_desk.portal.access import page, sees_money
from billing_desk.portal.change_kinds import KINDS, is_possible
from billing_desk.portal.plan_forms import CannotPayForm
from billing_desk.portal.retelling import say
from billing_desk.portal.session import SignedIn
from billing_desk.reading import Words, reader
from ledger.agreements.cheaper import cheaper_plan
from ledger.errors import DomainError
from ledger.hardship.operations import start_hardship
from ledger.hardship.queries import free_advice, is_protected, live_case
from ledger.instalments.ahead import Ahead, Obligation, obligations
from ledger.instalments.options import Option, Situation, rank_options
from ledger.instalments.queries import bills_to_cover
from ledger.money import Money
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.queries import subscriptions_of
from notifications.wording.boundary import find_boundary

#: The drawing's own units.
WIDTH, HEIGHT = 600, 120
#: Name of an option to its title, what it does, and the button.
OPTIONS: dict[str, tuple[Words, Words, Words]] = {
    "instalments": (
        _("Pay in instalments"),
        _("Free of charge; no reminders and no late fees while you keep it."),
        _("Set up"),
    ),
    "plan": (
        _("Change to a cheaper plan"),
        _("It would have been enough for what you used lately."),
        _("See the plan"),
    ),
    "pause": (_("Pause your plan"), _("Nothing renews and nothing is charged while it is paused."), _("Pause")),
    "billing_day": (
        _("Move the billing day"),
        _("For example to the days after your income arrives."),
        _("Choose a day"),
    ),
    "hardship": (
        _("Tell us that you cannot pay"),
        _("Fees and reminders stop while we look for a way together."),
        _("Tell us"),
    ),
}
CHANGES = {"plan": "plan", "pause": "pause", "billing_day": "billing-day"}


@dataclass(frozen=True)
class OptionRow:
    """One way on the page: title, what it does, by how much it helps, and where it is done."""

    title: str
    text: str
    button: str
    url: str
    relief: Money | None


@dataclass(frozen=True)
class Drawing:
    """The cash-need line as a path, with the marks below it."""

    line: str
    area: str
    marks: list[tuple[int, date]]


@require_GET
@sees_money
def next_days(request: HttpRequest, who: SignedIn) -> HttpResponse:
    """Show what is to be paid in the next 60 days, day by day, and what can be done about it."""
    at = timezone.now()
    ahead = obligations(who.customer.pk, at=at)
    return page(
        request,
        who,
        "portal/plans/ahead.html",
        ahead=ahead,
        items=[(item, _where(item)) for item in ahead.items],
        drawing=draw(ahead),
        options=[_row(option) for option in rank_options(_situation(who, ahead, at=at))],
        is_protected=is_protected(who.customer.pk, at=at),
        boundary=find_boundary(reader()),
    )


@require_http_methods(["GET", "POST"])
@sees_money
def cannot_pay(request: HttpRequest, who: SignedIn) -> HttpResponse:
    """Take "I cannot pay" down, stop fees and reminders, and show who advises for free."""
    form = CannotPayForm(request.POST or None, currency=who.customer.currency)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            start_hardship(
                who.customer.pk, words=asked["words"], can_pay_monthly=asked["monthly"],
                conversation=who.conversation, by=who.actor, at=timezone.now(),
            )  # fmt: skip
        except DomainError as refusal:
            form.add_error(None, say(refusal))
        else:
            messages.success(
                request, gettext("Thank you for telling us. Reminders and late fees have stopped for now.")
            )
            return redirect("portal:cannot-pay")
    return page(
        request,
        who,
        "portal/plans/cannot_pay.html",
        status=422 if form.errors else 200,
        form=form,
        case=live_case(who.customer.pk),
        advisers=free_advice(who.customer, on=who.today),
        boundary=find_boundary(reader()),
    )


def draw(ahead: Ahead) -> Drawing:
    """Return how what is needed in all rises over the days: a step on every day on which something is due."""
    days, top = (ahead.until - ahead.today).days, max(ahead.total.minor, 1)

    def across(day: date) -> int:
        return (day - ahead.today).days * WIDTH // days

    def up(amount: Money) -> int:
        return HEIGHT - amount.minor * (HEIGHT - 10) // top

    steps = "".join(f"H{across(day)}V{up(amount)}" for day, amount in ahead.needed_by())
    line = f"M0,{HEIGHT}{steps}H{WIDTH}"
    marks = [day for day, _ in ahead.needed_by()]
    shown = [
        day for index, day in enumerate(marks) if index == 0 or across(day) - across(marks[index - 1]) > WIDTH // 8
    ]
    return Drawing(line, f"{line}V{HEIGHT}Z", [(across(day), day) for day in shown])


def _where(item: Obligation) -> str:
    names = {"bill": "portal:bill", "instalment": "portal:payment-plan", "coming": "portal:plan"}
    return reverse(names[item.kind], args=[item.pk])


def _situation(who: SignedIn, ahead: Ahead, *, at: datetime) -> Situation:
    bills = bills_to_cover(who.customer.pk)
    spread = sum((bill.due_amount for bill in bills), Money(0, who.customer.currency))
    running = [plan for plan in subscriptions_of(who.customer.pk) if plan.state == Subscription.State.ACTIVE]
    if not running:
        return Situation(spread)
    plan = running[0]
    coming = [item.amount for item in ahead.items if item.kind == "coming" and item.pk == plan.pk]
    cheaper = cheaper_plan(plan.pk, at=at)
    return Situation(
        spread,
        cheaper_saves=cheaper.costs[-1].saving if cheaper.plan else None,
        cheaper_name=cheaper.plan_name,
        coming=sum(coming, Money(0, plan.currency)),
        can_pause=is_possible(KINDS["pause"], plan, who.today),
        can_move_day=is_possible(KINDS["billing-day"], plan, who.today),
        subscription_id=plan.pk,
    )


def _row(option: Option) -> OptionRow:
    title, text, button = (str(words) for words in OPTIONS[option.name])
    if option.name == "plan":
        title = gettext("Change to {plan}").format(plan=option.about)
    if option.name in CHANGES:
        url = reverse("portal:plan-change", args=[option.subscription_id, CHANGES[option.name]])
    else:
        url = reverse("portal:payment-plan-new" if option.name == "instalments" else "portal:cannot-pay")
    return OptionRow(title, text, button, url, option.relief if option.relief.minor else None)
