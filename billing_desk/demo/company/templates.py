"""The standard replies of the demo company; placeholders in double braces are filled from the live account."""

from __future__ import annotations

REPLY_TEMPLATES: tuple[dict[str, object], ...] = (
    {
        "name": "What your last bill is made of",
        "shortcut": "last-bill",
        "topics": ["higher_bill", "invoice_copy"],
        "language": "en",
        "body": (
            "Hello {{name}},\n\nyour last bill is {{last_invoice}} over {{last_invoice_amount}}, due on "
            "{{last_invoice_due_on}}. You find every line of it in your account.\n\nKind regards"
        ),
    },
    {
        "name": "We look into the double charge",
        "shortcut": "double-charge",
        "topics": ["duplicate_charge"],
        "language": "en",
        "body": (
            "Hello {{name}},\n\nthank you for telling us; this is case {{case}}. We compare both charges now. While we "
            "do, the amount you dispute is on hold and you need not pay it.\n\nKind regards"
        ),
    },
    {
        "name": "Wir prüfen die doppelte Abbuchung",
        "shortcut": "doppelt",
        "topics": ["duplicate_charge"],
        "language": "de",
        "body": (
            "Guten Tag {{name}},\n\ndanke für Ihren Hinweis; er hat die Nummer {{case}}. Wir vergleichen beide "
            "Abbuchungen. Solange ruht der beanstandete Betrag.\n\nFreundliche Grüße"
        ),
    },
    {
        "name": "What is overdue, and how to pay",
        "shortcut": "overdue",
        "topics": ["payment_failed"],
        "language": "en",
        "body": (
            "Hello {{name}},\n\n{{overdue}} is overdue on your account. You can pay by card in your account, or answer "
            "here if you need more time; then we find a way.\n\nKind regards"
        ),
    },
    {
        "name": "Ihr Kontostand",
        "shortcut": "kontostand",
        "topics": ["general"],
        "language": "de",
        "body": (
            "Guten Tag {{name}},\n\noffen sind zurzeit {{owed}}, Ihr Guthaben beträgt {{credit}}.\n\nFreundliche Grüße"
        ),
    },
)
