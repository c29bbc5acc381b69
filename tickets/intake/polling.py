"""poll_mailbox: what waits in a mailbox becomes tickets; what is no mail is parked."""

from __future__ import annotations

from datetime import datetime

from tickets.channels import imap
from tickets.channels.email import UnreadableMail
from tickets.channels.models import Mailbox
from tickets.intake.operations import receive_email
from tickets.intake.parking import park_unreadable


def poll_mailbox(mailbox_id: int, *, at: datetime) -> int:
    """This will receive every unseen mail of a mailbox, each in its own transaction; return how many were stored.

    :raises NoSuchMailbox: if there is none
    """
    address = str(Mailbox.objects.filter(pk=mailbox_id).values_list("address", flat=True).first())

    def receive(raw: bytes) -> None:
        try:
            receive_email(raw, mailbox=address, at=at)
        except UnreadableMail as problem:
            park_unreadable(raw, mailbox=address, why=str(problem), at=at)

    return imap.poll(mailbox_id, receive=receive, at=at)


def poll_mailboxes(*, at: datetime) -> int:
    """This will poll every active mailbox; one that does not answer keeps its error and holds up no other."""
    active = Mailbox.objects.filter(is_active=True).order_by("id").values_list("pk", flat=True)
    return sum(poll_mailbox(mailbox_id, at=at) for mailbox_id in list(active))
