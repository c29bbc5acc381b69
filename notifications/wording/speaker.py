"""Says the parts of an event as the customer writes figures and days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ledger.money import Money
from notifications.wording.figures import say_amount, say_day
from notifications.wording.phrases import say

Data = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says the parts of an event as the customer writes figures and days."""

    language: str
    zone: ZoneInfo

    def say(self, name: str, *fill: str) -> str:
        """Return a phrase in the customer's language."""
        return say(name, self.language, *fill)

    def amount(self, data: Data, name: str = "amount_minor") -> str:
        """Return an amount of the event."""
        return self.money(int(str(data[name])), data)

    def money(self, minor: int, data: Data) -> str:
        """Return an amount in the event's currency."""
        return say_amount(Money(minor, str(data["currency"])), self.language)

    def day(self, written: object) -> str:
        """Return a day, or the day of a moment where the customer lives."""
        return say_day(self.local_day(written), self.language)

    def clock(self, written: object) -> str:
        """Return the time of a written moment where the customer lives: `10:04`."""
        return f"{datetime.fromisoformat(str(written)).astimezone(self.zone):%H:%M}"

    def local_day(self, written: object) -> date:
        """Return a written day as it is; of a written moment, the day where the customer lives."""
        text = str(written)
        if "T" not in text and " " not in text:
            return date.fromisoformat(text)
        return datetime.fromisoformat(text).astimezone(self.zone).date()

    def card(self, data: Data) -> str:
        """Return where the money went, without more of a card than its last four digits."""
        last4 = str(data.get("card") or "")[-4:]
        return self.say("card", last4) if last4 else self.say("account")
