"""The gateway reports the stages of a chargeback with the network's deadlines, in any order."""

from __future__ import annotations

import pytest

from ledger.books.queries import balance
from ledger.models import Chargeback
from tests.billing_desk.api.test_hooks import SECRET, money, report

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _secret(settings) -> None:
    settings.INBOUND_HOOK_SECRET = SECRET


DUE = "2026-03-11T12:00:00Z"


def asked(stage: str, **more: object):
    said = {"id": "cb_1", "payment": "pi_1", "amount": money(1190), "reason": "fraudulent", "stage": stage, **more}
    return report("chargeback.received", **said).status_code


def test_a_stage_comes_with_its_deadline_and_a_late_report_does_not_pull_it_back(ana):
    report("payment.succeeded", id="pi_1", customer=ana.pk, amount=money(1190))

    assert asked("inquiry", due_at="2026-03-05T12:00:00Z") == 202
    assert balance("chargeback_losses", "EUR").minor == 0
    assert asked("chargeback", due_at=DUE) == 202
    assert asked("early_warning") == 202

    found = Chargeback.objects.get()
    assert (found.stage, found.due_at.isoformat()) == ("chargeback", "2026-03-11T12:00:00+00:00")
    assert balance("chargeback_losses", "EUR").minor == 1190
    assert asked("somewhere") == 422


def test_a_decision_names_its_stage(ana):
    report("payment.succeeded", id="pi_1", customer=ana.pk, amount=money(1190))
    asked("chargeback", due_at=DUE)

    for _ in range(2):
        assert report("chargeback.won", id="cb_1", stage="chargeback").status_code == 202
    assert asked("pre_arbitration") == 202
    assert report("chargeback.lost", id="cb_1", stage="pre_arbitration").status_code == 202

    assert (Chargeback.objects.get().state, balance("chargeback_losses", "EUR").minor) == ("lost", 1190)
