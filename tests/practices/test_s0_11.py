"""S0-11: the bill reaches the customer as PDF and mail with the same total everywhere; what is refused finds a way."""

from __future__ import annotations

import re
import smtplib
from datetime import timedelta

import facturx
import pytest
from django.core import mail as outbox
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.test import Client

from billing_desk.documents import deliver_bill
from billing_desk.keys import SCOPES, issue_key
from ledger.books.queries import entries_of
from ledger.customers.failing import trust_contact_point
from ledger.customers.models import ContactPoint, Customer
from ledger.customers.operations import add_contact_point
from ledger.documents.models import Document
from ledger.events.models import Event
from ledger.invoices.models import Invoice
from notifications.models import Message
from notifications.preferences.operations import set_preference
from tests.conftest import NOW
from tests.ledger.documents.pages import page_texts, plain
from tests.ledger.worlds import SYSTEM, bill
from tests.practices.conftest import told
from tests.tickets.worlds import ANA, BEN, open_ben
from tickets.models import BusinessHours, PhoneLine, Ticket

#: A report as mail servers send it: the address does not exist, and will not tomorrow.
REPORT = """\
From: Mail Delivery System <MAILER-DAEMON@mx.example>
To: billing@nordlicht.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <report-{number}@mx.example>
Return-Path: <>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=z

--z
Content-Type: text/plain

<{address}>: 550 5.1.1 no such user
--z
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 no such user

--z
Content-Type: message/rfc822

From: billing@nordlicht.example
Message-ID: {message_id}
Subject: Your bill

x
--z--
"""


@pytest.fixture
def line(desk) -> PhoneLine:
    return PhoneLine.objects.create(
        number="+4930901820", name="Billing", hours=BusinessHours.objects.get(), languages=["de", "en"]
    )


@pytest.fixture
def invoice(ana, line) -> Invoice:
    """25.00 and 5.00 at 19 %: 35.70."""
    return bill(ana, 2500, 500, tax=19)


def came_back(message: Message, *, action: str = "failed", status: str = "5.1.1") -> bytes:
    return REPORT.format(
        number=message.pk, address=message.recipient, message_id=message.message_id, action=action, status=status
    ).encode()


def test_page_mail_api_portal_and_books_say_the_same_total(ana, invoice, work, portal) -> None:
    work()
    (sent,) = outbox.outbox
    ((name, content, kind),) = sent.attachments
    page = plain(page_texts(content)[0])
    _, secret = issue_key(name="shop", scopes=tuple(SCOPES), by=SYSTEM, at=NOW)
    api = Client().get(f"/api/v1/invoices/{invoice.pk}", headers={"Authorization": f"Bearer {secret}"}).json()
    account = plain(re.sub(r"<[^>]+>", " ", portal().get(f"/account/invoices/{invoice.pk}/").content.decode()))
    (entry,) = entries_of(f"invoice:{invoice.pk}")
    owed = next(each.amount for each in entry.lines if each.account == "receivable")

    assert (kind, name) == ("application/pdf", f"invoice-{invoice.number}.pdf")
    assert "To pay €35.70" in page
    assert "Total €35.70" in page
    assert "€35.70" in sent.subject
    assert "It comes to €35.70 and is due on March 16, 2026." in plain(sent.body)
    assert "35.70" in account
    assert api["total"] == {"amount_minor": 3570, "currency": "EUR"}
    assert owed.minor == 3570
    assert b"35.70" in facturx.get_xml_from_pdf(content, check_xsd=False)[1]


def test_the_mail_says_how_to_pay_and_whom_to_call_and_keeps_the_evidence(invoice, work) -> None:
    work()
    (sent,) = outbox.outbox
    (message,) = told("invoice_issued")

    assert "IBAN DE89 3704 0044 0532 0130 00" in sent.body
    assert invoice.number in sent.body
    assert "Phone +49 30 901820, Mon–Fri 09:00–17:30" in sent.body
    assert (message.state, message.document.number) == ("sent", invoice.number)
    assert message.delivery_attempts.get().succeeded
    assert message.about == f"invoice:{invoice.pk}"


