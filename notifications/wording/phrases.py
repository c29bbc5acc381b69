"""Short pieces of text that fill placeholders, in the languages we ship; and decline codes in German.

The ledger explains a decline code in English (ledger/payments/failures.py); what a German customer reads is here.
"""

from __future__ import annotations

PHRASES: dict[str, dict[str, str]] = {
    "card": {"en": "the card ending in {}", "de": "die Karte mit den Endziffern {}"},
    "files_refused": {
        "en": "We could not keep every file you sent:",
        "de": "Nicht jede Datei, die Sie geschickt haben, konnten wir annehmen:",
    },
    "account": {"en": "the account you paid from", "de": "das Konto, von dem Sie gezahlt haben"},
}

#: Decline code: cause, next step. The codes are those of ledger/payments/failures.py.
FAILURES_IN_GERMAN: dict[str, tuple[str, str]] = {
    "insufficient_funds": (
        "Das Konto war nicht ausreichend gedeckt, als wir es versucht haben.",
        "Bitte füllen Sie es auf oder zahlen Sie auf anderem Weg; wir versuchen es noch einmal.",
    ),
    "expired_card": ("Die Karte ist abgelaufen.", "Bitte geben Sie uns eine Karte, die noch gültig ist."),
    "lost_card": ("Die Bank hat die Karte gesperrt.", "Bitte nehmen Sie eine andere Karte und fragen Sie Ihre Bank."),
    "stolen_card": ("Die Bank hat die Karte gesperrt.", "Bitte nehmen Sie eine andere Karte und fragen Sie Ihre Bank."),
    "incorrect_cvc": ("Der Sicherheitscode stimmte nicht.", "Bitte geben Sie die Karte noch einmal ein."),
    "incorrect_number": ("Die Kartennummer stimmt nicht.", "Bitte geben Sie die Karte noch einmal ein."),
    "do_not_honor": (
        "Die Bank hat ohne Angabe von Gründen abgelehnt.",
        "Bitte fragen Sie Ihre Bank oder nehmen Sie eine andere Karte.",
    ),
    "authentication_required": (
        "Die Bank möchte, dass Sie die Zahlung bestätigen.",
        "Bitte zahlen Sie in Ihrem Konto und bestätigen Sie es bei Ihrer Bank.",
    ),
    "processing_error": (
        "Die Bank war nicht zu erreichen.",
        "Sie müssen nichts tun: Wir versuchen es bald noch einmal.",
    ),
}
UNKNOWN_FAILURE_IN_GERMAN = (
    "Die Zahlung hat nicht geklappt.",
    "Bitte versuchen Sie es noch einmal oder zahlen Sie auf anderem Weg.",
)


def say(name: str, language: str, *fill: str) -> str:
    """Return a phrase in a language, else in English."""
    table = PHRASES[name]
    return table.get(language.partition("-")[0].lower(), table["en"]).format(*fill)


def say_failure(code: str, language: str, *, cause: str, next_step: str) -> tuple[str, str]:
    """Return why a payment failed and what to do next: in German where we have it, else the ledger's sentences."""
    if language == "de":
        return FAILURES_IN_GERMAN.get(code, UNKNOWN_FAILURE_IN_GERMAN)
    return cause, next_step
