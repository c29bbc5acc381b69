"""What a reader sees on the page: figures as they write them, headers repeated, no box for a letter we cannot draw."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledger.documents.bills import bill_sheet
from ledger.documents.facts import Bill
from ledger.documents.glyphs import MissingGlyph
from ledger.documents.typesetting import typeset
from tests.conftest import NOW
from tests.ledger.documents.pages import page_texts, plain
from tests.ledger.documents.worlds import ANA, DEL, LINE, bill_with, line, usual_bill


def made(bill: Bill) -> list[str]:
    """Return the words of each page of a bill."""
    return page_texts(typeset(bill_sheet(bill, LINE), at=NOW))


def test_every_figure_of_a_bill_stands_on_it_as_germans_write_it() -> None:
    page = plain(made(usual_bill())[0])

    assert "Rechnung INV-2026-000042" in page
    assert "Zu zahlen" in page
    assert "16.–31. März 2026" in page
    assert "16 von 31 Tagen" in page
    assert "Vor Nachlass 12,90 €" in page
    assert "LOYAL-10 10 %: −1,29 €" in page
    assert "12.500 calls" in page
    for step in ("1.000 × 0,00 €", "9.000 × 0,0123 €", "2.500 × 0,0085 €"):
        assert step in page
    assert "Netto 148,56 €" in page
    assert "Umsatzsteuer 19 % auf 143,56 € 27,28 €" in page
    assert "Umsatzsteuer 7 % auf 5,00 € 0,35 €" in page
    assert "Gesamtbetrag 176,19 €" in page
    assert "Bitte zahlen Sie bis zum 15. März 2026." in page
    assert "IBAN DE89 3704 0044 0532 0130 00" in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en-US", ("Invoice INV", "€1,234,567.50", "March 15, 2026", "19%")),
        ("en-GB", ("Invoice INV", "€1,234,567.50", "15 March 2026", "19%")),
        ("de-DE", ("Rechnung INV", "1.234.567,50 €", "15. März 2026", "19 %")),
        ("de-CH", ("Rechnung INV", "EUR 1’234’567.50", "15. März 2026", "19%")),
        ("fr-FR", ("Facture INV", "1 234 567,50 €", "15 mars 2026", "19 %")),
        ("ja-JP", ("請求書 INV", "€1,234,567.50", "2026年3月15日", "19%")),
        ("hi-IN", ("Invoice INV", "€12,34,567.50", "March 15, 2026", "19%")),
        ("pt-BR", ("Invoice INV", "€ 1.234.567,50", "March 15, 2026", "19%")),
        ("sv-SE", ("Invoice INV", "1 234 567,50 €", "March 15, 2026", "19 %")),
        ("sr-RS", ("Invoice INV", "1.234.567,50 €", "March 15, 2026", "19%")),
    ],
)
def test_figures_are_written_as_each_of_ten_locales_writes_them(language, words) -> None:
    page = plain(made(bill_with(line("Plus", 1_234_567_50, 234_567_83), language=language))[0])

    for said in words:
        assert said in page


def test_dinars_keep_their_paras_and_yen_have_none() -> None:
    dinars = plain(made(bill_with(line("Plus", 1250, 0, "0", "G", currency="RSD"), language="sr-RS"))[0])
    yen = plain(made(bill_with(line("Plus", 3000, 0, "0", "G", currency="JPY"), language="ja-JP"))[0])

    assert "12,50 RSD" in dinars
    assert "￥3,000" in yen
    assert "3,000.00" not in yen


def test_reverse_charge_is_said_with_both_vat_ids() -> None:
    page = plain(made(bill_with(line("Plus", 2500, 0, "0", "AE"), buyer=DEL, language="en"))[0])

    assert "Reverse charge: the customer accounts for the tax." in page
    assert "Our VAT id: DE136695976. Yours: NL004495445B01." in page
    assert "1015 CJ Amsterdam NETHERLANDS" in page


def test_the_sentence_of_the_rule_is_said_when_the_rule_has_one() -> None:
    bill = bill_with(line("Plus", 2500, 0, "0", "AE"), buyer=DEL)
    ruled = replace(bill, groups=(replace(bill.groups[0], wording={"de": "Steuerschuldnerschaft nach § 13b"}),))

    assert "Steuerschuldnerschaft nach § 13b" in plain(made(ruled)[0])


def test_a_long_bill_repeats_its_header_and_counts_its_pages() -> None:
    pages = made(bill_with(*(line(f"Seat {n}", 500, 95) for n in range(45))))

    assert len(pages) == 3
    for number, page in enumerate(map(plain, pages), start=1):
        assert "Leistung" in page
        assert f"Seite {number} von 3" in page
        assert "INV-2026-000042" in page
    assert "Gesamtbetrag" in pages[2]


@pytest.mark.parametrize(("name", "letter"), [("שרה כהן", "U+05E9"), ("Ana 😀", "U+1F600"), ("ศรี", "U+0E28")])
def test_a_letter_we_cannot_draw_is_refused_and_named(name, letter) -> None:
    with pytest.raises(MissingGlyph, match="cannot draw") as refusal:
        made(usual_bill(buyer=replace(ANA, name=name)))

    assert letter.replace("U+", "(U+") in str(refusal.value)


@pytest.mark.parametrize("name", ["Ңұрлан Әлиев", "Żółć Łódź", "Γιώργος", "अनीता शर्मा", "山田太郎", "김민준", "陈伟"])
def test_names_of_many_scripts_are_drawn(name) -> None:
    assert any(letter in made(usual_bill(buyer=replace(ANA, name=name)))[0] for letter in name)


def test_a_name_cannot_turn_the_figures_beside_it_around() -> None:
    page = made(usual_bill(buyer=replace(ANA, name="Ana \u202e05,6\x00\x07 Berg")))[0]

    assert "Ana 05,6 Berg" in plain(page)
    assert "\u202e" not in page


def test_words_of_a_customer_are_never_read_as_markup() -> None:
    bill = bill_with(line('#panic("x") *bold* $x$ <a@b.c> \\ {{amount}} "quoted"', 2500, 475))

    assert '#panic("x") *bold* $x$ <a@b.c>' in plain(made(bill)[0])


def test_the_same_bill_is_the_same_bytes() -> None:
    sheet = bill_sheet(usual_bill(), LINE)

    assert typeset(sheet, at=NOW) == typeset(sheet, at=NOW)
    assert typeset(sheet, at=NOW.replace(microsecond=123_456)) == typeset(sheet, at=NOW)
