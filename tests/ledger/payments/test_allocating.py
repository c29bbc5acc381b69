"""Moving a part of a payment from one bill to another: the customer owes the same, the bills do not."""

from __future__ import annotations

import pytest

from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.customers.operations import OwnAccount
from ledger.errors import InvalidInput
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.invoices.models import Invoice
from ledger.invoices.operations import NoSuchInvoice
from ledger.payments.allocating import NotAllocated, NotTaken, move_allocation
from tests.conftest import NOW
from tests.ledger.worlds import bill, eur, open_ana, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    ana = open_ana()
    first, second = bill(ana, 3000), bill(ana, 2000)
    return ana, first, second, pay(ana, 3000)


def move(world, minor: int, by, *, to=None):
    _, first, second, payment = world
    return move_allocation(
        payment.pk, from_invoice_id=first.pk, to_invoice_id=(to or second).pk, amount=eur(minor),
        reason="Meant for the other bill", by=by, at=NOW,
    )  # fmt: skip


def due(invoice) -> tuple[str, int]:
    found = Invoice.objects.get(pk=invoice.pk)
    return found.state, found.due_amount.minor


def test_a_payment_meant_for_another_bill_is_moved_and_the_first_is_open_again(world, mia):
    ana, first, second, payment = world

    move(world, 2000, mia)

    assert [due(first), due(second)] == [("open", 2000), ("paid", 0)]
    parts = payment.allocations.order_by("pk").values_list("amount_minor", flat=True)
    assert list(parts) == [1000, 2000]
    assert balance("receivable", "EUR", customer_id=ana.pk) == eur(2000)  # 50.00 billed, 30.00 paid, as before
    moved = Event.objects.get(kind="payment.moved").data
    assert (moved["from_invoice"], moved["to_invoice"]) == (first.number, second.number)
    assert first_break() is None


def test_all_of_it_can_be_moved_and_moved_back(world, mia):
    _, first, second, payment = world
    move(world, 2000, mia)
    move_allocation(
        payment.pk, from_invoice_id=second.pk, to_invoice_id=first.pk, amount=eur(2000), reason="No, the first",
        by=mia, at=NOW,
    )  # fmt: skip

    assert [due(first), due(second)] == [("paid", 0), ("open", 2000)]
    assert first_break() is None


def test_no_more_is_moved_than_was_allocated_or_is_asked_for_nor_to_a_stranger(world, mia):
    ana, first, second, _ = world
    stranger = bill(open_ana(email="bo@example.com"), 5000)

    for minor, refusal in [(3001, NotAllocated), (2001, NotTaken), (0, InvalidInput)]:
        with pytest.raises(refusal):
            move(world, minor, mia)
    with pytest.raises(NoSuchInvoice):
        move(world, 1000, mia, to=stranger)
    with pytest.raises(OwnAccount):
        move(world, 1000, Actor.agent(9, customer_id=ana.pk))
    assert [due(first), due(second)] == [("paid", 0), ("open", 2000)]
