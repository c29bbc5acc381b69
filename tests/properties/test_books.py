"""Any sequence of acts leaves books that hold, and every balance is the sum of what was posted."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from ledger.books import chart, claims
from ledger.books.operations import (
    close_day,
    close_period,
    fold_balances,
    post_entries,
    reverse_entry,
    seal_entries,
)
from ledger.books.posting_rules import Entry, Line
from ledger.books.queries import balance, first_break, statement, trial_balance
from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.money import Money
from tests.conftest import berlin

FIRST = date(2026, 4, 1)
AT, BY = berlin(2026, 6, 1), Actor.system("test")
CODES = ["receivable", "unbilled", "cash", "revenue", "customer_credit", "tax_payable"]

days = st.integers(0, 6).map(lambda n: FIRST + timedelta(days=n))


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """Any balanced entry over a few accounts, in one or two currencies, under one of a few keys."""
    lines: list[Line] = []
    for currency in draw(st.sampled_from([["EUR"], ["JPY"], ["EUR", "JPY"]])):
        codes = draw(st.lists(st.sampled_from(CODES), min_size=2, max_size=4, unique=True))
        amounts = [draw(st.integers(-500, 500).filter(bool)) for _ in codes[1:]]
        if not sum(amounts):
            amounts[0] += 1 if amounts[0] != -1 else 2
        lines += [
            Line(code, Money(minor, currency)) for code, minor in zip(codes, [-sum(amounts), *amounts], strict=True)
        ]
    key = draw(st.integers(0, 30))
    return Entry(f"test:{key}", "test", draw(st.integers(1, 2)), f"test:{key}", draw(days), tuple(lines))


acts = st.one_of(
    st.tuples(st.just("post"), st.lists(entries(), min_size=1, max_size=4)),
    st.tuples(st.just("reverse"), st.integers(0, 20)),
    st.tuples(st.just("fold"), st.none()),
    st.tuples(st.just("seal"), st.none()),
    st.tuples(st.just("close_day"), days),
    st.tuples(st.just("close_period"), days),
)


class BooksHold(TestCase):
    """The books against the plainest model of them: a list of lines."""

    @pytest.fixture(autouse=True)
    def _books_alone(self, monkeypatch) -> None:
        monkeypatch.setattr(claims, "CLAIMS", [])

    @settings(max_examples=40, deadline=None)
    @given(st.lists(acts, max_size=12))
    def test_any_sequence_of_acts_leaves_books_that_hold(self, sequence) -> None:
        posted: dict[int, Entry] = {}
        for act, given_to_it in sequence:
            try:
                with transaction.atomic():
                    self.perform(act, given_to_it, posted)
            except DomainError:
                continue

        connection.check_constraints()
        assert first_break() is None
        self.compare(posted)

    def perform(self, act: str, given_to_it, posted: dict[int, Entry]) -> None:
        if act == "post":
            for entry, answer in zip(given_to_it, post_entries(given_to_it, by=BY, at=AT), strict=True):
                assert answer.replayed == (posted.get(answer.id) is not None)
                posted[answer.id] = entry
        elif act == "reverse" and posted:
            entry_id = sorted(posted)[given_to_it % len(posted)]
            answer = reverse_entry(entry_id, reason="a mistake", by=BY, at=AT)
            lines = tuple(Line(line.account, -line.amount) for line in posted[entry_id].lines)
            posted[answer.id] = Entry("x", "x", posted[entry_id].customer_id, "x", AT.date(), lines)
        elif act == "fold":
            fold_balances()
        elif act == "seal":
            seal_entries(at=AT)
        elif act == "close_day":
            close_day(given_to_it, at=AT)
        elif act == "close_period":
            close_period(given_to_it, given_to_it, by=BY, at=AT)

    def compare(self, posted: dict[int, Entry]) -> None:
        expected: dict[tuple[str, int | None, str, date], int] = defaultdict(int)
        totals: dict[str, int] = defaultdict(int)
        for entry in posted.values():
            for line in entry.lines:
                nature = chart.nature(line.account)
                customer = entry.customer_id if nature.per_customer else None
                for day in [FIRST + timedelta(days=n) for n in range(8)] + [date.max]:
                    if entry.effective_on <= day:
                        key = (line.account, customer, line.amount.currency, day)
                        expected[key] += nature.side.sign * line.amount.minor
        for (account, customer, currency, day), minor in expected.items():
            as_of = None if day == date.max else day
            assert balance(account, currency, customer_id=customer, as_of=as_of) == Money(minor, currency)
            if as_of is None and customer is not None:
                assert statement(customer, currency, account=account, limit=1)[0].balance.minor == minor
        for line in trial_balance():
            totals[line.currency] += line.debit.minor - line.credit.minor
        assert not any(totals.values())
