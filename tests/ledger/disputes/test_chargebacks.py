"""Banks against us: stages, money taken and returned, answers frozen, and nothing paid twice."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from itertools import permutations

import psycopg
import pytest

from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.disputes.board import key_of
from ledger.disputes.chargebacks import (
    ChargebackContradicted,
    ChargebackNotInState,
    Report,
    accept_chargeback,
    lose_chargeback,
    record_chargeback,
    report_chargeback,
)
from ledger.disputes.models import Chargeback, ChargebackPack, ChargebackStep
from ledger.disputes.packs import AnsweredAlready, submit_pack
from ledger.disputes.queries import chargeback_board
from ledger.disputes.reactions import answer_refunded_chargeback, close_refunded_inquiry
from ledger.disputes.watching import watch_disputes
from ledger.errors import InvalidInput
from ledger.events.models import Event
from ledger.payments.models import Payment
from ledger.refunds.operations import PaymentContested, request_refund
from ledger.refunds.paying import pay_refund
from tests.conftest import NOW
from tests.ledger.disputes.worlds import MIA, NOE, dispute
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return open_ana()


def report(payment, stage="chargeback", state="received", *, days=None, minor=3000, name="cb-1", at=NOW):
    due = NOW + timedelta(days=days) if days is not None else None
    said = Report(name, eur(minor), "fraudulent", stage, state, due)
    return report_chargeback(payment.pk, report=said, by=SYSTEM, at=at)


def cash() -> int:
    return balance("cash", "EUR").minor


def test_an_inquiry_moves_no_money_a_chargeback_takes_it_and_winning_brings_it_back(ana):
    payment = pay(ana, 3000)

    report(payment, "early_warning")
    report(payment, "inquiry", days=5)
    assert (cash(), balance("chargeback_losses", "EUR").minor) == (3000, 0)
    report(payment, "chargeback", days=9)
    assert (cash(), balance("chargeback_losses", "EUR").minor) == (0, 3000)
    report(payment, "chargeback", "won")
    assert (cash(), balance("chargeback_losses", "EUR").minor) == (3000, 0)
    report(payment, "pre_arbitration", days=20)
    report(payment, "pre_arbitration", "lost")

    found = Chargeback.objects.get()
    assert (found.stage, found.state, found.is_taken, found.takings) == ("pre_arbitration", "lost", True, 2)
    assert (cash(), balance("chargeback_losses", "EUR").minor) == (0, 3000)
    assert first_break() is None


def test_reports_in_any_order_and_twice_end_in_the_same_standing_and_the_same_books(ana):
    life = [("inquiry", "received"), ("chargeback", "received"), ("chargeback", "won"), ("arbitration", "lost")]
    orders = list(permutations(life))[::5]
    for number, order in enumerate(orders):
        payment = pay(ana, 3000)
        for stage, state in order + order:
            report(payment, stage, state, name=f"cb-{number}")

    assert {(found.stage, found.state) for found in Chargeback.objects.all()} == {("arbitration", "lost")}
    assert balance("chargeback_losses", "EUR") == eur(3000 * len(orders))
    assert ChargebackStep.objects.count() == len(life) * len(orders)
    assert first_break() is None


def test_a_stage_that_ended_is_not_reported_to_have_ended_otherwise(ana):
    payment = pay(ana, 3000)
    report(payment, state="won")

    with pytest.raises(ChargebackContradicted):
        report(payment, state="lost")
    assert cash() == 3000


def test_while_the_bank_questions_a_payment_nothing_of_it_is_refunded(ana):
    payment = pay(ana, 3000)
    report(payment, minor=1000)

    with pytest.raises(PaymentContested, match="The bank has taken"):
        request_refund(payment.pk, amount=eur(500), reason="Sorry", proof=prove(ana), by=NOE, at=NOW)
    accept_chargeback(Chargeback.objects.get().pk, why="It is right.", by=NOE, at=NOW)
    refund = request_refund(payment.pk, amount=eur(2000), reason="The rest", proof=prove(ana), by=NOE, at=NOW)

    assert refund.amount == eur(2000)
    assert Payment.objects.get().contested_at is None
    assert first_break() is None


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_such_a_refund_too(transactional_db, owner):
    ana = open_ana()
    payment = pay(ana, 3000)
    request_refund(payment.pk, amount=eur(500), reason="Sorry", proof=prove(ana), by=NOE, at=NOW)
    owner.execute("UPDATE ledger_payment SET contested_at = now()")

    with pytest.raises(psycopg.errors.CheckViolation, match="the bank questions payment"):
        owner.execute(
            "INSERT INTO ledger_refund SELECT (json_populate_record(r, '{\"id\": 0}')).* FROM ledger_refund r"
        )


def refunded(ana, payment, minor):
    refund = request_refund(payment.pk, amount=eur(minor), reason="Sorry", proof=prove(ana), by=NOE, at=NOW)
    return pay_refund(refund.pk, at=NOW)


def test_an_inquiry_is_settled_by_the_refund_that_pays_it(ana):
    payment = pay(ana, 3000)
    report(payment, "inquiry", days=5)

    refund = refunded(ana, payment, 3000)
    close_refunded_inquiry(Event.objects.get(kind="refund.paid"), NOW)

    assert refund.state == "paid"
    assert Chargeback.objects.get().state == "accepted"
    assert cash() == 0
    report(payment, "inquiry", "won")  # the network says that it is over: nothing changes
    assert Chargeback.objects.get().state == "accepted"
    assert first_break() is None


def test_a_chargeback_of_what_was_refunded_is_answered_at_once_with_the_refunds_reference(ana):
    payment = pay(ana, 3000)
    refund = refunded(ana, payment, 3000)
    report(payment, days=9)

    for _ in range(2):
        answer_refunded_chargeback(Event.objects.get(kind="chargeback.received"), NOW)

    answer = ChargebackPack.objects.get()
    with zipfile.ZipFile(io.BytesIO(bytes(answer.content))) as packed:
        fields = json.loads(packed.read("fields.json"))
    assert refund.number in fields["uncategorized_text"]
    assert refund.gateway_reference in fields["uncategorized_text"]
    assert answer.submitted_by == "system:disputes"


def test_a_pack_is_frozen_as_it_was_submitted_once_per_stage(ana):
    invoice = bill(ana, 3000)
    payment = pay(ana, 3000)
    opened = dispute(ana, invoice, 3000, words=[{"text": "I paid twice."}])
    made = report(payment, days=9)

    answer = submit_pack(made.pk, extra={"bill.pdf": b"%PDF"}, by=MIA, at=NOW)
    with pytest.raises(AnsweredAlready):
        submit_pack(made.pk, by=MIA, at=NOW)
    report(payment, "pre_arbitration", days=1)
    late = submit_pack(made.pk, by=MIA, at=NOW + timedelta(days=2))

    with zipfile.ZipFile(io.BytesIO(bytes(answer.content))) as packed:
        names = set(packed.namelist())
    assert {"fields.json", "refunds.json", "bill.pdf", f"{opened.number}/evidence/opening.json"} <= names
    assert (answer.is_late, late.is_late, late.stage) == (False, True, "pre_arbitration")
    lose_chargeback(made.pk, by=SYSTEM, at=NOW)
    with pytest.raises(ChargebackNotInState):
        submit_pack(made.pk, by=MIA, at=NOW)


@pytest.mark.django_db(transaction=True)
def test_nobody_changes_what_was_submitted(transactional_db, owner):
    submit_pack(report(pay(open_ana(), 3000)).pk, by=MIA, at=NOW)

    for write in ("UPDATE ledger_chargebackpack SET sha256 = sha256", "DELETE FROM ledger_chargebackstep"):
        with pytest.raises(psycopg.errors.RestrictViolation, match="frozen"):
            owner.execute(write)


def test_a_bank_that_takes_more_than_was_paid_by_its_own_rate_leaves_nothing_to_refund_x07(ana):
    bill(ana, 1000, tax=25)  # 10.00 and 2.50 tax
    payment = pay(ana, 1250)

    report(payment, minor=1350)  # 10.50 and 3.00 by the bank's rate

    payment = Payment.objects.get()
    assert (payment.refundable, payment.charged_back_minor) == (eur(0), 1250)
    assert (cash(), balance("chargeback_losses", "EUR").minor) == (-100, 1350)
    assert balance("tax_payable", "EUR") == eur(250)  # what we reported stays what we billed
    assert first_break() is None
    with pytest.raises(InvalidInput, match=r"at most 15\.63 EUR"):
        report(payment, minor=1564, name="cb-2")


def test_the_board_shows_open_ones_soonest_first_and_pages_by_key(ana):
    for number, days in enumerate((9, 0.5, None, 2, -1, 2)):
        report(pay(ana, 3000), days=days, name=f"cb-{number}")
    report(pay(ana, 3000), state="lost", name="over")

    first = chargeback_board(at=NOW, limit=4)
    rest = chargeback_board(at=NOW, after=key_of(first[-1]), limit=4)

    assert [row.chargeback.external_id for row in first + rest] == ["cb-4", "cb-1", "cb-3", "cb-5", "cb-0", "cb-2"]
    assert [row.nearness for row in first + rest] == ["late", "today", "soon", "soon", "later", "none"]
    assert chargeback_board(at=NOW, after=key_of(rest[-1])) == []


def test_a_deadline_of_the_network_is_told_once_three_days_before(ana):
    made = report(pay(ana, 3000), days=9)

    for days in (5, 6, 7):
        watch_disputes(at=NOW + timedelta(days=days))

    told = Event.objects.get(kind="chargeback.deadline_nears")
    assert (told.subject, told.occurred_at) == (f"chargeback:{made.pk}", NOW + timedelta(days=6))


def test_accepting_says_why(ana):
    made = record_chargeback(pay(ana, 3000).pk, amount=eur(3000), external_id="cb", reason="fraud", by=SYSTEM, at=NOW)

    with pytest.raises(InvalidInput, match="why"):
        accept_chargeback(made.pk, why=" ", by=MIA, at=NOW)
