"""How a fee for late payment is said (pure): the line on the bill, and the sentence with its formula."""

from __future__ import annotations

from babel.dates import format_date

from ledger.collections.interest import Interest, formula
from ledger.money import Money

#: A charge's description holds no more.
LONGEST = 200
WORDS = {
    "en": {
        "interest": "Interest for late payment of {bill}: {formula}",
        "interest_short": "Interest for late payment of {bill}, {days} days",
        "interest_why": "Interest for late payment of {bill}, {days} days, {first} to {last}: {formula} = {amount}.",
        "held": " {held} days on hold do not count.",
        "capped": " It is limited to what the rule allows.",
        "fixed": "Fixed sum for late payment of {bill}",
        "fixed_why": "Fixed sum for late payment of {bill}: {amount}, charged once.",
    },
    "de": {
        "interest": "Verzugszinsen auf {bill}: {formula}",
        "interest_short": "Verzugszinsen auf {bill}, {days} Tage",
        "interest_why": "Verzugszinsen auf {bill}, {days} Tage {first} bis {last}: {formula} = {amount}.",
        "held": " {held} Tage, an denen die Forderung ruhte, zählen nicht.",
        "capped": " Sie sind auf das begrenzt, was die Regel erlaubt.",
        "fixed": "Verzugspauschale für {bill}",
        "fixed_why": "Verzugspauschale für {bill}: {amount}, einmalig.",
    },
}


def of_interest(bill: str, interest: Interest, amount: Money, language: str) -> tuple[str, str]:
    """Return the description and the sentence of interest; a formula too long for a line stands in the sentence."""
    tag = language if language in WORDS else "en"
    words = WORDS[tag]
    sums = formula(interest, tag)
    line = words["interest"].format(bill=bill, formula=sums)
    if len(line) > LONGEST:
        line = words["interest_short"].format(bill=bill, days=interest.days)
    why = words["interest_why"].format(
        bill=bill,
        days=interest.days,
        first=format_date(interest.pieces[0].first, "long", locale=tag),
        last=format_date(interest.pieces[-1].last, "long", locale=tag),
        formula=sums,
        amount=amount.display(tag),
    )
    if interest.held_days:
        why += words["held"].format(held=interest.held_days)
    return line, why + (words["capped"] if interest.is_capped else "")


def of_fixed_sum(bill: str, interest: Interest, amount: Money, language: str) -> tuple[str, str]:
    """Return the description and the sentence of the fixed sum."""
    words = WORDS[language if language in WORDS else "en"]
    return words["fixed"].format(bill=bill), words["fixed_why"].format(bill=bill, amount=amount.display(language))
