"""Short pieces of text that fill placeholders, in the languages we ship; and decline codes in German.

The ledger explains a decline code in English (ledger/payments/failures.py); what a German customer reads is here.
"""

from __future__ import annotations

from django.conf import settings

PHRASES: dict[str, dict[str, str]] = {
    "card": {"en": "the card ending in {}", "de": "die Karte mit den Endziffern {}"},
    "files_refused": {
        "en": "We could not keep every file you sent:",
        "de": "Nicht jede Datei, die Sie geschickt haben, konnten wir annehmen:",
    },
    "pay_by_transfer": {
        "en": "Please transfer it to {}, IBAN {}, quoting {}, or pay in your account: {}",
        "de": "Bitte überweisen Sie an {}, IBAN {}, Verwendungszweck {}, oder zahlen Sie in Ihrem Konto: {}",
    },
    "pay_in_account": {"en": "You can pay in your account: {3}", "de": "Zahlen können Sie in Ihrem Konto: {3}"},
    "account": {"en": "the account you paid from", "de": "das Konto, von dem Sie gezahlt haben"},
    "due_now": {"en": "We charge {} for it now.", "de": "Dafür berechnen wir jetzt {}."},
    "due_less_credit": {
        "en": "We charge {0} for it now: {1} for the new terms, less {2} for what was not used.",
        "de": "Dafür berechnen wir jetzt {0}: {1} für das Neue, abzüglich {2} für das, was nicht genutzt wird.",
    },
    "credited_now": {
        "en": "We credit {} to you for what is not used.",
        "de": "Für das, was nicht genutzt wird, schreiben wir Ihnen {} gut.",
    },
    "nothing_now": {
        "en": "Nothing is charged or credited for it now.",
        "de": "Dafür wird jetzt nichts berechnet oder gutgeschrieben.",
    },
    "next_bill": {
        "en": "Your next bill comes on {}: {} including tax; use that is metered comes on top.",
        "de": "Ihre nächste Rechnung kommt am {}: {} einschließlich Steuern; Verbrauch nach Zähler kommt hinzu.",
    },
    "next_bill_later": {
        "en": "Your account shows when the next bill comes and what it comes to.",
        "de": "Wann die nächste Rechnung kommt und wie hoch sie ist, steht in Ihrem Konto.",
    },
    "no_longer": {"en": " No longer included: {}.", "de": " Nicht mehr dabei: {}."},
    "none": {"en": "none", "de": "keine"},
    "billing_day": {"en": "day {} of the month", "de": "der {}. des Monats"},
    "change_plan": {"en": "the plan changes from {} to {}", "de": "der Tarif wechselt von {} zu {}"},
    "change_quantity": {"en": "the quantity changes from {} to {}", "de": "die Anzahl ändert sich von {} auf {}"},
    "change_add_ons": {
        "en": "the add-ons change from {} to {}",
        "de": "die Zusatzleistungen ändern sich von {} auf {}",
    },
    "change_billing_day": {
        "en": "the billing day moves from {} to {}",
        "de": "statt {} ist Abrechnungstag {}",
    },
    "change_pause": {"en": "the plan is paused", "de": "der Tarif wird pausiert"},
    "change_resume": {"en": "the plan goes on", "de": "der Tarif läuft weiter"},
    "change_cancel": {"en": "the plan ends", "de": "der Tarif endet"},
    "use_until_then": {
        "en": ", except what you use until then where it is metered",
        "de": ", außer was Sie bis dahin nach Zähler verbrauchen",
    },
    "undo_cancelling": {
        "en": "If this was a mistake, you can take the cancellation back up to that day in your account: {}",
        "de": "Wenn das ein Versehen war, können Sie die Kündigung bis zu diesem Tag in Ihrem Konto zurücknehmen: {}",
    },
    "undo_by_reply": {
        "en": "If this was a mistake, please reply to this message.",
        "de": "Wenn das ein Versehen war, antworten Sie bitte auf diese Nachricht.",
    },
    "goes_on": {"en": "It goes on by itself on {}.", "de": "Am {} läuft er von selbst weiter."},
    "offer_price": {"en": "{} at {} per unit and billing period", "de": "{} für {} je Einheit und Abrechnungszeitraum"},
    "offer_percent": {
        "en": "{} at {} % off the list price in force",
        "de": "{} mit {} % Nachlass auf den jeweils gültigen Listenpreis",
    },
    "offer_list": {"en": "{} at the list price in force", "de": "{} zum jeweils gültigen Listenpreis"},
    "offer_open": {"en": ", without an end", "de": ", unbefristet"},
    "offer_until": {"en": ", until {}", "de": ", bis {}"},
    "billed_again": {
        "en": "What it was for is charged on a new bill.",
        "de": "Was darauf stand, berechnen wir mit einer neuen Rechnung.",
    },
    "not_billed_again": {
        "en": "What it charged is taken back.",
        "de": "Was darauf berechnet war, ist zurückgenommen.",
    },
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


def say_how_to_pay(number: str, language: str) -> str:
    """Return how a bill is paid: by transfer where the seller has named an account, and in the portal."""
    iban = str(settings.SELLER["iban"])
    spaced = " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))
    phrase = "pay_by_transfer" if iban else "pay_in_account"
    return say(phrase, language, str(settings.SELLER["name"]), spaced, number, f"{settings.PUBLIC_URL}/account/")


def say_failure(code: str, language: str, *, cause: str, next_step: str) -> tuple[str, str]:
    """Return why a payment failed and what to do next: in German where we have it, else the ledger's sentences."""
    if language == "de":
        return FAILURES_IN_GERMAN.get(code, UNKNOWN_FAILURE_IN_GERMAN)
    return cause, next_step
