"""The sentence above every page while something failed, and that it is gone once it is paid."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.entitlements.operations import review_access
from ledger.money import Money
from ledger.payments.operations import record_failure, record_payment
from tests.conftest import NOW, berlin
from tests.ledger.collections.worlds import owe

pytestmark = pytest.mark.django_db
WORDS = "Service paused because the €25.00 of 1 February failed. Pay now to restore."


def test_a_paused_service_says_why_and_how_to_get_it_back_until_it_is_paid(ana, browser, user_browser, system):
    bill = owe(ana, 2500, due_on=date(2026, 2, 1), at=berlin(2026, 2, 1, 8))
    record_failure(ana.pk, amount=Money(2500, "EUR"), code="do_not_honor", by=system, at=berlin(2026, 2, 1, 8))
    for day in (6, 8):
        review_access(ana.pk, at=berlin(2026, 2, day, 9))

    page = browser.get("/account/").content.decode()
    assert WORDS in page
    assert f"/account/invoices/{bill.pk}/pay" in page
    assert WORDS not in user_browser.get("/account/").content.decode()  # who may not see money reads no amounts

    record_payment(ana.pk, amount=Money(2500, "EUR"), by=system, at=NOW)
    review_access(ana.pk, at=NOW)
    assert WORDS not in browser.get("/account/").content.decode()
