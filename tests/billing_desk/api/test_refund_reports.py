"""Gateway reports about refunds: they arrive, or come back; repeats and any order end in the same state."""

from __future__ import annotations

import json

import pytest

from ledger.events.actor import Actor
from ledger.models import JournalEntry, Refund
from ledger.refunds.operations import request_refund
from ledger.refunds.paying import pay_refund
from tests.billing_desk.api.test_hooks import SECRET, post_signed
from tests.conftest import NOW
from tests.ledger.worlds import eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db
SENIOR = Actor.agent(2, roles=frozenset({"senior_agent"}))


@pytest.fixture(autouse=True)
def _secret(settings) -> None:
    settings.INBOUND_HOOK_SECRET = SECRET


def told(kind: str, number: int, **data: object):
    return post_signed("payments", json.dumps({"type": kind, "data": data}).encode(), message_id=f"msg_{number}")


def test_a_refund_that_came_back_is_owed_again_whatever_order_the_reports_come_in():
    ana = open_ana()
    payment = pay(ana, 3000)
    refund = request_refund(
        payment.pk, amount=eur(2000), reason="x", proof=prove(ana), is_goodwill=True, by=SENIOR, at=NOW
    )
    reference = pay_refund(refund.pk, at=NOW).gateway_reference

    for number, kind in enumerate(("refund.failed", "refund.settled", "refund.failed")):
        answer = told(kind, number, id=reference, code="expired_or_canceled_card")
        assert answer.json()["subject"] == f"refund:{refund.pk}"

    assert told("refund.settled", 9, id="nobody").status_code == 503
    assert Refund.objects.get().state == "failed"
    assert JournalEntry.objects.filter(kind="refund_failed").count() == 1
