"""Writing to the desk from the portal."""

from __future__ import annotations

import io
import uuid
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from ledger.customers.models import Customer
from ledger.events.actor import Actor
from tests.billing_desk.portal.conftest import BOB, Bill, refused, sign_in
from tests.conftest import NOW
from tickets.conversations.models import Attachment, Message, Ticket
from tickets.conversations.operations import add_note, close_stale_tickets, resolve_ticket


def ask(browser: Client, subject: str = "Charged twice", text: str = "I was charged twice.", **values: object) -> str:
    """Ask a question; return where the browser is sent."""
    form = {"subject": subject, "text": text, "key": uuid.uuid4(), **values}
    answer = browser.post("/account/conversations/new", form)
    assert answer.status_code == 302, answer.content.decode()
    return answer.url


def picture(name: str = "bill.png") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


def test_a_question_opens_a_case_and_says_by_when_we_answer(browser: Client, ana: Customer) -> None:
    page = browser.get(ask(browser)).content.decode()

    ticket = Ticket.objects.get()
    assert (ticket.customer, ticket.channel, ticket.subject) == (ana, "portal", "Charged twice")
    assert "I was charged twice." in page
    assert "We answer by" in page
    assert "14:00" in page  # 10:00 and four business hours


def test_a_question_about_a_line_names_the_bill(browser: Client, ana: Customer, bill: Bill) -> None:
    invoice = bill(ana, date(2026, 3, 1), ("Plus", 2000))
    about = f"invoiceline:{invoice.lines.get().pk}"

    page = browser.get("/account/conversations/new", {"about": about}).content.decode()
    ask(browser, subject=f"Question about “Plus” on bill {invoice.number}", about=about)

    assert f"“Plus” on bill {invoice.number}" in page
    assert Ticket.objects.get().subject_of_question == about


@pytest.mark.parametrize("about", ["invoice:{}", "invoiceline:{}", "invoice:999999999999999999999", "charge:1", "x"])
def test_nobody_asks_about_what_is_not_theirs(browser: Client, bob: Customer, bill: Bill, about: str) -> None:
    invoice = bill(bob, date(2026, 3, 1), ("Plus", 2000))
    about = about.format(invoice.lines.get().pk if "line" in about else invoice.pk)

    assert browser.get("/account/conversations/new", {"about": about}).status_code == 404
    assert refused(about)


def test_a_double_click_is_one_message(browser: Client) -> None:
    key = uuid.uuid4()

    assert ask(browser, key=key) == ask(browser, key=key)

    assert Message.objects.filter(kind="in").count() == 1


def test_an_empty_message_is_refused_and_the_subject_is_kept(browser: Client) -> None:
    answer = browser.post("/account/conversations/new", {"subject": "My bill", "text": "", "key": uuid.uuid4()})

    assert answer.status_code == 422
    assert "Please write your message first." in answer.content.decode()
    assert 'value="My bill"' in answer.content.decode()
    assert not Ticket.objects.exists()


def test_a_reply_joins_the_case_and_opens_it_again(browser: Client, mia: Actor) -> None:
    address = ask(browser)
    resolve_ticket(Ticket.objects.get().pk, by=mia, at=NOW)
    assert "Write again if something is still open" in browser.get(address).content.decode()

    answer = browser.post(address, {"text": "It is still there.", "key": uuid.uuid4()})

    assert answer.url == address
    assert "It is still there." in browser.get(address).content.decode()
    assert Ticket.objects.get().state == "open"


def test_a_reply_to_a_closed_case_opens_one_that_continues_it(browser: Client, mia: Actor, clock: object) -> None:
    address = ask(browser)
    first = Ticket.objects.get()
    resolve_ticket(first.pk, by=mia, at=NOW)
    assert close_stale_tickets(at=NOW.replace(day=20)) == 1

    answer = browser.post(address, {"text": "Once more.", "key": uuid.uuid4()})

    assert answer.url != address
    assert Ticket.objects.get(continues=first).state == "open"


def test_a_picture_is_kept_and_a_disguised_page_is_refused_with_the_reason(browser: Client) -> None:
    page_as_picture = SimpleUploadedFile("shot.png", b"<html><script>alert(1)</script></html>", "image/png")

    address = ask(browser, uploads=[picture(), page_as_picture])

    page = browser.get(address).content.decode()
    reason = Attachment.objects.get(name="shot.png").refused_because
    assert reason
    assert "shot.png</span> was not accepted:" in page
    kept = Attachment.objects.get(name="bill.png")
    file = browser.get(f"{address}files/{kept.pk}")
    assert file["Content-Type"] == "image/png"
    assert file["Content-Security-Policy"].startswith("sandbox")
    assert bytes(file.content) == bytes(kept.content)


def test_too_many_files_are_refused_before_anything_is_stored(browser: Client) -> None:
    files = [picture(f"{number}.png") for number in range(11)]

    answer = browser.post(
        "/account/conversations/new", {"subject": "Files", "text": "Here.", "uploads": files, "key": uuid.uuid4()}
    )

    assert answer.status_code == 422
    assert "at most 10 files" in answer.content.decode()
    assert not Ticket.objects.exists()


def test_a_card_number_is_masked_and_the_customer_is_told(browser: Client) -> None:
    page = browser.get(ask(browser, text="My card is 4242 4242 4242 4242, please check.")).content.decode()

    assert "4242 4242 4242" not in page
    assert "We hid a card number" in page


def test_a_note_of_staff_is_never_shown(browser: Client, mia: Actor) -> None:
    address = ask(browser)
    add_note(Ticket.objects.get().pk, text="Ana calls often.", by=mia, at=NOW)

    assert "Ana calls often." not in browser.get(address).content.decode()


def test_another_customers_case_and_its_files_are_not_there(browser: Client, bob: Customer) -> None:
    address = ask(browser, uploads=[picture()])
    ticket, file = Ticket.objects.get(), Attachment.objects.get()
    stranger = sign_in(BOB)

    answers = [
        stranger.get(address),
        stranger.post(address, {"text": "Hello", "key": uuid.uuid4()}),
        stranger.get(f"{address}files/{file.pk}"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert refused(f"ticket:{ticket.pk}")
    assert refused(f"attachment:{file.pk}")
    assert Message.objects.count() == 1


def test_a_contact_without_the_right_reads_only_their_own_conversations(browser: Client, user_browser: Client) -> None:
    owners = ask(browser, subject="About 25 euros")
    own = ask(user_browser, subject="How do I sign in?")

    listed = user_browser.get("/account/conversations/").content.decode()
    assert "How do I sign in?" in listed
    assert "About 25 euros" not in listed
    assert user_browser.get(owners).status_code == 404
    assert user_browser.get(own).status_code == 200
    assert "How do I sign in?" in browser.get("/account/conversations/").content.decode()


def test_what_a_customer_writes_cannot_run_in_the_page(browser: Client) -> None:
    page = browser.get(ask(browser, text="<script>alert(1)</script>")).content.decode()

    assert "<script>alert(1)" not in page


def test_a_long_list_of_cases_asks_the_database_no_more_often_than_a_short_one(
    browser: Client, django_assert_max_num_queries: object
) -> None:
    for number in range(12):
        ask(browser, subject=f"Question {number}")

    with django_assert_max_num_queries(12):
        page = browser.get("/account/conversations/").content.decode()

    assert page.count("We answer by") == 12
