"""post_entry and post_entries: once per key, all or none, refused in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from ledger.books import posting_rules
from ledger.books.operations import (
    LARGEST_BATCH,
    AccountOverdrawn,
    BatchTooLarge,
    CreditOverdrawn,
    KeyReused,
    close_period,
    post_entries,
    post_entry,
)
from ledger.books.operations import PeriodClosed as DayIsClosed
from ledger.books.queries import balance, customer_balances, entries_of
from ledger.money import Money
from tests.conftest import NOW
from tests.ledger.books.conftest import APRIL_1, CUSTOMER, charge, eur, invoice, payment

pytestmark = pytest.mark.django_db


def test_a_posted_charge_stands_on_both_accounts(post):
    post(charge(1, "100.00"))

    assert balance("unbilled", "EUR", customer_id=CUSTOMER) == eur("100.00")
    assert balance("revenue", "EUR") == eur("100.00")


def test_an_entry_can_be_traced_from_its_source(post, system):
    posted = post(replace(charge(8, "5.00"), reason='said "hello", \\ {twice}'))

    [entry] = entries_of("charge:8")

    assert entry.id == posted.id
    assert (entry.kind, entry.actor, entry.posted_at) == ("charge_added", "system:test", NOW)
    assert entry.reason == 'said "hello", \\ {twice}'
    assert [(line.account, line.amount) for line in entry.lines] == [
        ("unbilled", eur("5.00")),
        ("revenue", eur("-5.00")),
    ]


def test_posting_is_one_round_trip(post):
    post(charge(1))

    with CaptureQueriesContext(connection) as queries:
        post(charge(2))

    assert len(queries) == 1


def test_the_same_entry_again_answers_with_the_first_one_and_changes_nothing(post):
    first, second = post(charge(1)), post(charge(1))

    assert second.id == first.id
    assert (first.replayed, second.replayed) == (False, True)
    assert balance("unbilled", "EUR", customer_id=CUSTOMER) == eur("100.00")


@pytest.mark.parametrize(
    "other",
    [
        charge(1, "100.01"),
        charge(1, on=date(2026, 4, 2)),
        charge(1, customer=18),
        replace(charge(1), reason="why"),
        replace(charge(1), kind="gift"),
        replace(charge(1), source="charge:9"),
    ],
    ids=["amount", "day", "customer", "reason", "kind", "source"],
)
def test_the_same_key_for_other_content_is_refused(post, other):
    post(charge(1))

    with pytest.raises(KeyReused, match="other content"), transaction.atomic():
        post(other)


def test_credit_can_be_used_up_to_the_last_cent_and_not_further(post):
    post(invoice(1, "119.00"))
    post(payment(1, "123.00", "4.00"))

    with pytest.raises(CreditOverdrawn, match="less credit"), transaction.atomic():
        post(posting_rules.refund_promised(eur("4.01"), customer_id=CUSTOMER, refund="refund:1", on=APRIL_1))
    post(posting_rules.refund_promised(eur("4.00"), customer_id=CUSTOMER, refund="refund:2", on=APRIL_1))

    assert balance("customer_credit", "EUR", customer_id=CUSTOMER) == eur("0.00")
    assert balance("credit_promised", "EUR", customer_id=CUSTOMER) == eur("4.00")


def test_one_customers_credit_does_not_serve_another(post):
    post(invoice(1, "119.00"))
    post(payment(1, "123.00", "4.00"))

    with pytest.raises(CreditOverdrawn), transaction.atomic():
        post(posting_rules.credit_applied(eur("1.00"), customer_id=18, invoice="invoice:2", on=APRIL_1, number=1))


def test_a_refund_cannot_be_paid_twice_over(post):
    post(
        posting_rules.refund_approved(eur("10.00"), customer_id=CUSTOMER, refund="refund:1", on=APRIL_1, goodwill=True)
    )
    post(posting_rules.refund_paid(eur("10.00"), customer_id=CUSTOMER, refund="refund:1", on=APRIL_1))

    with pytest.raises(AccountOverdrawn, match="less than that"), transaction.atomic():
        post(posting_rules.refund_paid(eur("10.00"), customer_id=CUSTOMER, refund="refund:1/2", on=APRIL_1))


def test_a_closed_day_takes_no_entry_and_the_day_after_does(post, system):
    close_period(date(2026, 1, 1), date(2026, 1, 31), by=system, at=NOW)

    with pytest.raises(DayIsClosed, match="closed"), transaction.atomic():
        post(charge(1, on=date(2026, 1, 31)))
    post(charge(2, on=date(2026, 2, 1)))

    assert balance("revenue", "EUR") == eur("100.00")


def test_a_batch_posts_in_the_order_given_and_knows_what_was_there_before(system):
    post_entry(charge(2, "2.00"), by=system, at=NOW)

    posted = post_entries([charge(n, f"{n}.00", customer=n) for n in (3, 2, 1)][:1], by=system, at=NOW)
    posted += post_entries([charge(1, "1.00"), charge(2, "2.00"), charge(1, "1.00")], by=system, at=NOW)

    assert [entry.replayed for entry in posted] == [False, False, True, True]
    assert posted[3].id == posted[1].id
    assert [entry.id for entry in entries_of("charge:3")] == [posted[0].id]
    assert balance("revenue", "EUR") == eur("6.00")  # 3.00 + 1.00 + 2.00, each once


def test_a_batch_with_one_refused_entry_posts_nothing(system):
    entries = [
        charge(1),
        posting_rules.credit_applied(eur("1.00"), customer_id=9, invoice="invoice:9", on=APRIL_1, number=1),
    ]

    with pytest.raises(CreditOverdrawn), transaction.atomic():
        post_entries(entries, by=system, at=NOW)

    assert entries_of("charge:1") == []
    assert balance("revenue", "EUR") == eur("0.00")


def test_a_batch_under_a_key_with_other_content_posts_nothing(system):
    post_entry(charge(1), by=system, at=NOW)

    with pytest.raises(KeyReused), transaction.atomic():
        post_entries([charge(5), charge(1, "99.00")], by=system, at=NOW)

    assert entries_of("charge:5") == []


def test_a_thousand_entries_go_in_one_call(system):
    entries = [charge(n, "1.00", customer=n % 50) for n in range(1000)]

    with CaptureQueriesContext(connection) as queries:
        posted = post_entries(entries, by=system, at=NOW)

    assert len(queries) == 1
    assert len({entry.id for entry in posted}) == 1000
    assert balance("revenue", "EUR") == eur("1000.00")
    assert balance("unbilled", "EUR", customer_id=7) == eur("20.00")


def test_an_empty_batch_is_no_work_and_a_huge_one_is_refused(system):
    assert post_entries([], by=system, at=NOW) == []
    with pytest.raises(BatchTooLarge):
        post_entries([charge(1)] * (LARGEST_BATCH + 1), by=system, at=NOW)


def test_currencies_are_kept_apart(post):
    post(charge(1, "100.00"))
    post(posting_rules.charge_added(Money(500, "JPY"), customer_id=CUSTOMER, charge="charge:2", on=APRIL_1))

    assert customer_balances(CUSTOMER) == {("unbilled", "EUR"): eur("100.00"), ("unbilled", "JPY"): Money(500, "JPY")}
