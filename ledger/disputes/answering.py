"""send_answer: a frozen pack handed in at the gateway, once, and never after the network's deadline.

The row stands before the gateway is asked, the outcome is recorded after, and the call is made outside any transaction.
Whoever dies in between leaves an answer of which nobody knows: the gateway is asked for it before it is sent again.
"""

from __future__ import annotations

import io
import json
import logging
import zipfile
from datetime import datetime, timedelta

from django.db import transaction

from ledger.disputes.answer_models import ChargebackAnswer
from ledger.disputes.chargebacks import lock_chargeback, record_chargeback_event
from ledger.disputes.models import Chargeback, ChargebackPack
from ledger.errors import DomainError, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.later import run_later
from ledger.payments.circuit import GatewayResting, is_resting, through_circuit
from ledger.payments.gateways import Evidence, GatewayAnswer, gateway

log = logging.getLogger(__name__)

SENDER = Actor.system("send_chargeback_answers")
#: Whoever said nothing for so long after he began is dead.
LEASE = timedelta(minutes=2)
#: After so many tries without an answer a person is told; it goes on until the deadline.
TELLS_AFTER = 3
#: What of fields.json goes to the network as text of its own.
FIELDS = ("product_description", "customer_name", "billing_address", "service_date", "uncategorized_text")
State = ChargebackAnswer.State


class NoSuchAnswer(NotFound):
    """There is no such answer to a chargeback."""


class AnswerSettled(DomainError):
    """The answer has arrived, was refused, or is too late."""


def queue_answer(pack: ChargebackPack, *, by: Actor, at: datetime) -> ChargebackAnswer:
    """This will put a pack that was just frozen on its way; one past the deadline is not sent, and that is said."""
    chargeback = pack.chargeback
    made = ChargebackAnswer.objects.create(
        pack=pack,
        key=f"chargeback:{chargeback.pk}/{pack.stage}",
        gateway=gateway().name,
        due_at=chargeback.due_at,
        try_again_at=at,
    )
    if _is_late(made, at):
        _miss(made, chargeback, by=by, at=at)
    else:
        run_later("ledger.tasks.send_chargeback_answer", answer_id=made.pk)
    return made


def send_due_answers(*, at: datetime, limit: int = 50) -> int:
    """Sweep: send what waits, and ask for what nobody knows of; return how many were worked on."""
    due = ChargebackAnswer.objects.filter(state__in=[State.WAITING, State.SENDING, State.UNKNOWN], try_again_at__lte=at)
    ids = list(due.order_by("due_at", "pk").values_list("pk", flat=True)[:limit])
    for answer_id in ids:
        if is_resting(gateway().name, at=at):
            break
        send_answer(answer_id, at=at)
    return len(ids)


def send_answer(answer_id: int, *, at: datetime) -> ChargebackAnswer:
    """This will hand an answer in, or ask first what became of it; one that is settled is returned as it is.

    Safe to run twice and at once: whoever comes first holds it until the lease is over.

    :raises NoSuchAnswer: if there is none
    """
    was = _claim(answer_id, at=at)
    if was is None:
        return ChargebackAnswer.objects.get(pk=answer_id)
    if was == State.WAITING:
        return _hand_in(answer_id, at=at)
    return _ask_first(answer_id, at=at)


@transaction.atomic
def _claim(answer_id: int, *, at: datetime) -> str | None:
    """Hold an answer that is due; return in which state it was, None where another worker has it or it is settled."""
    answer = ChargebackAnswer.objects.select_for_update(of=("self",)).filter(pk=answer_id).first()
    if answer is None:
        raise NoSuchAnswer("There is no such answer.")
    if not answer.is_open or (answer.try_again_at is not None and at < answer.try_again_at):
        return None
    if answer.state == State.WAITING:
        if _is_late(answer, at):
            _miss(answer, answer.pack.chargeback, by=SENDER, at=at)
            return None
        answer.begin(try_again_at=at + LEASE)
        answer.save()
        return State.WAITING
    if answer.state == State.SENDING:
        # Its worker died, so nobody knows.
        answer.lose_sight(try_again_at=at + LEASE)
    answer.try_again_at = at + LEASE
    answer.save()
    return State.UNKNOWN


def _hand_in(answer_id: int, *, at: datetime) -> ChargebackAnswer:
    answer = ChargebackAnswer.objects.select_related("pack__chargeback").get(pk=answer_id)
    provider, chargeback, evidence = gateway(), answer.pack.chargeback, evidence_of(answer.pack)
    try:
        said = through_circuit(
            provider,
            lambda: provider.answer_chargeback(
                key=answer.key, chargeback=chargeback.external_id, amount=chargeback.amount, evidence=evidence, at=at
            ),
            at=at,
        )
    except (OSError, GatewayResting) as problem:
        log.warning("no answer for %s: %s", answer.key, problem)
        return _lose_sight(answer_id, at=at)
    return _settle(answer_id, said, at=at)


