"""Running a correction batch, and taking it back: line by line, each once, whoever dies in between."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from ledger.adjustments.correcting import ACT, check_move, lock_batch, record, why_not_correct, words
from ledger.adjustments.correction_models import CorrectionBatch, CorrectionItem
from ledger.authority import operations as authority
from ledger.charges.operations import add_charge
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.invoices.crediting import Correction, credit_lines
from ledger.invoices.models import CreditNote, InvoiceLine
from ledger.invoices.operations import lock_invoice
from ledger.later import run_later
from ledger.money import Money
from ledger.periods import Period

RUNNER = Actor.system("run_corrections")
State = CorrectionBatch.State
ItemState = CorrectionItem.State


def run_corrections(*, at: datetime, limit: int = 500) -> int:
    """Sweep: go on with every batch that runs or is being taken back; return how many lines were worked on.

    Safe to run twice, at the same time and after a crash: a line another worker holds is passed over, and each is
    corrected in a transaction of its own, by a credit note that exists once.
    """
    done = 0
    for batch in CorrectionBatch.objects.filter(state__in=[State.RUNNING, State.REVERSING]).order_by("pk"):
        step = _correct_one if batch.state == State.RUNNING else _take_back_one
        while done < limit and step(batch, at=at):
            done += 1
        _finish(batch.pk, at=at)
    return done


def _next(batch: CorrectionBatch, state: str) -> CorrectionItem | None:
    waiting = CorrectionItem.objects.filter(batch=batch, state=state)
    return waiting.select_for_update(skip_locked=True).order_by("pk").first()


@transaction.atomic
def _correct_one(batch: CorrectionBatch, *, at: datetime) -> bool:
    item = _next(batch, ItemState.PENDING)
    if item is None:
        return False
    line = InvoiceLine.objects.select_related("invoice__customer").get(pk=item.line_id)
    lock_invoice(line.invoice_id)
    line = InvoiceLine.objects.select_related("invoice__customer").get(pk=item.line_id)
    because = why_not_correct(line)
    if because:
        item.skip(because=because, at=at)
        item.save()
        return True
    right = item.right_tax
    wanted = Correction(line.pk, item.amount, right_tax=right)
    reason, source = batch.words["en"]["what"][:300], f"correctionitem:{item.pk}"
    note = credit_lines([wanted], reason=reason, source=source, by=RUNNER, at=at)
    item.correct(note_id=note.pk, at=at)
    item.save()
    others = max(batch.found - 1, 0)
    _record(kinds.CORRECTION_MADE, batch, item, line, at=at, words=batch.words, others=others)
    return True


def _record(
    kind: str, batch: CorrectionBatch, item: CorrectionItem, line: InvoiceLine, *, at: datetime, **more: Any
) -> None:
    record_event(
        kind,
        subject=item,
        customer_id=item.customer_id,
        by=RUNNER,
        at=at,
        number=batch.number,
        invoice=line.invoice.number,
        amount_minor=item.amount_minor,
        currency=item.currency,
        **more,
    )


@transaction.atomic
def _take_back_one(batch: CorrectionBatch, *, at: datetime) -> bool:
    """Charge one corrected line again: the same net, at the same rate, on the customer's next bill."""
    item = _next(batch, ItemState.CORRECTED)
    if item is None:
        return False
    note, line = item.credit_note, InvoiceLine.objects.select_related("invoice", "charge").get(pk=item.line_id)
    if note is not None and item.right_tax is not None:
        _tax_as_before(item, note, at=at)
    elif note is not None and note.net_minor:
        add_charge(
            item.customer_id,
            amount=Money(note.net_minor, note.currency),
            description=f"{line.description}: correction {note.number} taken back"[:200],
            tax_rate=line.tax_rate,
            source=f"correctionitem:{item.pk}",
            external_id=f"correctionitem:{item.pk}/reversed",
            by=RUNNER,
            at=at,
        )
    item.take_back(at=at)
    item.save()
    _record(kinds.CORRECTION_TAKEN_BACK, batch, item, line, at=at, reason=batch.close_reason)
    return True


def _tax_as_before(item: CorrectionItem, note: CreditNote, *, at: datetime) -> None:
    """Credit what is left of a line whose tax was corrected, and charge its net again at the rate it had.

    Tax cannot be asked for alone. What is in dispute by now, or was credited since, is left to a person.
    """
    lock_invoice(note.invoice_id)
    line = InvoiceLine.objects.select_related("charge").get(pk=item.line_id)
    left = line.total.minor - line.credited_minor - line.disputed_minor
    if left <= 0:
        return
    reason, source = f"Correction {note.number} taken back"[:300], f"correctionitem:{item.pk}/back"
    wanted = Correction(line.pk, Money(left, line.currency))
    credited = credit_lines([wanted], reason=reason, source=source, by=RUNNER, at=at)
    charge = line.charge
    add_charge(
        item.customer_id,
        amount=Money(credited.net_minor, credited.currency),
        description=f"{line.description}: correction {note.number} taken back"[:200],
        kind=charge.kind,
        tax_rate=line.tax_rate,
        tax_category=charge.tax_category,
        period=Period(charge.period_start, charge.period_end) if charge.period_start and charge.period_end else None,
        source=f"correctionitem:{item.pk}",
        external_id=f"correctionitem:{item.pk}/reversed",
        by=RUNNER,
        at=at,
    )


@transaction.atomic
def _finish(batch_id: int, *, at: datetime) -> None:
    """End a batch of which nothing is left, whoever did the last line."""
    batch = lock_batch(batch_id)
    left = set(batch.items.values_list("state", flat=True).distinct())
    if batch.state == State.RUNNING and ItemState.PENDING not in left:
        batch.finish()
        kind = kinds.CORRECTIONS_FINISHED
    elif batch.state == State.REVERSING and ItemState.CORRECTED not in left:
        batch.finish_reversal()
        kind = kinds.CORRECTIONS_REVERSED
    else:
        return
    batch.save()
    record(kind, batch, by=RUNNER, at=at)


@transaction.atomic
def reverse_corrections(batch_id: int, *, reason: str, by: Actor, at: datetime) -> CorrectionBatch:
    """This will take a whole batch back: every line is charged again on the next bill, and each customer is told why.

    :raises BatchNotInState: if it is not done
    :raises ApproverIsRequester: if who asked for the batch takes it back: it needs two people as well
    :raises ApprovalLimitExceeded: if their roles may not
    """
    batch = lock_batch(batch_id)
    check_move(batch, batch.take_back, "taken back")
    authority.check_decider(ACT, Money(1, batch.currency), requested_by=batch.requested_by, by=by)
    batch.take_back(by=str(by), at=at, reason=words(reason))
    batch.save()
    record(kinds.CORRECTIONS_REVERSING, batch, by=by, at=at, reason=batch.close_reason)
    run_later("ledger.tasks.run_corrections")
    return batch
