"""The worked examples of docs/accounting.md, and what the rules refuse."""

from __future__ import annotations

import inspect
import re
from datetime import date
from pathlib import Path

import pytest

from ledger.books import chart, posting_rules
from ledger.books.chart import CustomerMissing
from ledger.books.entry import EmptyEntry, NegativeAmount, RepeatedAccount, UnbalancedEntry
from ledger.books.posting_rules import Entry, Line
from ledger.errors import InvalidInput
from ledger.money import CurrencyMismatch, Money

ON = date(2026, 4, 1)
GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "accounting.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```posting\n(.*?)\n```$", GUIDE, flags=re.MULTILINE | re.DOTALL)
REFERENCES = {"charge", "invoice", "payment", "credit_note", "dispute", "refund", "exchange", "source", "adjustment"}
#: Given to every rule that takes it: the company's own acts have no customer.
COMMON = {"customer_id"}
RULES = {
    name: rule
    for name, rule in vars(posting_rules).items()
    if inspect.isfunction(rule) and rule.__module__ == posting_rules.__name__ and not name.startswith("_")
}


def eur(text: str) -> Money:
    return Money.parse(text, "EUR")


def amount_of(text: str) -> Money:
    """Read "100.00", which is in EUR, or "100.00USD"."""
    return Money.parse(text.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), text.lstrip("-0123456789.") or "EUR")


def entry_of(call: str) -> Entry:
    """Call a rule as the guide writes it: `refund_approved(amount=20.00, goodwill=no)`."""
    name, arguments = re.fullmatch(r"(\w+)\((.*)\)", call).groups()
    given: dict[str, object] = {"customer_id": 17, "on": ON}
    for argument in arguments.split(", "):
        word, value = argument.split("=")
        if word == "number":
            given[word] = int(value)
        else:
            given[word] = value == "yes" if value in {"yes", "no"} else amount_of(value)
    for reference in REFERENCES & set(inspect.signature(RULES[name]).parameters):
        given[reference] = f"{reference}:5"
    known = parameters_of(call)
    return RULES[name](**{word: value for word, value in given.items() if word in known or word not in COMMON})


def parameters_of(call: str) -> set[str]:
    return set(inspect.signature(RULES[call.partition("(")[0]]).parameters)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.splitlines()[0])
def test_every_worked_example_of_the_guide_comes_out_to_the_cent(example):
    call, *lines = example.splitlines()
    expected = []
    for line in lines:
        side, account, *written = line.split()
        amount = amount_of("".join(written))
        expected.append(Line(account, amount if side == "debit" else -amount))

    entry = entry_of(call)

    assert list(entry.lines) == expected
    assert entry.customer_id == (17 if "customer_id" in parameters_of(call) else None)
    assert entry.effective_on == ON


def test_every_rule_has_a_worked_example():
    shown = {example.partition("(")[0] for example in EXAMPLES}

    assert shown == set(RULES)


def test_the_guide_lists_every_account_of_the_chart():
    rows = re.findall(r"^\| `(\w+)` \| (debit|credit) \| (customer|company) \|", GUIDE, flags=re.MULTILINE)

    assert rows == [
        (nature.code, nature.side.value, "customer" if nature.per_customer else "company")
        for nature in chart.CHART.values()
    ]


def test_the_key_follows_from_the_act_and_its_source():
    entry = posting_rules.refund_paid(eur("20.00"), customer_id=17, refund="refund:42", on=ON)

    assert (entry.key, entry.kind, entry.source) == ("refund_paid:refund:42", "refund_paid", "refund:42")


def test_a_second_attempt_has_its_own_key_and_the_same_source():
    second = posting_rules.refund_paid(eur("20.00"), customer_id=17, refund="refund:42/2", on=ON)

    assert (second.key, second.source) == ("refund_paid:refund:42/2", "refund:42")


def test_credit_applied_twice_to_one_invoice_has_two_keys():
    first, second = (
        posting_rules.credit_applied(eur("4.00"), customer_id=17, invoice="invoice:5", on=ON, number=number)
        for number in (1, 2)
    )

    assert first.key != second.key
    assert first.source == second.source == "invoice:5"


def test_an_amount_below_zero_is_refused():
    with pytest.raises(NegativeAmount, match="below zero"):
        posting_rules.charge_added(eur("-1.00"), customer_id=17, charge="charge:1", on=ON)


def test_more_to_credit_than_was_received_is_refused():
    with pytest.raises(NegativeAmount):
        posting_rules.payment_received(eur("10.00"), eur("10.01"), customer_id=17, payment="payment:1", on=ON)


def test_an_entry_of_nothing_is_refused():
    with pytest.raises(EmptyEntry):
        posting_rules.dispute_opened(eur("0.00"), eur("0.00"), customer_id=17, dispute="dispute:1", on=ON)


def test_two_currencies_in_one_amount_are_refused():
    with pytest.raises(CurrencyMismatch):
        posting_rules.invoice_issued(eur("10.00"), Money(190, "USD"), customer_id=17, invoice="invoice:1", on=ON)


def test_a_credit_note_whose_parts_do_not_add_up_is_refused():
    with pytest.raises(UnbalancedEntry, match=r"differ by 0\.01 EUR"):
        posting_rules.credit_note_issued(
            eur("50.00"),
            eur("9.50"),
            customer_id=17,
            credit_note="credit_note:1",
            on=ON,
            from_receivable=eur("59.49"),
            from_disputed=eur("0.00"),
            to_credit=eur("0.00"),
        )


def lines(*pairs: tuple[str, Money]) -> tuple[Line, ...]:
    return tuple(Line(account, amount) for account, amount in pairs)


def build(*pairs: tuple[str, Money], customer_id: int | None = 17, reason: str = "") -> Entry:
    return Entry("k", "test", customer_id, "test:1", ON, lines(*pairs), reason)


def test_an_entry_that_balances_only_across_currencies_is_refused():
    with pytest.raises(UnbalancedEntry):
        build(("cash", Money(100, "EUR")), ("revenue", Money(-100, "USD")))


def test_an_entry_may_hold_two_currencies_that_balance_each():
    entry = build(
        ("cash", Money(-1000, "USD")),
        ("goodwill", Money(1000, "USD")),
        ("cash", Money(926, "EUR")),
        ("revenue", Money(-926, "EUR")),
    )

    assert len(entry.lines) == 4


def test_an_account_named_twice_is_refused():
    with pytest.raises(RepeatedAccount):
        build(("cash", Money(100, "EUR")), ("cash", Money(100, "EUR")), ("revenue", Money(-200, "EUR")))


def test_an_account_the_chart_lacks_is_refused_by_name():
    with pytest.raises(chart.UnknownAccount, match="'petty_cash'"):
        build(("petty_cash", Money(100, "EUR")), ("revenue", Money(-100, "EUR")))


def test_a_customer_account_without_customer_is_refused():
    with pytest.raises(CustomerMissing):
        build(("receivable", Money(100, "EUR")), ("revenue", Money(-100, "EUR")), customer_id=None)


def test_an_amount_that_is_not_money_is_refused():
    with pytest.raises(InvalidInput, match="Money"):
        build(("cash", 1.5), ("revenue", -1.5))


def test_text_the_books_cannot_store_is_refused():
    with pytest.raises(InvalidInput, match="cannot store"):
        build(("cash", Money(100, "EUR")), ("revenue", Money(-100, "EUR")), reason="a\0b")
