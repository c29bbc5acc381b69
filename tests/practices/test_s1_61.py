"""A fault between us and the bank is unknown, not declined: asked about first, tried with the same key, told once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from ledger.events.models import Event
from ledger.models import Invoice, SandboxTransfer
from ledger.payments.circuit import GatewayResting
from ledger.payments.collecting import collect_invoice, resolve_unknown
from ledger.payments.operations import add_payment_method
from notifications.models import Message
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, open_ana

pytestmark = pytest.mark.django_db


def collect(invoice, at=NOW):
    return collect_invoice(invoice.pk, trigger="schedule", by=SYSTEM, at=at)


def with_card(what: str):
    ana = open_ana()
    add_payment_method(ana.pk, kind="card", token=f"sandbox:{what}", last4="4242", by=SYSTEM, at=NOW)
    return ana


def test_a_timeout_after_the_money_was_taken_ends_paid_without_a_second_charge(run_reactions):
    invoice = bill(with_card("lost_answer"), 3000)

    assert collect(invoice).state == "unknown"
    resolve_unknown(at=NOW + timedelta(minutes=5))

    assert Invoice.objects.get().state == "paid"
    assert SandboxTransfer.objects.filter(kind="charge").count() == 1
    assert not Event.objects.filter(kind="payment.failed").exists()


def test_a_storm_of_errors_opens_the_breaker_and_brings_one_notice_that_blames_nobody(run_reactions, settings):
    settings.DOCUMENTS_FROM = "2027-01-01"  # the bills themselves are not what is looked at
    invoice = bill(with_card("down"), 3000)
    others = [bill(invoice.customer, 100) for _ in range(4)]
    for one in [invoice, *others]:
        collect(one)

    for minute in (0, 0, 0):
        with pytest.raises(GatewayResting, match="nothing to do"):
            collect(bill(invoice.customer, 500), at=NOW + timedelta(minutes=minute))
    resolve_unknown(at=NOW + timedelta(seconds=50))
    with time_machine.travel(NOW, tick=False):
        run_reactions()

    assert SandboxTransfer.objects.count() == 5
    about = Message.objects.filter(template__startswith="payment_delayed", about=f"invoice:{invoice.pk}")
    words = about.get().body
    assert "technische Störung bei uns" in words
    assert "Sie müssen nichts tun" in words
    assert not Message.objects.filter(template__startswith="payment_failed").exists()
