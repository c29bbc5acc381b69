"""Channels: one small class each, one `send` method. A channel says whether to give up or to try again."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Set
from datetime import datetime
from email.utils import format_datetime, formataddr
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils.module_loading import import_string

from ledger.errors import DomainError
from notifications.delivery.layout import as_html, foot
from notifications.delivery.models import Message

log = logging.getLogger(__name__)

#: Our own mark, so that a mail of ours that comes back is known as ours.
LOOP_HEADER = "X-Billing-Desk-Loop"


class ChannelNotConfigured(DomainError):
    """This installation cannot send on that channel."""


class Undeliverable(DomainError):
    """The other side refused this message for good; trying again cannot help."""


class AddressRefused(Undeliverable):
    """The address does not exist, or takes nothing from us: whatever we send there will be refused."""


class NotNow(DomainError):
    """The other side could not take the message at the moment; `is_server_away` when it could not be asked at all."""

    def __init__(self, why: str, *, is_server_away: bool = False) -> None:
        super().__init__(why)
        self.is_server_away = is_server_away


class Channel(Protocol):
    """Hands one message over, or raises Undeliverable or NotNow."""

    def send(self, message: Message, *, at: datetime) -> str:
        """Return what the other side answered."""

    def close(self) -> None:
        """Let go of the connection."""


class Email:
    """SMTP through Django's configured backend, one connection for as many messages as are sent."""

    def __init__(self) -> None:
        self._connection = get_connection()

    def send(self, message: Message, *, at: datetime) -> str:
        """Hand over one mail under its own fixed Message-ID.

        :raises Undeliverable: if the server refuses the address or the content for good
        :raises NotNow: on everything that may be better later
        """
        try:
            self._connection.open()
            build_mail(message, at=at, connection=self._connection).send()
        except smtplib.SMTPRecipientsRefused as refusal:
            self.close()
            code, answer = next(iter(refusal.recipients.values()), (450, b""))
            refused = AddressRefused if code >= 500 else NotNow
            raise refused(_said(code, answer)) from refusal
        except smtplib.SMTPDataError as refusal:
            self.close()
            kind = Undeliverable if refusal.smtp_code >= 500 else NotNow
            raise kind(_said(refusal.smtp_code, refusal.smtp_error)) from refusal
        except OSError as problem:
            # smtplib's errors are OSErrors too: no server, a broken line, a refused sign-in.
            self.close()
            raise NotNow(f"{type(problem).__name__}: {problem}", is_server_away=True) from problem
        return "accepted"

    def close(self) -> None:
        """Close the connection; the next message opens a new one."""
        try:
            self._connection.close()
        except OSError as problem:
            # What was to be sent was accepted or refused before; only the goodbye failed.
            log.info("mail connection did not close properly: %s", problem)


class Sms:
    """Text messages through the function named by the setting SMS_SENDER: `send(number, text) -> answer`."""

    def send(self, message: Message, *, at: datetime) -> str:
        """Hand over one text message.

        :raises ChannelNotConfigured: if no sender is set
        :raises NotNow: if the sender cannot be reached
        """
        require_channel("sms")
        try:
            return str(import_string(getattr(settings, "SMS_SENDER", ""))(message.recipient, message.body))
        except OSError as problem:
            raise NotNow(f"{type(problem).__name__}: {problem}", is_server_away=True) from problem

    def close(self) -> None:
        """Nothing is held open."""


def open_channel(name: str) -> Channel:
    """Return a channel ready to send."""
    return Email() if name == "email" else Sms()


def working_channels() -> Set[str]:
    """Return the channels this installation can send on."""
    return {"email", "sms"} if getattr(settings, "SMS_SENDER", "") else {"email"}


def require_channel(name: str) -> None:
    """Refuse a channel that is not set up here.

    :raises ChannelNotConfigured: with what to do instead
    """
    if name not in working_channels():
        raise ChannelNotConfigured("Text messages are not set up here; please use an e-mail address.")


def build_mail(message: Message, *, at: datetime, connection: object = None) -> EmailMultiAlternatives:
    """Return the mail as it leaves: text and a simple HTML alternative, our foot, and headers robots respect."""
    headers = {
        "Message-ID": message.message_id,
        "Date": format_datetime(at),
        LOOP_HEADER: settings.MAIL_DOMAIN,
        **({"In-Reply-To": message.in_reply_to} if message.in_reply_to else {}),
        **({"References": " ".join(message.references)} if message.references else {}),
    }
    if message.is_automatic:
        headers |= {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply"}
    country = message.customer.country if message.customer else ""
    small = foot(message.language, country)
    text = f"{message.body.rstrip()}\n\n-- \n{small}\n"
    mail = EmailMultiAlternatives(
        message.subject,
        text,
        settings.DEFAULT_FROM_EMAIL,
        [message.recipient],
        reply_to=[formataddr((f"{settings.COMPANY['name']} Billing", message.reply_to))],
        headers=headers,
        connection=connection,
    )
    mail.attach_alternative(as_html(message.body, language=message.language, small=small), "text/html")
    if message.document:
        mail.attach(message.document.file_name, bytes(message.document.content), "application/pdf")
    return mail


def _said(code: int, answer: bytes | str) -> str:
    return f"{code} {answer.decode('utf-8', 'replace') if isinstance(answer, bytes) else answer}"[:500]
