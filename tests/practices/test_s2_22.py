"""S2-22: the billing number with its hours stands prominently on page one of every bill, whatever else is on it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledger.documents.bills import bill_sheet
from ledger.documents.typesetting import typeset
from tests.conftest import NOW
from tests.ledger.documents.pages import page_texts, placed, plain
from tests.ledger.documents.worlds import ANA, LINE, bill_with, line, usual_bill

LOCALES = ["de-DE", "en-US", "fr-FR", "ja-JP", "sv-SE", "hi-IN"]


def check_block(pdf: bytes) -> None:
    """Number, hours and languages in the top third of page one, at 11 points or more."""
    for words in ("+49 30 901820", "Mo–Fr 09:00–17:30", "Deutsch, Englisch"):
        share, points = placed(pdf, words)
        assert share <= 1 / 3, f"{words!r} ends at {share:.0%} of the page"
        assert points >= 10.99, f"{words!r} has {points:.1f} points"


@pytest.mark.parametrize("language", LOCALES)
def test_number_hours_and_languages_are_large_and_high_on_page_one(language) -> None:
    check_block(typeset(bill_sheet(usual_bill(language=language), LINE), at=NOW))


def test_three_pages_of_lines_do_not_push_it_off() -> None:
    pdf = typeset(bill_sheet(bill_with(*(line(f"Seat {n}", 500, 95) for n in range(45))), LINE), at=NOW)

    assert len(page_texts(pdf)) == 3
    check_block(pdf)


def test_neither_does_the_longest_address() -> None:
    words = "Gesellschaft zur Förderung der längsten Namen und Anschriften mit beschränkter Haftung und Co. KG "
    buyer = replace(ANA, name=(words * 2)[:200], street=(words * 2)[:200], more=(words * 2)[:200], city=words)
    pdf = typeset(bill_sheet(usual_bill(buyer=buyer), LINE), at=NOW)

    check_block(pdf)
    assert "Rechnung INV-2026-000042" in plain(page_texts(pdf)[0])


def test_on_american_letter_paper_it_stands_there_too() -> None:
    pdf = typeset(
        bill_sheet(usual_bill(language="en-US", buyer=replace(ANA, country="US", region="US-CA")), LINE), at=NOW
    )

    check_block(pdf)
