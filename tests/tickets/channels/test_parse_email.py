"""Raw mail becomes a message: headers, charsets, attachments, machines, reports, and bytes that are hardly a mail."""

import random
import time

import pytest

from tickets.channels.email import UnreadableMail, parse_email
from tickets.conversations.inbound import InboundMessage

TOKEN = "0d3f9a52-7a3e-4d3c-9d0a-0123456789ab"


def mail(*headers: str, body: str | bytes = "Hello", charset: str = "utf-8") -> InboundMessage:
    lines = ["From: Max Smith <Max@Example.org>", *headers]
    kind = (
        []
        if any(line.lower().startswith("content-type") for line in lines)
        else [f"Content-Type: text/plain; charset={charset}"]
    )
    content = body if isinstance(body, bytes) else body.encode(charset)
    return parse_email("\r\n".join([*lines, *kind, "", ""]).encode() + content)


def report(action: str = "failed", status: str = "5.1.1") -> bytes:
    return f"""Return-Path: <>
From: Mail Delivery <mailer-daemon@mx.example>
To: support@desk.example
Subject: Undeliverable
Content-Type: multipart/report; report-type=delivery-status; boundary=z

--z
Content-Type: text/plain

could not be delivered
--z
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; gone@cust.example
Action: {action}
Status: {status}

--z
Content-Type: message/rfc822

From: support@desk.example
Message-ID: <original@desk.example>
Subject: Invoice

x
--z--
""".encode()


def test_sender_subject_and_thread_are_read() -> None:
    message = mail(
        "Subject: =?utf-8?q?Doppelt_belastet?=",
        "Message-ID: <a@mail.example>",
        "In-Reply-To: <2@desk.example>",
        "References: <1@desk.example>\r\n <2@desk.example>",
        "Date: Mon, 4 Jan 2021 10:11:12 +0100",
    )

    assert (message.sender.address, message.sender.name) == ("max@example.org", "Max Smith")
    assert message.subject == "Doppelt belastet"
    assert message.message_id == "<a@mail.example>"
    assert message.thread_ids == ("<2@desk.example>", "<1@desk.example>")
    assert message.sent_at is not None
    assert message.sent_at.isoformat() == "2021-01-04T09:11:12+00:00"


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        ("請求書について", "iso-2022-jp"),
        ("Hoá đơn", "windows-1258"),
        ("Счёт", "koi8-r"),
        ("请款单", "gb2312"),
        ("Größe", "cp1252"),
    ],
)
def test_text_of_every_charset_is_read(text: str, charset: str) -> None:
    content = text.encode("cp1258", "ignore") if charset == "windows-1258" else text.encode(charset)

    assert mail(body=content, charset=charset).text == content.decode(charset)


@pytest.mark.parametrize("charset", ["no-such-charset", "us-ascii", "utf-8"])
def test_a_wrong_charset_costs_no_word(charset: str) -> None:
    assert mail(body="Größe".encode("cp1252"), charset=charset).text == "Größe"


def test_raw_bytes_in_headers_are_read() -> None:
    assert parse_email("From: a@b.example\nSubject: Größe\n\nx".encode()).subject == "Größe"


def test_a_script_is_removed_from_html_and_kept_as_text_in_text() -> None:
    page = mail(
        "Content-Type: text/html", body='<p>Hi<script>evil()</script><a data-mention="3" href="javascript:x">l</a></p>'
    )
    plain = mail(body="<script>evil()</script>")

    assert "script" not in page.html
    assert "mention" not in page.html
    assert "evil" not in page.text
    assert plain.text == "<script>evil()</script>"


def test_a_header_never_carries_a_line_break() -> None:
    message = mail("Subject: =?utf-8?q?one=0D=0ABcc:_x@y.example?=", 'To: "=?utf-8?q?a=0Ab?=" <t@desk.example>')

    assert message.subject == "one Bcc: x@y.example"
    assert "\n" not in message.recipients[0].name


