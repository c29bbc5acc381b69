"""What a message about a failed payment is filled with: the cause, what to do, and when it is tried again."""

from __future__ import annotations

from django.conf import settings

from ledger.payments.declines import RetryRule
from ledger.payments.declines_codes import find_reason
from ledger.payments.retry_queries import next_retry_on
from notifications.wording.speaker import Data, Speaker


def failed(data: Data, speaker: Speaker) -> dict[str, str]:
    """Return cause and next step in the words of our own table; what a provider wrote is never among them."""
    reason = find_reason(str(data.get("code") or ""))
    words = reason.customer_words(speaker.language)
    to_do = [words.next_step]
    again_on = next_retry_on(int(str(data["invoice_id"]))) if data.get("invoice_id") else None
    if again_on is not None:
        to_do.append(speaker.say("tried_again", speaker.day(again_on.isoformat())))
    if reason.cause.needs_customer or reason.retry is RetryRule.ON_SCHEDULE:
        to_do.append(speaker.say("pay_or_change_card", f"{settings.PUBLIC_URL}/account/"))
    return {"amount": speaker.amount(data), "cause": words.cause, "next_step": " ".join(to_do)}
