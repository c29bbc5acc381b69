"""What stands in the composer: the words typed so far, what was refused about them, and the templates at hand."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from tickets.conversations.models import Ticket
from tickets.replies.models import ReplyTemplate


@dataclass(frozen=True)
class Draft:
    """The composer's state; `key` makes a reply that is sent twice go out once."""

    version: int
    key: str
    mode: str = "reply"
    text: str = ""
    refusal: str = ""
    templates: list[ReplyTemplate] = field(default_factory=list)
    advises: bool = False
    may_override: bool = False

    @property
    def is_note(self) -> bool:
        """Whether the words are for the team only."""
        return self.mode == "note"


def draft_for(ticket: Ticket, *, mode: str = "reply", text: str = "", refusal: str = "", key: str = "") -> Draft:
    """Return the composer for a ticket as it stands now, the templates for its topic first."""
    templates = sorted(ReplyTemplate.objects.all(), key=lambda each: (ticket.topic not in each.topics, each.name))
    return Draft(ticket.version, key or secrets.token_hex(8), mode, text, refusal, templates)