def _ask_first(answer_id: int, *, at: datetime) -> ChargebackAnswer:
    answer = ChargebackAnswer.objects.select_related("pack__chargeback").get(pk=answer_id)
    provider, chargeback = gateway(), answer.pack.chargeback.external_id
    try:
        said = through_circuit(
            provider, lambda: provider.find_answer(key=answer.key, chargeback=chargeback, at=at), at=at
        )
    except (OSError, GatewayResting) as problem:
        log.warning("still no answer for %s: %s", answer.key, problem)
        return _lose_sight(answer_id, at=at)
    if said is not None:
        return _settle(answer_id, said, at=at)
    if not _send_again(answer_id, at=at):
        return ChargebackAnswer.objects.get(pk=answer_id)
    return _hand_in(answer_id, at=at)


@transaction.atomic
def _send_again(answer_id: int, *, at: datetime) -> bool:
    """Begin once more what the gateway never got; after the deadline nothing is sent."""
    answer = ChargebackAnswer.objects.select_for_update(of=("self",)).get(pk=answer_id)
    if answer.state != State.UNKNOWN:
        return False
    if _is_late(answer, at):
        _miss(answer, answer.pack.chargeback, by=SENDER, at=at)
        return False
    answer.begin(try_again_at=at + LEASE)
    answer.save()
    return True


@transaction.atomic
def _settle(answer_id: int, said: GatewayAnswer, *, at: datetime) -> ChargebackAnswer:
    chargeback = _chargeback_of(answer_id)
    answer = ChargebackAnswer.objects.select_for_update(of=("self",)).select_related("pack").get(pk=answer_id)
    if not answer.is_open or said.pending:
        return answer
    if said.succeeded:
        answer.arrive(reference=said.reference, at=at)
        kind, more = kinds.CHARGEBACK_ANSWER_SENT, {"reference": said.reference}
    else:
        answer.refuse(code=said.failure_code[:60] or "unspecified", at=at)
        kind, more = kinds.CHARGEBACK_ANSWER_REFUSED, {"code": answer.failure_code}
    answer.save()
    record_chargeback_event(kind, chargeback, by=SENDER, at=at, hash=answer.pack.sha256, **more)
    return answer


@transaction.atomic
def _lose_sight(answer_id: int, *, at: datetime) -> ChargebackAnswer:
    chargeback = _chargeback_of(answer_id)
    answer = ChargebackAnswer.objects.select_for_update(of=("self",)).get(pk=answer_id)
    if not answer.is_open:
        return answer
    again = at + _wait(answer.attempts)
    if answer.state == State.SENDING:
        answer.lose_sight(try_again_at=again)
    answer.try_again_at = again
    answer.save()
    if answer.attempts in (1, TELLS_AFTER):
        record_chargeback_event(kinds.CHARGEBACK_ANSWER_UNKNOWN, chargeback, by=SENDER, at=at, attempts=answer.attempts)
    return answer


def _wait(attempts: int) -> timedelta:
    return min(timedelta(minutes=2 ** max(attempts - 1, 0)), timedelta(hours=1))


def _chargeback_of(answer_id: int) -> Chargeback:
    return lock_chargeback(ChargebackAnswer.objects.values_list("pack__chargeback_id", flat=True).get(pk=answer_id))


def _is_late(answer: ChargebackAnswer, at: datetime) -> bool:
    return answer.due_at is not None and at >= answer.due_at


def _miss(answer: ChargebackAnswer, chargeback: Chargeback, *, by: Actor, at: datetime) -> None:
    answer.miss(at=at)
    answer.save()
    record_chargeback_event(kinds.CHARGEBACK_ANSWER_MISSED, chargeback, by=by, at=at)


def evidence_of(pack: ChargebackPack) -> Evidence:
    """Return what of a frozen pack the gateway takes: its text fields, and the first bill in it as a PDF."""
    with zipfile.ZipFile(io.BytesIO(bytes(pack.content))) as archive:
        told = json.loads(archive.read("fields.json"))
        bills = sorted(name for name in archive.namelist() if name.lower().endswith(".pdf") and "/" not in name)
        receipt = archive.read(bills[0]) if bills else None
    fields = {name: str(told.get(name) or "") for name in FIELDS}
    return Evidence(fields, receipt, pack.sha256)
