"""Why a bill differs from the one before, as bars that add up to the difference."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from ledger.explanations.causes import CauseWords
from ledger.explanations.differences import explain_difference
from ledger.fx.rates import NoRate
from ledger.money import Money

#: How wide a bar can be, in the units its drawing is measured in.
FULL = 1000
#: Less than this nobody sees.
THINNEST = 6


@dataclass(frozen=True)
class Bar:
    """One reason for the difference: its name, why, by how much the bill changed, and where its bar lies."""

    words: str
    what: str
    amount: Money
    start: int
    width: int


@dataclass(frozen=True)
class Comparison:
    """What is said about the difference; `before` is None where there is no earlier bill, or none to compare with."""

    headline: str
    now: Money
    before: Money | None = None
    together: Money | None = None
    bars: tuple[Bar, ...] = ()
    zero: int = 0
    remark: str = ""

    @property
    def is_higher(self) -> bool:
        """Whether more was billed than before."""
        return self.together is not None and self.together.minor > 0


def compare_bill(invoice_id: int, *, customer_id: int, total: Money, language: str = "en") -> Comparison:
    """Return why a bill of some total is higher or lower than the one before, the largest cause first.

    :raises NoSuchInvoice: if there is none, or it is another customer's
    """
    try:
        found = explain_difference(invoice_id, language, customer_id=customer_id)
    except NoRate:
        remark = _(
            "This bill and the one before are in different currencies, and no exchange rate of its day is on file."
        )
        return Comparison("", total, remark=remark)
    if found.old is None:
        return Comparison(found.headline, found.new)
    words = CauseWords(found.difference.total.currency, language)
    currency = found.difference.total.currency
    causes = [(cause, Money(cause.minor, currency)) for cause in found.difference.causes]
    zero, places = lay_out([amount.minor for _, amount in causes])
    bars = tuple(
        Bar(_begun(words.short(cause)), _begun(words.why(cause)), amount, *place)
        for (cause, amount), place in zip(causes, places, strict=True)
    )
    is_converted = found.old.currency != found.new.currency
    converted = _("The bill before was in {currency}; it is compared at the rate of the day.")
    remark = converted.format(currency=found.old.currency) if is_converted else ""
    return Comparison(found.headline, found.new, found.old, found.difference.total, bars, zero, remark)


def lay_out(amounts: list[int]) -> tuple[int, list[tuple[int, int]]]:
    """Return where zero lies, and start and width of each bar, all of `FULL`: less to the left of zero, more right."""
    low, high = min([0, *amounts]), max([0, *amounts])
    span = max(high - low, 1)
    zero = -low * FULL // span
    placed = []
    for amount in amounts:
        width = max(abs(amount) * FULL // span, THINNEST)
        placed.append((min(zero, FULL - width) if amount >= 0 else max(zero - width, 0), width))
    return zero, placed


def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]
