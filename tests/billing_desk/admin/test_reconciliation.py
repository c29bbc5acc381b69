"""Settlement files and retries in the admin: finance takes a file and works its breaks, supervisors set the caps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from ledger.charges.operations import add_charge
from ledger.events.models import Event
from ledger.invoices.operations import issue_invoice
from ledger.models import Break, NetworkRule, SettlementFile
from ledger.money import Money
from ledger.payments.collecting import collect_invoice
from ledger.payments.operations import add_payment_method
from tests.billing_desk.admin.conftest import SETUP

pytestmark = pytest.mark.django_db

TEXT = b"line_ref,type,reference,amount,currency,booked_on\nL1,payment,nobody,7.00,EUR,2026-03-03\n"
FILES, TAKE = "admin:ledger_settlementfile_changelist", "admin:ledger_settlementfile_take"


def send(browser, content: bytes = TEXT, **more):
    given = {"file": SimpleUploadedFile("march.csv", content), "format": "csv", "account": "sandbox", **more}
    return browser.post(reverse(TAKE), given, follow=True)


def test_finance_takes_a_file_and_closes_what_differs(sign_in):
    olg = sign_in("olg", "finance")

    assert "1 lines are taken; 1 differences wait for an answer." in send(olg).text
    assert "taken before, as march.csv" in send(olg).text
    assert "is no amount" in send(olg, TEXT.replace(b"7.00", b"seven")).text

    gap = Break.objects.get()
    page = olg.get(reverse("admin:ledger_break_change", args=[gap.pk]))
    assert "It is not our money" in page.text
    olg.post(reverse("admin:ledger_break_act", args=[gap.pk, "not_ours"]), {"words": "A neighbour's payment"})
    gap = Break.objects.get(pk=gap.pk)
    assert (gap.state, gap.how, gap.note) == ("resolved", "not_ours", "A neighbour's payment")


def test_who_does_not_keep_the_books_takes_no_file(sign_in):
    pia = sign_in("pia", "supervisor")

    assert pia.post(reverse(TAKE), {}).status_code == 403
    assert "Take a settlement file" not in pia.get(reverse(FILES)).text
    assert not SettlementFile.objects.exists()
    assert Event.objects.filter(kind="access.refused").exists()


def test_a_supervisor_adds_the_next_cap_and_sees_what_came_of_failures(sign_in, ana):
    pia = sign_in("pia", "supervisor")
    rule = {
        "network": "american_express", "category": "every decline", "most": 12, "window_days": 30, "basis": "card",
        "valid_from": "2026-06-01", "valid_to": "", "source": "A letter of the network",
    }  # fmt: skip
    pia.post(reverse("admin:ledger_networkrule_add"), rule)
    assert NetworkRule.objects.get(network="american_express").most == 12
    assert Event.objects.filter(kind="configuration.changed", subject__startswith="networkrule").count() == 1

    at = timezone.now() - timedelta(hours=1)
    add_payment_method(ana.pk, kind="card", brand="Visa", token="sandbox:insufficient_funds", by=SETUP, at=at)
    charge = add_charge(ana.pk, amount=Money(4900, "EUR"), description="Plus", by=SETUP, at=at)
    invoice = issue_invoice(ana.pk, charge_ids=[charge.pk], by=SETUP, at=at)
    collect_invoice(invoice.pk, trigger="schedule", by=SETUP, at=at)
    page = pia.get(reverse("admin:ledger_retry_changelist")).text
    assert "What came of failed payments in the last 90 days" in page
    assert "No money" in page
