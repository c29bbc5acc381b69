"""A correction batch from the finding to its approval: drafted as a dry run, requested, approved by somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Count, Sum
from django_fsm import can_proceed

from ledger.adjustments.correction_models import CorrectionBatch, CorrectionItem
from ledger.adjustments.findings import Finding
from ledger.adjustments.hits import Hit
from ledger.authority import operations as authority
from ledger.authority.models import AuthorityLimit
from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.invoices.models import InvoiceLine
from ledger.invoices.numbering import next_number
from ledger.later import run_later
from ledger.money import Money

ACT = AuthorityLimit.Act.CORRECTION
State = CorrectionBatch.State
#: What a customer reads in each language: what went wrong, why, and how it is kept from happening again.
WORDS = frozenset({"what", "why", "fixed"})


class NoSuchBatch(NotFound):
    """There is no such correction batch."""


class BatchNotInState(DomainError):
    """The batch is not in a state in which this can be done."""


class NobodyToCorrect(DomainError):
    """The batch has no line left to correct."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Our mistake: for ourselves, and in the words of the customers' languages; `problem` links what is known of it."""

    root_cause: str
    words: dict[str, dict[str, str]]
    problem: str = ""


@transaction.atomic
def draft_corrections(finding: Finding, *, currency: str, mistake: Mistake, by: Actor, at: datetime) -> CorrectionBatch:
    """This will list every line a finding hit and not yet corrected, as a dry run: nothing is credited.

    Lines of another live batch of the same finding are left out. Those that are not to be corrected by the batch are
    listed as passed over, with the reason.

    :raises InvalidInput: if the cause or the customers' words are missing
    """
    _check(mistake)
    batch = CorrectionBatch.objects.create(
        number=next_number("COR", at.year),
        finding=finding.name,
        terms=finding.terms(),
        currency=currency,
        root_cause=mistake.root_cause.strip(),
        problem=mistake.problem,
        words=mistake.words,
        requested_by=str(by),
        requested_at=at,
    )
    _list(batch, finding.hits(currency))
    _pass_over(batch, at=at)
    record(kinds.CORRECTIONS_DRAFTED, batch, by=by, at=at)
    return batch


def _check(mistake: Mistake) -> None:
    if not 1 <= len(mistake.root_cause.strip()) <= 500:
        raise InvalidInput("Say what went wrong, in at most 500 characters.")
    if any(set(said) != WORDS or not all(text.strip() for text in said.values()) for said in mistake.words.values()):
        raise InvalidInput("Customers read what went wrong, why, and how it is fixed: say all three in each language.")
    if "en" not in mistake.words:
        raise InvalidInput("Say in English at least what the customers read.")


def _list(batch: CorrectionBatch, found: Iterator[Hit]) -> None:
    """Write the lines found, a thousand at a time; one that a live batch of the finding holds stays with that."""
    while hits := list(islice(found, 1000)):
        CorrectionItem.objects.bulk_create(
            [
                CorrectionItem(
                    batch=batch,
                    finding=batch.finding,
                    line_id=hit.line_id,
                    customer_id=hit.customer_id,
                    amount_minor=hit.amount.minor,
                    currency=batch.currency,
                    right_tax_rate=hit.right_tax.rate if hit.right_tax else None,
                    right_tax_treatment=hit.right_tax.treatment if hit.right_tax else "",
                )
                for hit in hits
            ],
            ignore_conflicts=True,
        )


def _pass_over(batch: CorrectionBatch, *, at: datetime) -> None:
    """Mark by one statement each what a batch must not correct by itself."""
    skipped, pending = CorrectionItem.Skipped, CorrectionItem.State.PENDING
    mine = CorrectionItem.objects.filter(batch=batch, state=pending)
    for because, which in (
        (skipped.INCLUSIVE, {"right_tax_rate__isnull": False, "line__charge__included_tax_minor__isnull": False}),
        (skipped.CLOSED, {"customer__closed_at__isnull": False}),
        (skipped.CREDITED, {"line__credited_minor__gt": 0}),
        (skipped.DISPUTED, {"line__disputed_minor__gt": 0}),
    ):
        mine.filter(**which).update(state=CorrectionItem.State.SKIPPED, skipped_because=because, done_at=at)


def why_not_correct(line: InvoiceLine) -> str:
    """Return why a line, read under lock, is not to be corrected any more; empty when it is."""
    skipped = CorrectionItem.Skipped
    if line.invoice.customer.closed_at is not None:
        return skipped.CLOSED
    if line.invoice.state in ("draft", "void"):
        return skipped.NOT_ASKED
    if line.credited_minor:
        return skipped.CREDITED
    return skipped.DISPUTED if line.disputed_minor else ""


def total_of(batch: CorrectionBatch) -> Money:
    """Return what a batch gives back, or is to give back."""
    live = batch.items.exclude(state=CorrectionItem.State.SKIPPED)
    return Money(int(live.aggregate(sum=Sum("amount_minor"))["sum"] or 0), batch.currency)


def lock_batch(batch_id: int) -> CorrectionBatch:
    """Lock a batch for this transaction.

    :raises NoSuchBatch: if there is none
    """
    batch = CorrectionBatch.objects.select_for_update().filter(pk=batch_id).first()
    if batch is None:
        raise NoSuchBatch("There is no such correction batch.")
    return batch


