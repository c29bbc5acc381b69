"""poll_mailbox against a real IMAP server: seen only once stored, errors on the row, nothing twice."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from pathlib import Path

import pytest
from imap_tools import MailBoxUnencrypted

from ledger.errors import DomainError
from tests.runtime.ports import free_port
from tests.runtime.test_mail import server
from tests.tickets.worlds import ANA, DESK, mail
from tickets.channels.models import Mailbox
from tickets.conversations.models import Message, Ticket
from tickets.intake import polling
from tickets.intake.models import ParkedMail
from tickets.intake.polling import poll_mailbox, poll_mailboxes

pytestmark = pytest.mark.usefixtures("desk")


@pytest.fixture
def peers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, int]]:
    """An SMTP server that writes into a Maildir, and an IMAP server over the same Maildir."""
    monkeypatch.setenv("BILLING_DESK_DATA", str(tmp_path))
    monkeypatch.setenv("TEST_MAILBOX_PASSWORD", "billing-demo")
    smtp_port, imap_port = free_port(), free_port()
    with server("smtp", smtp_port, tmp_path), server("imap", imap_port, tmp_path):
        yield smtp_port, imap_port


@pytest.fixture
def mailbox(peers: tuple[int, int]) -> Mailbox:
    """Our mailbox on that server."""
    return Mailbox.objects.create(
        address=DESK,
        host="127.0.0.1",
        port=peers[1],
        username="billing",
        password_variable="TEST_MAILBOX_PASSWORD",
        use_tls=False,
    )


def send(peers: tuple[int, int], raw: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", peers[0]) as client:
        client.sendmail(ANA, [DESK], raw)


def mark_all_unseen(peers: tuple[int, int]) -> None:
    with MailBoxUnencrypted("127.0.0.1", peers[1]).login("billing", "billing-demo") as box:
        box.flag(box.uids(), "\\Seen", False)


def test_what_waits_in_the_mailbox_becomes_tickets_once(ana, peers, mailbox, now):
    send(peers, mail())
    send(peers, mail(subject="Another thing", text="My bill is higher.", message_id="<second@example.com>"))

    assert [poll_mailbox(mailbox.pk, at=now), poll_mailboxes(at=now)] == [2, 0]

    mailbox = Mailbox.objects.get()
    assert (mailbox.last_polled_at, mailbox.last_error) == (now, "")
    assert sorted(Ticket.objects.values_list("subject", "customer_id")) == [
        ("Another thing", ana.pk),
        ("Charged twice", ana.pk),
    ]


def test_a_mailbox_that_forgets_what_was_read_adds_nothing(ana, peers, mailbox, now):
    send(peers, mail())
    poll_mailbox(mailbox.pk, at=now)
    mark_all_unseen(peers)

    poll_mailbox(mailbox.pk, at=now)

    assert Message.objects.count() == 1


def test_a_mail_that_could_not_be_stored_stays_unseen_and_comes_with_the_next_poll(
    ana, peers, mailbox, now, monkeypatch
):
    send(peers, mail())

    def broken(raw: bytes, *, mailbox: str, at: object) -> None:
        raise DomainError("The disk is full.")

    with monkeypatch.context() as while_broken:
        while_broken.setattr(polling, "receive_email", broken)
        assert poll_mailbox(mailbox.pk, at=now) == 0
    assert "The disk is full." in Mailbox.objects.get().last_error

    assert poll_mailbox(mailbox.pk, at=now) == 1
    assert (Ticket.objects.count(), Mailbox.objects.get().last_error) == (1, "")


def test_a_server_that_is_down_and_a_missing_password_are_said_on_the_row(mailbox, now, monkeypatch):
    Mailbox.objects.update(port=free_port())
    assert poll_mailbox(mailbox.pk, at=now) == 0
    assert "refused" in Mailbox.objects.get().last_error.lower()

    monkeypatch.delenv("TEST_MAILBOX_PASSWORD")
    assert poll_mailbox(mailbox.pk, at=now) == 0
    assert "TEST_MAILBOX_PASSWORD is not set" in Mailbox.objects.get().last_error
    assert not ParkedMail.objects.exists()
