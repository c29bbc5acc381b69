"""What happened to an object of the ledger, in one plain line for the case."""

from __future__ import annotations

from ledger.events import kinds
from ledger.events.models import Event
from ledger.money import Money
from verification import events as proofs

#: {what} is the object with its number, {amount} its amount, {who} who did it, {why} a reason where there is one.
TEXTS = {
    kinds.DISPUTE_OPENED: "{what}{amount} opened{who}; the amount is on hold.",
    kinds.DISPUTE_IN_REVIEW: "{what} is being looked into{who}.",
    kinds.DISPUTE_UPHELD: "{what}{amount} upheld{who}{why}.",
    kinds.DISPUTE_REJECTED: "{what}{amount} rejected{who}{why}.",
    kinds.DISPUTE_WITHDRAWN: "{what} withdrawn{who}.",
    kinds.DISPUTE_APPEALED: "{what} appealed{who}.",
    kinds.REFUND_REQUESTED: "{what}{amount} requested{who}.",
    kinds.REFUND_APPROVED: "{what}{amount} approved{who}.",
    kinds.REFUND_DECLINED: "{what}{amount} declined{who}{why}.",
    kinds.REFUND_PAID: "{what}{amount} paid{trace}.",
    kinds.REFUND_FAILED: "{what}{amount} could not be paid{why}.",
    kinds.REFUND_CANCELLED: "{what} cancelled{who}.",
    kinds.DISCOUNT_REQUESTED: "{what} requested{who}{why}.",
    kinds.DISCOUNT_GRANTED: "{what} granted{why}.",
    kinds.DISCOUNT_DECLINED: "{what} declined{who}{why}.",
    kinds.DISCOUNT_ENDED: "{what} ended{who}{why}.",
    kinds.CREDIT_NOTE_ISSUED: "{what}{amount} issued.",
    kinds.CHARGEBACK_RECEIVED: "The bank took{amount} back{why}.",
    kinds.CHARGEBACK_WON: "The bank decided for us: the payment{amount} stays.",
    kinds.CHARGEBACK_LOST: "The bank decided for the customer: the payment{amount} is gone.",
    proofs.CHECK_STARTED: "Verification started{who}.",
    proofs.IDENTITY_VERIFIED: "Identity verified{who}.",
    proofs.CHECK_LOCKED: "Verification locked after too many wrong answers.",
    proofs.CHECK_EXPIRED: "Verification expired.",
}
#: Kinds whose line has its amount in the middle of a sentence.
AMOUNT_IN_SENTENCE = frozenset({kinds.CHARGEBACK_RECEIVED, kinds.CHARGEBACK_WON, kinds.CHARGEBACK_LOST})
NOUNS = {
    "dispute": "Dispute",
    "refund": "Refund",
    "creditnote": "Credit note",
    "discountgrant": "Discount",
    "payment": "Payment",
    "chargeback": "Chargeback",
}


def progress_text(event: Event) -> str:
    """Return the line, empty for kinds a case does not show."""
    template = TEXTS.get(event.kind)
    if template is None:
        return ""
    data = event.data
    noun, _, _ = event.subject.partition(":")
    reason = str(data.get("reason") or data.get("explanation") or data.get("code") or "").strip().rstrip(".")
    return template.format(
        what=f"{NOUNS.get(noun, noun.capitalize())} {data.get('number', '')}".strip(),
        amount=_amount(event),
        who=_who(event),
        why=f": {reason}" if reason else "",
        trace=f", reference {data['reference']}" if data.get("reference") else "",
    )


def _amount(event: Event) -> str:
    minor, currency = event.data.get("amount_minor"), event.data.get("currency")
    if not isinstance(minor, int) or not isinstance(currency, str):
        return ""
    amount = Money(minor, currency).display()
    return f" {amount}" if event.kind in AMOUNT_IN_SENTENCE else f" over {amount}"


def _who(event: Event) -> str:
    if event.actor.startswith("customer:"):
        return " by the customer"
    name = event.data.get("actor_name")
    return f" by {name}" if name and event.actor.startswith("agent:") else ""
