"""take_told: what a gateway says of chargebacks and refunds, acted on by the operations that exist for them.

What speaks of something we have not heard of is parked and taken up later. What we never asked for, or cannot believe,
is shown as a break: nothing is invented in the books.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, Sum

from ledger.disputes.chargebacks import ChargebackContradicted, ChargebackIdReused, report_chargeback
from ledger.disputes.chargebacks import Report as NetworkReport
from ledger.disputes.models import Chargeback
from ledger.errors import InvalidInput
from ledger.events.actor import Actor
from ledger.money import Money
from ledger.payments.attempt_models import Attempt, GatewayReport
from ledger.payments.models import Payment
from ledger.payments.stripe_told import KEY_OF_REFUND, STANDINGS, DisputeTold, RefundedTold, RefundTold, Told
from ledger.reconciliation.models import Break
from ledger.reconciliation.showing import close_shown, show_break
from ledger.refunds.models import Refund
from ledger.refunds.settling import Word, apply_word

#: What of our refunds a gateway counts as refunded; a part that became credit never went there.
AT_THE_GATEWAY = ("submitted", "paid", "settled")


class NotPlaced(InvalidInput):
    """The report speaks of nothing we have heard of, or not yet of all of it."""


@dataclass(frozen=True, slots=True)
class Source:
    """The report something was told in."""

    report: GatewayReport
    is_last_try: bool = False


def place(told: Told, source: Source, *, by: Actor, at: datetime) -> str:
    """This will act on what was told and return what it is about; repeats and any order end in the same state.

    :raises NotPlaced: if it speaks of something that is not here yet, unless this is the last try: then it is a break
    """
    with transaction.atomic():
        if isinstance(told, DisputeTold):
            return _chargeback(told, source, by=by, at=at)
        if isinstance(told, RefundTold):
            return _refund(told, source, by=by, at=at)
        return _refunded(told, source, by=by, at=at)


def find_payment(reference: str) -> Payment | None:
    """Return the payment a gateway knows by a reference: its own, or that of the attempt that brought it."""
    if not reference:
        return None
    found = Payment.objects.filter(gateway_reference=reference, state=Payment.State.SUCCEEDED).first()
    if found is None:
        attempt = Attempt.objects.filter(gateway_reference=reference).select_related("payment").first()
        found = attempt.payment if attempt else None
    return found


def _chargeback(told: DisputeTold, source: Source, *, by: Actor, at: datetime) -> str:
    payment = find_payment(told.payment)
    if payment is None:
        return _not_here(told, source, None, -told.amount, "a chargeback of a payment we do not know", by=by, at=at)
    stage, state = STANDINGS.get(told.status, ("", ""))
    known = Chargeback.objects.filter(external_id=told.reference).first()
    if stage == "chargeback" and state != "received" and known is not None and known.stage == "pre_arbitration":
        # The gateway does not say whether this ended the chargeback or the appeal that follows it.
        if known.is_open:
            why = f"reported as {told.status} during an appeal: please decide it by hand"
            return _unclear(told, payment, source, why, by=by, at=at)
        return f"chargeback:{known.pk}"
    said = NetworkReport(told.reference, told.amount, told.reason, stage, state, told.due)
    try:
        chargeback = report_chargeback(payment.pk, report=said, by=by, at=at)
    except (ChargebackContradicted, ChargebackIdReused, InvalidInput) as refusal:
        why = f"status {told.status!r}: {refusal}" if not stage else str(refusal)
        return _unclear(told, payment, source, why, by=by, at=at)
    return f"chargeback:{chargeback.pk}"


def _unclear(told: DisputeTold, payment: Payment, source: Source, why: str, *, by: Actor, at: datetime) -> str:
    gap = show_break(
        told.reference, kind=Break.Kind.NOT_CLEAR, payment=payment, in_file=-told.amount, why=why, by=by, at=at
    )
    return f"break:{gap.pk}"


def _refund(told: RefundTold, source: Source, *, by: Actor, at: datetime) -> str:
    word = Word(told.reference, told.status, code=told.code, key=told.key)
    refund = apply_word(word, by=by, at=at)
    if refund is not None:
        return f"refund:{refund.pk}"
    payment = find_payment(told.payment)
    if told.key.startswith(KEY_OF_REFUND):
        return _not_here(told, source, payment, -told.amount, "a refund under a key of ours", by=by, at=at)
    if payment is None:
        return _not_here(told, source, None, -told.amount, "a refund of a payment we do not know", by=by, at=at)
    why = "made at the gateway, never asked for here"
    gap = show_break(
        told.reference, kind=Break.Kind.MISSING_IN_BOOKS, payment=payment, in_file=-told.amount, why=why, by=by, at=at
    )
    if told.status == "failed":
        close_shown(gap, note="The gateway says that it came to nothing.", by=by, at=at)
    return f"break:{gap.pk}"


def _refunded(told: RefundedTold, source: Source, *, by: Actor, at: datetime) -> str:
    payment = find_payment(told.payment)
    known = _known_refunded(payment) if payment else 0
    if payment is not None and known >= told.amount_minor:
        return f"payment:{payment.pk}"
    missing = Money(told.amount_minor - known, told.currency)
    return _not_here(told, source, payment, -missing, "more is refunded there than here", by=by, at=at)


def _known_refunded(payment: Payment) -> int:
    """Return what our own refunds took through the gateway, and what is shown as made there without us."""
    ours = Refund.objects.filter(payment=payment, state__in=AT_THE_GATEWAY, route=Refund.Route.ORIGINAL)
    shown = Break.objects.filter(payment=payment, file=None, kind=Break.Kind.MISSING_IN_BOOKS)
    shown = shown.exclude(Q(reference="") | Q(how=Break.How.SENDER_ERROR))
    given = ours.aggregate(sum=Sum("amount_minor"))["sum"] or 0
    return int(given) - int(shown.aggregate(sum=Sum("in_file_minor"))["sum"] or 0)


def _not_here(
    told: Told, source: Source, payment: Payment | None, in_file: Money, why: str, *, by: Actor, at: datetime
) -> str:
    if not source.is_last_try:
        raise NotPlaced(f"We have not heard of {told.reference} yet: {why}.")
    gap = show_break(
        told.reference, kind=Break.Kind.MISSING_IN_BOOKS, payment=payment, in_file=in_file, why=why, by=by, at=at
    )
    return f"break:{gap.pk}"