def check_move(batch: CorrectionBatch, move: object, words: str) -> None:
    """Refuse a move the diagram does not have.

    :raises BatchNotInState: if it is not possible now
    """
    if not can_proceed(move):
        raise BatchNotInState(f"{batch.number} is {batch.state}; it cannot be {words}.")


def record(kind: str, batch: CorrectionBatch, *, by: Actor, at: datetime, **more: Any) -> None:
    """Record what happened to a batch, with its counts."""
    counts = dict(batch.items.values_list("state").annotate(n=Count("pk")).order_by("state"))
    record_event(
        kind,
        subject=batch,
        customer_id=None,
        by=by,
        at=at,
        number=batch.number,
        finding=batch.finding,
        counts=counts,
        amount_minor=total_of(batch).minor,
        currency=batch.currency,
        **more,
    )


@transaction.atomic
def request_corrections(batch_id: int, *, by: Actor, at: datetime) -> CorrectionBatch:
    """This will put a drafted batch before somebody else; a batch is never approved by who asked, whatever its amount.

    :raises NobodyToCorrect: if no line is left to correct
    """
    batch = lock_batch(batch_id)
    check_move(batch, batch.request, "requested")
    total = total_of(batch)
    if not total:
        raise NobodyToCorrect("No line is left to correct: they are corrected already, or listed as passed over.")
    batch.requested_by = str(by)
    batch.request(at=at)
    batch.save()
    why = f"To be corrected at once, lines: {batch.items.filter(state=CorrectionItem.State.PENDING).count()}."
    subject = f"correctionbatch:{batch.pk}"
    authority.request_approval(
        subject, act=ACT, customer_id=None, amount=total, why=why, reason=batch.root_cause[:300], by=by, at=at
    )
    record(kinds.CORRECTIONS_REQUESTED, batch, by=by, at=at)
    return batch


def check_approver(batch: CorrectionBatch, *, by: Actor) -> None:
    """Refuse who asked for the batch, agreed before, or may not decide it."""
    subject = f"correctionbatch:{batch.pk}"
    authority.check_approver(ACT, total_of(batch), requested_by=batch.requested_by, subject=subject, by=by)


@transaction.atomic
def approve_corrections(batch_id: int, *, by: Actor, at: datetime) -> CorrectionBatch:
    """This will let a batch run; where several must agree, the last of them does.

    :raises BatchNotInState: if it does not wait for approval
    :raises ApproverIsRequester: if the same person asked for it
    :raises ApprovalLimitExceeded: if their roles may not
    """
    batch = lock_batch(batch_id)
    check_move(batch, batch.approve, "approved")
    subject, asker = f"correctionbatch:{batch.pk}", batch.requested_by
    if not authority.agree_to(ACT, subject, amount=total_of(batch), requested_by=asker, by=by, at=at):
        return batch
    customers = batch.items.filter(state=CorrectionItem.State.PENDING).aggregate(n=Count("customer", distinct=True))
    batch.approve(by=str(by), at=at, found=int(customers["n"]))
    batch.save()
    record(kinds.CORRECTIONS_APPROVED, batch, by=by, at=at)
    run_later("ledger.tasks.run_corrections")
    return batch


@transaction.atomic
def decline_corrections(batch_id: int, *, reason: str, by: Actor, at: datetime) -> CorrectionBatch:
    """This will decline a batch; its lines are free for another one.

    :raises BatchNotInState: if it does not wait for approval
    """
    batch = lock_batch(batch_id)
    check_move(batch, batch.decline, "declined")
    check_approver(batch, by=by)
    batch.decline(by=str(by), at=at, reason=words(reason))
    authority.close_declined(f"correctionbatch:{batch.pk}", reason=batch.close_reason, by=by, at=at)
    return _drop(batch, kinds.CORRECTIONS_DECLINED, by=by, at=at)


@transaction.atomic
def cancel_corrections(batch_id: int, *, reason: str, by: Actor, at: datetime) -> CorrectionBatch:
    """This will drop a batch before anybody approved it; its lines are free for another one.

    :raises BatchNotInState: if it runs, or is over
    """
    batch = lock_batch(batch_id)
    check_move(batch, batch.cancel, "dropped")
    batch.cancel(by=str(by), at=at, reason=words(reason))
    authority.close_cancelled(f"correctionbatch:{batch.pk}", by=by, at=at)
    return _drop(batch, kinds.CORRECTIONS_CANCELLED, by=by, at=at)


def _drop(batch: CorrectionBatch, kind: str, *, by: Actor, at: datetime) -> CorrectionBatch:
    batch.save()
    batch.items.filter(state=CorrectionItem.State.PENDING).update(
        state=CorrectionItem.State.SKIPPED, skipped_because=CorrectionItem.Skipped.DROPPED, done_at=at
    )
    record(kind, batch, by=by, at=at, reason=batch.close_reason)
    return batch


def words(reason: str) -> str:
    """Return a reason as it is kept.

    :raises InvalidInput: if it is empty or too long
    """
    if not 1 <= len(reason.strip()) <= 300:
        raise InvalidInput("Say why, in at most 300 characters.")
    return reason.strip()
