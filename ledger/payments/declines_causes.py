"""The causes of declines, each with its family, its rules and its texts in English and German (pure).

The words are ours. Rules: codes that mean lost, stolen, fraud or pick-up are never told to the customer, who reads the
sentence of a plain refusal (docs.stripe.com/declines/codes: present them as `generic_decline`).
"""

from __future__ import annotations

from ledger.payments.declines import Cause, Disclosure, Family, RetryRule, Words

REFUSED_EN = Words("The bank refused without a reason.", "Please ask your bank, or use another card.")
REFUSED_DE = Words(
    "Die Bank hat ohne Angabe von Gründen abgelehnt.", "Bitte fragen Sie Ihre Bank oder nehmen Sie eine andere Karte."
)
FAULT_EN = Words("There was a technical fault on our side.", "There is nothing for you to do.")
FAULT_DE = Words("Auf unserer Seite gab es eine technische Störung.", "Sie müssen nichts tun.")

#: A code nobody has told us about: careful words, no new try, and somebody is told that the table has a gap.
NOT_KNOWN = Cause(
    "not_known",
    Family.TECHNICAL_UNKNOWN,
    RetryRule.NEVER,
    Words("The payment did not go through.", "Please try again or use another way to pay."),
    Words("Die Zahlung hat nicht geklappt.", "Bitte versuchen Sie es noch einmal oder zahlen Sie auf anderem Weg."),
    "We do not know this code. It is not tried again by itself; somebody has to look it up.",
)

