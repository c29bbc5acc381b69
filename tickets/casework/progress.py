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
    kinds.DISPUTE_ACKNOWLEDGED: "{what} confirmed to the customer.",
    kinds.DISPUTE_PARTLY_UPHELD: "{what}{amount} upheld in part{who}{why}.",
    kinds.DISPUTE_CLOSED: "{what} closed: it cannot be appealed any more.",
    kinds.DISPUTE_DEADLINE_NEARS: "{what}: the customer must have our {deadline} soon.",
    kinds.DISPUTE_DOSSIER_EXPORTED: "{what}: the dossier was taken out{who}.",
    kinds.DISPUTE_DRAFT_SAVED: "A dispute{amount} was noted{who} and is not opened yet; its bill is not asked for.",
    kinds.DISPUTE_DRAFT_GIVEN_UP: "The noted dispute{amount} was let go{who}.",
    kinds.PROVISIONAL_CREDIT_GIVEN: "{what}: credit{amount} given until the decision{who}.",
    kinds.PROVISIONAL_CREDIT_ENDING: "{what}: the credit{amount} is taken back after the notice period.",
    kinds.PROVISIONAL_CREDIT_REVERSED: "{what}: the credit{amount} was taken back.",
    kinds.REFUND_REQUESTED: "{what}{amount} requested{who}.",
    kinds.REFUND_APPROVED: "{what}{amount} approved{who}.",
    kinds.REFUND_DECLINED: "{what}{amount} declined{who}{why}.",
    kinds.REFUND_PAID: "{what}{amount} paid{trace}.",
    kinds.REFUND_FAILED: "{what}{amount} could not be paid{why}.",
    kinds.REFUND_RETURNED: "{what}{amount} came back from the bank{why}.",
    kinds.REFUND_REROUTED: "{what}{amount} takes another way{who}.",
    kinds.REFUND_CREDITED: "{what}{amount} became credit on the account.",
    kinds.REFUND_DELAYED: "{what}{amount} takes longer; the customer is told.",
    kinds.REFUND_SETTLED: "{what}{amount} has arrived.",
    kinds.REFUND_HELD: "{what}{amount} waits: refunds are frozen.",
    kinds.REFUND_CANCELLED: "{what} cancelled{who}.",
    kinds.DISCOUNT_REQUESTED: "{what} requested{who}{why}.",
    kinds.DISCOUNT_GRANTED: "{what} granted{why}.",
    kinds.DISCOUNT_DECLINED: "{what} declined{who}{why}.",
    kinds.DISCOUNT_ENDED: "{what} ended{who}{why}.",
    kinds.CREDIT_NOTE_ISSUED: "{what}{amount} issued.",
    kinds.CHARGEBACK_RECEIVED: "The bank took{amount} back{why}.",
    kinds.CHARGEBACK_WON: "The bank decided for us: the payment{amount} stays.",
    kinds.CHARGEBACK_LOST: "The bank decided for the customer: the payment{amount} is gone.",
    kinds.CHARGEBACK_INQUIRY_RECEIVED: "The bank asks about a payment{amount}{why}; no money has moved.",
    kinds.CHARGEBACK_ESCALATED: "The bank does not accept our answer about the payment{amount}: a later stage.",
    kinds.CHARGEBACK_ANSWERED: "We answered the bank about the payment{amount}.",
    kinds.CHARGEBACK_ANSWER_SENT: "Our answer about the payment{amount} has reached the bank.",
    kinds.CHARGEBACK_ANSWER_UNKNOWN: "Nobody has confirmed our answer about the payment{amount} yet; we keep asking.",
    kinds.CHARGEBACK_ANSWER_REFUSED: "Our answer about the payment{amount} was refused{why}: please send it by hand.",
    kinds.CHARGEBACK_ANSWER_MISSED: "The bank's deadline for the payment{amount} passed before our answer was sent.",
    kinds.CHARGEBACK_ACCEPTED: "The bank's request for the payment{amount} was accepted{who}.",
    kinds.CHARGEBACK_DEADLINE_NEARS: "The bank wants our answer about the payment{amount} soon.",
    kinds.AGREEMENT_PROPOSED: "Terms of an agreement proposed{who}{why}.",
    kinds.AGREEMENT_APPROVED: "The proposed terms were approved{who}.",
    kinds.AGREEMENT_DECLINED: "The proposed terms were declined{who}{why}.",
    kinds.AGREEMENT_OFFERED: "Terms of an agreement offered to the customer{who}.",
    kinds.AGREEMENT_ACCEPTED: "The offered terms were accepted{who}.",
    proofs.CHECK_STARTED: "Verification started{who}.",
    proofs.IDENTITY_VERIFIED: "Identity verified{who}.",
    proofs.CHECK_LOCKED: "Verification locked after too many wrong answers.",
    proofs.CHECK_EXPIRED: "Verification expired.",
}
#: Kinds whose line has its amount in the middle of a sentence.
AMOUNT_IN_SENTENCE = frozenset(
    {
        kinds.CHARGEBACK_RECEIVED,
        kinds.CHARGEBACK_WON,
        kinds.CHARGEBACK_LOST,
        kinds.CHARGEBACK_INQUIRY_RECEIVED,
        kinds.CHARGEBACK_ESCALATED,
        kinds.CHARGEBACK_ANSWERED,
        kinds.CHARGEBACK_ANSWER_SENT,
        kinds.CHARGEBACK_ANSWER_UNKNOWN,
        kinds.CHARGEBACK_ANSWER_REFUSED,
        kinds.CHARGEBACK_ANSWER_MISSED,
        kinds.CHARGEBACK_ACCEPTED,
        kinds.CHARGEBACK_DEADLINE_NEARS,
        kinds.PROVISIONAL_CREDIT_GIVEN,
        kinds.PROVISIONAL_CREDIT_ENDING,
        kinds.PROVISIONAL_CREDIT_REVERSED,
    }
)
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
        deadline=str(data.get("what", "")),
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
