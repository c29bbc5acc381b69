"""The demo mailbox: what customers got, and answers that travel as real mail."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from billing_desk.demo import mail
from ledger.customers.models import Customer
from tests.billing_desk.portal.conftest import ANA
from tests.runtime.ports import free_port
from tests.runtime.test_mail import server

SUPPORT = "billing@nordlicht.example"
REPLY_TO = "billing+abc123@nordlicht.example"


@pytest.fixture
def boxes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: object) -> Path:
    monkeypatch.setenv("BILLING_DESK_DATA", str(tmp_path))
    settings.DEMO, settings.ROOT_URLCONF = True, "tests.billing_desk.portal.demo_urls"
    return tmp_path


@pytest.fixture
def smtp(boxes: Path, settings: object) -> Iterator[None]:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "localhost", free_port()
    with server("smtp", settings.EMAIL_PORT, boxes):
        yield


def got(subject: str, text: str, html: str = "") -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"Nordlicht <{SUPPORT}>", ANA, subject
    message["Message-ID"], message["Reply-To"] = "<one@nordlicht.example>", REPLY_TO
    message["References"] = "<zero@nordlicht.example>"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    mail.deliver(message.as_bytes(), [ANA])


def test_without_the_demo_the_page_does_not_exist(settings: object) -> None:
    settings.DEMO, settings.ROOT_URLCONF = False, "tests.billing_desk.portal.demo_urls"

    for path in ("", "write", f"{ANA}/", f"{ANA}/1.x/html"):
        assert Client().get(f"/demo/mailbox/{path}").status_code == 404


def test_every_address_is_listed_with_its_owner_and_its_count(boxes: Path, ana: Customer) -> None:
    got("Your code", "123456")
    got("Your refund", "25.00 EUR")

    page = Client().get("/demo/mailbox/").content.decode()

    assert ANA in page
    assert "Ana Almeida" in page
    assert "2 mails" in page


def test_where_something_happened_last_stands_first_with_what_it_got(boxes: Path) -> None:
    for address, second, subject in ((ANA, 1_700_000_000, "Your bill"), ("zoe@z.example", 1_700_000_500, "Plan kept")):
        mail.open_mailbox(address)
        letter = f"Subject: {subject}\n\nHello\n".encode()
        (mail.folder(address) / "new" / f"{second}.N1.desk").write_bytes(letter)

    page = Client().get("/demo/mailbox/").content.decode()

    assert 0 < page.index("zoe@z.example") < page.index("Plan kept") < page.index(ANA) < page.index("Your bill")


def test_a_mail_is_shown_as_text_with_working_links(boxes: Path) -> None:
    got("Sign in", "Press http://localhost:8000/account/sign-in/abc <script>", "<b onclick='x()'>Sign in</b>")

    page = Client().get(f"/demo/mailbox/{ANA}/").content.decode()

    assert 'href="http://localhost:8000/account/sign-in/abc"' in page
    assert "<script>" not in page.replace("<script src=", "")
    assert "<b onclick" not in page


def test_the_html_of_a_mail_is_shown_where_nothing_can_run(boxes: Path) -> None:
    got("Hello", "Hello", "<b>Hello</b>")

    shown = Client().get(f"/demo/mailbox/{ANA}/{mail.messages_for(ANA)[0].key}/html")

    assert "<b>Hello</b>" in shown.content.decode()
    assert shown["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def test_an_answer_travels_as_real_mail_into_the_thread(boxes: Path, smtp: None, ana: Customer) -> None:
    got("We look into it [#1042]", "We answer by 14:00.")
    answered = mail.messages_for(ANA)[0]
    form = {"answers": answered.key, "to": REPLY_TO, "subject": "Re: We look into it [#1042]", "text": "Thank you!"}

    answer = Client().post(f"/demo/mailbox/{ANA}/", form)

    assert answer.status_code == 302
    arrived = message_from_bytes(mail.messages_for(REPLY_TO)[0].raw, policy=policy.default)
    assert arrived["From"].addresses[0].addr_spec == ANA
    assert arrived["In-Reply-To"] == "<one@nordlicht.example>"
    assert arrived["References"] == "<zero@nordlicht.example> <one@nordlicht.example>"
    assert "Thank you!" in arrived.get_content()
    assert "> We answer by 14:00." in arrived.get_content()


def test_a_new_mail_reaches_the_support_address_with_its_file(boxes: Path, smtp: None, ana: Customer) -> None:
    file = SimpleUploadedFile("bill.txt", b"25.00 EUR twice", "text/plain")
    form = {"sender": ANA, "to": SUPPORT, "subject": "Charged twice", "text": "Look.", "uploads": file}

    Client().post("/demo/mailbox/write", form)

    arrived = message_from_bytes(mail.messages_for(SUPPORT)[0].raw, policy=policy.default)
    assert arrived["Subject"] == "Charged twice"
    assert arrived["In-Reply-To"] is None
    assert [part.get_filename() for part in arrived.iter_attachments()] == ["bill.txt"]


def test_a_header_cannot_be_smuggled_in_through_the_subject(boxes: Path, smtp: None) -> None:
    form = {"sender": ANA, "to": SUPPORT, "subject": "Hi\r\nBcc: eve@else.example", "text": "Hello"}

    Client().post("/demo/mailbox/write", form)

    assert mail.messages_for("eve@else.example") == []
    assert [message_from_bytes(one.raw)["Bcc"] for one in mail.messages_for(SUPPORT)] == [None]


def test_without_a_mail_server_the_words_are_kept(boxes: Path, settings: object) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "localhost", free_port()

    answer = Client().post("/demo/mailbox/write", {"sender": ANA, "to": SUPPORT, "subject": "Hi", "text": "Keep me"})

    assert answer.status_code == 422
    assert "The mail server did not take it" in answer.content.decode()
    assert "Keep me" in answer.content.decode()
