"""A fixed term that was agreed on holds an end back: it comes after notice, and not within the term."""

from __future__ import annotations

from datetime import date

from ledger.errors import DomainError
from ledger.subscriptions.agreed import earliest_end, term_on
from ledger.subscriptions.reckoning import Case


class HeldByTerm(DomainError):
    """A fixed term that was agreed on runs, so it cannot end at once."""


def free_on(case: Case, *, at_once: bool) -> date:
    """Return the first day on which no term binds any more; the day of the request where none was agreed on.

    :raises HeldByTerm: if it is to end at once, within a term
    """
    term = term_on(case.facts.agreed, case.asked_on)
    if term is None:
        return case.asked_on
    free = earliest_end(term, case.asked_on)
    if at_once and free > case.asked_on:
        raise HeldByTerm(f"A term is agreed on: the earliest end is {free}, or sooner once the agreement is ended.")
    return free
