"""S0-1: every event of money, reported twice, is one balanced entry; what is owed is the sum of the open bills."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from billing_desk.keys import SCOPES, issue_key
from ledger.events.actor import Actor
from ledger.models import Invoice
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
