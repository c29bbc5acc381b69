"""The words of refunds explained, in every language they are written in (pure data)."""

from __future__ import annotations

TEXT = {
    "en": {
        "what": "Refund {number} gives back {amount} of the {paid} you paid on {paid_on}{card}.",
        "card": " with the card ending in {last4}",
        "why": "It was asked for on {day}: {reason}",
        "goodwill": "It is a gesture of ours: no bill is changed by it.",
        "credit": "It is paid out of the credit that your account had.",
        "requested": "It waits for approval; nothing has been sent yet.",
        "approved": "It was approved on {day} and is being sent.",
        "submitted": "It was approved on {day} and is with the bank now.",
        "paid": "It was sent on {day} under the reference {reference}; a bank may need up to {days} business days to "
        "show it.",
        "expected": "It was sent on {day} under the reference {reference}; your bank should show it by {by}.",
        "settled": "It was sent on {day} under the reference {reference} and has arrived.",
        "credited": "It became credit on your account on {day}.",
        "failed": "It was approved on {day}, but the bank could not take it; tell us which other way you would like.",
        "declined": "It was declined on {day}: {reason}",
        "cancelled": "It was called off on {day}; nothing is sent.",
        "reversed": "Entry {entry} behind it was reversed on {day}.",
    },
    "de": {
        "what": "Die Erstattung {number} gibt {amount} von Ihrer Zahlung über {paid} vom {paid_on}{card} zurück.",
        "card": " (Karte mit den letzten Ziffern {last4})",
        "why": "Sie wurde am {day} erbeten: {reason}",
        "goodwill": "Sie ist Kulanz: keine Rechnung ändert sich dadurch.",
        "credit": "Sie wird aus dem Guthaben gezahlt, das Ihr Konto hatte.",
        "requested": "Sie wartet auf die Freigabe; es wurde noch nichts überwiesen.",
        "approved": "Sie wurde am {day} freigegeben und wird gerade überwiesen.",
        "submitted": "Sie wurde am {day} freigegeben und liegt jetzt bei der Bank.",
        "paid": "Sie wurde am {day} mit der Kennung {reference} überwiesen; Banken brauchen bis zu {days} Werktage, "
        "um sie anzuzeigen.",
        "expected": "Sie wurde am {day} mit der Kennung {reference} überwiesen; bis zum {by} sollte Ihre Bank sie "
        "anzeigen.",
        "settled": "Sie wurde am {day} mit der Kennung {reference} überwiesen und ist angekommen.",
        "credited": "Sie ist seit dem {day} Guthaben auf Ihrem Konto.",
        "failed": "Sie wurde am {day} freigegeben, aber die Bank konnte sie nicht annehmen; sagen Sie uns, auf welchem "
        "anderen Weg Sie sie möchten.",
        "declined": "Sie wurde am {day} abgelehnt: {reason}",
        "cancelled": "Sie wurde am {day} zurückgezogen; es wird nichts überwiesen.",
        "reversed": "Die Buchung {entry} dahinter wurde am {day} rückgängig gemacht.",
    },
}

#: How long a bank may take to show money that was sent; the account page promises the same.
ARRIVAL_BUSINESS_DAYS = 5
