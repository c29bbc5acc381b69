"""One ticket with everything its page shows, gathered once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from billing_desk.workspace.account import Account, account_of
from billing_desk.workspace.flow import FlowItem, flow_of
from billing_desk.workspace.people import staff_names
from ledger.customers.models import Customer
from ledger.events.actor import Actor
from tickets.conversations.models import Ticket
from tickets.conversations.queries import messages_of
from tickets.promises.models import Promise
from tickets.sla.models import Clock
from verification.models import Check
from verification.policy import level_for
from verification.queries import checks_of, current_proof

CLOCK_WORDS = {"first_response": "First reply", "next_response": "Next reply", "resolution": "Solution"}
#: What staff want to know first about a verification: which of these it opens.
ACTS = (("open_dispute", "dispute"), ("request_refund", "refund"), ("change_contact", "change contacts"))


@dataclass(frozen=True)
class Identity:
    """How far the customer has proved who they are in this conversation."""

    level: int
    until: datetime | None
    words: str
    tone: str
    allows: list[str]
    forbids: list[str]
    check: Check | None


@dataclass(frozen=True)
class Case:
    """A ticket, its conversation, its clocks, its customer's account and identity."""

    ticket: Ticket
    flow: list[FlowItem]
    people: dict[str, str]
    owner: str
    is_mine: bool
    clocks: list[dict[str, Any]]
    promises: list[Promise]
    identity: Identity | None
    account: Account | None
    candidates: list[Customer]


def case_of(ticket: Ticket, *, by: Actor, at: datetime) -> Case:
    """Return the whole case in a fixed number of queries."""
    people = staff_names()
    customer = ticket.customer
    clocks = Clock.objects.filter(ticket_id=ticket.pk).exclude(state=Clock.State.STOPPED).order_by("due_at")
    wanted = [] if customer else list(ticket.candidates)
    return Case(
        ticket=ticket,
        flow=flow_of(messages_of(ticket.pk), people),
        people=people,
        owner=people.get(str(ticket.assignee_id), "") if ticket.assignee_id else "",
        is_mine=str(ticket.assignee_id) == by.reference,
        clocks=[{"clock": clock, "words": CLOCK_WORDS[clock.kind]} for clock in clocks],
        promises=list(Promise.objects.filter(ticket_id=ticket.pk).order_by("id")),
        identity=identity_of(ticket, at=at) if customer else None,
        account=account_of(customer, by=by, at=at, besides=ticket.pk) if customer else None,
        candidates=list(Customer.objects.filter(pk__in=wanted).order_by("id")) if wanted else [],
    )


def identity_of(ticket: Ticket, *, at: datetime) -> Identity:
    """Return what the customer has proved in this ticket, what it opens and what still needs more."""
    conversation = f"ticket:{ticket.pk}"
    proof = current_proof(ticket.customer_id or 0, conversation, at=at)
    checks = checks_of(conversation)
    newest = checks[0] if checks else None
    level = proof.level if proof else 0
    allows = [words for act, words in ACTS if level_for(act) <= level]
    forbids = [words for act, words in ACTS if level_for(act) > level]
    if proof:
        return Identity(level, proof.expires_at, f"Verified, level {level}", "good", allows, forbids, newest)
    if newest is not None and newest.state == Check.State.OPEN and newest.expires_at > at:
        return Identity(0, newest.expires_at, "Code sent, not entered yet", "warn", allows, forbids, newest)
    if newest is not None and newest.state == Check.State.LOCKED:
        return Identity(0, None, "Check locked", "bad", allows, forbids, newest)
    return Identity(0, None, "Not verified", "bad", allows, forbids, newest)
