"""Disputes and refunds: where they stand, and by when what comes next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from billing_desk.portal.access import page, refuse_foreign, sees_money
from billing_desk.portal.home import refunds_for
from billing_desk.portal.session import SignedIn
from billing_desk.portal.timelines import dispute_steps, refund_steps
from ledger.disputes.queries import disputes_of, get_dispute
from ledger.disputes.reasons import REASONS
from ledger.errors import NotFound
from ledger.refunds.queries import get_refund, refunds_of


@require_GET
@sees_money
def cases(request: HttpRequest, who: SignedIn) -> HttpResponse:
    """List the customer's disputes and refunds, newest first."""
    return page(
        request,
        who,
        "portal/cases.html",
        disputes=disputes_of(who.customer.pk),
        refunds=refunds_of(who.customer.pk),
    )


@require_GET
@sees_money
def dispute(request: HttpRequest, who: SignedIn, dispute_id: int) -> HttpResponse:
    """Show one dispute and the refunds it led to."""
    try:
        found = get_dispute(dispute_id, customer_id=who.customer.pk)
    except NotFound:
        refuse_foreign(f"dispute:{dispute_id}", who)
    reason = REASONS.get(found.reason)
    return page(
        request,
        who,
        "portal/dispute.html",
        dispute=found,
        reason=pgettext("reason", reason.label.lower()) if reason else "",
        steps=dispute_steps(found, refunds_for(found, refunds_of(who.customer.pk))),
        conversation=_ticket_id(found.conversation),
    )


@require_GET
@sees_money
def refund(request: HttpRequest, who: SignedIn, refund_id: int) -> HttpResponse:
    """Show one refund."""
    try:
        found = get_refund(refund_id, customer_id=who.customer.pk)
    except NotFound:
        refuse_foreign(f"refund:{refund_id}", who)
    return page(
        request,
        who,
        "portal/refund.html",
        refund=found,
        steps=refund_steps(found),
        conversation=_ticket_id(found.conversation),
    )


def _ticket_id(conversation: str) -> int | None:
    kind, _, number = conversation.partition(":")
    return int(number) if kind == "ticket" and number.isdigit() else None
