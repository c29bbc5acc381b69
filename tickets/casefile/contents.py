"""What stands in the file of a case, piece by piece: nothing is held in memory but the piece at hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Prefetch

from ledger.authority.models import Approval
from ledger.disputes.dossier import dispute_facts
from ledger.disputes.models import Dispute
from ledger.events.models import Event
from ledger.refunds.models import Refund
from tickets.casework.models import CaseLink
from tickets.conversations.models import Attachment, Message, Ticket
from tickets.promises.models import Promise
from verification.models import Check

#: So many messages are read by one query.
PAGE = 200
Piece = dict[str, Any]

_MESSAGE = ("kind", "channel", "author", "author_name", "is_participant", "text", "masked", "remarks", "about")
_FILE = ("name", "media_type", "size", "sha256", "refused_because")
_REFUND = (
    "number", "state", "amount_minor", "currency", "route", "reason", "is_goodwill", "source", "proof_reference",
    "requested_by", "requested_at", "approved_by", "approved_at", "declined_by", "decline_reason", "closed_at",
    "sent_at", "settled_on", "gateway_reference",
)  # fmt: skip
_APPROVAL = (
    "subject", "act", "state", "amount_minor", "currency", "needed", "why", "requested_by", "requested_at",
    "decided_by", "decided_at", "reason",
)  # fmt: skip
_PROMISE = ("what", "words", "amount_minor", "currency", "about", "made_by")
_CHECK = ("purpose", "level", "state", "started_by", "started_at", "passed_at", "expires_at")


def head_of(ticket: Ticket) -> Piece:
    """Return what the whole case is: who, about what, since when, how it stands."""
    customer = ticket.customer
    return {
        "number": ticket.number,
        "subject": ticket.subject,
        "state": ticket.state,
        "topic": ticket.topic,
        "channel": ticket.channel,
        "queue": ticket.queue.name,
        "customer": customer.number if customer else None,
        "customer_name": customer.name if customer else None,
        "requester": ticket.requester,
        "linked_because": ticket.linked_because,
        "continues": ticket.continues_id and f"#{ticket.continues_id}",
        "opened_at": ticket.opened_at,
        "first_answered_at": ticket.first_answered_at,
        "resolved_at": ticket.resolved_at,
        "reopened_count": ticket.reopened_count,
    }


def pieces_of(ticket: Ticket) -> Iterator[Piece]:
    """Give the conversation, then what it led to, then who did what: each piece names its `part` and what it `is`."""
    yield from _messages(ticket)
    links = list(CaseLink.objects.filter(ticket=ticket).order_by("pk"))
    yield from map(_act, links)
    for promise in Promise.objects.filter(ticket=ticket).order_by("pk").iterator():
        moments = {name: getattr(promise, name) for name in ("due_at", "kept_at", "broken_at", "withdrawn_at")}
        yield _piece("decisions", "promise", promise.made_at, **_fields(promise, _PROMISE), **moments)
    for check in Check.objects.filter(conversation=f"ticket:{ticket.pk}").order_by("pk").iterator():
        yield _piece("decisions", "identity check", check.started_at, **_fields(check, _CHECK))
    subjects = [f"ticket:{ticket.pk}", *(link.subject for link in links)]
    for event in Event.objects.filter(subject__in=subjects).order_by("pk").iterator(chunk_size=PAGE):
        told = _fields(event, ("kind", "subject", "actor", "on_behalf_of", "data", "position", "hash"))
        yield _piece("record", "event", event.occurred_at, **{**told, "event_hash": told.pop("hash")})


def _piece(part: str, what: str, at: Any, /, **more: Any) -> Piece:
    return {"part": part, "is": what, "at": at, **more}


def _fields(row: Any, names: Iterable[str]) -> Piece:
    return {name: getattr(row, name) for name in names}


def _messages(ticket: Ticket) -> Iterator[Piece]:
    ordered = Message.objects.filter(ticket=ticket).order_by("written_at", "pk")
    files = Prefetch("attachments", Attachment.objects.defer("content").order_by("pk"), to_attr="kept_files")
    ids = list(ordered.values_list("pk", flat=True))
    for start in range(0, len(ids), PAGE):
        page = ordered.filter(pk__in=ids[start : start + PAGE]).only("written_at", *_MESSAGE).prefetch_related(files)
        for message in page:
            is_internal = message.kind in (Message.Kind.NOTE, Message.Kind.EVENT)
            yield _piece(
                "conversation",
                "message",
                message.written_at,
                **_fields(message, _MESSAGE),
                seen_by_customer=not is_internal and message.is_participant,
                files=[_fields(kept, _FILE) for kept in vars(message)["kept_files"]],
            )


def _act(link: CaseLink) -> Piece:
    """Return a dispute or a refund with its approvals, or the name of something else the case led to or is about."""
    kind, _, number = link.subject.partition(":")
    pk = int(number) if number.isdigit() else 0
    told = {"subject": link.subject, "role": link.role, "linked_by": link.linked_by}
    facts: Piece = {}
    if kind == "dispute" and (dispute := Dispute.objects.filter(pk=pk).first()):
        facts = dispute_facts(dispute)
    elif kind == "refund" and (refund := Refund.objects.filter(pk=pk).first()):
        facts = _fields(refund, _REFUND)
    return _piece("decisions", kind, link.linked_at, **told, **facts, approvals=_approvals(link.subject))


def _approvals(subject: str) -> list[Piece]:
    found = Approval.objects.filter(subject=subject).prefetch_related("votes").order_by("pk")
    return [
        {**_fields(row, _APPROVAL), "votes": [_fields(vote, ("voter", "voted_at")) for vote in row.votes.all()]}
        for row in found
    ]
