"""Short pieces of text that fill placeholders, in the languages we ship.

What a decline code is called stands in the ledger (ledger/payments/declines_causes.py), in both languages.
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
    "newest_card": {"en": "the newest card or account on file", "de": "der neuesten hinterlegten Karte oder dem Konto"},
    "pays_everything": {"en": "everything without a choice of its own", "de": "alles ohne eigene Wahl"},
    "pays_plan": {"en": "your {} plan", "de": "Ihren Tarif {}"},
    "pays_bill": {"en": "bill {}", "de": "die Rechnung {}"},
    "charged_next": {"en": "The next charge is on {}: {} for {}.", "de": "Die nächste Abbuchung ist am {}: {} für {}."},
    "charged_next_about": {
        "en": "The next charge is on {}: about {} for {}, depending on what you use.",
        "de": "Die nächste Abbuchung ist am {}: etwa {} für {}, je nach Verbrauch.",
    },
    "nothing_next": {"en": "No charge is planned at the moment.", "de": "Zurzeit ist keine Abbuchung geplant."},
    "bills_by_paper": {
        "en": "Your bills are printed and posted to the address on file.",
        "de": "Ihre Rechnungen werden gedruckt und an die hinterlegte Anschrift geschickt.",
    },
    "bills_by_email": {"en": "Your bills come by e-mail.", "de": "Ihre Rechnungen kommen per E-Mail."},
    "offer_off": {
        "en": "we take {} % off its next {} bills",
        "de": "auf die nächsten {1} Rechnungen erhalten Sie {0} %",
    },
    "offer_off_next": {"en": "we take {} % off its next bill", "de": "auf die nächste Rechnung erhalten Sie {} %"},
    "offer_pause": {"en": "it is paused until {}", "de": "er pausiert bis zum {}"},
    "debit_notice": {
        "en": "We tell you of each debit at least {} days ahead; the bill does that.",
        "de": "Wir kündigen jede Lastschrift mindestens {} Tage vorher an, mit der Rechnung.",
    },
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
    "ten_bank_days": {"en": "within ten working days", "de": "innerhalb von zehn Arbeitstagen"},
    "given_credit": {
        "en": "We have given you {} as credit; it pays your next bill by itself.",
        "de": "Wir haben Ihnen {} gutgeschrieben; Ihre nächste Rechnung wird von selbst damit bezahlt.",
    },
    "given_fee_waiver": {
        "en": "We have taken a fee of {} off your bill.",
        "de": "Wir haben eine Gebühr von {} von Ihrer Rechnung genommen.",
    },
    "given_discount": {
        "en": "We take {} off your next bill.",
        "de": "Wir ziehen {} von Ihrer nächsten Rechnung ab.",
    },
    "others_corrected": {
        "en": "{} other customers were charged wrongly too. All are corrected, whether they wrote to us or not.",
        "de": "{} weitere Kunden waren betroffen. Alle sind korrigiert, ob sie uns geschrieben haben oder nicht.",
    },
    "one_other_corrected": {
        "en": "One other customer was charged wrongly too, and is corrected as well.",
        "de": "Ein weiterer Kunde war betroffen und ist ebenfalls korrigiert.",
    },
    "nobody_else_corrected": {"en": "Nobody else was affected.", "de": "Sonst war niemand betroffen."},
    "plan_disputed": {
        "en": "You contest a charge, so {} leaves the plan while we look into it. The rest is spread anew.",
        "de": "Sie beanstanden einen Posten; {} ruhen, solange wir ihn prüfen. Der Rest ist neu verteilt.",
    },
    "plan_credited": {
        "en": "A bill was corrected: {} less is to be paid, so the plan gets shorter from its end.",
        "de": "Eine Rechnung wurde berichtigt: {} weniger sind zu zahlen, der Plan wird von hinten kürzer.",
    },
    "plan_owed_again": {
        "en": "{} is due again and is part of the plan.",
        "de": "{} sind wieder fällig und gehören zum Plan.",
    },
    "plan_nothing_left": {"en": "Nothing at the moment.", "de": "Im Moment nichts."},
    "plan_charged": {
        "en": "We charge it to the payment method on file; you need do nothing.",
        "de": "Wir buchen sie von der hinterlegten Zahlungsart ab; Sie müssen nichts tun.",
    },
    "plan_to_pay": {
        "en": "Please pay it so that it reaches us on that day.",
        "de": "Bitte zahlen Sie sie so, dass sie an diesem Tag bei uns ist.",
    },
    "hardship_stopped": {
        "en": "For now we send no reminders, charge no late fees and restrict nothing.",
        "de": "Bis auf Weiteres mahnen wir nicht, berechnen keine Verzugskosten und schränken nichts ein.",
    },
    "hardship_insolvency": {
        "en": "We collect nothing, send no reminders, charge no late fees and restrict nothing.",
        "de": "Wir ziehen nichts ein, mahnen nicht, berechnen keine Verzugskosten und schränken nichts ein.",
    },
    "advisers": {"en": "Free, independent advice:", "de": "Kostenlose, unabhängige Beratung:"},
    "overdue_bill": {"en": "- {}: {}, due {}", "de": "- {}: {}, fällig am {}"},
    "access_failed": {
        "en": "The payment of {} of {} failed.",
        "de": "Die Zahlung über {} vom {} hat nicht geklappt.",
    },
    "access_overdue": {"en": "{}, due on {}, has not been paid.", "de": "{}, fällig am {}, sind nicht bezahlt."},
    "access_decided": {"en": "We have decided so.", "de": "Wir haben das so entschieden."},
    "billed_again": {
        "en": "What it was for is charged on a new bill.",
        "de": "Was darauf stand, berechnen wir mit einer neuen Rechnung.",
    },
    "tried_again": {
        "en": "We try again by ourselves on {}.",
        "de": "Wir versuchen es von selbst noch einmal am {}.",
    },
    "pay_or_change_card": {
        "en": "You can pay, or give us another card, here: {}",
        "de": "Zahlen oder eine andere Karte angeben können Sie hier: {}",
    },
    "not_billed_again": {
        "en": "What it charged is taken back.",
        "de": "Was darauf berechnet war, ist zurückgenommen.",
    },
}


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
