"""The demo company: built by the product's own operations, believable, and only in an empty database."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.backends import ModelBackend
from django.core.management import call_command
from django.db.models import Model
from django.utils import timezone

from billing_desk.demo.company import chance, loading
from billing_desk.demo.company.diary import Diary
from billing_desk.demo.mail import addresses, messages_for
from billing_desk.demo.people import SIGN_INS
from billing_desk.models import WebhookEndpoint
from ledger.charges.queries import look_alike_charges
from ledger.invoices.queries import account_summary
from ledger.models import (
    Agreement,
    Attempt,
    Break,
    Chargeback,
    ChargebackPack,
    CorrectionBatch,
    Customer,
    Dispute,
    DunningStep,
    HardshipCase,
    ImportRun,
    Instalment,
    Invoice,
    InvoiceLine,
    Payment,
    PaymentPlan,
    PaymentPromise,
    ProvisionalCredit,
    Refund,
    Retry,
    SettlementFile,
    SettlementLine,
)
from ledger.money import Money
from ledger.revenue.queries import mrr_movements
from notifications.models import Message
from tests import plugin
from tickets.models import Attachment, CallLog, Mailbox, PhoneLine, Promise, Ticket
from tickets.models import Message as Said
from verification.models import Check

#: The mails that only the stories bring.
STORIES_TOLD = {
    "payment_plan_offered", "payment_plan_agreed", "payment_plan_kept", "payment_plan_defaulted", "instalment_missed",
    "hardship_started", "hardship_ended", "promise_agreed", "promise_broken", "payment_failed", "payment_reminder",
    "dispute_opened", "dispute_partly_upheld", "dispute_appealed", "provisional_credit_given", "refund_held",
    "provisional_credit_ending", "correction_made", "agreement_offered", "access_warning",
}  # fmt: skip
ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def seed(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command as the demo does: a process of its own, as the owner of the database."""
    environment = {
        **os.environ,
        "BILLING_DESK_DATA": str(folder),
        "DATABASE_URL": plugin.database_url(),
        "DATABASE_ROLE": "",
        "LOG_LEVEL": "ERROR",
        "REDIS_URL": "redis://localhost:1/0",  # nobody listens there: loading sends no tasks
    }
    command = [sys.executable, "manage.py", "seed_demo", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)


