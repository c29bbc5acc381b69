"""What is to be stored: a new ticket's beginnings, and one message with where it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tickets.conversations.masking import Content, KeptFile


@dataclass(frozen=True)
class Opening:
    """Everything a new ticket starts with."""

    requester: str
    channel: str
    subject: str
    queue_id: int
    customer_id: int | None = None
    requester_name: str = ""
    linked_because: str = ""
    candidates: tuple[int, ...] = ()
    language: str = "en"
    topic: str = "general"
    topic_words: tuple[str, ...] = ()
    priority: int = 2
    notice_id: int | None = None
    subject_of_question: str = ""
    continues_id: int | None = None


@dataclass(frozen=True)
class Arrival:
    """Where and under which names a message reached us; empty for what we write ourselves."""

    mailbox: str = ""
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    body_digest: str = ""
    is_auto_reply: bool = False
    is_participant: bool = True
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Saying:
    """One message to be stored in a ticket, not yet masked."""

    kind: str
    channel: str
    author: str
    content: Content
    author_name: str = ""
    arrival: Arrival = field(default_factory=Arrival)
    files: Sequence[KeptFile] = ()
    key: str | None = None
