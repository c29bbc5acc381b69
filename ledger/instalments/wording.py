"""The words of a payment plan in the customer's language (pure), with the hash that says which words were accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from babel.dates import format_date

from ledger.instalments.terms import Part
from ledger.money import Money

#: Raised with every change of the words below: an acceptance keeps under which version it was given.
VERSION = 1
#: Days in which a missed instalment can be made good.
CURE_DAYS = 7

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Payment plan {number}",
        "intro": "{customer} pays {total} in {count} instalments. The plan covers what is due on: {bills}.",
        "free": "The plan is free: no fee, no interest.",
        "stops": "While it is kept we send no reminders for these bills, charge no late fees and restrict nothing.",
        "charged": "We charge each instalment on its day to the payment method on file.",
        "transferred": "Please pay each instalment so that it reaches us on its day.",
        "missed": "If an instalment is missed we tell you; you have {days} days to make it good. After that the plan "
        "ends and the rest is due.",
        "early": "You may pay more, or everything, at any time. What you pay counts to the oldest instalment.",
        "changes": "If a bill is corrected, the plan gets shorter from its end. If you contest a charge, it leaves the "
        "plan while we look into it.",
        "asked": "You told us that you can pay {monthly} a month.",
        "part": "Instalment {position}",
    },
    "de": {
        "title": "Ratenzahlung {number}",
        "intro": "{customer} zahlt {total} in {count} Raten. Die Vereinbarung umfasst, was fällig ist aus: {bills}.",
        "free": "Die Ratenzahlung kostet nichts: keine Gebühr, keine Zinsen.",
        "stops": "Solange sie eingehalten wird, mahnen wir diese Rechnungen nicht, berechnen keine Verzugskosten und "
        "schränken nichts ein.",
        "charged": "Wir buchen jede Rate an ihrem Tag von der hinterlegten Zahlungsart ab.",
        "transferred": "Bitte zahlen Sie jede Rate so, dass sie an ihrem Tag bei uns ist.",
        "missed": "Bleibt eine Rate aus, sagen wir es Ihnen; Sie haben {days} Tage, sie nachzuholen. Danach endet die "
        "Vereinbarung, und der Rest ist fällig.",
        "early": "Sie können jederzeit mehr oder alles zahlen. Was Sie zahlen, zählt für die älteste Rate.",
        "changes": "Wird eine Rechnung berichtigt, wird der Plan von hinten kürzer. Beanstanden Sie einen Posten, "
        "ruht er, solange wir ihn prüfen.",
        "asked": "Sie haben uns gesagt, dass Sie {monthly} im Monat zahlen können.",
        "part": "Rate {position}",
    },
}


@dataclass(frozen=True, slots=True)
class PlanWords:
    """The words of one plan: title, paragraphs, the instalments as label, day and amount, and the hash over it all."""

    language: str
    title: str
    paragraphs: tuple[str, ...]
    parts: tuple[tuple[str, Part], ...]

    @property
    def text(self) -> str:
        """The whole text, as it is kept and shown."""
        locale = self.language.replace("-", "_")
        lines = [
            f"{label}: {format_date(part.due_on, 'long', locale)}, {part.amount.display(self.language)}"
            for label, part in self.parts
        ]
        return "\n".join([self.title, *self.paragraphs, *lines])

    @property
    def hash(self) -> str:
        """The SHA-256 of the text."""
        return sha256(self.text.encode()).hexdigest()


def words_for(
    parts: Sequence[Part],
    *,
    number: str,
    customer: str,
    bills: Sequence[str],
    total: Money,
    monthly: Money,
    charged: bool,
    language: str,
) -> PlanWords:
    """Return the words of a plan in a language, in English where we have no words in it."""
    tag = language if language.partition("-")[0].lower() in WORDS else "en"
    say = WORDS[tag.partition("-")[0].lower()]
    paragraphs = (
        say["intro"].format(customer=customer, total=total.display(tag), count=len(parts), bills=", ".join(bills)),
        say["free"],
        say["stops"],
        say["charged" if charged else "transferred"],
        say["missed"].format(days=CURE_DAYS),
        say["early"],
        say["changes"],
        say["asked"].format(monthly=monthly.display(tag)),
    )
    labelled = tuple((say["part"].format(position=part.position), part) for part in parts)
    return PlanWords(tag, say["title"].format(number=number), paragraphs, labelled)