def test_a_uuencoded_attachment_is_read_with_its_name() -> None:
    message = mail(
        "MIME-Version: 1.0",
        "Content-Type: multipart/mixed; boundary=b",
        body="--b\n\nsee file\n--b\nContent-Type: application/octet-stream\nContent-Transfer-Encoding: x-uuencode\n\n"
        "begin 644 PGP_Cmts_on_12-14-01_Pkg.txt\n,2&5L;&\\@6F%M;6%D\n`\nend\n\n--b--\n",
    )

    (attachment,) = message.attachments
    assert (attachment.name, attachment.content) == ("PGP_Cmts_on_12-14-01_Pkg.txt", b"Hello Zammad")
    assert message.text.strip() == "see file"


def test_an_attachment_in_a_broken_charset_is_kept_byte_by_byte() -> None:
    body = (
        b"--b\n\nx\n--b\nContent-Type: text/plain; charset=nonsense-9\nContent-Disposition: "
        b"attachment; filename=a.txt\n\n\xff\xfe\xfd\n--b--"
    )

    (attachment,) = mail("Content-Type: multipart/mixed; boundary=b", body=body).attachments

    assert attachment.content == b"\xff\xfe\xfd"


def test_five_thousand_links_are_shown_and_one_more_is_a_notice() -> None:
    assert mail(body="https://x.example/ " * 5_000).text.startswith("https://")
    assert "more than 5,000 links" in mail(body="https://x.example/ " * 5_001).text


def test_at_most_forty_recipients_are_kept() -> None:
    to = ", ".join(f"u{number}@x.example" for number in range(20))
    cc = ", ".join(f"v{number}@x.example" for number in range(21))

    message = mail(f"To: {to}", f"Cc: {cc}")

    assert len(message.recipients) == 40
    assert "Of 41 recipients the first 40 are kept." in message.remarks


@pytest.mark.parametrize("sender", ["max smith@example.org", "max@example.org>", "<<max@ example.org>>"])
def test_a_damaged_sender_is_cleaned_and_marked_undeliverable(sender: str) -> None:
    message = parse_email(f"From: {sender}\n\nx".encode())

    assert message.sender.address.endswith("@example.org")
    assert not set(" <>") & set(message.sender.address)
    assert not message.sender.is_deliverable
    assert not message.may_be_answered_automatically


@pytest.mark.parametrize(
    ("header", "token"),
    [
        (f"Delivered-To: inbox+conv-{TOKEN}@desk.example", TOKEN),
        (f"X-Original-To: <inbox+conv-{TOKEN}@desk.example>", TOKEN),
        (f"To: Desk <inbox+conv-{TOKEN.upper()}@desk.example>", TOKEN),
        (f"To: inbox+{TOKEN}@desk.example", TOKEN),
        (f"To: inbox+sales+conv-{TOKEN}@desk.example", TOKEN),
        ("To: inbox@desk.example", ""),
        (f"To: inbox+conv-{TOKEN[:-1]}@desk.example", ""),
        (f"To: inbox+conv-{TOKEN}a@desk.example", ""),
        (f"To: inbox+conv-{TOKEN[:-1]}g@desk.example", ""),
        (f"To: inbox-conv-{TOKEN}@desk.example", ""),
    ],
)
def test_only_a_well_formed_plus_token_is_taken(header: str, token: str) -> None:
    assert mail(header).plus_token == token


def test_of_several_message_ids_the_first_counts() -> None:
    assert mail("Message-ID: <first@x.example>", "Message-ID: <second@x.example>").message_id == "<first@x.example>"


@pytest.mark.parametrize("header", ["X-None: 1", "Message-ID: not an id", "Message-ID: <>", "Message-ID: <a b@c>"])
def test_without_a_message_id_the_same_mail_fetched_twice_gets_the_same_one(header: str) -> None:
    one, again, other = mail(header), mail(header), mail(header, body="Something else")

    assert one.is_message_id_derived
    assert one.message_id == again.message_id != other.message_id


