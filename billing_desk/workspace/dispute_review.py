"""What somebody must have before them when they decide a dispute."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger.disputes.history import History
from ledger.disputes.models import Dispute, ProvisionalCredit
from ledger.disputes.queries import (
    dispute_history,
    evidence_items,
    evidence_of,
    provisional_credit_of,
    recommendation_for,
    similar_disputes,
    unseen_by,
)
from ledger.disputes.recommending import LOOK, Recommendation
from ledger.events.actor import Actor

RECOMMENDED = {
    "upheld": "The facts are for the customer",
    "partly_upheld": "The facts are for the customer in part",
    "rejected": "The facts are for the charge",
    LOOK: "The facts do not settle it",
}


@dataclass(frozen=True)
class Said:
    """One thing that was said or added; `is_new` when this reader has not seen it."""

    at: datetime | str
    author: str
    text: str
    files: str
    is_new: bool


@dataclass(frozen=True)
class Review:
    """Everything to read before a decision."""

    dispute: Dispute
    said: list[Said]
    recommendation: Recommendation
    headline: str
    history: History
    similar: list[Dispute]
    credit: ProvisionalCredit | None

    @property
    def news(self) -> int:
        """How many things are new to the reader."""
        return sum(each.is_new for each in self.said)


def review_of(dispute: Dispute, *, by: Actor, at: datetime) -> Review:
    """Return what this reader must read now, what is new to them marked."""
    recommendation = recommendation_for(dispute)
    return Review(
        dispute=dispute,
        said=_said(dispute, unseen=unseen_by(dispute, by)),
        recommendation=recommendation,
        headline=RECOMMENDED[recommendation.outcome],
        history=dispute_history([dispute.customer_id], at=at),
        similar=similar_disputes(dispute),
        credit=provisional_credit_of(dispute.pk),
    )


def _said(dispute: Dispute, *, unseen: int) -> list[Said]:
    bundle = evidence_of(dispute.pk)
    words = json.loads(bundle.content)["parts"]["words"] if bundle else []
    items = evidence_items(dispute.pk)
    later = [
        _one(json.loads(item.content), item.added_at, item.added_by, is_new=position >= len(items) - unseen)
        for position, item in enumerate(items)
    ]
    return [_one(word, dispute.told_at, "", is_new=False) for word in words] + later


def _one(content: dict[str, Any], at: datetime, by: str, *, is_new: bool) -> Said:
    text = str(content.get("text") or content.get("appeal") or "")
    names = [str(each.get("name", "")) for each in content.get("files", [])] + [str(content.get("name", ""))]
    written = content.get("at")
    moment = datetime.fromisoformat(written) if isinstance(written, str) and written else at
    return Said(moment, str(content.get("author") or by), text, ", ".join(name for name in names if name), is_new)
