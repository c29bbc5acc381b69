"""Uphold, reject or withdraw a dispute, from the ticket it came from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from billing_desk.workspace.access import needs
from billing_desk.workspace.answers import go
from billing_desk.workspace.case import Case
from billing_desk.workspace.forms import CaseForm, ExplanationForm
from billing_desk.workspace.panels import Panel
from billing_desk.workspace.tickets import open_case, run_panel
from ledger.disputes.models import Dispute
from ledger.disputes.queries import get_dispute
from ledger.errors import NotFound
from ledger.events.actor import Actor
from tickets.casework import operations as casework

UPHOLD_HELP = "What is not paid yet comes off the bill; what is paid becomes credit that a refund can pay out."
WITHDRAW_HELP = "Only on the customer's own word: the amount on hold is due again, and they are told."
REJECT_HELP = "The amount is due again. The customer can appeal once, with new evidence."


@needs("dispute.decide")
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, dispute_id: int, decision: str) -> HttpResponse:
    """Open the panel for a decision on a dispute, or make it."""
    try:
        dispute = get_dispute(dispute_id)
    except NotFound as missing:
        raise Http404(str(missing)) from missing
    kind, _, number = dispute.conversation.partition(":")
    wanted = request.GET.get("ticket") or request.POST.get("ticket") or (number if kind == "ticket" else "")
    if not wanted.isdigit():
        refusal = f"Dispute {dispute.number} did not come from a ticket; decide it from a ticket of this customer."
        return go(request, f"/desk/customers/{dispute.customer_id}/", refusal=refusal)
    found = open_case(request, int(wanted))
    if isinstance(found, HttpResponse):
        return found
    if found.customer_id != dispute.customer_id:
        raise Http404("There is no such dispute in this case.")
    address = f"/desk/disputes/{dispute_id}/{decision}?ticket={found.pk}"
    return run_panel(request, found, _panel(dispute, decision), address, initial=_likely_words(dispute, decision))


def _panel(dispute: Dispute, decision: str) -> Panel:
    def uphold(case: Case, asked: dict[str, Any], by: Actor, at: datetime) -> str:
        casework.uphold_dispute_for_ticket(case.ticket.pk, dispute.pk, explanation=asked["explanation"], by=by, at=at)
        return f"Dispute {dispute.number} is upheld; the customer is told."

    def reject(case: Case, asked: dict[str, Any], by: Actor, at: datetime) -> str:
        casework.reject_dispute_for_ticket(case.ticket.pk, dispute.pk, explanation=asked["explanation"], by=by, at=at)
        return f"Dispute {dispute.number} is rejected; the customer is told why and that they can appeal."

    def withdraw(case: Case, asked: dict[str, Any], by: Actor, at: datetime) -> str:
        casework.withdraw_dispute_for_ticket(case.ticket.pk, dispute.pk, by=by, at=at)
        return f"Dispute {dispute.number} is withdrawn; {dispute.amount} is no longer on hold."

    title = f"{dispute.number} · {dispute.amount}"
    if decision == "withdraw":
        return Panel(
            "withdraw",
            f"Withdraw {title}",
            "Withdraw for the customer",
            CaseForm,
            withdraw,
            "dispute.decide",
            WITHDRAW_HELP,
            "withdraw_dispute",
        )
    if decision == "uphold":
        return Panel("uphold", f"Uphold {title}", "Uphold", ExplanationForm, uphold, "dispute.decide", help=UPHOLD_HELP)
    return Panel("reject", f"Reject {title}", "Reject", ExplanationForm, reject, "dispute.decide", help=REJECT_HELP)


def _likely_words(dispute: Dispute, decision: str) -> dict[str, Any]:
    if decision == "withdraw":
        return {}
    if decision != "uphold":
        return {"explanation": ""}
    if dispute.reason == "duplicate":
        return {"explanation": f"You are right: we charged {dispute.amount} twice. We take one of the two back."}
    return {"explanation": f"You are right. We take {dispute.amount} back."}
