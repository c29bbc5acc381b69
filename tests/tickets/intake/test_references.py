"""What a message names: documents, cases, and charges in the customer's words."""

import time
from datetime import date
from decimal import Decimal

import pytest

from tickets.intake.references import find_references, read_amount

TODAY = date(2026, 11, 22)


def test_documents_are_found_in_our_spelling_each_once() -> None:
    found = find_references(
        "INV-2026-000123, inv-2026-123 and CN-2026-000001, R-2026-000002, P‑2026‑000009", today=TODAY
    )

    assert found.invoices == ("INV-2026-000123",)
    assert found.credit_notes == ("CN-2026-000001",)
    assert found.refunds == ("R-2026-000002",)
    assert found.payments == ("P-2026-000009",)
    assert found.payment_hints == ()


@pytest.mark.parametrize(
    ("text", "cases"),
    [
        ("[Case 1042] Your invoice", (1042,)),
        ("Re: #1042 and case no. 77", (1042, 77)),
        ("Fall 12", (12,)),
        ("Foo#1042bar, x#5, &#8364;, http://x.example/#7", ()),
    ],
)
def test_cases_are_found_but_not_inside_longer_words(text: str, cases: tuple[int, ...]) -> None:
    assert find_references(text, today=TODAY).cases == cases


def test_a_charge_in_words_has_both_readings_of_its_date() -> None:
    (hint,) = find_references("charged 25.00 on 1/3 card 4242", today=TODAY).payment_hints

    assert hint.amount == Decimal("25.00")
    assert hint.dates == (date(2026, 1, 3), date(2026, 3, 1))
    assert hint.last4 == "4242"


def test_a_date_with_dots_is_day_first_and_an_impossible_reading_is_left_out() -> None:
    dotted = find_references("1,00 EUR am 3.1.2026", today=TODAY).payment_hints[0]
    slashed = find_references("1.00 EUR on 25/3/2026", today=TODAY).payment_hints[0]

    assert dotted.dates == (date(2026, 1, 3),)
    assert slashed.dates == (date(2026, 3, 25),)


def test_a_date_without_a_year_is_never_in_the_future() -> None:
    (hint,) = find_references("€5 on 24 December", today=TODAY).payment_hints

    assert hint.dates == (date(2025, 12, 24),)


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1'234.50", "1234.50"),
        ("1,234,567.89", "1234567.89"),
        ("25", "25"),
        ("25,5", "25.5"),
        ("1.234", "1234"),
    ],
)
def test_amounts_are_read_as_people_write_them(written: str, amount: str) -> None:
    assert read_amount(written) == Decimal(amount)


def test_three_digits_after_the_mark_are_minor_units_where_the_currency_has_them() -> None:
    assert find_references("KWD 1.234", today=TODAY).payment_hints[0].amount == Decimal("1.234")


@pytest.mark.parametrize(
    ("text", "amount", "currency", "last4"),
    [
        ("€25 was taken", "25", "EUR", ""),
        ("I paid $1,234.56 with card ending in 0005", "1234.56", "USD", "0005"),
        ("1.234,56 € abgebucht, Karte endet auf 4242", "1234.56", "EUR", "4242"),
        ("GBP 30 on •••• 1881", "30", "GBP", "1881"),
    ],
)
def test_amount_currency_and_card_go_together(text: str, amount: str, currency: str, last4: str) -> None:
    (hint,) = find_references(text, today=TODAY).payment_hints

    assert (hint.amount, hint.currency, hint.last4) == (Decimal(amount), currency, last4)


def test_each_amount_gets_the_date_nearest_to_it() -> None:
    first, second = find_references("€25 on 3 January 2026 and then $30.00 on 2026-02-01", today=TODAY).payment_hints

    assert (first.dates, second.dates) == ((date(2026, 1, 3),), (date(2026, 2, 1),))


def test_a_card_alone_is_a_hint_without_an_amount() -> None:
    (hint,) = find_references("my card 4242 was charged", today=TODAY).payment_hints

    assert (hint.amount, hint.last4) == (None, "4242")


def test_the_number_of_a_foreign_service_desk_is_found() -> None:
    assert find_references("INC0012345 updated", today=TODAY).foreign_tickets == ("INC0012345",)


@pytest.mark.parametrize("piece", ["1.2", "#1 ", "march 3 ", "€1", "1,234,"])
def test_no_text_takes_long(piece: str) -> None:
    began = time.perf_counter()

    find_references(piece * 20_000, today=TODAY)

    assert time.perf_counter() - began < 3.0
