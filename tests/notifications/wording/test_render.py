"""Filling a wording."""

import pytest

from notifications.wording.catalogue import EXAMPLES, WORDINGS
from notifications.wording.operations import preview, write_wording
from notifications.wording.render import (
    MissingPlaceholder,
    UnknownPlaceholder,
    UnknownWording,
    check_text,
    render,
    shipped_text,
)

PAID = {
    "refund": "R-000003",
    "amount": "€49.00",
    "reference": "re_4711",
    "card": "the card ending in 4242",
    "arrives": "Mar 6 – 10, 2026",
}


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("key", sorted(WORDINGS))
def test_every_message_ships_in_english_and_german_and_says_what_it_must(key, language):
    text = shipped_text(key, language)

    assert text is not None
    check_text(key, subject=text.subject, body=text.body)


def test_every_placeholder_has_an_example_for_the_preview():
    assert {name for wording in WORDINGS.values() for name in wording.placeholders} == set(EXAMPLES)


def test_a_refund_message_names_amount_and_reference(db):
    told = render("refund_paid", "en", PAID)

    assert told.subject == "We have paid you back €49.00"
    assert "re_4711" in told.body
    assert told.template == "refund_paid.en.0"
    assert "{{" not in told.body


@pytest.mark.parametrize(("wanted", "got"), [("de", "de"), ("de-DE", "de"), ("de_AT", "de"), ("fr", "en"), ("", "en")])
def test_a_language_we_do_not_ship_falls_back_to_the_nearest_one(db, wanted, got):
    assert render("refund_paid", wanted, PAID).language == got


def test_a_missing_value_is_refused_by_name(db):
    with pytest.raises(MissingPlaceholder, match="reference"):
        render("refund_paid", "en", {name: value for name, value in PAID.items() if name != "reference"})


def test_a_value_the_message_does_not_have_is_refused(db):
    with pytest.raises(UnknownPlaceholder, match="iban"):
        render("refund_paid", "en", {**PAID, "iban": "DE00"})


def test_an_unknown_message_is_refused(db):
    with pytest.raises(UnknownWording):
        render("refund_payed", "en", PAID)


def test_braces_inside_a_value_are_not_filled_again(db):
    told = render("refund_paid", "en", {**PAID, "card": "{{reference}}"})

    assert "to {{reference}}." in told.body


def test_a_line_end_in_a_value_cannot_start_a_new_header(db):
    told = render("refund_paid", "en", {**PAID, "amount": "1\r\nBcc: all@mail.example"})

    assert told.subject == "We have paid you back 1 Bcc: all@mail.example"


def test_a_new_wording_is_used_from_then_on_and_the_old_one_is_kept(db, pia, now):
    write_wording("refund_paid", "de", "Geld unterwegs: {{amount}}", "Referenz {{reference}}", by=pia, at=now)
    second = write_wording("refund_paid", "de", "{{amount}} sind unterwegs", "Siehe {{reference}}", by=pia, at=now)

    assert second.version == 2
    assert render("refund_paid", "de-DE", PAID).subject == "€49.00 sind unterwegs"
    assert render("refund_paid", "de-DE", PAID).template == "refund_paid.de.2"
    assert render("refund_paid", "en", PAID).template == "refund_paid.en.0"


@pytest.mark.parametrize(
    ("subject", "body", "why"),
    [
        ("{{amount}}", "no reference", "must say {{reference}}"),
        ("{{amount}}", "{{reference}} {{iban}}", "cannot say {{iban}}"),
        ("{{amount}}", "{{reference}} {{card", "does not belong"),
        ("", "{{amount}} {{reference}}", "must not be empty"),
    ],
)
def test_a_wording_that_would_go_wrong_is_refused_before_it_is_used(db, pia, now, subject, body, why):
    with pytest.raises((MissingPlaceholder, UnknownPlaceholder), match=why):
        write_wording("refund_paid", "en", subject, body, by=pia, at=now)


def test_a_code_cannot_be_put_in_a_subject(db, pia, now):
    with pytest.raises(UnknownPlaceholder, match="secret"):
        write_wording("one_time_code", "en", "Code {{code}}", "{{code}} {{minutes}}", by=pia, at=now)


def test_a_preview_shows_the_text_being_written_with_examples(db):
    shown = preview("refund_paid", "en", subject="Back: {{amount}}", body="See {{reference}}.")

    assert (shown.subject, shown.body) == ("Back: €49.00", "See re_4711.")
