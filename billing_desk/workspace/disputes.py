"""Decide a dispute from the ticket it came from, with everything one must have read beside the decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from billing_desk.workspace.access import is_own_account, needs, refuse_own_account, staff_actor
from billing_desk.workspace.answers import go
from billing_desk.workspace.case import Case
from billing_desk.workspace.dispute_files import as_zip, bills_of
from billing_desk.workspace.dispute_review import Review, review_of
from billing_desk.workspace.forms import AppealForm, CaseForm, DecisionForm, EvidenceForm, PartForm
from billing_desk.workspace.panels import Act, Panel
from billing_desk.workspace.tickets import open_case, run_panel
from ledger.disputes.dossier import export_dossier
from ledger.disputes.drafts import give_up_draft
from ledger.disputes.models import Dispute, DisputeDraft
from ledger.disputes.operations import add_dispute_evidence, give_provisional_credit, mark_seen
from ledger.disputes.queries import get_dispute
from ledger.errors import DomainError, NotFound
from ledger.events.actor import Actor
from tickets.casework import operations as casework
from tickets.casework.dispute_material import open_draft_for_ticket


@dataclass(frozen=True)
class Choice:
    """What can be done to a dispute: the words of its panel, what it asks and does, and whether it needs reading."""

    title: str
    submit: str
    form: type[CaseForm]
    act: Act
    help: str
    needs_reading: bool = True
    needs_proof: str = ""


def _choices(dispute: Dispute) -> dict[str, Choice]:
    pk, number = dispute.pk, dispute.number

    def uphold(case: Case, asked: dict[str, Any], by: Actor, at: datetime) -> str:
        casework.uphold_dispute_for_ticket(case.ticket.pk, pk, **asked, by=by, at=at)
        return f"Dispute {number} is upheld; the customer is told."

    def part(case: Case, asked: dict[str, Any], by: Actor, at: datetime) -> str:
        casework.uphold_dispute_partly_for_ticket(case.ticket.pk, pk, **asked, by=by, at=at)
        return f"Dispute {number} is upheld for {asked['amount']}; the customer is told."

    def reject(case: Case, asked: dict[str, Any], by: Actor, at: datetime) -> str:
        casework.reject_dispute_for_ticket(case.ticket.pk, pk, **asked, by=by, at=at)
        return f"Dispute {number} is rejected; the customer is told why and that they can appeal."

    def withdraw(case: Case, asked: dict[str, Any], by: Actor, at: datetime) -> str:
        casework.withdraw_dispute_for_ticket(case.ticket.pk, pk, by=by, at=at)
        return f"Dispute {number} is withdrawn; {dispute.amount} is no longer on hold."

    def appeal(case: Case, asked: dict[str, Any], by: Actor, at: datetime) -> str:
        casework.appeal_dispute_for_ticket(case.ticket.pk, pk, reason=asked["reason"], by=by, at=at)
        return f"Dispute {number} is looked at again; somebody who did not decide it decides now."

    def evidence(case: Case, asked: dict[str, Any], by: Actor, at: datetime) -> str:
        add_dispute_evidence(pk, words=asked["words"], by=by, at=at)
        return f"Added to the evidence of {number}, for good."

    def provisional(case: Case, asked: dict[str, Any], by: Actor, at: datetime) -> str:
        credit = give_provisional_credit(pk, by=by, at=at)
        return f"{credit.open_amount} is credited until {number} is decided; the customer is told."

    acts = (uphold, part, reject, withdraw, appeal, evidence, provisional)
    return {act.__name__: _choice(act.__name__, act) for act in acts}


UPHOLD_HELP = "What is not paid yet comes off the bill; what is paid becomes credit that a refund can pay out."
PART_HELP = "The part comes off what is not paid first, then becomes credit. The rest of the charge stays."
WITHDRAW_HELP = "Only on the customer's own word: the amount on hold is due again, and they are told."
REJECT_HELP = "The amount is due again. The customer can appeal once, with new evidence."
APPEAL_HELP = "Once, with something new. The amount is on hold again, and a colleague decides."
EVIDENCE_HELP = "What you add is chained to what is there and is never changed."
PROVISIONAL_HELP = (
    "The paid part becomes credit at once. If the dispute is rejected it is taken back after the notice period."
)


#: Per act: the panel's title, its button, its form, its help, whether all must be read, and the proof it needs.
WORDS: dict[str, tuple[str, str, type[CaseForm], str, bool, str]] = {
    "uphold": ("Uphold", "Uphold", DecisionForm, UPHOLD_HELP, True, ""),
    "part": ("Uphold in part", "Uphold in part", PartForm, PART_HELP, True, ""),
    "reject": ("Reject", "Reject", DecisionForm, REJECT_HELP, True, ""),
    "withdraw": ("Withdraw", "Withdraw for the customer", CaseForm, WITHDRAW_HELP, False, "withdraw_dispute"),
    "appeal": ("Look again at", "Look at it again", AppealForm, APPEAL_HELP, False, ""),
    "evidence": ("Evidence for", "Add for good", EvidenceForm, EVIDENCE_HELP, True, ""),
    "provisional": ("Credit meanwhile for", "Credit now", CaseForm, PROVISIONAL_HELP, False, ""),
}


def _choice(name: str, act: Act) -> Choice:
    title, submit, form, words, needs_reading, proof = WORDS[name]
    return Choice(title, submit, form, act, words, needs_reading, proof)


@needs("dispute.decide")
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, dispute_id: int, decision: str) -> HttpResponse:
    """Open the panel for a decision on a dispute, or make it. What the panel shows counts as seen."""
    dispute = _dispute(dispute_id)
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
    by, choice = staff_actor(request), _choices(dispute)[decision]
    review = review_of(dispute, by=by, at=timezone.now()) if choice.needs_reading else None
    address = f"/desk/disputes/{dispute_id}/{decision}?ticket={found.pk}"
    initial = _likely_words(dispute, decision, review)
    answer = run_panel(request, found, _panel(dispute, choice, decision), address, initial=initial, review=review)
    if review is not None and answer.status_code in (200, 422):
        mark_seen(dispute_id, by=by, at=timezone.now())
    return answer


def _dispute(dispute_id: int) -> Dispute:
    try:
        return get_dispute(dispute_id)
    except NotFound as missing:
        raise Http404(str(missing)) from missing


def _panel(dispute: Dispute, choice: Choice, name: str) -> Panel:
    title = f"{choice.title} {dispute.number} · {dispute.contested}"
    return Panel(name, title, choice.submit, choice.form, choice.act, "dispute.decide", choice.help, choice.needs_proof)


def _likely_words(dispute: Dispute, decision: str, review: Review | None) -> dict[str, Any] | None:
    if decision == "part" and review is not None and review.recommendation.amount:
        return {"amount": f"{review.recommendation.amount.decimal():f}"}
    if decision != "uphold":
        return None
    if dispute.reason == "duplicate":
        return {"explanation": f"You are right: we charged {dispute.contested} twice. We take one of the two back."}
    return {"explanation": f"You are right. We take {dispute.contested} back."}


@needs("dispute.open")
@require_POST
def draft(request: HttpRequest, ticket_id: int, draft_id: int, act: str) -> HttpResponse:
    """Open a dispute that was noted on the telephone, or let it go."""
    found = open_case(request, ticket_id)
    if isinstance(found, HttpResponse):
        return found
    noted = DisputeDraft.objects.filter(pk=draft_id, customer_id=found.customer_id).first()
    if noted is None or act not in ("open", "give-up"):
        raise Http404("There is no such draft in this case.")
    by, now, page = staff_actor(request), timezone.now(), f"/desk/tickets/{ticket_id}/"
    try:
        if act == "give-up":
            give_up_draft(draft_id, by=by, at=now)
            return go(request, page, done="Let go; its bill is asked for again.")
        opened = open_draft_for_ticket(ticket_id, draft_id, by=by, at=now)
    except DomainError as refusal:
        return go(request, page, refusal=str(refusal))
    return go(request, page, done=f"Dispute {opened.number} is open; its time counts from the call.")


@needs("dispute.export")
@require_POST
def dossier(request: HttpRequest, dispute_id: int) -> HttpResponse:
    """Hand the dossier over as a file; who took it out and its hash are on record."""
    dispute = _dispute(dispute_id)
    if is_own_account(request, dispute.customer_id):
        return refuse_own_account(request, f"dispute:{dispute_id}", dispute.customer_id)
    by, now = staff_actor(request), timezone.now()
    made = export_dossier(dispute_id, extra=bills_of([dispute.line.invoice_id]), by=by, at=now)
    return as_zip(made.content, made.file_name)