_ALL = (
    Cause(
        "no_money",
        Family.RETRY_LATER,
        RetryRule.ON_SCHEDULE,
        Words("The account did not have enough money when we tried.", "Please top it up or pay another way."),
        Words(
            "Das Konto war nicht ausreichend gedeckt, als wir es versucht haben.",
            "Bitte füllen Sie es auf oder zahlen Sie auf anderem Weg.",
        ),
        "A later date, a split into two parts or another method often works.",
    ),
    Cause(
        "limit_reached",
        Family.RETRY_LATER,
        RetryRule.ON_SCHEDULE,
        Words("Your bank's limit was reached.", "Try after the 1st, pay in two parts, or use another way to pay."),
        Words(
            "Das Limit Ihrer Bank war erreicht.",
            "Versuchen Sie es nach dem Monatsersten, zahlen Sie in zwei Teilen oder auf anderem Weg.",
        ),
        "Limits start again with the day, week or month; the customer can ask the bank to raise them.",
    ),
    Cause(
        "not_now",
        Family.RETRY_LATER,
        RetryRule.ON_SCHEDULE,
        Words("The bank could not approve the payment at that time.", "You can also pay another way."),
        Words("Die Bank konnte die Zahlung zu dieser Zeit nicht freigeben.", "Sie können auch anders zahlen."),
        "The bank may approve it later.",
    ),
    Cause(
        "refused",
        Family.RETRY_LATER,
        RetryRule.ON_SCHEDULE,
        REFUSED_EN,
        REFUSED_DE,
        "The bank tells nobody but its customer why; another card is the quickest way.",
    ),
    Cause(
        "expired",
        Family.FIX_BY_CUSTOMER,
        RetryRule.AFTER_CUSTOMER,
        Words("The card has expired.", "Please add a card that is still valid."),
        Words("Die Karte ist abgelaufen.", "Bitte geben Sie uns eine Karte, die noch gültig ist."),
        "It is never tried again as it is; send the link to change the card.",
        needs_customer=True,
    ),
    Cause(
        "expiry_wrong",
        Family.FIX_BY_CUSTOMER,
        RetryRule.AFTER_CUSTOMER,
        Words("The expiry date is not right.", "Please enter the card again."),
        Words("Das Ablaufdatum stimmt nicht.", "Bitte geben Sie die Karte noch einmal ein."),
        "The card has to be entered again.",
        needs_customer=True,
    ),
    Cause(
        "number_wrong",
        Family.FIX_BY_CUSTOMER,
        RetryRule.AFTER_CUSTOMER,
        Words("The card number is not right.", "Please enter the card again."),
        Words("Die Kartennummer stimmt nicht.", "Bitte geben Sie die Karte noch einmal ein."),
        "The card has to be entered again.",
        needs_customer=True,
    ),
    Cause(
        "security_code_wrong",
        Family.FIX_BY_CUSTOMER,
        RetryRule.AFTER_CUSTOMER,
        Words("The security code did not match.", "Please enter the card again."),
        Words("Der Sicherheitscode stimmte nicht.", "Bitte geben Sie die Karte noch einmal ein."),
        "The card has to be entered again.",
        needs_customer=True,
    ),
    Cause(
        "address_wrong",
        Family.FIX_BY_CUSTOMER,
        RetryRule.AFTER_CUSTOMER,
        Words(
            "The address did not match the one your bank has.", "Please correct the address and enter the card again."
        ),
        Words(
            "Die Anschrift stimmte nicht mit der bei Ihrer Bank überein.",
            "Bitte berichtigen Sie die Anschrift und geben Sie die Karte noch einmal ein.",
        ),
        "Compare the billing address with the customer.",
        needs_customer=True,
    ),
    Cause(
        "details_changed",
        Family.FIX_BY_CUSTOMER,
        RetryRule.AFTER_CUSTOMER,
        Words("Your bank has new details for this card.", "Please enter the details of the new card."),
        Words("Ihre Bank hat zu dieser Karte neue Daten.", "Bitte geben Sie die Daten der neuen Karte ein."),
        "The card was replaced or renewed; the new one is needed.",
        needs_customer=True,
    ),
    Cause(
        "blocked_by_customer",
        Family.FIX_BY_CUSTOMER,
        RetryRule.AFTER_CUSTOMER,
        Words("Payments like this are switched off for your card.", "Please allow them with your bank or in its app."),
        Words(
            "Für Ihre Karte sind solche Zahlungen abgeschaltet.",
            "Bitte schalten Sie sie bei Ihrer Bank oder in deren App frei.",
        ),
        "The customer controls this in the bank's app.",
        needs_customer=True,
    ),
    Cause(
        "details_missing",
        Family.FIX_BY_CUSTOMER,
        RetryRule.AFTER_CUSTOMER,
        Words("Some details of the card are not right.", "Please enter the card again."),
        Words("Einige Angaben zur Karte stimmen nicht.", "Bitte geben Sie die Karte noch einmal ein."),
        "The details have to be checked before the next try.",
        needs_customer=True,
    ),
    Cause(
        "cannot_be_charged",
        Family.RETRY_OTHER_METHOD,
        RetryRule.AFTER_CUSTOMER,
        Words("This card or account can no longer be charged.", "Please use another card or account."),
        Words(
            "Diese Karte oder dieses Konto lässt sich nicht mehr belasten.",
            "Bitte nehmen Sie eine andere Karte oder ein anderes Konto.",
        ),
        "Another method is needed.",
        needs_customer=True,
    ),
    Cause(
        "kind_not_allowed",
        Family.RETRY_OTHER_METHOD,
        RetryRule.AFTER_CUSTOMER,
        Words(
            "The card does not allow this kind of payment.", "Please use another card, or ask your bank to allow it."
        ),
        Words(
            "Die Karte lässt diese Art von Zahlung nicht zu.",
            "Bitte nehmen Sie eine andere Karte oder bitten Sie Ihre Bank, sie freizugeben.",
        ),
        "Another method is needed, or the bank has to allow it.",
        needs_customer=True,
    ),
    Cause(
        "currency_not_allowed",
        Family.RETRY_OTHER_METHOD,
        RetryRule.AFTER_CUSTOMER,
        Words("The card cannot be charged in this currency.", "Please use another card or account."),
        Words(
            "Die Karte lässt sich in dieser Währung nicht belasten.",
            "Bitte nehmen Sie eine andere Karte oder ein anderes Konto.",
        ),
        "Another method is needed.",
        needs_customer=True,
    ),
    Cause(
        "amount_not_allowed",
        Family.RETRY_OTHER_METHOD,
        RetryRule.AFTER_CUSTOMER,
        Words("Your bank does not allow this amount.", "Please pay in two parts, or use another way to pay."),
        Words("Ihre Bank lässt diesen Betrag nicht zu.", "Bitte zahlen Sie in zwei Teilen oder auf anderem Weg."),
        "Offer two parts or another method.",
        needs_customer=True,
    ),
    Cause(
        "pin_needed",
        Family.RETRY_OTHER_METHOD,
        RetryRule.AFTER_CUSTOMER,
        Words("The bank wanted a PIN, which cannot be given here.", "Please use another card or account."),
        Words(
            "Die Bank wollte eine PIN, die sich hier nicht eingeben lässt.",
            "Bitte nehmen Sie eine andere Karte oder ein anderes Konto.",
        ),
        "Nothing but another method helps.",
        needs_customer=True,
    ),
    Cause(
        "single_use_card",
        Family.RETRY_OTHER_METHOD,
        RetryRule.AFTER_CUSTOMER,
        Words("This card is made for a single payment.", "Please use a card that can be charged again."),
        Words("Diese Karte gilt nur für eine Zahlung.", "Bitte nehmen Sie eine Karte, die mehrfach gilt."),
        "A prepaid or virtual card; another method is needed.",
        needs_customer=True,
    ),
    Cause(
        "confirm",
        Family.AUTHENTICATE,
        RetryRule.AFTER_CUSTOMER,
        Words("The bank wants you to confirm the payment.", "Please pay from your account page and confirm it."),
        Words(
            "Die Bank möchte, dass Sie die Zahlung bestätigen.",
            "Bitte zahlen Sie in Ihrem Konto und bestätigen Sie es bei Ihrer Bank.",
        ),
        "The customer has to be present; no try without them can succeed.",
        needs_customer=True,
    ),
    Cause(
        "consent_withdrawn",
        Family.NEVER,
        RetryRule.NEVER,
        Words("Your bank tells us that payments to us are stopped.", "Please tell us how you want to pay."),
        Words(
            "Ihre Bank sagt uns, dass Zahlungen an uns gesperrt sind.", "Bitte sagen Sie uns, wie Sie zahlen möchten."
        ),
        "The customer withdrew consent with the bank. Never try this card again; a new consent is needed.",
        needs_customer=True,
    ),
    Cause(
        "never_again",
        Family.NEVER,
        RetryRule.NEVER,
        Words("The bank refused for good.", "Please use another way to pay."),
        Words("Die Bank hat endgültig abgelehnt.", "Bitte zahlen Sie auf anderem Weg."),
        "Never try this card again; the network charges for it.",
        needs_customer=True,
    ),
    Cause(
        "silent",
        Family.FRAUD_SILENT,
        RetryRule.NEVER,
        REFUSED_EN,
        REFUSED_DE,
        "Never say this to the customer and never try the card again. Offer another way to pay.",
        disclosure=Disclosure.KEEP_SILENT,
        needs_customer=True,
    ),
    Cause(
        "fault",
        Family.TECHNICAL_UNKNOWN,
        RetryRule.SOON,
        FAULT_EN,
        FAULT_DE,
        "Not the customer's doing; it is tried again within minutes.",
    ),
    Cause(
        "our_set_up",
        Family.TECHNICAL_UNKNOWN,
        RetryRule.NEVER,
        FAULT_EN,
        FAULT_DE,
        "Something in our own account with the provider has to be put right first.",
    ),
    Cause(
        "sent_twice",
        Family.TECHNICAL_UNKNOWN,
        RetryRule.NEVER,
        Words("The same payment was sent a moment ago.", "There is nothing for you to do: we check whether it came."),
        Words(
            "Dieselbe Zahlung wurde eben erst gesendet.", "Sie müssen nichts tun: Wir prüfen, ob sie angekommen ist."
        ),
        "Look for the other payment before anything is tried again.",
    ),
)

CAUSES: dict[str, Cause] = {cause.name: cause for cause in _ALL}
