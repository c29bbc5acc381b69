"""S0-1: every event of money, reported twice, is one balanced entry; what is owed is the sum of the open bills."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from billing_desk.keys import SCOPES, issue_key
from ledger.books import posting_rules
from ledger.books.operations import post_entries, post_entry
from ledger.events.actor import Actor
from ledger.models import Invoice
from ledger.money import Money
from tests.ledger.worlds import eur
from tests.practices.conftest import SECRET


@pytest.fixture
def twice(ana):
    """Return a function that posts the same thing twice under the same key and gives the one answer."""
    _, secret = issue_key(
        name="shop", scopes=tuple(SCOPES), customer_id=None, by=Actor.system("setup"), at=timezone.now()
    )

    def post(path: str, key: str, body: dict) -> dict:
        headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": key}
        answers = [
            Client().post(f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers=headers)
            for _ in range(2)
        ]
        assert answers[0].status_code in (200, 201), answers[0].content
        assert answers[0].content == answers[1].content
        return answers[0].json()

    return post


def report_twice(kind: str, **data: object) -> None:
    """Let the gateway report the same thing twice."""
    for _ in range(2):
        answer = Client().post(
            "/hooks/payments",
            json.dumps({"type": kind, "data": data}),
            content_type="application/json",
            headers={"Authorization": f"Bearer {SECRET}"},
        )
        assert answer.status_code == 202, answer.content


def entries() -> list[tuple[str, int, int]]:
    """Return every journal entry's act with the number of currencies out of balance and its postings."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT e.key, (SELECT count(*) FROM (SELECT 1 FROM ledger_posting p WHERE p.entry_id = e.id
                      GROUP BY p.currency HAVING sum(p.amount_minor) <> 0) unbalanced),
                      (SELECT count(*) FROM ledger_posting p WHERE p.entry_id = e.id)
               FROM ledger_journalentry e ORDER BY e.id"""
        )
        return cursor.fetchall()


def test_charge_bill_payment_and_chargeback_each_reported_twice_are_one_balanced_entry_each(ana, twice, capsys):
    money = {"amount_minor": 10000, "currency": "EUR"}
    charge = {"customer": ana.pk, "amount": money, "description": "Plus", "tax_rate": "19"}
    first = twice("charges", "c-1", charge)
    before = len(entries())
    bill = twice("invoices", "i-1", {"customer": ana.pk, "charge_ids": [first["id"]]})
    assert len(entries()) == before + 1  # the bill
    report_twice("payment.succeeded", id="pi_1", customer=ana.pk, amount={"amount_minor": 4000, "currency": "EUR"})
    assert len(entries()) == before + 2  # the payment
    report_twice(
        "chargeback.received",
        id="cb_1",
        payment="pi_1",
        amount={"amount_minor": 4000, "currency": "EUR"},
        reason="fraudulent",
    )

    assert len(entries()) == before + 3  # the chargeback
    assert len({key for key, _, _ in entries()}) == len(entries())
    assert all(unbalanced == 0 and postings >= 2 for _, unbalanced, postings in entries())
    assert bill["total"] == {"amount_minor": 11900, "currency": "EUR"}
    call_command("check_books")
    assert "hold" in capsys.readouterr().out


def test_what_is_receivable_is_the_sum_of_the_open_bills(ana, twice):
    for number, minor in enumerate((10000, 2500), start=1):
        money = {"amount_minor": minor, "currency": "EUR"}
        body = {"customer": ana.pk, "amount": money, "description": "Plus", "tax_rate": "19"}
        charge = twice("charges", f"c-{number}", body)
        twice("invoices", f"i-{number}", {"customer": ana.pk, "charge_ids": [charge["id"]]})
    report_twice("payment.succeeded", id="pi_1", customer=ana.pk, amount={"amount_minor": 4000, "currency": "EUR"})

    open_bills = sum(bill.due_amount.minor for bill in Invoice.objects.filter(state="open"))
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT sum(p.amount_minor) FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id
               WHERE a.code = 'receivable'"""
        )
        (receivable,) = cursor.fetchone()
    assert (open_bills, receivable) == (10875, 10875)  # 119.00 + 29.75 − 40.00


ON = date(2026, 3, 2)
ONE_OF_EACH = [
    posting_rules.charge_added(eur(10000), customer_id=1, charge="charge:1", on=ON),
    posting_rules.late_fee_charged(eur(500), customer_id=1, charge="charge:2", on=ON),
    posting_rules.invoice_issued(eur(10500), eur(1900), customer_id=1, invoice="invoice:1", on=ON),
    posting_rules.payment_received(eur(4000), eur(0), customer_id=1, payment="payment:1", on=ON),
    posting_rules.processor_fee(eur(60), customer_id=1, payment="payment:1", on=ON),
    posting_rules.credit_note_issued(
        eur(1000), eur(190), customer_id=1, credit_note="creditnote:1", on=ON, from_receivable=eur(0),
        from_disputed=eur(0), to_credit=eur(1190),
    ),
    posting_rules.credit_applied(eur(190), customer_id=1, invoice="invoice:1", on=ON, number=1),
    posting_rules.refund_promised(eur(1000), customer_id=1, refund="refund:1", on=ON),
    posting_rules.refund_approved(eur(1000), customer_id=1, refund="refund:1", on=ON, goodwill=False),
    posting_rules.refund_paid(eur(1000), customer_id=1, refund="refund:1", on=ON),
    posting_rules.write_off(eur(300), customer_id=1, invoice="invoice:1", on=ON),
    posting_rules.write_off_recovered(eur(100), customer_id=1, invoice="invoice:1", on=ON),
    posting_rules.chargeback_received(eur(2000), customer_id=1, dispute="dispute:1", on=ON),
    posting_rules.currency_exchanged(
        Money(11850, "CAD"), Money(10000, "USD"), Money(150, "CAD"), exchange="exchange:1", on=ON
    ),
    posting_rules.currency_gained(eur(300), source="exchange:1", on=ON),
    posting_rules.revenue_deferred(eur(700), source="recognition:2026-03/EUR-1", on=ON),
    posting_rules.revenue_recognised(eur(200), source="recognition:2026-04/EUR-2", on=ON),
]  # fmt: skip

#: What must have happened before: credit is used only when there is some.
NEEDED = {
    "credit_applied": {"credit_note_issued"},
    "refund_promised": {"credit_note_issued"},
    "refund_approved": {"credit_note_issued", "refund_promised"},
    "refund_paid": {"credit_note_issued", "refund_promised", "refund_approved"},
}


@pytest.mark.django_db
@pytest.mark.parametrize("entry", ONE_OF_EACH, ids=lambda entry: entry.kind)
def test_every_kind_of_money_event_posted_twice_is_one_balanced_entry(entry):
    already = [one for one in ONE_OF_EACH if one.kind in NEEDED.get(entry.kind, ())]
    post_entries(already, by=Actor.system("test"), at=timezone.now())
    before = len(entries())

    first, second = (post_entry(entry, by=Actor.system("test"), at=timezone.now()) for _ in range(2))

    assert (first.replayed, second.replayed, second.id) == (False, True, first.id)
    assert len(entries()) == before + 1
    assert all(unbalanced == 0 for _, unbalanced, _ in entries())
