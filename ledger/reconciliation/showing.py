"""A break that no settlement file brought: the gateway reported what the books do not have."""

from __future__ import annotations

from datetime import datetime

from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.money import Money
from ledger.payments.models import Payment
from ledger.reconciliation.matching import close_break
from ledger.reconciliation.models import Break


def show_break(
    reference: str, *, kind: str, payment: Payment | None, in_file: Money, why: str, by: Actor, at: datetime
) -> Break:
    """This will list a difference under the gateway's reference, once; a person says what it was."""
    wanted = {
        "payment": payment,
        "in_file_minor": in_file.minor,
        "currency": in_file.currency,
        "found_at": at,
        "note": why[:500],
    }
    gap, is_new = Break.objects.get_or_create(file=None, reference=reference[:140], kind=kind, defaults=wanted)
    if is_new:
        record_event(
            kinds.BREAK_FOUND,
            subject=gap,
            customer_id=payment.customer_id if payment else None,
            by=by,
            at=at,
            difference=kind,
            reference=reference,
            why=why,
            amount_minor=in_file.minor,
            currency=in_file.currency,
        )
    return gap


def close_shown(gap: Break, *, note: str, by: Actor, at: datetime) -> None:
    """This will close a difference that the gateway itself has taken back; one that is closed stays as it is."""
    held = Break.objects.select_for_update(of=("self",)).get(pk=gap.pk)
    if held.state == Break.State.OPEN:
        close_break(held, how=Break.How.SENDER_ERROR, note=note, by=by, at=at)
