"""S1-70: amounts, days and addresses are written as the reader's country writes them, to the byte."""

from __future__ import annotations

from datetime import date

import pytest

from billing_desk.reading import written_for
from billing_desk.templatetags.desk import money
from ledger.customers.address_book import InvalidAddress, change_address, letter_lines
from ledger.customers.addresses import Address, format_address
from ledger.customers.operations import open_customer
from ledger.events.actor import Actor
from ledger.models import Event
from ledger.money import Money
from notifications.wording.figures import say_day
from tests.conftest import NOW

SYSTEM = Actor.system("test")
NBSP, NARROW = "\u00a0", "\u202f"

#: −1,234,567.50 EUR and 2 March 2026 as CLDR 47 writes them; seven of the amounts were published by others.
GOLDEN = {
    "en-US": ("-€1,234,567.50", "March 2, 2026"),
    "de-DE": (f"-1.234.567,50{NBSP}€", "2. März 2026"),
    "fr-FR": (f"-1{NARROW}234{NARROW}567,50{NBSP}€", "2 mars 2026"),
    "hi-IN": ("-€12,34,567.50", "2 मार्च 2026"),
    "de-CH": ("EUR-1’234’567.50", "2. März 2026"),
    "pt-BR": (f"-€{NBSP}1.234.567,50", "2 de março de 2026"),
    "sv-SE": (f"-1{NBSP}234{NBSP}567,50{NBSP}€", "2 mars 2026"),
    "ja-JP": ("-€1,234,567.50", "2026年3月2日"),
    "nl-NL": (f"€{NBSP}-1.234.567,50", "2 maart 2026"),
    "sr-RS": (f"-1.234.567,50{NBSP}€", "2. март 2026."),
}


@pytest.mark.parametrize("language", GOLDEN)
def test_amounts_and_days_are_written_as_ten_languages_write_them(language):
    amount, day = GOLDEN[language]

    assert Money(-123_456_750, "EUR").display(language).encode() == amount.encode()
    assert say_day(date(2026, 3, 2), language).encode() == day.encode()


ADDRESSES = {
    "DE": (Address("Hauptstraße 5", "2. Stock", "10115", "Berlin", "DE-BE", "DE"),
           ["Hauptstraße 5", "2. Stock", "10115 Berlin"]),
    "US": (Address("1 Main St", "Apt 4", "94105", "San Francisco", "US-CA", "US"),
           ["1 Main St", "Apt 4", "San Francisco, CA 94105", "UNITED STATES"]),
    "GB": (Address("10 Park Lane", "", "SW1A 2AA", "London", "", "GB"),
           ["10 Park Lane", "London", "SW1A 2AA", "UNITED KINGDOM"]),
    "JP latin": (Address("1-1 Chiyoda", "", "100-0001", "Chiyoda-ku", "JP-13", "JP"),
                 ["1-1 Chiyoda", "Chiyoda-ku 100-0001", "JAPAN"]),
    "BR": (Address("Rua Augusta 1", "", "01310-100", "São Paulo", "BR-SP", "BR"),
           ["Rua Augusta 1", "São Paulo-SP", "01310-100", "BRAZIL"]),
    "HU": (Address("Fő utca 1.", "", "1011", "Budapest", "", "HU"), ["Budapest", "Fő utca 1.", "1011", "HUNGARY"]),
    "NL": (Address("Damrak 1", "", "1012 LG", "Amsterdam", "", "NL"), ["Damrak 1", "1012 LG Amsterdam", "NETHERLANDS"]),
    "FR": (Address("5 rue de Lille", "", "75007", "Paris", "", "FR"), ["5 rue de Lille", "75007 Paris", "FRANCE"]),
    "without postcode": (Address("Street 5", "", "", "Dubai", "", "AE"),
                         ["Street 5", "Dubai", "UNITED ARAB EMIRATES"]),
    "without anything": (Address(country="US"), ["UNITED STATES"]),
}  # fmt: skip


@pytest.mark.parametrize("place", ADDRESSES)
def test_an_address_is_written_as_its_country_writes_it(place):
    address, lines = ADDRESSES[place]

    assert format_address("Ana Berg", address, from_country="DE") == ["Ana Berg", *lines]


def test_in_japans_own_script_the_order_runs_from_the_place_to_the_person():
    address = Address("千代田1-1", "", "100-0001", "千代田区", "東京都", "JP")

    written = format_address("田中 智", address, from_country="DE", language="de-DE")
    assert written == ["〒100-0001", "東京都千代田区千代田1-1", "田中 智", "JAPAN"]


def test_a_name_stays_as_the_customer_writes_it():
    """Family name first or last: nobody turns it round."""
    for name in ("田中 智", "Nagy Anna", "Ana Berg"):
        assert format_address(name, Address(country="HU"), from_country="HU")[0] == name


@pytest.mark.django_db
class TestOnFile:
    def test_a_changed_address_is_on_the_next_letter_and_its_words_are_not_in_the_event(self, mia):
        bo = open_customer(name="Bo Larsen", country="US", currency="USD", by=SYSTEM, at=NOW)

        changed = change_address(
            bo.pk, street=" 1 Main St ", postal_code="94105", city="San Francisco", region="US-CA", by=mia, at=NOW
        )

        assert letter_lines(changed, from_country="DE", language="de") == [
            "Bo Larsen", "1 Main St", "San Francisco, CA 94105", "VEREINIGTE STAATEN"
        ]  # fmt: skip
        event = Event.objects.get(kind="customer.address_changed")
        assert "Main" not in str(event.data)

    @pytest.mark.parametrize(
        "part", [{"street": "x" * 201}, {"city": "Berlin\nBonn"}, {"postal_code": "1\x00"}, {"region": "DE-BE"}]
    )
    def test_a_part_that_cannot_be_is_refused(self, mia, part):
        bo = open_customer(name="Bo Larsen", country="US", currency="USD", by=SYSTEM, at=NOW)

        with pytest.raises(InvalidAddress):
            change_address(bo.pk, **part, by=mia, at=NOW)


@pytest.mark.parametrize("language", GOLDEN)
def test_a_page_of_the_portal_writes_amounts_as_its_reader_does_in_ten_languages(language):
    with written_for(language):
        assert money({}, Money(-123_456_750, "EUR")).count(GOLDEN[language][0].replace("-", "\u2212")) == 1
