"""Card numbers and security codes are masked before anything is stored; every other number survives."""

import time

import pytest

from tickets.conversations.redaction import redact, redact_html

PUBLISHED_TEST_NUMBERS = [
    "4242424242424242",
    "4222222222222",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "6011111111111117",
    "30569309025904",
    "3056930009020004",
    "3566002020360505",
    "6200000000000005",
    "6759649826438453",
]
SPACED = "4242 4242 4242 4242"


@pytest.mark.parametrize("number", PUBLISHED_TEST_NUMBERS)
def test_every_brand_is_masked_to_its_last_four_digits(number: str) -> None:
    redacted = redact(f"My card is {number}, thank you.")

    assert redacted.text == f"My card is •••• {number[-4:]}, thank you."
    assert redacted.found == ("card_number",)


@pytest.mark.parametrize(
    "written",
    [
        SPACED,
        SPACED.replace(" ", "."),
        SPACED.replace(" ", "-"),
        SPACED.replace(" ", "–"),
        SPACED.replace(" ", "\u00a0"),
        SPACED.replace(" ", "/"),
        "4242 4242\n4242 4242",
        "4242 4242\r\n> 4242 4242",
        "4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2",
        "４２４２４２４２４２４２４２４２",
        "٤٢٤٢ ٤٢٤٢ ٤٢٤٢ ٤٢٤٢",
        "4242\u200b4242\u200b4242\u200b4242",
        "4242 4242 and then 4242 4242",
        "Visa4242424242424242",
    ],
)
def test_a_number_is_found_however_it_is_written(written: str) -> None:
    redacted = redact(written)

    assert redacted.text.endswith("•••• 4242")
    assert redacted.found == ("card_number",)


@pytest.mark.parametrize(
    "text",
    [
        "Order 113542617735902 has not come.",
        "IBAN DE89 3704 0044 0532 0130 00",
        "IBAN GB82WEST12345698765432",
        "Invoice INV-2026-000123 of 2026-03-01 over 1,234.56",
        "25.00 30.00 45.50 12.99 35.00 36.00 18.20 77.10",
        "+49 151 23456789",
        "Card 4242424242424241 with a wrong check digit",
        "The CVV was asked for in 2023.",
        "Your code is 123456.",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert redact(text).text == text
    assert redact(text).found == ()


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("card 4242424242424242 12/27 123", "card •••• 4242 12/27 •••"),
        ("4242424242424242 123", "•••• 4242 •••"),
        ("my CVV is 123", "my CVV is •••"),
        ("CVC2: 7373", "CVC2: •••"),
        ("123 is my cvv", "••• is my cvv"),
        ("card security code 987", "card security code •••"),
        ("Karte, Prüfziffer: 987", "Karte, Prüfziffer: •••"),
        ("carte, code de sécurité : 987", "carte, code de sécurité : •••"),
        ("4242424242424242 100 EUR", "•••• 4242 100 EUR"),
    ],
)
def test_a_security_code_goes_entirely(text: str, masked: str) -> None:
    assert redact(text).text == masked


def test_masking_twice_changes_nothing_more() -> None:
    once = redact(f"{SPACED} exp 12/27 cvv 123").text

    assert redact(once).text == once
    assert redact(once).found == ()


def test_a_number_broken_up_by_tags_and_entities_is_found_in_html() -> None:
    redacted = redact_html('<p>4242 <b>4242</b>&nbsp;4242<br>&#52;242</p><img alt="4242424242424242"> cvv: <b>123</b>')

    assert redacted.text == '<p>•••• 4242<b></b><br></p><img alt="•••• 4242"> cvv: <b>•••</b>'
    assert redacted.found == ("card_number", "security_code")


def test_html_without_a_number_is_unchanged() -> None:
    html = "<p>Order 113542617735902 &amp; more &lt;3</p>"

    assert redact_html(html).text == html


@pytest.mark.parametrize("piece", ["4", "1 ", "cvv ", "DE12 ", "security code ", "4242 a", "<", "&", "A1"])
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    began = time.perf_counter()

    redact(text)
    redact_html(text)

    assert time.perf_counter() - began < 4.0
