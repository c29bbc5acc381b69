"""The checklist of a month on the billing page leads to where a difference is worked."""

from __future__ import annotations

import io
from datetime import date

from ledger.closing.operations import prepare_month
from ledger.models import MonthClose
from ledger.reconciliation.operations import take_settlement_file
from tests.billing_desk.workspace.conftest import NOW, SYSTEM

FILE = b"line_ref,type,reference,amount,fee,currency,booked_on,text\nL1,payment,tx-9,5.00,0,EUR,2026-02-28,\n"


def test_a_difference_with_a_settlement_file_is_one_click_away(sign_in):
    take_settlement_file(io.BytesIO(FILE), name="february.csv", format="csv", account="sandbox", by=SYSTEM, at=NOW)
    prepare_month(date(2026, 2, 1), by=SYSTEM, at=NOW)

    browser = sign_in("olg")
    page = browser.get("/desk/billing/").content.decode()
    admin = browser.get(f"/admin/ledger/monthclose/{MonthClose.objects.get().pk}/change/").content.decode()

    link = "/admin/ledger/break/?state__exact=open"
    assert f'<a href="{link}">Every difference with a settlement file is explained</a>' in page
    assert "missing in books: L1 of sandbox, file 500 EUR" in page
    assert f'<a href="{link}">Look</a>' in admin
    assert browser.get(link).status_code == 200
