"""Every message this product can send: its placeholders, and which of them no wording may leave out."""

from __future__ import annotations

from dataclasses import dataclass

#: The last resort of every language.
LAST_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Wording:
    """What may be filled in, what must appear, and when the message goes out (for the supervisor who edits it)."""

    placeholders: tuple[str, ...]
    must: tuple[str, ...]
    when: str


def _wording(placeholders: str, must: str, when: str) -> Wording:
    return Wording(tuple(placeholders.split()), tuple(must.split()), when)


WORDINGS: dict[str, Wording] = {
    "ticket_acknowledged": _wording(
        "case promise name files", "case promise files", "A question has arrived; {{files}} names refused files."
    ),
    "files_refused": _wording("case files", "case files", "Files of a later message were refused."),
    "one_time_code": _wording("code purpose minutes link", "code minutes", "Somebody has to prove who they are."),
    "sign_in_link": _wording("link minutes", "link minutes", "A customer asked to sign in."),
    "dispute_opened": _wording("dispute amount what answer_by case", "amount answer_by", "A charge is contested."),
    "dispute_upheld": _wording("dispute amount explanation", "amount explanation", "A dispute was upheld."),
    "dispute_rejected": _wording("dispute amount explanation", "amount explanation", "A dispute was rejected."),
    "dispute_withdrawn": _wording("dispute amount", "amount", "The customer took a dispute back."),
    "refund_requested": _wording("refund amount", "amount", "A refund waits for approval."),
    "refund_approved": _wording("refund amount", "amount", "A refund was approved."),
    "refund_declined": _wording("refund amount reason", "amount reason", "A refund was not approved."),
    "refund_paid": _wording("refund amount reference card", "amount reference", "A refund was paid out."),
    "refund_failed": _wording("refund amount", "amount", "A refund could not be paid out."),
    "refund_cancelled": _wording("refund amount", "amount", "A refund was called off."),
    "renewal_notice": _wording(
        "plan amount date cancel_link", "plan amount date cancel_link", "A plan renews within the notice period."
    ),
    "payment_failed": _wording("amount cause next_step", "amount cause next_step", "A payment did not go through."),
    "payment_received": _wording("amount", "amount", "A payment has arrived."),
    "invoice_issued": _wording("invoice amount due", "invoice amount due", "A bill was issued."),
    "subscription_started": _wording("plan date", "plan date", "A plan has begun."),
    "subscription_cancelled": _wording("plan date", "plan date", "A plan was cancelled."),
    "subscription_paused": _wording("plan date", "plan", "A plan was paused."),
    "subscription_resumed": _wording("plan date", "plan date", "A paused plan goes on."),
    "stop_confirmed": _wording("", "", "A customer wrote STOP."),
    "help": _wording("phone hours", "phone hours", "A customer wrote HELP."),
}

#: What must stay out of subjects: they are kept and shown to staff, and on locked phones.
SECRETS = frozenset({"code", "link"})

#: What a preview shows in place of live data.
EXAMPLES: dict[str, str] = {
    "case": "#1042",
    "promise": "Monday, 2 March, 14:00",
    "name": "Ada Berg",
    "files": "\n\n- photo.png is refused: it is not what its name says.",
    "phone": "+49 30 901820",
    "hours": "Mon–Fri 09:00–17:30",
    "code": "482913",
    "purpose": "a refund",
    "minutes": "10",
    "link": "https://desk.example/account/",
    "dispute": "D-000007",
    "amount": "€49.00",
    "what": "Studio plan, March 2026",
    "answer_by": "16 March 2026",
    "explanation": "The plan was billed twice for the same month.",
    "refund": "R-000003",
    "reason": "The charge is for March, when the plan was in use.",
    "reference": "re_4711",
    "card": "the card ending in 4242",
    "plan": "Studio",
    "date": "15 April 2026",
    "cancel_link": "https://desk.example/account/subscriptions/",
    "cause": "The card has expired.",
    "next_step": "Please give us the new expiry date.",
    "invoice": "2026-000118",
    "due": "31 March 2026",
}


def languages_to_try(tag: str) -> list[str]:
    """Return the declared order of languages for a tag: `de-DE`, then `de`, then English."""
    clean = tag.replace("_", "-").strip()
    order = [clean, clean.partition("-")[0].lower(), LAST_LANGUAGE]
    return [language for index, language in enumerate(order) if language and language not in order[:index]]
