"""What every channel is parsed into, so that intake knows one shape and no wire format.

Nothing here is masked: `text`, `html`, `subject` and attachment names pass `redaction` before they are stored.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Channel(StrEnum):
    """The way a message reached us."""

    EMAIL = "email"
    SMS = "sms"
    PORTAL = "portal"
    CHAT = "chat"
    PHONE = "phone"
    API = "api"


@dataclass(frozen=True)
class Address:
    """A mail address in lower case with the name it was written with.

    `is_deliverable` is False when the header had to be mended (blanks or stray brackets inside the address), or holds
    no address at all: nothing is sent there without a person looking at it first.
    """

    address: str
    name: str = ""
    is_deliverable: bool = True


@dataclass(frozen=True)
class InboundAttachment:
    """A file as the sender declared it; `uploads.check_upload` decides what it is and whether it may be kept."""

    name: str
    declared_type: str
    content: bytes


@dataclass(frozen=True)
class InboundMessage:
    """One message from outside, already decoded, sanitised and judged, but not yet joined to a ticket.

    Message-IDs keep their angle brackets. No text holds NUL, a lone surrogate or, in a header, a line break.

    `text` is the whole message as plain text, `html` the whole message sanitised (empty when there was none),
    `reply_text` the new part only. `recipients` holds To, Cc and the delivery headers, each address once, at most 40.
    `sent_at` is what the sender's clock said (UTC), or None; it is never used for our own clocks.
    """

    channel: Channel
    message_id: str
    sender: Address
    text: str
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    recipients: tuple[Address, ...] = ()
    reply_to: Address | None = None
    subject: str = ""
    html: str = ""
    reply_text: str = ""
    #: Sent by a machine: out-of-office, list, report. Never answered automatically, never reopens a ticket.
    is_auto_reply: bool = False
    #: Written by a person, but asking for no automatic answer (mailing lists).
    answer_is_unwanted: bool = False
    #: A delivery report about a message of ours (failed or delayed); implies `is_auto_reply`.
    is_bounce: bool = False
    #: The addresses a delivery report says could not be reached for good.
    failed_recipients: tuple[str, ...] = ()
    #: Message-IDs of the returned original, as found inside a delivery report.
    bounced_message_ids: tuple[str, ...] = ()
    #: The value of our own loop header when the mail went out from this desk before; empty otherwise.
    loop_marker: str = ""
    attachments: tuple[InboundAttachment, ...] = ()
    sent_at: datetime | None = None
    #: SHA-256 over sender, subject, text and attachments: tells two mails under one Message-ID apart.
    body_digest: str = ""
    #: The token of our plus-address (`support+<token>@…`), with which a reply names its ticket.
    plus_token: str = ""
    #: True when the Message-ID was missing or malformed and was derived from the content.
    is_message_id_derived: bool = False
    #: What was cut, mended or left out while reading, in sentences for the agent.
    remarks: tuple[str, ...] = field(default=())

    @property
    def may_be_answered_automatically(self) -> bool:
        """Say whether an acknowledgement may go out: never to machines, reports, our own mail or broken addresses."""
        by_machine = self.is_auto_reply or self.is_bounce or bool(self.loop_marker)
        return self.sender.is_deliverable and not by_machine and not self.answer_is_unwanted

    @property
    def thread_ids(self) -> tuple[str, ...]:
        """Every Message-ID this mail names, nearest first: In-Reply-To, then References from last to first."""
        named = (self.in_reply_to, *reversed(self.references), *self.bounced_message_ids)
        return tuple(dict.fromkeys(message_id for message_id in named if message_id))


def digest_body(*parts: str | bytes) -> str:
    """Return the SHA-256 of the parts in hex; the length of each part is hashed too, so none can run into the next."""
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(content).to_bytes(8, "big"))
        digest.update(content)
    return digest.hexdigest()