def test_the_portal_hands_out_the_very_bytes_that_were_mailed(ana, invoice, work, portal) -> None:
    work()
    ((_, mailed, _),) = outbox.outbox[0].attachments
    browser = portal()
    answer = browser.get(f"/account/invoices/{invoice.pk}/pdf")

    assert answer["Content-Type"] == "application/pdf"
    assert answer.content == mailed
    assert "attachment" in answer["Content-Disposition"]
    assert Event.objects.filter(kind="account.viewed", customer_id=ana.pk).exists()


def test_a_stranger_gets_no_bill_and_the_try_is_on_record(ana, invoice, work, portal) -> None:
    open_ben(at=NOW - timedelta(days=90))
    answer = portal(BEN).get(f"/account/invoices/{invoice.pk}/pdf")

    assert answer.status_code == 404
    assert Event.objects.filter(kind="access.refused", subject=f"invoice:{invoice.pk}").exists()
    assert not Document.objects.exists()


def test_a_contact_who_may_not_see_money_gets_no_bill(ana, invoice, portal, system) -> None:
    add_contact_point(ana.pk, kind="email", value="user@ana.example", right="user", by=system, at=NOW)

    assert portal("user@ana.example").get(f"/account/invoices/{invoice.pk}/pdf").status_code == 403
    assert not Document.objects.exists()


def test_supervisors_open_the_stored_file_in_the_admin_and_agents_do_not(invoice, work, staff) -> None:
    work()
    stored = Document.objects.get()
    address = f"/admin/ledger/document/{stored.pk}/file/"

    assert staff("pia", "supervisor").get(address).content == bytes(stored.content)
    assert staff("pia").get(f"/admin/ledger/document/{stored.pk}/change/").status_code == 200
    assert staff("mia", "agent").get(address).status_code != 200


def test_however_often_the_worker_comes_by_it_is_made_once_and_sent_once(invoice, work) -> None:
    event = Event.objects.get(kind="invoice.issued")
    work()
    deliver_bill(event, NOW)
    work()

    assert Document.objects.count() == 1
    assert len(outbox.outbox) == 1
    assert Event.objects.filter(kind="document.issued").count() == 1


def test_a_worker_that_dies_in_between_leaves_nothing_half_done(invoice, work) -> None:
    event = Event.objects.get(kind="invoice.issued")

    class Killed(BaseException):
        """What a kill looks like from inside."""

    def work_and_die() -> None:
        with transaction.atomic():
            deliver_bill(event, NOW)
            raise Killed

    with pytest.raises(Killed):
        work_and_die()
    assert (Document.objects.count(), Message.objects.count()) == (0, 0)

    work()
    assert (Document.objects.count(), len(outbox.outbox)) == (1, 1)


def test_a_refused_address_is_marked_the_bill_goes_to_the_next_and_somebody_gets_a_case(
    ana, invoice, work, post_mail, system
) -> None:
    second = add_contact_point(ana.pk, kind="email", value="office@ana.example", right="finance", by=system, at=NOW)
    work()
    (first,) = told("invoice_issued")

    post_mail(came_back(first))
    work()

    failed = ContactPoint.objects.get(value=ANA)
    assert failed.failed_at == NOW
    assert Message.objects.get(pk=first.pk).state == "bounced"
    again = told("invoice_issued")[1]
    assert (again.recipient, again.state, again.document_id) == (second.value, "sent", first.document_id)
    assert "We could not reach you at a…a@example.com." in again.body
    assert len(outbox.outbox[-1].attachments) == 1
    case = Ticket.objects.get()
    assert (case.customer_id, case.state, case.requester) == (ana.pk, "open", second.value)
    assert "is refused" in case.subject
    assert not Message.objects.filter(template__startswith="ticket_acknowledged").exists()


def test_the_same_report_again_changes_nothing(ana, invoice, work, post_mail, system) -> None:
    add_contact_point(ana.pk, kind="email", value="office@ana.example", right="finance", by=system, at=NOW)
    work()
    report = came_back(told("invoice_issued")[0])
    for _ in range(2):
        post_mail(report)
        work()

    assert len(told("invoice_issued")) == 2
    assert (Ticket.objects.count(), Event.objects.filter(kind="contact_point.failed").count()) == (1, 1)


def test_the_fallback_is_a_text_message_where_there_is_no_other_mail(ana, invoice, work, post_mail, settings) -> None:
    settings.SMS_SENDER = "tests.practices.test_s0_11.send_text"
    work()

    post_mail(came_back(told("invoice_issued")[0]))
    work()

    again = told("invoice_issued")[1]
    assert (again.channel, again.recipient, again.state) == ("sms", "+4930123456", "sent")
    assert "€35.70" in again.body


