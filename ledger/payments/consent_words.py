"""What a customer accepts when a card or account is kept: the words, which are stored with the mandate (pure).

Sources: Visa, "Stored Credential Transaction Framework", and Mastercard, "Credential-on-file": what is kept, for what
it is charged, and how to end it is agreed before it is kept. European Payments Council, EPC016-06 (SEPA Direct Debit
Core Rulebook), 4.7.2: a mandate lets the creditor collect, tells the bank to pay, and names the eight weeks in which a
debit is given back (Directive (EU) 2015/2366, art. 77).
"""

from __future__ import annotations

from dataclasses import dataclass

KEEP, SEPA = "card", "direct_debit"

_WORDS: dict[tuple[str, str], str] = {
    (KEEP, "en"): (
        "Keep the card or account I pay with. {seller} may charge it for my later bills when they are due, each "
        "for the amount of the bill. I can take this back at any time in my account; what is due then is paid "
        "another way."
    ),
    (KEEP, "de"): (
        "Die Karte oder das Konto, mit dem ich zahle, wird hinterlegt. {seller} darf damit meine späteren "
        "Rechnungen bei Fälligkeit einziehen, jeweils in Höhe der Rechnung. Das kann ich in meinem Kundenkonto "
        "jederzeit widerrufen; was dann fällig ist, wird anders bezahlt."
    ),
    (SEPA, "en"): (
        "I allow {seller} to collect what I owe from this account by SEPA direct debit, and I tell my bank to pay"
        " these debits. {seller} tells me of each debit at least {days} days before. Within eight weeks of a "
        "debit I can ask my bank for the money back; the terms I have agreed with my bank apply. I can revoke "
        "this mandate at any time."
    ),
    (SEPA, "de"): (
        "Ich erlaube {seller}, was ich schulde, von diesem Konto per SEPA-Lastschrift einzuziehen, und weise "
        "meine Bank an, diese Lastschriften einzulösen. {seller} kündigt mir jede Lastschrift mindestens {days} "
        "Tage vorher an. Innerhalb von acht Wochen nach einer Lastschrift kann ich von meiner Bank die Erstattung"
        " verlangen; es gelten die mit meiner Bank vereinbarten Bedingungen. Ich kann dieses Mandat jederzeit "
        "widerrufen."
    ),
}


@dataclass(frozen=True, slots=True)
class Consent:
    """The words somebody has accepted, and their language."""

    wording: str
    language: str


def consent_words(kind: str, *, language: str, seller: str, days: int = 0) -> Consent:
    """Return the words for a kind of consent in the first language there are words in: the asked one, else English."""
    short = language.partition("-")[0].lower()
    found = short if (kind, short) in _WORDS else "en"
    return Consent(_WORDS[kind, found].format(seller=seller, days=days), found)
