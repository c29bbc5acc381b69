"""Access as a sentence (pure): what it is, why, and what cures it; English and German."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from ledger.money import Money

WORDS = {
    "en": {
        "active": "Your service is active.",
        "failed": "the {bill} of {day} failed",
        "overdue": "the {bill} due on {day} is not paid",
        "override": "we have decided so; please ask us",
        "closed": "Service paused because {why}. {cure}",
        "grace": "Please note: {why}. {by}",
        "by": "Pay by {last} to keep your service.",
        "soon": "Pay now to keep your service.",
        "pay": "Pay now to restore.",
        "pay_all": "Pay {cure} now to restore.",
        "ask": "",
        "restored": "Restored at {clock}.",
    },
    "de": {
        "active": "Ihr Zugang ist aktiv.",
        "failed": "die Zahlung über {bill} vom {day} nicht geklappt hat",
        "overdue": "{bill}, fällig am {day}, nicht bezahlt sind",
        "override": "wir es so entschieden haben; bitte fragen Sie uns",
        "closed": "Ihr Zugang ruht, weil {why}. {cure}",
        "grace": "Bitte beachten Sie, dass {why}. {by}",
        "by": "Zahlen Sie bis zum {last}, damit Ihr Zugang offen bleibt.",
        "soon": "Zahlen Sie jetzt, damit Ihr Zugang offen bleibt.",
        "pay": "Zahlen Sie jetzt, dann geht er sofort weiter.",
        "pay_all": "Zahlen Sie jetzt {cure}, dann geht er sofort weiter.",
        "ask": "",
        "restored": "Seit {clock} wieder offen.",
    },
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a sentence about access is made of; `last_on` is the last day to pay before anything is taken away."""

    state: str
    reason: str
    bill: Money
    cure: Money
    day: date | None = None
    last_on: date | None = None


def say_access(said: Said, language: str = "en") -> str:
    """Return the sentence: "Service paused because the €25.00 of 1 March failed. Pay now to restore."."""
    tag = language.partition("-")[0].lower()
    tag = tag if tag in WORDS else "en"
    words = WORDS[tag]
    if said.state == "active" or (said.state == "grace" and said.reason == "override"):
        return words["active"]
    why = words[said.reason].format(bill=said.bill.display(tag), day=say_day(said.day, tag))
    if said.state == "grace":
        by = words["by"].format(last=say_day(said.last_on, tag)) if said.last_on else words["soon"]
        return words["grace"].format(why=why, by=by).strip()
    cure = words["pay"] if said.cure == said.bill else words["pay_all"].format(cure=said.cure.display(tag))
    if said.reason == "override":
        cure = words["ask"]
    return words["closed"].format(why=why, cure=cure).strip()


def say_day(day: date | None, tag: str) -> str:
    """Return a day without its year: `1 March`, `1. März`."""
    if day is None:
        return ""
    said: str = format_date(day, "d. MMMM" if tag == "de" else "d MMMM", locale=tag)
    return said
