"""An answer to a chargeback reaches the gateway once, whatever becomes of the call; never after the deadline."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from ledger.disputes.answering import send_answer, send_due_answers
from ledger.disputes.board import chargeback_board
from ledger.disputes.chargebacks import Report, report_chargeback
from ledger.disputes.packs import submit_pack
from ledger.models import ChargebackAnswer, Event, GatewayCircuit, SandboxTransfer
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, eur, open_ana, pay

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def answered(name: str, *, due=NOW + DAY, at=NOW) -> ChargebackAnswer:
    payment = pay(open_ana(), 3000)
    said = Report(name, eur(3000), "fraudulent", due_at=due)
    chargeback = report_chargeback(payment.pk, report=said, by=SYSTEM, at=NOW)
    submit_pack(chargeback.pk, by=SYSTEM, at=at)
    return ChargebackAnswer.objects.get()


def sent_to_the_gateway() -> int:
    return SandboxTransfer.objects.filter(kind="answer", reached=True).count()


def told(kind: str) -> int:
    return Event.objects.filter(kind=f"chargeback.{kind}").count()


def test_a_frozen_pack_is_sent_once_and_the_board_says_so():
    answer = answered("dp_1")
    assert [row.answer for row in chargeback_board(at=NOW)] == ["waiting"]

    for minutes in range(3):
        send_due_answers(at=NOW + timedelta(minutes=minutes))
        send_answer(answer.pk, at=NOW + timedelta(minutes=minutes))

    assert ChargebackAnswer.objects.get().state == "sent"
    assert [row.answer for row in chargeback_board(at=NOW)] == ["sent"]
    assert (sent_to_the_gateway(), told("answer_sent")) == (1, 1)
    assert SandboxTransfer.objects.get(kind="answer").asked == 1


def test_an_answer_that_was_lost_is_asked_for_and_not_sent_again():
    answer = answered("sandbox:lost_answer/1")

    assert send_answer(answer.pk, at=NOW).state == "unknown"
    assert send_due_answers(at=NOW + timedelta(seconds=30)) == 0
    send_due_answers(at=NOW + timedelta(minutes=3))

    assert ChargebackAnswer.objects.get().state == "sent"
    assert SandboxTransfer.objects.get(kind="answer").asked == 1


def test_one_that_never_arrived_is_sent_again_after_the_gateway_was_asked():
    answer = answered("sandbox:timeout/1")

    send_answer(answer.pk, at=NOW)
    send_due_answers(at=NOW + timedelta(minutes=3))

    assert ChargebackAnswer.objects.get().state == "sent"
    assert sent_to_the_gateway() == 1


def test_a_worker_that_died_while_sending_leaves_one_that_is_asked_about():
    answer = answered("dp_1")
    answer.begin(try_again_at=NOW + timedelta(minutes=2))
    answer.save()

    assert send_answer(answer.pk, at=NOW + timedelta(minutes=1)).state == "sending"
    send_due_answers(at=NOW + timedelta(minutes=2))

    assert ChargebackAnswer.objects.get().state == "sent"
    assert sent_to_the_gateway() == 1


def test_one_that_is_refused_says_why_and_is_not_tried_again():
    answer = answered("sandbox:charge_already_refunded/1")

    assert send_answer(answer.pk, at=NOW).failure_code == "charge_already_refunded"
    assert send_due_answers(at=NOW + DAY) == 0
    assert told("answer_refused") == 1


@pytest.mark.parametrize(("late", "state"), [(timedelta(0), "missed"), (timedelta(seconds=-1), "sent")])
def test_nothing_is_sent_from_the_deadline_on(late, state):
    answer = answered("dp_1")

    send_answer(answer.pk, at=NOW + DAY + late)

    assert ChargebackAnswer.objects.get().state == state
    assert told("answer_missed") == (state == "missed")


def test_a_pack_frozen_after_the_deadline_is_not_sent_at_all():
    assert answered("dp_1", at=NOW + 2 * DAY).state == "missed"
    assert send_due_answers(at=NOW + 3 * DAY) == 0


def test_a_gateway_that_stays_down_is_left_alone_and_the_deadline_ends_the_trying():
    answer = answered("sandbox:down/1")

    for minutes in range(0, 60 * 24, 20):
        send_due_answers(at=NOW + timedelta(minutes=minutes))
    send_due_answers(at=NOW + DAY + timedelta(hours=2))

    assert GatewayCircuit.objects.exists()
    assert ChargebackAnswer.objects.get(pk=answer.pk).state in ("unknown", "missed")
    assert sent_to_the_gateway() == 0


def test_the_database_refuses_a_sending_that_the_diagram_does_not_have():
    answer = answered("dp_1")
    send_answer(answer.pk, at=NOW)

    for wrong in ("state = 'waiting', settled_at = NULL", "due_at = now()"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE ledger_chargebackanswer SET {wrong}")
