"""S1-6: what is refused is refused with its reason, told to the sender, and nothing else is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.practices.conftest import told
from tests.tickets.worlds import BEN, open_ben
from tickets.models import Attachment

PAGE = b"<html><script>alert(1)</script></html>"
DRAWING = b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"


def test_the_acknowledgement_names_the_refused_files_with_the_reason(ana, post_mail, work):
    ticket = post_mail(
        files=(
            ("screen.png", "image/png", PAGE),
            ("drawing.svg", "image/svg+xml", DRAWING),
            ("a.txt", "text/plain", b"x"),
        )
    )
    work()

    (acknowledged,) = told("ticket_acknowledged")
    reasons = Attachment.objects.exclude(refused_because="").values_list("refused_because", flat=True)
    assert "We could not keep every file you sent:" in acknowledged.body
    assert all(f"- {reason}" in acknowledged.body for reason in reasons)
    assert "screen.png is refused: it is not what its name says" in acknowledged.body
    assert "a.txt" not in acknowledged.body
    assert ticket.messages.get(kind="in").text.startswith("Hello, I was charged twice")


def test_without_refused_files_the_acknowledgement_says_nothing_about_files(ana, post_mail, work):
    post_mail(files=(("a.txt", "text/plain", b"x"),))
    work()

    (acknowledged,) = told("ticket_acknowledged")
    assert "file" not in acknowledged.body
    assert "{{" not in acknowledged.body


def test_a_german_customer_reads_it_in_german(desk, post_mail, work):
    open_ben()
    post_mail(sender=BEN, files=(("screen.png", "image/png", PAGE),))
    work()

    assert "konnten wir annehmen" in told("ticket_acknowledged")[0].body


def test_files_refused_in_a_later_message_or_a_second_case_of_the_day_are_told_as_well(ana, post_mail, work, clock):
    ticket = post_mail()
    work()
    post_mail(
        text="Here it is.", message_id="<b@x>", In_Reply_To="<first@example.com>", files=(("s.png", "image/png", PAGE),)
    )
    clock.move_to(NOW + timedelta(hours=1))
    other = post_mail(text="Another thing.", subject="April", message_id="<c@x>", files=(("t.png", "image/png", PAGE),))
    work()
    work()

    later, second = told("files_refused")
    assert (later.about, second.about) == (f"ticket:{ticket.pk}", f"ticket:{other.pk}")
    assert "s.png is refused" in later.body
    assert "t.png is refused" in second.body
    assert len(told("ticket_acknowledged")) == 1


def test_a_robot_is_not_told_about_its_files(ana, post_mail, work):
    post_mail()
    post_mail(
        text="I am away.",
        message_id="<away@x>",
        In_Reply_To="<first@example.com>",
        Auto_Submitted="auto-replied",
        files=(("logo.svg", "image/svg+xml", DRAWING),),
    )
    work()

    assert told("files_refused") == []


@pytest.mark.parametrize("size", [30_000_000, 30 * 1024 * 1024])
def test_a_mail_with_a_30_mb_file_arrives_and_only_the_file_is_refused(ana, post_mail, work, size):
    ticket = post_mail(files=(("film.mp4", "video/mp4", b"\0" * size),))
    work()

    kept = Attachment.objects.get()
    assert (kept.content, kept.size) == (None, size)
    assert "film.mp4 is larger than 25 MB. Please send a smaller one." in told("ticket_acknowledged")[0].body
    assert ticket.messages.get(kind="in").text.startswith("Hello")
