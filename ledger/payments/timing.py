"""When a gateway is asked again what became of an attempt (pure).

Source: Kill Bill, `PaymentConfig`: an unknown result is asked about after 5 minutes, an hour, and five times a day; a
pending one after an hour and a day. We ask about the pending for two weeks, because a direct debit takes that long.
"""

from __future__ import annotations

from datetime import timedelta

#: Until then whoever started an attempt is taken to be alive and waiting for its answer.
LEASE = timedelta(minutes=2)
#: A key older than this may be forgotten at the gateway: charging under it again could charge twice.
#: Source: Stripe API reference, "Idempotent requests": keys can be removed once they are at least 24 hours old.
KEY_LIVES = timedelta(hours=23)

UNKNOWN = (timedelta(minutes=5), timedelta(hours=1), *([timedelta(days=1)] * 5))
PENDING = (timedelta(hours=1), *([timedelta(days=1)] * 14))


def ask_again_after(asked: int, *, pending: bool) -> timedelta | None:
    """Return how long to wait after having asked so often; None when it is a person's turn."""
    waits = PENDING if pending else UNKNOWN
    return waits[asked] if asked < len(waits) else None