def send_text(number: str, text: str) -> str:
    """Stand in for a provider of text messages."""
    return "accepted"


def test_with_no_other_address_it_is_said_that_nobody_can_be_told(ana, invoice, work, post_mail) -> None:
    work()
    post_mail(came_back(told("invoice_issued")[0]))
    work()

    assert Event.objects.filter(kind="message.not_possible").count() == 1
    assert Ticket.objects.count() == 1
    assert Ticket.objects.get().requester == "+4930123456"


def test_an_address_the_server_refuses_at_once_falls_back_too(ana, invoice, work, system, settings) -> None:
    add_contact_point(ana.pk, kind="email", value="office@ana.example", right="finance", by=system, at=NOW)
    settings.EMAIL_BACKEND = "tests.practices.test_s0_11.PickyServer"
    work()
    work()

    assert [(each.recipient, each.state) for each in told("invoice_issued")] == [
        (ANA, "failed"),
        ("office@ana.example", "sent"),
    ]
    assert ContactPoint.objects.get(value=ANA).failure.startswith("550")


def test_a_delay_or_a_report_about_somebody_else_marks_nobody(ana, invoice, work, post_mail) -> None:
    work()
    (message,) = told("invoice_issued")
    post_mail(came_back(message, action="delayed", status="4.4.1"))
    other = Message(pk=77, recipient="else@example.com", message_id=message.message_id)
    post_mail(came_back(other))
    work()

    assert not ContactPoint.objects.filter(failed_at__isnull=False).exists()
    assert not Ticket.objects.exists()


def test_an_address_that_works_again_is_written_to_again(ana, invoice, work, post_mail, mia) -> None:
    work()
    post_mail(came_back(told("invoice_issued")[0]))
    trust_contact_point(ContactPoint.objects.get(value=ANA).pk, by=mia, at=NOW)
    bill(Customer.objects.get(pk=ana.pk), 1000)
    work()

    assert (told("invoice_issued")[-1].recipient, told("invoice_issued")[-1].state) == (ANA, "sent")


def test_a_bill_we_cannot_typeset_is_told_without_it_and_somebody_gets_a_case(ana, line, work) -> None:
    Customer.objects.filter(pk=ana.pk).update(name="Ana 😀")
    invoice = bill(Customer.objects.get(pk=ana.pk), 2500)
    work()

    (sent,) = outbox.outbox
    assert sent.attachments == []
    assert "€25.00" in sent.subject
    case = Ticket.objects.get()
    assert case.subject == f"A document for invoice:{invoice.pk} could not be made"
    assert Event.objects.get(kind="document.refused").data["why"].startswith("Our fonts cannot draw 😀 (U+1F600)")


def test_bills_of_before_the_chosen_day_are_typeset_when_somebody_opens_them(
    ana, invoice, work, portal, settings
) -> None:
    settings.DOCUMENTS_FROM = "2026-03-03"
    work()
    assert (outbox.outbox[0].attachments, Document.objects.count()) == ([], 0)

    assert portal().get(f"/account/invoices/{invoice.pk}/pdf").status_code == 200
    assert Document.objects.count() == 1


def test_the_chosen_language_is_that_of_mail_and_page(ana, invoice, work, system) -> None:
    set_preference(ana.pk, language="de", by=system, at=NOW)
    work()

    (sent,) = outbox.outbox
    assert sent.subject == f"Ihre Rechnung {invoice.number} über 35,70 €"
    assert "Gesamtbetrag 35,70 €" in plain(page_texts(sent.attachments[0][1])[0])


class PickyServer:
    """A mail server that knows nobody called Ana."""

    def __init__(self, **_: object) -> None:
        self.inner = EmailBackend()

    def open(self) -> None:
        """Nothing to open."""

    def close(self) -> None:
        """Nothing to close."""

    def send_messages(self, messages: list) -> int:
        """Refuse Ana, take the others."""
        for message in messages:
            if ANA in message.to:
                raise smtplib.SMTPRecipientsRefused({ANA: (550, b"5.1.1 no such user")})
        return self.inner.send_messages(messages)
