"""statement_of and account_summary on any day: opening and movements make closing; every day as it was."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from ledger.authority.models import AuthorityLimit
from ledger.books.queries import balance
from ledger.charges.operations import add_charge
from ledger.customers.models import Customer
from ledger.customers.queries import NoSuchCustomer
from ledger.disputes.operations import open_dispute, uphold_dispute
from ledger.errors import DomainError, InvalidInput
from ledger.events.actor import Actor
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.models import Invoice
from ledger.invoices.operations import issue_invoice
from ledger.invoices.queries import account_summary
from ledger.invoices.receivables import aged_receivables, aged_totals, control_difference
from ledger.invoices.statements import StatementUnreadable, statement_of, statements_of
from ledger.invoices.voiding import void_invoice
from ledger.invoices.writing_off import give_up_invoice, recover_invoice
from ledger.money import Money
from ledger.payments.operations import record_payment
from ledger.refunds.operations import request_refund
from ledger.refunds.paying import pay_refund
from tests.conftest import berlin
from tests.ledger.worlds import SYSTEM, eur, open_ana, prove

pytestmark = pytest.mark.django_db
OPENED = berlin(2026, 1, 5, 10)
NOE = Actor.agent(2, name="Noe", roles=frozenset({"senior_agent"}))


@pytest.fixture
def ana():
    return open_ana(at=OPENED)


def on(month, day):
    return berlin(2026, month, day, 10)


def bill_on(customer, minor, at, **more):
    given = {"tax_rate": 0, "description": "Plus", "by": SYSTEM, "at": at}
    add_charge(customer.pk, amount=Money(minor, customer.currency), **given)
    return issue_invoice(customer.pk, by=SYSTEM, at=at, **more)


def pay_on(customer, minor, at):
    return record_payment(customer.pk, amount=eur(minor), by=SYSTEM, at=at)


@pytest.fixture
def story(ana, mia, pia):
    """60.00 billed in January and paid in part; 45.00 in February, 10.00 of it disputed and given back."""
    bill_on(ana, 6000, on(1, 10))  # due on 24 January
    pay_on(ana, 2000, on(1, 20))
    second = bill_on(ana, 4500, on(2, 10))  # due on 24 February
    opened = open_dispute(
        second.lines.get().pk,
        amount=eur(1000),
        reason="duplicate",
        proof=prove(ana, at=on(2, 12)),
        by=mia,
        at=on(2, 12),
    )
    pay_on(ana, 9000, on(2, 20))  # 75.00 were due: 15.00 too much
    uphold_dispute(opened.pk, explanation="Yes.", by=pia, at=on(2, 25))
    return ana


def test_a_statement_says_what_was_owed_what_happened_and_what_is_owed(story):
    statement = statement_of(story.pk, date(2026, 2, 1), date(2026, 2, 28))

    assert statement.opening == eur(4000)
    assert [(line.words, line.amount.minor, line.balance.minor) for line in statement.movements] == [
        ("Bill INV-2026-000002", 4500, 8500),
        ("Payment P-2026-000002", -9000, -500),
        ("Credit note CN-2026-000001", -1000, -1500),
    ]
    assert statement.closing == eur(-1500)  # in the customer's favour
    assert (statement.due, statement.credit) == (eur(0), eur(1500))


def test_statements_follow_each_other_without_a_gap(story):
    january = statement_of(story.pk, date(2026, 1, 1), date(2026, 1, 31))
    february = statement_of(story.pk, date(2026, 2, 1), date(2026, 2, 28))

    assert (january.opening, january.closing) == (eur(0), february.opening)


def test_money_on_its_way_back_is_owed_to_the_customer_until_it_is_paid(story, mia):
    payment = story.payments.latest("pk")
    refund = request_refund(
        payment.pk, amount=eur(1500), reason="Overpaid", proof=prove(story, at=on(3, 1)), by=NOE, at=on(3, 1)
    )
    waiting = statement_of(story.pk, date(2026, 3, 1), date(2026, 3, 1))
    pay_refund(refund.pk, at=on(3, 2))
    paid = statement_of(story.pk, date(2026, 3, 1), date(2026, 3, 31))

    assert (waiting.movements, waiting.closing, waiting.refunds_on_their_way) == ((), eur(-1500), eur(1500))
    assert [line.words for line in paid.movements] == [f"Refund paid out {refund.number}"]
    assert paid.closing == eur(0)


def test_a_statement_as_it_was_known_leaves_out_what_was_posted_later(ana):
    bill_on(ana, 6000, on(1, 10))
    record_payment(ana.pk, amount=eur(6000), received_on=date(2026, 1, 20), by=SYSTEM, at=on(2, 3))  # told late

    effective = statement_of(ana.pk, date(2026, 1, 1), date(2026, 1, 31))
    known = statement_of(ana.pk, date(2026, 1, 1), date(2026, 1, 31), known_at=on(1, 31))

    assert (effective.closing, known.closing) == (eur(0), eur(6000))
    assert known.opening + known.movements[0].amount == known.closing


def test_two_currencies_give_two_statements_and_are_never_added_up(ana):
    bill_on(ana, 6000, on(1, 10))
    Customer.objects.filter(pk=ana.pk).update(currency="USD")
    bill_on(Customer.objects.get(pk=ana.pk), 700, on(2, 1))

    dollars, euros = statements_of(ana.pk, date(2026, 1, 1), date(2026, 2, 28))

    assert (dollars.closing, euros.closing) == (Money(700, "USD"), eur(6000))


def test_a_statement_that_ends_before_it_begins_or_of_nobody_is_refused(ana):
    with pytest.raises(StatementUnreadable):
        statement_of(ana.pk, date(2026, 2, 1), date(2026, 1, 31))
    with pytest.raises(StatementUnreadable):
        statement_of(ana.pk, date.min, date(2026, 1, 31))
    with pytest.raises(NoSuchCustomer):
        statement_of(999999, date(2026, 1, 1), date(2026, 1, 31))


@pytest.mark.parametrize(
    ("day", "due", "overdue", "disputed", "credit"),
    [
        (date(2026, 1, 9), 0, 0, 0, 0),
        (date(2026, 1, 10), 6000, 0, 0, 0),
        (date(2026, 1, 24), 4000, 0, 0, 0),
        (date(2026, 1, 25), 4000, 4000, 0, 0),
        (date(2026, 2, 12), 7500, 4000, 1000, 0),
        (date(2026, 2, 20), 0, 0, 1000, 1500),
        (date(2026, 2, 25), 0, 0, 0, 1500),
    ],
)
def test_what_was_owed_on_any_day_is_what_was_said_on_that_day(story, day, due, overdue, disputed, credit):
    past = account_summary(story.pk, today=date(2026, 3, 31), as_of=day)

    assert (past.due, past.overdue, past.disputed, past.credit) == (eur(due), eur(overdue), eur(disputed), eur(credit))
    assert (past.not_yet_due, past.note) == (eur(due - overdue), "")


def test_the_day_before_the_account_was_opened_is_zero_with_a_note_and_tomorrow_is_refused(ana):
    before = account_summary(ana.pk, today=date(2026, 3, 2), as_of=date(2025, 12, 31))

    assert (before.owed, before.credit, before.next_due_on) == (eur(0), eur(0), None)
    assert before.note == "The account was opened on 2026-01-05; nothing was owed before."
    with pytest.raises(InvalidInput, match="forecast"):
        account_summary(ana.pk, today=date(2026, 3, 2), as_of=date(2026, 3, 3))


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (0, "not_yet_due"), (1, "days_1_to_30"), (30, "days_1_to_30"), (31, "days_31_to_60"), (60, "days_31_to_60"),
        (61, "days_61_to_90"), (90, "days_61_to_90"), (91, "over_90_days"),
    ],
)  # fmt: skip
def test_what_is_owed_ages_by_the_days_since_it_was_due(ana, days, bucket):
    invoice = bill_on(ana, 6000, on(1, 10))
    day = invoice.due_on + timedelta(days=days)

    summary = account_summary(ana.pk, today=day)
    (row,) = aged_receivables(day)

    assert getattr(summary.ageing, bucket) == summary.due == eur(6000)
    assert getattr(row, bucket) == row.due == eur(6000)


def test_aged_receivables_of_everybody_are_the_control_accounts_whatever_the_page(story):
    others = [open_ana(email=f"{number}@example.com", at=OPENED) for number in range(3)]
    for number, other in enumerate(others):
        bill_on(other, 1000 * (number + 1), on(1, 6))
    day = date(2026, 2, 12)

    (total,) = aged_totals(day)

    assert (total.customers, total.due, total.disputed) == (4, eur(13500), eur(1000))
    assert (total.days_1_to_30, total.not_yet_due, total.unallocated) == (eur(10000), eur(3500), eur(0))
    assert list(aged_receivables(day, page=1)) == list(aged_receivables(day))
    assert control_difference(day) == []


ACTS = ["bill", "pay", "credit", "void", "give_up", "recover", "pay_given_up", "dispute", "refund", "wait"]


class AnyStory(TestCase):
    """Any history: what was said on a day is what the books say of that day later."""

    @settings(max_examples=8, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
    @given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 4), st.integers(1, 9000)), min_size=5, max_size=10))
    def test_yesterdays_figures_never_change_and_add_up(self, acts) -> None:
        AuthorityLimit.objects.update_or_create(
            role="senior_agent", act="write_off", currency="EUR", defaults={"amount_minor": 10**9}
        )
        self.ana, self.at = open_ana(at=OPENED), OPENED
        said = {}
        for act, number, minor in acts:
            self.at += timedelta(days=9)
            try:
                getattr(self, act)(number, minor)
            except DomainError:
                continue
            finally:
                said[self.at.date()] = account_summary(self.ana.pk, today=self.at.date())

        last = max(said) + timedelta(days=1)
        for day, then in said.items():
            assert account_summary(self.ana.pk, today=last, as_of=day) == then, day
            assert then.ageing.not_yet_due + then.ageing.overdue == then.due
            assert control_difference(day) == []
        whole = statement_of(self.ana.pk, OPENED.date(), last)
        assert whole.opening + sum((line.amount for line in whole.movements), eur(0)) == whole.closing
        assert balance("receivable", "EUR", customer_id=self.ana.pk) == whole.due

    def pick(self, number: int, **fits: object) -> Invoice:
        found = list(Invoice.objects.filter(customer=self.ana, **fits).order_by("pk"))
        return found[number % len(found)] if found else bill_on(self.ana, 1, self.at)

    def bill(self, number: int, minor: int) -> None:
        bill_on(self.ana, minor, self.at)

    def pay(self, number: int, minor: int) -> None:
        pay_on(self.ana, minor, self.at)

    def credit(self, number: int, minor: int) -> None:
        line = self.pick(number).lines.order_by("position")[0]
        issue_credit_note(line.pk, amount=eur(minor), reason="Too much", by=NOE, at=self.at)

    def void(self, number: int, minor: int) -> None:
        void_invoice(self.pick(number, state="open").pk, reason="Wrong", bill_again=number > 2, by=NOE, at=self.at)

    def give_up(self, number: int, minor: int) -> None:
        give_up_invoice(self.pick(number, state="open").pk, reason="Gone", by=NOE, at=self.at)

    def recover(self, number: int, minor: int) -> None:
        recover_invoice(self.pick(number, state="uncollectible").pk, reason="Back", by=NOE, at=self.at)

    def pay_given_up(self, number: int, minor: int) -> None:
        invoice = self.pick(number, state="uncollectible")
        record_payment(self.ana.pk, amount=eur(minor), invoice_id=invoice.pk, by=SYSTEM, at=self.at)

    def dispute(self, number: int, minor: int) -> None:
        line = self.pick(number, state__in=["open", "paid"]).lines.order_by("position")[0]
        proof = prove(self.ana, at=self.at)
        opened = open_dispute(line.pk, amount=eur(minor), reason="duplicate", proof=proof, by=NOE, at=self.at)
        if number > 2:
            uphold_dispute(opened.pk, explanation="Yes.", by=NOE, at=self.at)

    def refund(self, number: int, minor: int) -> None:
        payment = self.ana.payments.order_by("pk").last()
        if payment:
            proof = prove(self.ana, at=self.at)
            request_refund(payment.pk, amount=eur(minor), reason="Back", proof=proof, by=NOE, at=self.at)

    def wait(self, number: int, minor: int) -> None:
        self.at += timedelta(days=minor % 60)