def test_a_small_company_has_everything_the_demo_shows(tmp_path, monkeypatch, settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    done = seed(tmp_path, "--customers", "36", "--months", "4")
    assert done.returncode == 0, done.stderr[-3000:]
    assert "The books hold" in done.stdout
    assert "audit trail holds" in done.stdout
    monkeypatch.setenv("BILLING_DESK_DATA", str(tmp_path))

    staff_can_sign_in()
    accounts_are_as_told()
    cases_are_in_every_state()
    money_goes_every_way()
    arrears_are_told()
    finance_has_worked()
    history_stands_in_the_mailboxes()
    the_desk_is_connected()

    again = seed(tmp_path)
    assert again.returncode == 1
    assert "There are customers in this database already" in again.stderr


def staff_can_sign_in() -> None:
    for role, username, password in SIGN_INS:
        user = ModelBackend().authenticate(None, username=username, password=password)
        assert user is not None
        held = {group.name for group in user.groups.all()}
        assert held == (set() if role == "trainee" else {role.replace(" ", "_")})


def accounts_are_as_told() -> None:
    ana, emi = Customer.objects.get(name="Ana Abendroth"), Customer.objects.get(name="Émi Perrin")
    gil, delta = Customer.objects.get(name="Gilchrist & Daughters"), Customer.objects.get(name="Delta BV")
    today = timezone.localdate()

    (pair,) = look_alike_charges(ana.pk)
    assert pair.first.amount == pair.second.amount == Money(2500, "EUR")
    paid = Payment.objects.filter(allocations__invoice__lines__charge__in=[pair.first, pair.second])
    assert [payment.card_last4 for payment in paid] == ["4242", "4242"]
    assert account_summary(emi.pk, today=today).overdue == Money(6000, "EUR")  # 50.42 and 19 % tax of 9.58
    assert Invoice.objects.get(customer=gil, total_minor=2_000_00).due_on == today - timedelta(days=45)
    assert sorted(delta.contact_points.values_list("right", flat=True)) == ["finance", "owner", "user"]
    assert delta.vat_id == "NL004495445B01"
    assert set(Customer.objects.values_list("currency", flat=True)) == {"EUR", "USD", "GBP", "JPY"}


def cases_are_in_every_state() -> None:
    assert set(Ticket.objects.values_list("state", flat=True)) == {"open", "waiting", "resolved", "closed"}
    assert set(Ticket.objects.values_list("queue__slug", flat=True)) == {"billing", "disputes", "finance", "retention"}
    free = Ticket.objects.filter(state="open", assignee_id=None)
    due = free.values_list("clocks__due_at", flat=True).filter(clocks__kind="first_response", clocks__state="running")
    assert min(due) < timezone.now() < max(due)
    assert free.filter(customer__name="Ana Abendroth").exists()
    assert Ticket.objects.filter(customer=None, requester="accounts@not-the-customer.example").exists()
    card = Said.objects.get(kind="in", text__contains="charge my new card")
    assert "4242 4242 4242 4242" not in card.text
    assert Said.objects.filter(is_auto_reply=True).exists()
    assert set(Attachment.objects.values_list("refused_because", flat=True)) > {""}
    assert Promise.objects.filter(kept_at__isnull=False).exists()
    assert Promise.objects.filter(broken_at__isnull=False).exists()
    assert CallLog.objects.count() >= 1
    assert {"passed", "locked", "expired"} & set(Check.objects.values_list("state", flat=True))


def money_goes_every_way() -> None:
    assert set(Invoice.objects.values_list("state", flat=True)) >= {"open", "paid"}
    assert {"succeeded", "failed"} <= set(Payment.objects.values_list("state", flat=True))
    assert states_of(Chargeback) == set(Chargeback.State.values)
    open_ones = Chargeback.objects.filter(state="received")
    assert set(open_ones.values_list("stage", flat=True)) == {"inquiry", "chargeback", "pre_arbitration"}
    due = sorted(open_ones.exclude(due_at=None).values_list("due_at", flat=True))
    assert timezone.now() < due[0] < timezone.now() + timedelta(days=3) < due[-1]
    assert ChargebackPack.objects.count() == 1
    # Submitted lasts no longer than a provider's answer.
    assert states_of(Refund) == set(Refund.State.values) - {"submitted"}
    assert states_of(Dispute) == set(Dispute.State.values)
    assert Dispute.objects.filter(appealed_at__isnull=False, state="upheld").exists()
    assert states_of(ProvisionalCredit) == {"given", "announced"}
    frozen = Refund.objects.get(freeze__lifted_at__isnull=False)
    assert frozen.state == "paid"
    ahead = Invoice.objects.filter(issued_on__gt=timezone.localdate() + timedelta(days=1))
    assert not ahead.exists()


def arrears_are_told() -> None:
    # A plan is settled early, declined or cancelled by an act that anybody can try in the workspace.
    assert states_of(PaymentPlan) == set(PaymentPlan.State.values) - {"settled_early", "declined", "cancelled"}
    # Nothing of an instalment is waived: no bill under a plan was credited.
    assert states_of(Instalment) == {"due", "paid", "missed"}
    missed = Message.objects.filter(template__startswith="instalment_missed")
    assert missed.count() == Instalment.objects.filter(state="missed").count() + 1  # one was made good
    assert states_of(PaymentPromise) == {"open", "kept", "broken"}
    assert states_of(HardshipCase) == {"opened", "ended"}
    assert HardshipCase.objects.get(state="opened").customer.name == "Émi Perrin"
    assert states_of(Retry) >= {"planned", "done"}
    assert set(Attempt.objects.values_list("retry__state", "state")) >= {("done", "succeeded"), (None, "failed")}
    assert states_of(DunningStep) >= {"planned", "taken"}


def finance_has_worked() -> None:
    this_month = timezone.localdate().replace(day=1)
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    bridge = mrr_movements(last_month, this_month, today=timezone.localdate())
    assert bridge.in_book_currency[-1].closing.minor > 0  # told in euros, though some customers pay in dollars and yen
    tried, imported = ImportRun.objects.order_by("pk")
    assert (tried.is_dry_run, imported.is_dry_run) == (True, False)
    assert (imported.state, imported.imported, imported.refused) == ("finished", 2, 1)
    assert set(SettlementFile.objects.values_list("format", flat=True)) == {"csv", "mt940"}
    assert set(Break.objects.values_list("kind", "state")) >= {
        ("missing_in_file", "resolved"), ("missing_in_books", "open"), ("amount_differs", "open")}  # fmt: skip
    assert SettlementLine.objects.filter(file__format="mt940", payment__isnull=False).count() >= 3
    assert states_of(CorrectionBatch) == {"done", "requested"}
    assert CorrectionBatch.objects.get(state="done").items.filter(state="corrected").count() >= 2
    assert states_of(Agreement) == {"accepted", "offered", "waiting_approval"}
    used = InvoiceLine.objects.filter(description__startswith="Calls:", invoice__customer__name="Delta BV")
    assert used.filter(net_minor__gt=0).count() >= 2


def states_of(model: type[Model]) -> set[str]:
    return set(model._default_manager.values_list("state", flat=True))


def history_stands_in_the_mailboxes() -> None:
    assert not Message.objects.filter(state="queued", due_at__lt=timezone.now() - timedelta(minutes=5)).exists()
    assert not Message.objects.filter(state="failed").exists()
    mails = messages_for("ana@abendroth.example")
    assert Message.objects.filter(recipient="ana@abendroth.example", state="sent").count() == len(mails)
    assert mails[-1].received_at < timezone.now() - timedelta(days=80)
    told = {message.template.partition(".")[0] for message in Message.objects.filter(state="sent")}
    assert told >= STORIES_TOLD, STORIES_TOLD - told
    assert all(re.fullmatch(r"[^@]+@[^@]+\.example", address) for address in addresses())


def the_desk_is_connected() -> None:
    mailbox = Mailbox.objects.get()
    assert (mailbox.host, mailbox.username, mailbox.use_tls) == ("localhost", "billing", False)
    assert mailbox.password_variable == "BILLING_DESK_DEMO_IMAP_PASSWORD"
    assert PhoneLine.objects.get().number == "+4930901820"
    assert not WebhookEndpoint.objects.get().is_active


@pytest.mark.parametrize("words", [["--customers", "0"], ["--months", "1"], ["--now", "2099-01-01T10:00+00:00"]])
def test_an_option_that_makes_no_sense_is_refused_before_anything_is_written(words) -> None:
    with pytest.raises(Exception, match=r"Choose|present"):
        call_command("seed_demo", *words)

    assert not Customer.objects.exists()


def test_the_diary_lives_through_its_acts_in_the_order_of_time_and_stops_at_the_present(now) -> None:
    diary, lived = Diary(until=now), []
    diary.plan(now, lambda at: lived.append("now"))
    diary.plan(
        now - timedelta(hours=2), lambda at: diary.plan(at + timedelta(hours=1), lambda at: lived.append("then"))
    )
    diary.plan(now + timedelta(seconds=1), lambda at: lived.append("never"))

    diary.run(after=lambda at: lived.append("after"))

    assert lived == ["after", "then", "after", "now", "after"]


def test_chance_falls_the_same_way_every_time() -> None:
    assert [chance.between(1, 6, "throw", number) for number in range(12)] == [
        chance.between(1, 6, "throw", number) for number in range(12)
    ]
    assert {chance.between(1, 6, "throw", number) for number in range(200)} == {1, 2, 3, 4, 5, 6}


def test_the_company_begins_on_the_first_of_a_month(now) -> None:
    assert loading.first_day(now, 12).isoformat() == "2025-03-01"