def test_two_mails_under_one_message_id_differ_in_their_digest() -> None:
    one, other = (mail("Message-ID: <same@x.example>", body=body) for body in ("Parcel 1", "Parcel 2"))

    assert one.message_id == other.message_id
    assert one.body_digest != other.body_digest


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        "X-Autoreply: yes",
        "Precedence: bulk",
        "Precedence: auto_reply",
        "Return-Path: <>",
        "Subject: Out of Office: on holiday",
        "Subject: Automatische Antwort: Rechnung",
        "Subject: Réponse automatique : facture",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=z",
    ],
)
def test_a_machine_is_never_answered(header: str) -> None:
    message = mail(header)

    assert message.is_auto_reply
    assert not message.is_bounce
    assert not message.may_be_answered_automatically
    assert any(remark.startswith("Written by a machine") for remark in message.remarks)


@pytest.mark.parametrize(
    "header", ["Auto-Submitted: no", "Precedence: first-class", "Subject: Your office is out of reach"]
)
def test_a_person_may_be_answered(header: str) -> None:
    assert mail(header).may_be_answered_automatically


def test_a_mail_through_a_list_is_a_persons_but_wants_no_automatic_answer() -> None:
    message = mail("Precedence: list", "List-Id: <all.example.org>")

    assert not message.is_auto_reply
    assert not message.may_be_answered_automatically


def test_our_own_mail_coming_back_is_not_answered() -> None:
    message = mail("X-Billing-Desk-Loop: support@desk.example")

    assert message.loop_marker == "support@desk.example"
    assert not message.may_be_answered_automatically


def test_a_delivery_report_names_the_original_and_who_could_not_be_reached() -> None:
    message = parse_email(report())

    assert message.is_bounce
    assert message.is_auto_reply
    assert message.failed_recipients == ("gone@cust.example",)
    assert "<original@desk.example>" in message.thread_ids


def test_a_report_of_a_delay_is_a_bounce_that_fails_nobody() -> None:
    message = parse_email(report("delayed", "4.4.1"))

    assert message.is_bounce
    assert message.failed_recipients == ()


def test_a_customer_who_quotes_a_bounce_sends_no_bounce() -> None:
    assert not mail(body="I got: 550 5.1.1 <gone@cust.example> User unknown").is_bounce


@pytest.mark.parametrize("raw", [b"", b"  \n", b"no header here", b"\xff\xfe\x00", b"x" * (60 * 1024 * 1024 + 1)])
def test_what_is_no_mail_is_refused_in_words(raw: bytes) -> None:
    with pytest.raises(UnreadableMail, match=r"mail"):
        parse_email(raw)


def test_endless_nesting_is_refused() -> None:
    nested = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (level, level) for level in range(3_000)
    )

    with pytest.raises(UnreadableMail, match="nested"):
        parse_email(nested)


def test_no_damage_to_a_mail_raises_anything_but_the_refusal() -> None:
    chance = random.Random(7)
    for _ in range(150):
        damaged = bytearray(report())
        for _ in range(chance.randint(1, 40)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            message = parse_email(bytes(damaged))
        except UnreadableMail:
            continue
        assert "\x00" not in message.text + message.subject + message.html


@pytest.mark.parametrize(
    "raw",
    [
        b"From: " + b"(" * 200_000 + b"\n\nx",
        b"From: a@b.example\nReferences: " + b"<a@b> " * 100_000 + b"\n\nx",
        b"From: a@b.example\nContent-Type: text/html\n\n" + b"<div>" * 100_000,
        b"From: a@b.example\nContent-Type: text/html\n\n" + b"<a " * 200_000,
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=q\n\n" + b"--q\n\nx\n" * 10_000,
    ],
)
def test_no_mail_takes_long_to_read(raw: bytes) -> None:
    began = time.perf_counter()

    parse_email(raw)

    assert time.perf_counter() - began < 3.0
