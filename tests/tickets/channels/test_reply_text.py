"""What the customer newly wrote, in mails of many programs and languages."""

import json
import time
from pathlib import Path

import pytest

from tickets.channels.reply_html import reply_text_from_html
from tickets.channels.reply_text import reply_text

CASES = json.loads((Path(__file__).parents[2] / "cases" / "reply_text.json").read_text(encoding="utf-8"))["rows"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_new_part_of_a_mail_is_found(case: dict[str, str]) -> None:
    assert reply_text(case["mail"]) == case["visible"]
    assert reply_text(case["mail"].replace("\n", "\r\n")) == case["visible"]


@pytest.mark.parametrize(
    "html",
    [
        '<div>Yes.</div><div class="gmail_quote"><div class="gmail_attr">Am 4. Jan schrieb X:</div>'
        "<blockquote>old</blockquote></div>",
        '<div>Yes.</div><blockquote type="cite"><div>On 4 Jan X wrote:</div>old</blockquote>',
        '<p>Yes.</p><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> x</div><div>old</div>',
        "<p>Yes.</p>"
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">From: x</div><p>old</p>',
        '<p>Yes.</p><div class="moz-cite-prefix">Le 4 janv., X a écrit :</div><blockquote type="cite">old</blockquote>',
        '<p>Yes.</p><div class="yahoo_quoted">old</div>',
        '<div>Yes.</div><div class="protonmail_quote">----- old</div>',
        '<div>Yes.</div><div class="gmail_signature">Max<br>Muster Ltd</div><div class="gmail_quote">'
        "<blockquote>o</blockquote></div>",
        '<div>Yes.</div><div class="x_gmail_quote"><div class="x_gmail_attr">x</div>'
        '<blockquote class="x_gmail_quote">o</blockquote></div>',
    ],
)
def test_an_html_mail_is_judged_by_its_quote_containers(html: str) -> None:
    assert reply_text_from_html(html) == "Yes."


def test_answers_between_quotations_keep_what_they_answer_in_html() -> None:
    html = (
        '<blockquote type="cite">Is it paid?</blockquote><p>Yes.</p>'
        '<blockquote type="cite">When?</blockquote><p>Monday.</p>'
    )

    assert reply_text_from_html(html) == "> Is it paid?\n\nYes.\n\n> When?\n\nMonday."


def test_html_without_any_quotation_says_so() -> None:
    assert reply_text_from_html("<p>Hello</p>") is None


@pytest.mark.parametrize(
    "piece",
    [
        "On 2021 a@b.example\n",
        "> a\nb\n",
        "From: a@b.example\nSubject: x\n> q\n\nnew\n",
        "--\n",
        "Best regards\n",
        "_ ",
        ">",
    ],
)
def test_no_mail_takes_long_however_it_was_made(piece: str) -> None:
    mail = piece * (200_000 // len(piece))
    began = time.perf_counter()

    reply_text(mail)

    assert time.perf_counter() - began < 2.0
