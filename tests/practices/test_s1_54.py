"""S1-54: every step of a refund is told once and in order, though one worker in five dies at it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError, connection

from ledger.events import outbox
from ledger.events.models import Reaction
from ledger.refunds.operations import approve_refund, request_refund
from ledger.refunds.paying import pay_refund
from ledger.refunds.settling import return_refund
from notifications.delivery.models import Message
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db

#: What the customer reads of one refund that was approved by a colleague, paid, and came back.
STORY = ["refund_requested", "refund_approved", "refund_paid", "refund_returned"]


def test_every_step_is_told_once_and_in_order_though_one_worker_in_five_dies(mia, noe):
    ana = open_ana()
    bill(ana, 50_000)
    payment = pay(ana, 50_000)
    refunds = []
    for number in range(5):
        refund = request_refund(
            payment.pk, amount=eur(2_600), reason="x", proof=prove(ana), is_goodwill=True, by=mia, at=NOW
        )
        step = timedelta(minutes=number + 1)
        approve_refund(refund.pk, by=noe, at=NOW + step)
        pay_refund(refund.pk, at=NOW + step)
        return_refund(refund.pk, code="declined", by=SYSTEM, at=NOW + step)
        refunds.append(refund)
    deaths, left = 0, [0]

    def dies(execute, sql, params, many, context):
        if sql.startswith("INSERT INTO") and "message" in sql:
            left[0] -= 1
            if left[0] == 0:
                raise OperationalError("the worker lost its connection")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(dies):
        for hour in range(1, 80):
            left[0] = 1 + hour % 3 if hour % 5 == 2 else 0  # every fifth dies at its first, second or third message
            try:
                outbox.run_due_reactions(at=NOW + timedelta(hours=hour), limit=6)
            except OperationalError:
                deaths += 1

    assert deaths > 0
    assert not Reaction.objects.filter(done_at=None).exists()
    for refund in refunds:
        told = Message.objects.filter(about=f"refund:{refund.pk}").order_by("pk")
        assert [message.template.partition(".")[0] for message in told] == STORY


def test_a_refund_within_the_limit_is_told_as_one_step_that_never_contradicts_itself(mia, run_reactions):
    ana = open_ana()
    refund = request_refund(
        pay(ana, 5_000).pk, amount=eur(2_000), reason="x", proof=prove(ana), is_goodwill=True, by=mia, at=NOW
    )

    run_reactions()

    told = Message.objects.filter(about=f"refund:{refund.pk}")
    assert [message.template.partition(".")[0] for message in told] == ["refund_approved"]
