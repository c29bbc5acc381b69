"""What waits for somebody's word, as the page shows it: evidence, entry to be, sentence to be, who may decide.

Nothing is written here: the entry comes from the posting rule, the sentence from the wording, as they will be.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from billing_desk.workspace.evidence import EVIDENCE, Evidence, Fact
from ledger.authority.freezing import live_freeze
from ledger.authority.models import Approval
from ledger.authority.operations import Limits, why_not_decide
from ledger.authority.queries import approvals_waiting
from ledger.books import chart
from ledger.books.entry import Entry
from ledger.customers.models import Customer
from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.money import Money
from notifications.reactions import words_for
from notifications.wording.render import Rendered

OWN = "This is your own account; a colleague has to work on it."


@dataclass(frozen=True)
class Row:
    """One request with everything somebody needs to decide it."""

    approval: Approval
    customer: Customer | None
    title: str
    facts: tuple[Fact, ...]
    lines: list[tuple[str, Money | None, Money | None]]
    message: Rendered | None
    told: str
    why_not: str
    agreed: list[str] = field(default_factory=list)


def rows(*, by: Actor, forbidden: str, at: datetime, limit: int = 50) -> list[Row]:
    """Return what waits, the oldest first, with the reason where this reader may not decide."""
    waiting = approvals_waiting(limit=limit)
    found = _evidence(waiting, at=at)
    customers = Customer.objects.in_bulk({each.customer_id for each in waiting if each.customer_id})
    limits, frozen = Limits(), {act: live_freeze(act) for act in {each.act for each in waiting}}
    return [
        _row(
            each,
            found.get(each.subject),
            customers.get(each.customer_id or 0),
            why_not=forbidden or _why_not(each, frozen[each.act], limits, by=by),
        )
        for each in waiting
    ]


def _evidence(waiting: Iterable[Approval], *, at: datetime) -> dict[str, Evidence]:
    """Collect the evidence kind by kind, a fixed number of queries for each."""
    wanted: dict[str, list[int]] = {}
    for approval in waiting:
        kind, _, number = approval.subject.partition(":")
        if kind in EVIDENCE and number.isdigit():
            wanted.setdefault(kind, []).append(int(number))
    found: dict[str, Evidence] = {}
    for kind, ids in wanted.items():
        for pk, evidence in EVIDENCE[kind](ids, at).items():
            found[f"{kind}:{pk}"] = evidence
    return found


def _why_not(approval: Approval, frozen: Any, limits: Limits, *, by: Actor) -> str:
    if by.customer_id is not None and by.customer_id == approval.customer_id:
        return OWN
    if frozen is not None:
        return f"{frozen.get_act_display().capitalize()}s are frozen at the moment: {frozen.why}"
    return why_not_decide(approval, limits, by=by)


def _row(approval: Approval, evidence: Evidence | None, customer: Customer | None, *, why_not: str) -> Row:
    agreed = [vote.voter for vote in approval.votes.all()]
    if evidence is None:
        elsewhere = "It is decided on its own page."
        return Row(approval, customer, str(approval), (), [], None, "", why_not or elsewhere, agreed)
    message = _message(evidence, customer or evidence.reader)
    told = "" if message else evidence.told
    lines = entry_lines(evidence.entry)
    return Row(approval, customer, evidence.title, evidence.facts, lines, message, told, why_not, agreed)


def _message(evidence: Evidence, reader: Customer | None) -> Rendered | None:
    if reader is None or not evidence.event_kind:
        return None
    try:
        return words_for(evidence.event_kind, reader, evidence.event_data)
    except DomainError:
        # A wording that cannot be filled is told to whoever keeps the wordings; the decision does not hang on it.
        return None


def entry_lines(entry: Entry | None) -> list[tuple[str, Money | None, Money | None]]:
    """Return an entry as account, debit and credit."""
    if entry is None:
        return []
    zero = [(chart.nature(line.account).title, line.amount) for line in entry.lines]
    return [
        (title, amount if amount.minor > 0 else None, -amount if amount.minor < 0 else None) for title, amount in zero
    ]
