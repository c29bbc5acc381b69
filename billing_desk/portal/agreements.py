"""Agreements: what was offered, in the very words that count; the customer accepts or declines."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing_desk.portal.access import page, refuse_foreign, sees_money
from billing_desk.portal.retelling import say
from billing_desk.portal.session import SignedIn, accepted_here
from billing_desk.portal.subscription import proof_missing
from ledger.agreements.deciding import decline_agreement
from ledger.agreements.models import Agreement
from ledger.agreements.offering import accept_agreement
from ledger.agreements.queries import NoSuchAgreement, get_agreement
from ledger.errors import DomainError

#: Kept as the reason where the customer gives none.
NO_REASON = "Declined by the customer in the portal."
LONGEST_REASON = 500


@require_http_methods(["GET", "POST"])
@sees_money
def agreement(request: HttpRequest, who: SignedIn, agreement_id: int) -> HttpResponse:
    """Show one version in its words; take a yes to exactly these words, or a no."""
    found = _own_agreement(agreement_id, who)
    refusal = ""
    if request.method == "POST":
        refusal = proof_missing(who, "change_plan") or _decide(request, who, found)
        if not refusal:
            return redirect("portal:agreement", found.pk)
        found = _own_agreement(agreement_id, who)
    is_open = found.state == Agreement.State.OFFERED
    status = 422 if refusal else 200
    return page(request, who, "portal/agreement.html", status=status, agreement=found, is_open=is_open, refusal=refusal)


def _own_agreement(agreement_id: int, who: SignedIn) -> Agreement:
    try:
        return get_agreement(agreement_id, customer_id=who.customer.pk)
    except NoSuchAgreement:
        refuse_foreign(f"agreement:{agreement_id}", who)


def _decide(request: HttpRequest, who: SignedIn, found: Agreement) -> str:
    """Return why the answer could not be taken; nothing when it was."""
    answer, at = request.POST.get("answer", ""), timezone.now()
    try:
        if answer == "accept":
            accept_agreement(found.pk, acceptance=accepted_here(request, who), by=who.actor, at=at)
            messages.success(request, _("Thank you. This is agreed."))
        elif answer == "decline":
            reason = request.POST.get("reason", "").strip()[:LONGEST_REASON] or NO_REASON
            decline_agreement(found.pk, reason=reason, by=who.actor, at=at)
            messages.success(request, _("You declined. Everything stays as it is."))
        else:
            return _("Please accept or decline.")
    except DomainError as problem:
        return say(problem)
    return ""
