"""ensure_phrases: the phrases that are left to advisers, where there are none yet; what supervisors edited stays."""

from __future__ import annotations

from tickets.replies.models import BlockedPhrase

LAW = "Only a lawyer may advise on that."
TAX = "That is tax advice."
DEBT = "Only a debt adviser may recommend that."

#: Language, phrase, why.
PHRASES: tuple[tuple[str, str, str], ...] = (
    ("en", "you must sue", LAW),
    ("en", "you should sue", LAW),
    ("en", "take * to court", LAW),
    ("en", "you have a legal right to", LAW),
    ("en", "you are legally obliged", LAW),
    ("en", "deduct * tax", TAX),
    ("en", "tax deductible", TAX),
    ("en", "in your tax return", TAX),
    ("en", "you should declare bankruptcy", DEBT),
    ("en", "you should file for bankruptcy", DEBT),
    ("en", "take out a loan", DEBT),
    ("de", "Sie müssen klagen", LAW),
    ("de", "Sie sollten * verklagen", LAW),
    ("de", "vor Gericht ziehen", LAW),
    ("de", "Sie sind rechtlich verpflichtet", LAW),
    ("de", "von der Steuer absetzen", TAX),
    ("de", "steuerlich absetzbar", TAX),
    ("de", "in Ihrer Steuererklärung", TAX),
    ("de", "Sie sollten * Insolvenz anmelden", DEBT),
    ("de", "nehmen Sie * Kredit auf", DEBT),
)


def ensure_phrases() -> None:
    """This will add the shipped phrases on a fresh installation; once there is any, supervisors decide."""
    if BlockedPhrase.objects.exists():
        return
    BlockedPhrase.objects.bulk_create(
        [BlockedPhrase(language=language, words=words, why=why) for language, words, why in PHRASES],
        ignore_conflicts=True,
    )
