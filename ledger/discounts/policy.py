"""What a discount is worth before anybody used it (pure): the amount that authority limits are compared with."""

from __future__ import annotations

from fractions import Fraction

from ledger.money import Money

#: A discount without an end counts for so many bills; nobody can promise more of a customer's stay.
BILLS_WITHOUT_END = 12
#: More bills than any agreement runs for.
MOST_BILLS = 120


def worth(
    *, percent: Fraction | None, amount: Money | None, duration: str, periods: int | None, usual: Money | None
) -> Money | None:
    """Return what a discount may give away in all, or None when nobody can say: a percentage of bills not known yet."""
    times = {"once": 1, "until_used_up": 1, "periods": periods or 1, "forever": BILLS_WITHOUT_END}[duration]
    if amount is not None:
        return amount.times(times)
    if percent is None or usual is None:
        return None
    return usual.times(percent / 100 * times)
