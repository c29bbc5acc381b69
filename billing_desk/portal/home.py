"""The first page: what is owed, why, what is under way, and whom to call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from billing_desk.as_of import summary_asked_for
from billing_desk.plan_words import priced
from billing_desk.portal.access import page, signed_in
from billing_desk.portal.comparing import Comparison, compare_bill
from billing_desk.portal.conversations import open_conversations
from billing_desk.portal.retelling import retell
from billing_desk.portal.session import SignedIn
from billing_desk.portal.timelines import Step, dispute_steps, refund_steps
from billing_desk.reading import reader
from ledger.catalogue.queries import PriceBook
from ledger.catalogue.tariff import price_of
from ledger.disputes.models import Dispute
from ledger.disputes.queries import disputes_of
from ledger.invoices.models import Invoice
from ledger.invoices.queries import invoices_of
from ledger.money import Money
from ledger.refunds.models import Refund
from ledger.refunds.queries import refunds_of
from ledger.subscriptions.facts import load_facts
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.queries import subscriptions_of
from ledger.subscriptions.rating import Facts

#: Decided disputes and finished refunds stay on the first page this long.
DAYS_SHOWN = 30
ONGOING_REFUNDS = {"requested", "approved", "submitted", "paid", "failed"}


@dataclass(frozen=True)
class Renewal:
    """When a plan renews and what it will cost before tax."""

    subscription: Subscription
    on: date
    price: Money | None


@dataclass(frozen=True)
class UnderWay:
    """A dispute or refund with where it stands."""

    title: str
    url_name: str
    pk: int
    steps: list[Step]


@require_GET
@signed_in
def home(request: HttpRequest, who: SignedIn) -> HttpResponse:
    """Show what is owed and what happens next; contacts who may not see money see their conversations only."""
    conversations = open_conversations(who)
    if not who.may_see_money:
        return page(request, who, "portal/home.html", conversations=conversations)
    invoices = invoices_of(who.customer.pk, limit=4)
    summary, remark = summary_asked_for(request, who.customer, who.today)
    return page(
        request,
        who,
        "portal/home.html",
        conversations=conversations,
        summary=summary,
        remark=retell(remark),
        today=who.today,
        invoices=invoices,
        higher=_higher(invoices),
        renewals=_renewals(who),
        under_way=_under_way(who),
    )


def _higher(invoices: list[Invoice]) -> tuple[Invoice, Comparison] | None:
    """Return the latest bill with why it is higher than the one before; None where it is not."""
    billed = [invoice for invoice in invoices if invoice.state != Invoice.State.VOID][:2]
    if len(billed) < 2:
        return None
    latest = billed[0]
    found = compare_bill(latest.pk, customer_id=latest.customer_id, total=latest.total, language=reader())
    return (latest, found) if found.is_higher else None


def _renewals(who: SignedIn) -> list[Renewal]:
    active = [plan for plan in subscriptions_of(who.customer.pk) if plan.state == Subscription.State.ACTIVE]
    facts = load_facts([plan.pk for plan in active])
    book = PriceBook.load({plan.currency for plan in active}) if active else PriceBook([])
    return [Renewal(plan, plan.renews_on, _worth(facts[plan.pk], book)) for plan in active]


def _worth(facts: Facts, book: PriceBook) -> Money | None:
    """Return what the next period of a plan costs before tax; nobody knows it where use decides."""
    _, tariff = priced(facts, facts.plan, book, facts.renews_on)
    return price_of(tariff, facts.plan.quantity) if tariff and not facts.plan.product.meter else None


def _under_way(who: SignedIn) -> list[UnderWay]:
    since = timezone.now() - timedelta(days=DAYS_SHOWN)
    refunds, disputes = refunds_of(who.customer.pk), disputes_of(who.customer.pk)
    shown = []
    for dispute in disputes:
        belonging = refunds_for(dispute, refunds)
        refunds = [refund for refund in refunds if refund not in belonging]
        if dispute.is_open or (dispute.decided_at and dispute.decided_at > since):
            title = _("Your dispute {number}").format(number=dispute.number)
            shown.append(UnderWay(title, "portal:dispute", dispute.pk, dispute_steps(dispute, belonging)))
    for refund in refunds:
        if refund.state in ONGOING_REFUNDS or (refund.closed_at and refund.closed_at > since):
            title = _("Your refund {number}").format(number=refund.number)
            shown.append(UnderWay(title, "portal:refund", refund.pk, refund_steps(refund)))
    return shown


def refunds_for(dispute: Dispute, refunds: list[Refund]) -> list[Refund]:
    """Return the refunds that a dispute led to, oldest first."""
    return sorted((refund for refund in refunds if refund.source == f"dispute:{dispute.pk}"), key=lambda one: one.pk)
