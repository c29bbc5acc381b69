"""The collections board and the page of one customer: what is seen, and what can be done."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from ledger.charges.operations import add_charge
from ledger.collections.board import collections_board
from ledger.collections.dunning import run_dunning
from ledger.collections.fee_models import LateFee
from ledger.collections.late_fees import charge_late_fee
from ledger.collections.models import PaymentPromise
from ledger.customers.operations import open_customer
from ledger.events.actor import Actor
from ledger.holds.operations import place_hold
from ledger.invoices.operations import issue_invoice
from ledger.money import Money
from tests.conftest import NOW, berlin

SYSTEM = Actor.system("test")
pytestmark = pytest.mark.django_db


def late(name: str, *, days: int, minor: int = 2500, kind: str = "consumer"):
    """Open an account with one bill so many days overdue."""
    opened = NOW - timedelta(days=days + 20)
    customer = open_customer(name=name, country="DE", currency="EUR", kind=kind, by=SYSTEM, at=opened)
    charge = add_charge(
        customer.pk, amount=Money(minor, "EUR"), description="Plus", tax_rate=Decimal(0), by=SYSTEM, at=opened
    )
    due = (NOW - timedelta(days=days)).date()
    bill = issue_invoice(customer.pk, charge_ids=[charge.pk], issued_on=opened.date(), due_on=due, by=SYSTEM, at=opened)
    return customer, bill


def test_the_board_shows_who_is_overdue_the_oldest_first_with_what_comes_next_and_what_holds_it(sign_in):
    late("Old Debt", days=12)
    held, bill = late("On Hold", days=5)
    late("Not Yet", days=0)
    place_hold(held.pk, kind="hardship", stops=["reminders"], source="hardship:1", why="Cannot pay",
               invoice_id=bill.pk, by=SYSTEM, at=NOW - timedelta(days=1))  # fmt: skip
    run_dunning(at=NOW - timedelta(hours=1))

    page = sign_in("mia").get("/desk/collections/").content.decode()

    assert page.index("Old Debt") < page.index("On Hold")
    assert "Not Yet" not in page
    assert "12 days, 1 bill" in page
    assert "Reminder" in page
    assert ">hardship<" in page
    only_held = sign_in("mia").get("/desk/collections/?show=held").content.decode()
    assert ("On Hold" in only_held, "Old Debt" in only_held) == (True, False)


def test_the_board_is_paged_by_key_in_the_same_few_queries(sign_in, django_assert_max_num_queries):
    for number in range(6):
        late(f"Customer {number}", days=3 + number // 2)
    browser = sign_in("pia")
    with django_assert_max_num_queries(14):
        assert browser.get("/desk/collections/").content.decode().count('scope="row"') == 6

    first = collections_board(today=NOW.date(), at=NOW, limit=4)
    rest = collections_board(today=NOW.date(), at=NOW, limit=4, after=first.next_key)

    names = [row.customer.name for row in [*first.rows, *rest.rows]]
    assert names == [f"Customer {number}" for number in (4, 5, 2, 3, 0, 1)]
    assert (len(first.rows), rest.next_key) == (4, "")
    assert "begin again with the first" in browser.get("/desk/collections/?after=nonsense").content.decode()


def test_a_trainee_reads_no_board_and_the_reason_is_named(sign_in):
    refused = sign_in("qui").get("/desk/collections/")

    assert refused.status_code == 403
    assert "is not part of your role" in refused.content.decode()


def test_a_promise_is_taken_and_withdrawn_and_a_wrong_one_is_refused_in_words(sign_in):
    customer, _ = late("Ana Late", days=5)
    browser, page = sign_in("mia"), f"/desk/collections/{customer.pk}/"

    too_much = browser.post(f"{page}promise", {"amount": "25.01", "pay_by": "2026-03-10"}, follow=True)
    browser.post(f"{page}promise", {"amount": "25.00", "pay_by": "2026-03-10"})

    assert "Only 25.00 EUR is asked for" in too_much.content.decode()
    promise = PaymentPromise.objects.get()
    assert (promise.amount, promise.pay_by, promise.state) == (Money(2500, "EUR"), date(2026, 3, 10), "open")
    assert "promised" in browser.get("/desk/collections/").content.decode()
    browser.post(f"/desk/collections/promises/{promise.pk}/withdraw")
    assert PaymentPromise.objects.get().state == "withdrawn"


def test_a_fee_stands_with_its_formula_and_is_waived_with_a_reason(sign_in):
    customer, bill = late("Del BV", days=20, minor=100_000, kind="business")
    charge_late_fee(bill.pk, by=SYSTEM, at=berlin(2026, 3, 2, 9))
    fee = LateFee.objects.get(kind="interest")
    browser = sign_in("pia")
    page = browser.get(f"/desk/collections/{customer.pk}/").content.decode()
    assert "€1,000.00 × 10.27 % × 20 / 365 = €5.63" in page

    browser.post(f"/desk/collections/fees/{fee.pk}/waive", {"reason": "A mistake of ours"})

    assert LateFee.objects.get(pk=fee.pk).waived_at is not None
