"""When other terms may begin, what differs between two versions, what an agreed price makes of a list price."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from ledger.agreements.terms import InvalidTerms, Proposal, Terms, check_proposal, differences, earliest_start
from ledger.agreements.wording import words_for
from ledger.catalogue.tariff import Model, Tariff, Tier, price_of
from ledger.money import Money
from ledger.subscriptions.agreed import AgreedTerms, agreed_tariff, term_end, terms_for

TODAY = date(2026, 3, 2)


def said(**more) -> Terms:
    return Terms(**{"plan": "plus", "plan_name": "Plus", "starts_on": date(2025, 4, 1), **more})


@pytest.mark.parametrize(
    ("terms", "earliest"),
    [
        (None, TODAY),
        (said(), TODAY),
        (said(notice_days=30), date(2026, 4, 1)),  # 2 March and 30 days
        (said(ends_on=date(2026, 10, 1)), date(2026, 10, 1)),
        (said(ends_on=date(2026, 4, 1), renews_months=12, notice_days=30), date(2026, 4, 1)),  # just in time
        (said(ends_on=date(2026, 4, 1), renews_months=12, notice_days=31), date(2027, 4, 1)),  # one day late
        (said(ends_on=date(2026, 1, 1), renews_months=3), date(2026, 4, 1)),  # in its first renewal
        (said(ends_on=date(2026, 3, 2)), TODAY),  # ran out this morning
    ],
)
def test_other_terms_begin_after_notice_and_not_within_a_term(terms, earliest):
    assert earliest_start(terms, TODAY) == earliest


def test_a_term_that_goes_on_ends_with_its_running_renewal():
    assert term_end(said(ends_on=date(2026, 1, 31), renews_months=1), date(2026, 3, 30)) == date(2026, 3, 31)


def test_two_versions_differ_in_price_and_term_and_nothing_else_is_told():
    old = said(price=Money(2500, "EUR"))
    new = said(price=Money(2000, "EUR"), ends_on=date(2026, 4, 1))

    assert [(each.what, each.before, each.after) for each in differences(old, new)] == [
        ("price", Money(2500, "EUR"), Money(2000, "EUR")),
        ("ends_on", None, date(2026, 4, 1)),
    ]
    assert differences(old, old) == ()


@pytest.mark.parametrize(
    "proposal",
    [
        Proposal(price=Money(-1, "EUR")),
        Proposal(price=Money(100, "USD")),
        Proposal(price=Money(100, "EUR"), percent=Decimal(5)),
        Proposal(percent=Decimal(0)),
        Proposal(percent=Decimal("100.1")),
        Proposal(percent=Decimal("NaN")),
        Proposal(renews_months=12),
        Proposal(term_months=61),
        Proposal(term_months=-1),
        Proposal(notice_days=-1),
    ],
)
def test_what_no_agreement_can_say_is_refused(proposal):
    with pytest.raises(InvalidTerms):
        check_proposal(proposal, "EUR")


def test_what_was_agreed_last_counts_and_its_end_gives_the_list_price_back():
    first = AgreedTerms(1, date(2026, 1, 1), price_minor=900)
    then = AgreedTerms(1, date(2026, 4, 1), date(2026, 7, 1), price_minor=800)

    found = [terms_for((first, then), 1, date(2026, month, 1)) for month in (3, 4, 6, 7)]

    assert found == [first, then, then, None]
    assert terms_for((first, then), 2, date(2026, 4, 1)) is None  # another product


@pytest.mark.parametrize(
    ("tariff", "quantity", "percent_off", "cost"),
    [
        (Tariff(Model.FLAT, "EUR", flat_minor=2505), 3, Decimal(10), 2255),  # 22.545
        (Tariff(Model.PER_UNIT, "EUR", unit_minor=Fraction(333)), 3, Decimal("33.3"), 666),  # 9.99 × 0.667 = 6.66333
        (
            Tariff(Model.GRADUATED, "EUR", tiers=(Tier(Fraction(10), Fraction(100), 50), Tier(None, Fraction(50)))),
            12, Decimal(50), 575,  # (0.50 + 10 × 1.00 + 2 × 0.50) ÷ 2
        ),
    ],
)  # fmt: skip
def test_a_percentage_off_is_taken_off_every_part_of_a_price(tariff, quantity, percent_off, cost):
    less = agreed_tariff(tariff, AgreedTerms(1, TODAY, percent=Fraction(percent_off)))

    assert price_of(less, quantity) == Money(cost, "EUR")


def test_an_agreed_unit_price_takes_the_place_of_all_steps():
    steps = Tariff(Model.VOLUME, "EUR", tiers=(Tier(Fraction(10), Fraction(100)), Tier(None, Fraction(50))))

    assert price_of(agreed_tariff(steps, AgreedTerms(1, TODAY, price_minor=70)), 20) == Money(1400, "EUR")


def test_the_words_are_german_for_a_german_and_their_hash_changes_with_them():
    terms = said(price=Money(2000, "EUR"), ends_on=date(2026, 4, 1), renews_months=12, notice_days=30)
    facts = {"customer": "Ana Berg", "number": 7, "version": 2, "before": 1}

    german, english = (words_for(terms, language=language, **facts) for language in ("de-DE", "en"))

    assert "Preis: 20,00\u00a0€ je Einheit und Abrechnungszeitraum" in german.text
    assert "Laufzeit: Bis 31. März 2026" in german.text
    assert "Price: €20.00 per unit and billing period" in english.text
    assert "It takes the place of version 1" in english.text
    assert (len(german.hash), german.hash != english.hash) == (64, True)
