"""Many writers at the same moment: one entry per key, no credit spent twice, no figure lost."""

from __future__ import annotations

import random
import time

import pytest
from django.db import transaction

from ledger.books import posting_rules
from ledger.books.models import JournalEntry, Seal
from ledger.books.operations import AlreadyReversed as ReversedBefore
from ledger.books.operations import (
    CreditOverdrawn,
    KeyReused,
    close_day,
    fold_balances,
    post_entries,
    post_entry,
    reverse_entry,
    seal_entries,
)
from ledger.books.queries import balance, first_break
from ledger.errors import DomainError
from tests.at_once import at_once
from tests.conftest import NOW, berlin
from tests.ledger.books.conftest import APRIL_1, CUSTOMER, charge, eur, invoice, payment

pytestmark = pytest.mark.django_db(transaction=True)


def test_eight_posts_of_one_entry_give_one_entry_and_eight_equal_answers(system):
    answers = at_once([lambda: post_entry(charge(1), by=system, at=NOW)] * 8)

    assert len({answer.id for answer in answers}) == 1
    assert [answer.replayed for answer in answers].count(False) == 1
    assert balance("revenue", "EUR") == eur("100.00")


def test_two_contents_under_one_key_give_one_entry_and_refusals(system):
    answers = at_once([lambda n=n: post_entry(charge(1, f"{n % 2 + 1}.00"), by=system, at=NOW) for n in range(8)])

    assert [type(answer) for answer in answers].count(KeyReused) == 4
    assert JournalEntry.objects.count() == 1


def test_eight_refunds_of_the_same_credit_give_one_refund(system):
    post_entries([invoice(1, "119.00"), payment(1, "123.00", "4.00")], by=system, at=NOW)

    def promise(number: int) -> object:
        entry = posting_rules.refund_promised(eur("4.00"), customer_id=CUSTOMER, refund=f"refund:{number}", on=APRIL_1)
        return post_entry(entry, by=system, at=NOW)

    answers = at_once([lambda n=n: promise(n) for n in range(8)])

    assert [type(answer) for answer in answers].count(CreditOverdrawn) == 7
    assert balance("credit_promised", "EUR", customer_id=CUSTOMER) == eur("4.00")


def test_four_reversals_of_one_entry_give_one_reversal(system):
    wrong = post_entry(charge(1), by=system, at=NOW)

    answers = at_once([lambda n=n: reverse_entry(wrong.id, reason=f"mistake {n}", by=system, at=NOW) for n in range(4)])

    assert [type(answer) for answer in answers].count(ReversedBefore) == 3
    assert balance("revenue", "EUR") == eur("0.00")


def test_batches_over_the_same_customers_in_opposite_order_do_not_block_each_other_for_good(system):
    def batch(writer: int) -> object:
        customers = list(range(50)) if writer % 2 else list(reversed(range(50)))
        entries = [charge(1000 * writer + customer, "1.00", customer=customer) for customer in customers]
        return post_entries(entries, by=system, at=NOW)

    answers = at_once([lambda n=n: batch(n) for n in range(6)])

    assert all(isinstance(answer, list) for answer in answers)
    assert balance("revenue", "EUR") == eur("300.00")  # 6 × 50 × 1.00
    assert balance("unbilled", "EUR", customer_id=49) == eur("6.00")


def test_nothing_is_lost_while_folding_closing_and_sealing_race_slow_and_failing_writers(system):
    class ChangedMind(DomainError):
        """The writer gives up after posting."""

    def write(writer: int) -> None:
        chance = random.Random(writer)
        for number in range(15):
            try:
                with transaction.atomic():
                    customer = chance.randrange(3)
                    post_entry(charge(1000 * writer + number, "1.00", customer=customer), by=system, at=NOW)
                    time.sleep(chance.choice([0, 0.002, 0.01]))
                    if number % 5 == 4:
                        raise ChangedMind
            except ChangedMind:
                continue

    def keep_house() -> None:
        for _ in range(10):
            seal_entries(at=NOW)
            fold_balances()
            close_day(APRIL_1, at=berlin(2026, 6, 1))

    at_once([*[lambda n=n: write(n) for n in range(5)], keep_house, keep_house])
    seal_entries(at=NOW)

    assert first_break() is None
    assert balance("revenue", "EUR") == eur("60.00")  # 5 writers × 12 of 15 × 1.00
    assert Seal.objects.order_by("-to_id")[0].to_id == JournalEntry.objects.order_by("-id")[0].pk
