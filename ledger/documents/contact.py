"""What a document says about whom to call (pure): the line's number, hours and languages, as printed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ContactBlock:
    """The billing line for one reader: the number in E.164 and as it is written, hours and languages in their words."""

    number: str
    display: str
    hours: str
    languages: str = ""

    @property
    def link(self) -> str:
        """What a telephone dials (RFC 3966)."""
        return f"tel:{self.number}"
