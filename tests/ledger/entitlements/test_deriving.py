"""What access comes to, from facts: by dates, in any order of the facts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from ledger.entitlements.deriving import Debt, Terms, derive
from ledger.entitlements.words import Said, say_access
from ledger.money import Money

FAILED = date(2026, 3, 1)
TERMS = Terms(grace_days=7, warning_days=2, suspended_after_days=14)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def renewal(**more) -> Debt:
    return Debt(1, eur(2500), due_on=FAILED, **{"failed_on": FAILED, **more})


def standing(*debts: Debt, on: date, warned_on: date | None = date(2026, 3, 6), **more):
    return derive(list(debts), TERMS, today=on, currency="EUR", warned_on=warned_on, **more)


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (date(2026, 3, 1), "grace"),
        (date(2026, 3, 7), "grace"),
        (date(2026, 3, 8), "restricted"),
        (date(2026, 3, 21), "restricted"),
        (date(2026, 3, 22), "suspended"),
    ],
)
def test_a_failed_renewal_is_in_grace_until_day_7_then_restricted_then_suspended(day, state):
    assert standing(renewal(), on=day).state == state


def test_nothing_is_taken_away_before_a_warning_was_out_for_its_days():
    unwarned = standing(renewal(), on=date(2026, 4, 1), warned_on=None)
    just_warned = standing(renewal(), on=date(2026, 4, 2), warned_on=date(2026, 4, 1))

    assert (unwarned.state, unwarned.warns_on) == ("grace", date(2026, 3, 6))
    assert (just_warned.state, just_warned.restricts_on) == ("grace", date(2026, 4, 3))


def test_a_debt_in_dispute_on_hold_or_not_due_yet_takes_nothing_away():
    day = date(2026, 4, 1)

    assert standing(renewal(is_held=True), on=day).state == "active"
    assert standing(Debt(1, eur(0), due_on=FAILED, failed_on=FAILED), on=day).state == "active"
    assert standing(Debt(1, eur(2500), due_on=date(2026, 5, 1)), on=day).state == "active"
    assert standing(renewal(is_held=True), Debt(2, eur(100), due_on=date(2026, 3, 30)), on=day).state == "grace"


def test_a_bill_whose_day_is_still_to_come_restricts_nobody_although_collecting_it_failed():
    early = Debt(1, eur(2500), due_on=date(2026, 3, 15), failed_on=FAILED)

    assert standing(early, on=date(2026, 3, 15)).state == "grace"
    assert standing(early, on=date(2026, 3, 16)).state == "restricted"


def test_a_supervisors_word_goes_before_the_books():
    assert standing(renewal(), on=date(2026, 4, 1), override="active").state == "active"
    assert standing(on=date(2026, 4, 1), override="suspended").reason == "override"


def test_the_sentence_says_what_failed_and_what_cures_it():
    paused = Said("restricted", "failed", eur(2500), eur(2500), FAILED)
    more = Said("suspended", "failed", eur(2500), eur(4000), FAILED)
    grace = Said("grace", "overdue", eur(2500), eur(2500), FAILED, date(2026, 3, 7))

    assert say_access(paused) == "Service paused because the €25.00 of 1 March failed. Pay now to restore."
    assert say_access(more).endswith("failed. Pay €40.00 now to restore.")
    assert (
        say_access(grace) == "Please note: the €25.00 due on 1 March is not paid. Pay by 7 March to keep your service."
    )
    assert say_access(paused, "de-DE") == (
        "Ihr Zugang ruht, weil die Zahlung über 25,00\u00a0€ vom 1. März nicht geklappt hat. "
        "Zahlen Sie jetzt, dann geht er sofort weiter."
    )


debts = some.builds(
    Debt,
    invoice_id=some.integers(1, 50),
    amount=some.integers(0, 9000).map(eur),
    due_on=some.integers(0, 60).map(lambda days: date(2026, 2, 1) + timedelta(days=days)),
    failed_on=some.none() | some.integers(0, 60).map(lambda days: date(2026, 2, 1) + timedelta(days=days)),
    is_held=some.booleans(),
)


@settings(max_examples=50)
@given(known=some.lists(debts, max_size=5, unique_by=lambda debt: debt.invoice_id), data=some.data())
def test_the_order_in_which_facts_became_known_changes_nothing(known, data):
    day = date(2026, 2, 1) + timedelta(days=data.draw(some.integers(0, 90)))
    warned = data.draw(some.none() | some.just(day - timedelta(days=5)))
    otherwise = data.draw(some.permutations(known))

    first, second = (derive(each, TERMS, today=day, currency="EUR", warned_on=warned) for each in (known, otherwise))

    assert first == second
    assert first.state in ("active", "grace") or warned is not None
