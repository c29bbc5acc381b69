"""The words screens use for states, events, objects and doers: tables and small functions, no database, no request."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import pgettext

#: State of an object to (words, tone). The tone is a colour class and never stands without the words.
STATES: dict[str, tuple[str, str]] = {
    "open": ("open", ""),
    "waiting": ("waiting", "warn"),
    "resolved": ("resolved", "good"),
    "closed": ("closed", ""),
    "paid": ("paid", "good"),
    "void": ("void", ""),
    "overdue": ("overdue", "bad"),
    "on_hold": ("on hold", "warn"),
    "pending": ("pending", "warn"),
    "succeeded": ("received", "good"),
    "failed": ("failed", "bad"),
    "requested": ("waiting for approval", "warn"),
    "approved": ("approved", "accent"),
    "submitted": ("on its way", "accent"),
    "declined": ("declined", "bad"),
    "cancelled": ("cancelled", ""),
    "opened": ("opened", "warn"),
    "in_review": ("in review", "warn"),
    "acknowledged": ("confirmed", "warn"),
    "upheld": ("upheld", "good"),
    "partly_upheld": ("upheld in part", "good"),
    "rejected": ("rejected", "bad"),
    "withdrawn": ("withdrawn", ""),
    "active": ("active", "good"),
    "paused": ("paused", "warn"),
    "starting": ("waits for its first payment", "warn"),
    "passed": ("verified", "good"),
    "locked": ("locked", "bad"),
    "expired": ("expired", "warn"),
    "queued": ("queued", "warn"),
    "sent": ("sent", "good"),
    "bounced": ("bounced", "bad"),
    "received": ("received", "warn"),
    "won": ("won", "good"),
    "lost": ("lost", "bad"),
    "kept": ("kept", "good"),
    "broken": ("broken", "bad"),
    "promised": ("promised", "accent"),
    "disputed": ("disputed", "warn"),
    "credited": ("credited", "good"),
    "running": ("running", "accent"),
    "refunded": ("refunded", ""),
    "reviewed": ("reviewed", "accent"),
    "due": ("due", ""),
    "waived": ("no longer asked for", ""),
    "missed": ("missed", "bad"),
    "defaulted": ("ended unpaid", "bad"),
    "settled_early": ("paid early", "good"),
    "proposed": ("waiting for your yes", "accent"),
    "waiting_approval": ("waiting for approval", "warn"),
    "settled": ("settled", "good"),
    "granted": ("given", "good"),
    "drafted": ("dry run", "accent"),
    "corrected": ("corrected", "good"),
    "skipped": ("passed over", "warn"),
    "reversing": ("being taken back", "accent"),
    "reversed": ("taken back", ""),
}

#: Topic of a case in words.
TOPICS: dict[str, str] = {
    "duplicate_charge": "charged twice",
    "higher_bill": "higher bill",
    "refund_request": "refund",
    "payment_failed": "payment failed",
    "renewal": "renewal",
    "price_change": "price change",
    "cancel": "cancellation",
    "plan_change": "plan change",
    "invoice_copy": "copy of a bill",
    "account_access": "account access",
    "general": "general question",
}

#: Where a message came from, in words.
CHANNELS: dict[str, str] = {
    "email": "e-mail",
    "portal": "portal",
    "phone": "phone",
    "api": "integration",
    "sms": "text message",
    "chat": "chat",
}

#: Kind of object to the word before its number.
NOUNS: dict[str, str] = {
    "customer": "Customer",
    "contact_point": "Contact",
    "charge": "Charge",
    "invoice": "Invoice",
    "credit_note": "Credit note",
    "subscription": "Subscription",
    "payment": "Payment",
    "refund": "Refund",
    "dispute": "Dispute",
    "paymentplan": "Payment plan",
    "hardshipcase": "Help in hardship",
    "chargeback": "Chargeback",
    "ticket": "Ticket",
    "check": "Identity check",
    "message": "Message",
    "notice": "Notice",
    "promise": "Promise",
    "approval": "Approval",
    "call": "Call",
    "clock": "Clock",
}

#: Event kinds whose plain reading ("ticket.hand_over" as "Ticket hand over") would not be a sentence.
EVENTS: dict[str, str] = {
    "account.viewed": "Account opened",
    "access.refused": "Access refused",
    "contact_point.added": "Contact added",
    "contact_point.removed": "Contact removed",
    "dispute.in_review": "Dispute taken into review",
    "identity.check_started": "Identity check started",
    "identity.code_sent": "One-time code sent",
    "identity.verified": "Identity verified",
    "identity.answer_wrong": "Wrong code entered",
    "identity.locked": "Identity check locked",
    "identity.check_expired": "Identity check expired",
    "ticket.message_received": "Message received in ticket",
    "ticket.reply_sent": "Reply sent in ticket",
    "ticket.note_added": "Note added to ticket",
    "ticket.handed_over": "Ticket handed over",
    "ticket.linked": "Ticket linked",
    "reference.chosen": "Reference chosen",
    "sender.not_known": "Message from an unknown sender",
    "upload.refused": "File refused",
    "clock.breached": "Promised time missed",
    "call.received": "Call received",
}

GOOD_ENDS = frozenset(
    {"paid", "upheld", "verified", "received", "won", "kept", "resolved", "restored", "started", "renewed"}
)
BAD_ENDS = frozenset(
    {"failed", "rejected", "declined", "locked", "refused", "breached", "broken", "lost", "bounced", "answer_wrong"}
)
WARN_ENDS = frozenset({"opened", "requested", "in_review", "appealed", "paused", "reversed"})


def state_words(state: str) -> tuple[str, str]:
    """Return the words and the tone of a state; an unknown one in its own name, without colour."""
    said, tone = english_state(state), STATES.get(state, ("", ""))[1]
    return pgettext("state", said) if said else "", tone


def english_state(state: str) -> str:
    """Return the words of a state as they are looked up; an unknown one in its own name."""
    return STATES[state][0] if state in STATES else state.replace("_", " ")


def event_words(kind: str) -> str:
    """Return "Refund paid" for refund.paid."""
    thing, _, happened = kind.partition(".")
    plain = f"{thing} {happened}".replace("_", " ").strip()
    return EVENTS.get(kind) or plain[:1].upper() + plain[1:]


def event_tone(kind: str) -> str:
    """Return good, warn, bad or no tone for what happened."""
    happened = kind.partition(".")[2]
    if happened in BAD_ENDS:
        return "bad"
    if happened in GOOD_ENDS:
        return "good"
    return "warn" if happened in WARN_ENDS else ""


def object_words(reference: str) -> str:
    """Return "Refund 42" for refund:42."""
    kind, _, number = reference.partition(":")
    noun = NOUNS.get(kind, kind.replace("_", " ").capitalize())
    return f"{noun} {'#' if kind == 'ticket' else ''}{number}".strip()


def object_address(reference: str, customer_id: int | None = None) -> str:
    """Return the workspace address of an object, or nothing when it has no page of its own."""
    kind, _, number = reference.partition(":")
    if not number.isdigit():
        return ""
    if kind == "ticket":
        return f"/desk/tickets/{number}/"
    if kind == "invoice":
        return f"/desk/invoices/{number}/"
    if kind == "customer":
        return f"/desk/customers/{number}/"
    if kind in {"payment", "refund", "dispute", "credit_note", "charge", "chargeback"}:
        return f"/desk/entries/{reference}"
    return f"/desk/customers/{customer_id}/" if customer_id else ""


def actor_words(reference: str, people: Mapping[str, str]) -> str:
    """Return who did it, as a colleague would say it; `people` holds staff names by user id."""
    kind, _, name = reference.partition(":")
    if kind == "agent":
        return people.get(name, f"colleague {name}")
    if kind == "customer":
        return "the customer"
    if kind == "authority":
        return "within own limit"
    if kind == "integration":
        return "an integration"
    return "automatically" if kind == "system" else reference
