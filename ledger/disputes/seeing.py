"""Who has seen what of a dispute: nobody decides before they have seen what arrived last."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from ledger.customers.operations import refuse_own_account
from ledger.disputes.checking import digest
from ledger.disputes.evidence import add_evidence
from ledger.disputes.locking import DisputeNotInState, lock_dispute, record_dispute
from ledger.disputes.models import OPEN_STATES, Dispute, DisputeSight, EvidenceBundle, EvidenceItem
from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor


class NotSeenYet(DomainError):
    """Something about the dispute arrived that the decider has not seen."""


def review_token(dispute: Dispute) -> str:
    """Return the token that stands for all there is to see now; it changes with every message and evidence."""
    last = EvidenceItem.objects.filter(dispute=dispute).order_by("-number").values_list("hash", flat=True).first()
    head = last or EvidenceBundle.objects.values_list("hash", flat=True).get(dispute=dispute)
    return digest(f"{dispute.number}:{dispute.material}:{head}")[:32]


@transaction.atomic
def mark_seen(dispute_id: int, *, by: Actor, at: datetime) -> str:
    """This will note that somebody has everything about a dispute before them; return the review token."""
    dispute, _, _ = lock_dispute(dispute_id)
    refuse_own_account(by, dispute.customer_id)
    seen = {"material": dispute.material, "seen_at": at}
    DisputeSight.objects.update_or_create(dispute=dispute, actor=str(by), defaults=seen)
    return review_token(dispute)


def check_seen(dispute: Dispute, token: str | None, *, by: Actor) -> None:
    """Refuse a decision of somebody who has not seen the newest; a token given has to be the one of now.

    :raises NotSeenYet: saying how much is new
    """
    if token is not None and not hmac.compare_digest(token.encode(), review_token(dispute).encode()):
        raise NotSeenYet(f"Read {dispute.number} first: the review token is missing, or something has arrived since.")
    if token is not None:
        return
    unseen = unseen_by(dispute, by)
    if unseen:
        things = "1 thing" if unseen == 1 else f"{unseen} things"
        raise NotSeenYet(f"{things} about {dispute.number} arrived since you looked. Read them before you decide.")


def unseen_by(dispute: Dispute, by: Actor) -> int:
    """Return how many messages and pieces of evidence somebody has not seen."""
    seen = DisputeSight.objects.filter(dispute=dispute, actor=str(by)).values_list("material", flat=True).first()
    return int(dispute.material) - int(seen or 0)


@transaction.atomic
def note_new_material(
    conversation: str, *, key: str, content: Mapping[str, object], also: Iterable[int] = (), by: Actor, at: datetime
) -> int:
    """This will add a message of a case to the evidence of its open disputes, and of those named; return to how many.

    A message that is in the bundle taken at the opening is not added again; repeating it is harmless.
    """
    open_ones = Dispute.objects.filter(state__in=OPEN_STATES)
    found = set(open_ones.filter(conversation=conversation).values_list("pk", flat=True)) if conversation else set()
    found |= set(open_ones.filter(pk__in=list(also)).values_list("pk", flat=True))
    return sum(_add_message(dispute_id, key, content, by=by, at=at) for dispute_id in sorted(found))


def _add_message(dispute_id: int, key: str, content: Mapping[str, object], *, by: Actor, at: datetime) -> bool:
    dispute, _, _ = lock_dispute(dispute_id)
    written = str(content.get("at", ""))
    if not dispute.is_open or (written and _is_in_bundle(dispute, written, content)):
        return False
    item = add_evidence(dispute, kind="message", key=key, content=content, by=by, at=at)
    if item is not None:
        record_dispute(kinds.DISPUTE_EVIDENCE_ADDED, dispute, by=by, at=at, item=item.number, hash=item.hash)
    return item is not None


def _is_in_bundle(dispute: Dispute, written: str, content: Mapping[str, object]) -> bool:
    # The words of the bundle were taken from the same messages, so the same moment and text stand in it.
    bundle = EvidenceBundle.objects.get(dispute=dispute).content
    return written in bundle and digest(str(content.get("text", ""))) in {
        digest(str(word.get("text", ""))) for word in _words(bundle)
    }


def _words(bundle: str) -> list[dict[str, object]]:
    read: list[dict[str, object]] = json.loads(bundle)["parts"]["words"]
    return read


@transaction.atomic
def add_dispute_evidence(
    dispute_id: int, *, words: str, name: str = "", file: bytes | None = None, by: Actor, at: datetime
) -> EvidenceItem | None:
    """This will add a note or a file to an open dispute; whoever adds it has seen it.

    :raises InvalidInput: if nothing is said, or the file is empty or too large
    :raises DisputeNotInState: if it is decided
    """
    dispute, _, _ = lock_dispute(dispute_id)
    refuse_own_account(by, dispute.customer_id)
    _refuse_decided(dispute)
    had_seen_all = not unseen_by(dispute, by)
    content = {"text": words.strip()} | ({"name": name} if name else {})
    kind = "note" if file is None else "file"
    key = f"{kind}:{digest(words.strip() + name)[:16]}:{dispute.material + 1}"
    said = content if words.strip() or file else {}
    item = add_evidence(dispute, kind=kind, key=key, content=said, file=file, by=by, at=at)
    if item is not None:
        record_dispute(kinds.DISPUTE_EVIDENCE_ADDED, dispute, by=by, at=at, item=item.number, hash=item.hash)
        if had_seen_all:
            mark_seen(dispute_id, by=by, at=at)
    return item


def _refuse_decided(dispute: Dispute) -> None:
    if not dispute.is_open:
        raise DisputeNotInState(f"{dispute.number} is {dispute.get_state_display().lower()}: nothing is added to it.")
