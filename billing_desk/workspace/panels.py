"""The inline panels of a ticket: one table of what can be done, each act exactly one call into the domain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from billing_desk.templatetags.words import state_words
from billing_desk.workspace import access, forms, plan_acts, plan_forms
from billing_desk.workspace.case import Case
from ledger.disputes.drafts import read_back
from ledger.events.actor import Actor
from tickets.casework import operations as casework
from tickets.casework.dispute_material import save_draft_for_ticket, told_at
from tickets.conversations.operations import link_customer
from tickets.queues.operations import assign_ticket, hand_over_ticket
from verification.methods.account_facts import QUESTIONS
from verification.operations import record_facts_check, record_manual_check, start_check
from verification.policy import STRONG, level_for

Act = Callable[[Case, dict[str, Any], Actor, datetime], str]


@dataclass(frozen=True)
class Panel:
    """An inline form: how it is called, what it asks, what it does; `act` returns what to tell the agent."""

    name: str
    title: str
    submit: str
    form: type[forms.CaseForm]
    act: Act
    permission: str = "ticket.work"
    help: str = ""
    needs_proof: str = ""


def verify(case: Case, asked: dict[str, Any], by: Actor, at: datetime) -> str:
    """Send a one-time code to a contact on file."""
    start_check(
        customer_id=_customer(case),
        conversation=f"ticket:{case.ticket.pk}",
        purpose=asked["purpose"],
        contact_point_id=asked["contact_point"],
        by=by,
        at=at,
    )
    return "The code is on its way. This page shows it as soon as the customer has entered it."


def verify_facts(case: Case, asked: dict[str, Any], by: Actor, at: datetime) -> str:
    """Compare what the customer said with the account; nobody is told which fact was wrong."""
    answers = {name: asked[name] for name in QUESTIONS if asked.get(name)}
    checked = record_facts_check(
        customer_id=_customer(case),
        conversation=f"ticket:{case.ticket.pk}",
        purpose=asked["purpose"],
        answers=answers,
        by=by,
        at=at,
    )
    return "It matches: level 1." if checked.state == "passed" else "It does not match. Nothing is opened."


def verify_manually(case: Case, asked: dict[str, Any], by: Actor, at: datetime) -> str:
    """Record a check the agent has done."""
    record_manual_check(
        customer_id=_customer(case),
        conversation=f"ticket:{case.ticket.pk}",
        purpose=asked["purpose"],
        level=asked["level"],
        contact_point_id=asked["contact_point"] if asked["level"] == STRONG else None,
        reason=asked["reason"],
        by=by,
        at=at,
    )
    return f"Recorded: identity checked by you, level {asked['level']}."


def dispute(case: Case, asked: dict[str, Any], by: Actor, at: datetime) -> str:
    """Open a dispute about one line."""
    opened = casework.open_dispute_for_ticket(
        case.ticket.pk,
        line_id=asked["line"],
        amount=asked["amount"],
        reason=asked["reason"],
        received_at=told_at(case.ticket.pk, at),
        by=by,
        at=at,
    )
    return f"Dispute {opened.number} is open. Only {opened.amount} is on hold; the rest of the account goes on."


def note_dispute(case: Case, asked: dict[str, Any], by: Actor, at: datetime) -> str:
    """Keep a dispute that cannot be opened now, and say what to read back."""
    draft = save_draft_for_ticket(
        case.ticket.pk,
        line_id=asked["line"],
        amount=asked["amount"],
        reason=asked["reason"],
        words=asked["words"],
        by=by,
        at=at,
    )
    kept = "It is noted, and its bill is not asked for until somebody has called back. Read it to the customer:"
    said = read_back(draft.line, amount=draft.amount, reason=draft.reason, language=draft.customer.language)
    return f"{kept} {said}"


def refund(case: Case, asked: dict[str, Any], by: Actor, at: datetime) -> str:
    """Ask for money to go back."""
    requested = casework.request_refund_for_ticket(
        case.ticket.pk,
        payment_id=asked["payment"],
        amount=asked["amount"],
        reason=asked["reason"],
        dispute_id=asked.get("dispute"),
        is_goodwill=asked["is_goodwill"],
        way=forms.way_of(asked.get("way") or "original"),
        by=by,
        at=at,
    )
    if requested.state == "requested":
        return f"Refund {requested.number} of {requested.amount} is above your own limit and waits for approval."
    return f"Refund {requested.number} of {requested.amount} is {state_words(requested.state)[0]}."


def hand_over(case: Case, asked: dict[str, Any], by: Actor, at: datetime) -> str:
    """Give the ticket to another team."""
    queue = asked["to_queue"]
    hand_over_ticket(case.ticket.pk, to_queue=queue.pk, reason=asked["reason"], by=by, at=at)
    return f"Handed over to {queue.name}. The promised time stays as it was."


def assign(case: Case, asked: dict[str, Any], by: Actor, at: datetime) -> str:
    """Give the ticket to a colleague."""
    assign_ticket(case.ticket.pk, to=asked["to"], by=by, at=at)
    return "Assigned."


def link(case: Case, asked: dict[str, Any], by: Actor, at: datetime) -> str:
    """Say whose case it is."""
    customer = asked["customer"]
    link_customer(case.ticket.pk, customer_id=customer.pk, because=asked["because"], by=by, at=at)
    return f"Linked to {customer.name} ({customer.number}). That proves nothing yet: verify before money moves."


def _customer(case: Case) -> int:
    assert case.account is not None
    return int(case.account.customer.pk)


FACTS_HELP = "At least two. You are told only whether all of it matches; it opens bills and balance, never money."
PANELS: dict[str, Panel] = {
    panel.name: panel
    for panel in (
        Panel("verify", "Verify the customer", "Send code", forms.VerifyForm, verify, "verification.start"),
        Panel(
            "verify-manual",
            "Record a check of your own",
            "Record check",
            forms.ManualCheckForm,
            verify_manually,
            "verification.record",
        ),
        Panel(
            "verify-facts", "Ask for facts", "Compare", forms.FactsForm, verify_facts, "verification.record", FACTS_HELP
        ),
        Panel(
            "dispute",
            "Dispute a charge",
            "Open dispute",
            forms.DisputeForm,
            dispute,
            "dispute.open",
            needs_proof="open_dispute",
        ),
        Panel(
            "note-dispute",
            "Note a dispute for later",
            "Note it",
            forms.DisputeNoteForm,
            note_dispute,
            "dispute.open",
            "For a call that drops, or before the customer is verified: nothing is opened, nothing is asked for.",
        ),
        Panel(
            "refund",
            "Refund",
            "Request refund",
            forms.RefundForm,
            refund,
            "refund.request",
            needs_proof="request_refund",
        ),
        Panel(
            "payment-plan",
            "Pay in instalments",
            "Propose the plan",
            plan_forms.PlanForm,
            plan_acts.payment_plan,
            help="Free for the customer. It never asks for more a month than they say they can pay.",
        ),
        Panel(
            "plan-agreed",
            "Agreed on the phone",
            "The customer agreed",
            plan_forms.AgreedForm,
            plan_acts.plan_agreed,
            needs_proof=plan_acts.ACTION,
        ),
        Panel("hardship", "The customer cannot pay", "Note it", plan_forms.HardshipForm, plan_acts.hardship),
        Panel(
            "hardship-review", "What came of it", "Keep it", plan_forms.HardshipReviewForm, plan_acts.hardship_review
        ),
        Panel("hand-over", "Hand over", "Hand over", forms.HandOverForm, hand_over),
        Panel("assign", "Give to a colleague", "Assign", forms.AssignForm, assign),
        Panel("link-customer", "Whose case is it?", "Link", forms.LinkForm, link),
    )
}
WITHOUT_CUSTOMER = frozenset({"hand-over", "assign", "link-customer"})


#: The commands of a ticket: panel, words on the button, key.
COMMANDS = (
    ("verify", "Verify", "v"),
    ("dispute", "Dispute", "d"),
    ("refund", "Refund", "p"),
    ("payment-plan", "Instalments", "i"),
    ("hardship", "Cannot pay", "u"),
    ("hand-over", "Hand over", "h"),
)
#: Reading first, not a form: their own addresses, open to who may see the account.
READING = (("why", "Why this bill", "y"), ("plan", "Plan", "c"))


def commands(request: HttpRequest, case: Case) -> list[dict[str, Any]]:
    """Return the commands of a ticket with their keys; a greyed one says why."""
    acts = [
        {"name": name, "label": label, "key": key, "why_not": why_not(request, case, PANELS[name])}
        for name, label, key in COMMANDS
    ]
    if case.account is None:
        return acts
    forbidden = access.why_not(request, "customer.view")
    return [{"name": name, "label": label, "key": key, "why_not": forbidden} for name, label, key in READING] + acts


def why_not(request: HttpRequest, case: Case, panel: Panel) -> str:
    """Return why a command is greyed, in the agent's words; empty when it can be used."""
    forbidden = access.why_not(request, panel.permission)
    if forbidden:
        return forbidden
    if case.account is None and panel.name not in WITHOUT_CUSTOMER:
        return "First say whose case this is."
    if panel.needs_proof and (case.identity is None or case.identity.level < level_for(panel.needs_proof)):
        return "Verify the customer first (v)."
    return ""
