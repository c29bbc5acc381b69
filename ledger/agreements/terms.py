"""What an agreement says, as a value; how two versions differ; from when one may follow another (pure)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from ledger.errors import InvalidInput
from ledger.money import Money
from ledger.periods import add_months
from ledger.subscriptions.agreed import earliest_end, term_end

#: Longer than anybody binds themselves.
LONGEST_TERM_MONTHS = 60
LONGEST_NOTICE_DAYS = 366
#: An agreement without an end gives away so many months of it; nobody can promise more of a customer's stay.
MONTHS_WITHOUT_END = 12


class InvalidTerms(InvalidInput):
    """An agreement cannot say this."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What one version says: a price per unit and period, a percentage off the list price, or the list price.

    `ends_on` is the first day after the term, None for no end; `renews_months` by how much the term goes on unless
    somebody gives notice, 0 when it runs out; `list_price` what the price is agreed against, for the reader.
    """

    plan: str
    plan_name: str
    starts_on: date
    price: Money | None = None
    percent: Decimal | None = None
    ends_on: date | None = None
    renews_months: int = 0
    notice_days: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody wants an agreement to say; `starts_on` empty is the earliest day, `plan` empty the running one."""

    price: Money | None = None
    percent: Decimal | None = None
    plan: str = ""
    starts_on: date | None = None
    term_months: int = 0
    renews_months: int = 0
    notice_days: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two versions say differently."""

    what: str
    before: object
    after: object


def check_proposal(proposal: Proposal, currency: str) -> None:
    """Refuse what no agreement can say.

    :raises InvalidTerms: saying which and why
    """
    price, percent = proposal.price, proposal.percent
    if price is not None and percent is not None:
        raise InvalidTerms("An agreement says a price or a percentage off, not both.")
    if price is not None and (price.minor < 0 or price.currency != currency):
        raise InvalidTerms(f"The agreed price is not below zero, in {currency}, which this subscription is billed in.")
    if percent is not None and not (percent.is_finite() and 0 < percent <= 100 and percent == round(percent, 6)):
        raise InvalidTerms("A percentage is above 0 and at most 100, with at most 6 digits after the point.")
    if not (0 <= proposal.term_months <= LONGEST_TERM_MONTHS and 0 <= proposal.renews_months <= LONGEST_TERM_MONTHS):
        raise InvalidTerms(f"A term lasts at most {LONGEST_TERM_MONTHS} months.")
    if proposal.renews_months and not proposal.term_months:
        raise InvalidTerms("Only an agreement with a term goes on for another one.")
    if not 0 <= proposal.notice_days <= LONGEST_NOTICE_DAYS:
        raise InvalidTerms(f"Notice is at most {LONGEST_NOTICE_DAYS} days.")


def differences(old: Terms | None, new: Terms) -> tuple[Difference, ...]:
    """Return what a version says differently from the one before, in reading order; of a first one, all it says."""
    named = [field.name for field in fields(Terms) if field.name != "plan"]
    pairs = [(name, getattr(old, name) if old else None, getattr(new, name)) for name in named]
    return tuple(Difference(name, before, after) for name, before, after in pairs if before != after)


def earliest_start(terms: Terms | None, today: date) -> date:
    """Return the first day from which other terms may be had by right: after notice, and not within a term.

    Without an agreement that is today. Notice that comes too late for the end of a term reaches the next one.
    """
    if terms is None:
        return today
    return earliest_end(terms, today)


def giveaway_until(old: Terms | None, new: Terms, today: date) -> date:
    """Return up to which day a lower price gives something away: the longer of both terms, a year without any."""
    ends = [term_end(old, today) if old else None, new.ends_on]
    known = [end for end in ends if end is not None and end > new.starts_on]
    if new.ends_on is None:
        known.append(add_months(new.starts_on, MONTHS_WITHOUT_END))
    return max(known)
