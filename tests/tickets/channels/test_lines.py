"""One record says which number customers call, when, and in which languages."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from tickets.channels.admin import PhoneLineForm
from tickets.channels.lines import billing_contact, hours_text, line_for
from tickets.channels.models import PhoneLine
from tickets.models import BusinessHours
from tickets.sla.defaults import ensure_defaults


@pytest.fixture
def hours(db) -> BusinessHours:
    ensure_defaults()
    return BusinessHours.objects.get()


@pytest.fixture
def lines(hours) -> dict[str, PhoneLine]:
    """The international line in Berlin, and one in France."""
    international = PhoneLine.objects.create(number="+4930901820", name="Billing", hours=hours, languages=["de", "en"])
    french = PhoneLine.objects.create(
        number="+33142685300", name="Facturation", hours=hours, country="FR", languages=["fr"]
    )
    return {"": international, "FR": french}


@pytest.mark.parametrize(("country", "number"), [("FR", "+33142685300"), ("JP", "+4930901820"), ("", "+4930901820")])
def test_a_country_without_a_line_gets_the_international_one(lines, country, number) -> None:
    assert billing_contact(country, "en").number == number


def test_a_line_that_is_switched_off_is_no_line(lines) -> None:
    PhoneLine.objects.filter(country="FR").update(is_active=False)

    assert billing_contact("FR").number == "+4930901820"


def test_a_line_for_something_else_is_not_for_bills(hours) -> None:
    PhoneLine.objects.create(number="+493090182099", name="Sales", hours=hours, purpose="sales")

    assert line_for("DE") is None


def test_without_a_line_it_is_the_number_the_installation_was_started_with(db) -> None:
    contact = billing_contact("DE", "de")

    assert (contact.number, contact.display, contact.hours) == ("+4930901820", "+49 30 901820", "Mon–Fri 09:00–17:30")


@pytest.mark.parametrize(
    ("country", "language", "hours_said", "languages"),
    [
        ("DE", "de-DE", "Mo–Fr 09:00–17:30", "Deutsch, Englisch"),
        ("DE", "en", "Mon–Fri 09:00–17:30", "German, English"),
        ("US", "en-US", "Mon–Fri 09:00–17:30 (Central European Time)", "German, English"),
        ("JP", "ja-JP", "月–金 09:00–17:30 (中央ヨーロッパ時間)", "ドイツ語, 英語"),
        ("FR", "fr-FR", "lun–ven 09:00–17:30", "Français"),
    ],
)
def test_hours_and_languages_are_said_in_the_readers_language(lines, country, language, hours_said, languages) -> None:
    contact = billing_contact(country, language)

    assert (contact.hours, contact.languages) == (hours_said, languages)


@pytest.mark.parametrize(
    ("weekly", "said"),
    [
        ({"1": [["9:00", "17:30"]], "2": [["9:00", "17:30"]], "5": []}, "Mon–Tue 9:00–17:30"),
        ({"1": [["9:00", "17:30"]], "3": [["9:00", "17:30"]]}, "Mon 9:00–17:30, Wed 9:00–17:30"),
        ({"mon": [["09:00", "12:00"], ["13:00", "18:00"]]}, "Mon 09:00–12:00, 13:00–18:00"),
        ({}, ""),
    ],
)  # fmt: skip
def test_days_with_the_same_hours_are_said_together(weekly, said) -> None:
    assert hours_text(BusinessHours(weekly=weekly), "en") == said


def test_around_the_clock_is_said_in_words() -> None:
    assert hours_text(BusinessHours(always_open=True), "de") == "Rund um die Uhr"


def form(hours: BusinessHours, **changes: object) -> PhoneLineForm:
    return PhoneLineForm(
        {"number": "030 901821", "name": "Second", "purpose": "billing", "country": "", "languages": "de,en",
         "hours": hours.pk, "is_active": True, "closed_text": "", **changes}
    )  # fmt: skip


def test_two_active_lines_for_the_same_purpose_and_country_are_refused_in_words(lines, hours) -> None:
    second = form(hours)

    assert not second.is_valid()
    assert "There is an active line for this purpose and country; switch that off first." in str(second.errors)


def test_and_by_the_database(lines, hours) -> None:
    with pytest.raises(IntegrityError, match="one_active_line_per_purpose_and_country"), transaction.atomic():
        PhoneLine.objects.create(number="+4930901821", name="Second", hours=hours)


def test_a_second_line_that_is_switched_off_or_elsewhere_is_fine(lines, hours) -> None:
    assert form(hours, is_active=False).is_valid()
    assert form(hours, country="at").is_valid()


@pytest.mark.parametrize(
    ("field", "value"), [("number", "12"), ("number", "+49 30"), ("country", "XX"), ("languages", "klingon")]
)
def test_what_cannot_be_dialled_or_read_is_refused(hours, field, value) -> None:
    refused = form(hours, **{field: value})

    assert not refused.is_valid()
    assert field in refused.errors
