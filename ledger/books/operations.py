"""Writing the books: one call to PostgreSQL per act, which checks every law and refuses what breaks one.

A refusal by the database ends the transaction around it, so a caller inside `transaction.atomic` leaves the block.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, DatabaseError, OperationalError, connection, connections
from django.utils import timezone

from ledger.books.entry import Entry, UnbalancedEntry
from ledger.books.queries import find_entry
from ledger.books.wire import many_arguments, one_arguments, pair_arguments
from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.events.actor import Actor

#: Entries per call that `post_entries` refuses to exceed: a larger call gains nothing and holds its locks longer.
LARGEST_BATCH = 10_000
DEADLOCK = "40P01"

#: Everything goes as text, which costs the driver least; the function's own types read it.
_POST_PAIR = "SELECT ledger_post_pair(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
_POST_ONE = (
    "SELECT entry_id, replayed FROM ledger_post_entry(%s::text, %s::text, %s::bigint, %s::text, %s::text, %s::date, "
    "%s::bigint, %s::text[], %s::text[], %s::text[], %s::text[], %s::boolean[], %s::bigint[], %s::bigint[], %s::text, "
    "%s::timestamptz)"
)
_POST_MANY = (
    "SELECT entry_id, replayed FROM ledger_post_entries(%s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[], "
    "%s::date[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::boolean[], %s::bigint[], "
    "%s::integer[], %s::integer[], %s::text[], %s::bigint[], %s::text, %s::timestamptz)"
)


class KeyReused(DomainError):
    """Another entry with the same key says something else."""


class PeriodClosed(DomainError):
    """The entry would take effect on a day whose period is closed."""


class PeriodAlreadyClosed(DomainError):
    """The period was closed before."""


class PeriodsOverlap(DomainError):
    """The period shares days with another one."""


class PeriodsUnreadable(InvalidInput):
    """The last day of the period is before its first."""


class AlreadyReversed(DomainError):
    """The entry was reversed before."""


class AccountOverdrawn(DomainError):
    """The entry takes more from an account than there is."""


class CreditOverdrawn(AccountOverdrawn):
    """The entry takes more of the customer's credit than there is."""


class WrongCurrency(DomainError):
    """A posting is in another currency than its account."""


class EntrySealed(DomainError):
    """A posting was to be added to an entry that is already in the books."""


class EntryNotFound(NotFound):
    """There is no such journal entry."""


class BatchTooLarge(InvalidInput):
    """More entries were given than one call takes."""


#: What the database calls a broken law, and what we say: constraint name to refusal.
REFUSALS: dict[str, tuple[type[DomainError], str]] = {
    "journal_entry_key_means_one_content": (KeyReused, "This was posted before with other content."),
    "journal_entry_balances_in_every_currency": (UnbalancedEntry, "Debits and credits of the entry differ."),
    "journal_entry_reversed_at_most_once": (AlreadyReversed, "This entry is already reversed."),
    "journal_entry_takes_no_late_postings": (EntrySealed, "The entry is already in the books."),
    "posting_takes_effect_in_an_open_period": (PeriodClosed, "The books for that day are closed."),
    "posting_is_in_the_currency_of_its_account": (WrongCurrency, "The account is kept in another currency."),
    "customer_credit_is_never_overdrawn": (CreditOverdrawn, "The customer has less credit than that."),
    "account_stays_above_its_floor": (AccountOverdrawn, "There is less than that to take back."),
    "period_closes_once": (PeriodAlreadyClosed, "This period is already closed."),
    "periods_never_overlap": (PeriodsOverlap, "Another period has some of these days."),
}


class _Own(threading.local):
    """What a thread keeps for its next posting."""

    cursor: psycopg.Cursor[Any] | None = None


_own = _Own()


@dataclass(frozen=True, slots=True)
class PostedEntry:
    """An entry in the books; `replayed` says that it was there before with the same content."""

    id: int
    replayed: bool


def post_entry(entry: Entry, *, by: Actor, at: datetime) -> PostedEntry:
    """Write one journal entry; the same entry again is harmless and returns the first one, marked `replayed`.

    :raises KeyReused: if the key was used for other content
    :raises PeriodClosed: if the entry takes effect in a closed period
    :raises AccountOverdrawn: if an account with a floor would fall below it (CreditOverdrawn for customer credit)
    """
    return _post_one(entry, None, by=by, at=at)


def post_entries(entries: Sequence[Entry], *, by: Actor, at: datetime) -> list[PostedEntry]:
    """Write many journal entries in one call, all or none; results stand in the order given.

    :raises BatchTooLarge: if there are more than LARGEST_BATCH
    """
    if len(entries) > LARGEST_BATCH:
        raise BatchTooLarge(f"At most {LARGEST_BATCH} entries are posted in one call, not {len(entries)}.")
    if not entries:
        return []
    rows = _call(_POST_MANY, [*many_arguments(entries), str(by), at])
    return [PostedEntry(entry_id, replayed) for entry_id, replayed in rows]


def reverse_entry(entry_id: int, *, reason: str, by: Actor, at: datetime) -> PostedEntry:
    """Write the opposite of an entry, effective on the local day of `at`; each entry is reversed at most once.

    :raises EntryNotFound: if there is no such entry
    :raises AlreadyReversed: if it was reversed before
    """
    if not reason.strip():
        raise InvalidInput("A reversal needs a reason.")
    opposite = _opposite_of(entry_id, reason=reason, on=timezone.localdate(at))
    try:
        posted = _post_one(opposite, entry_id, by=by, at=at)
    except KeyReused as problem:
        raise AlreadyReversed("This entry is already reversed.") from problem
    if posted.replayed:
        raise AlreadyReversed("This entry is already reversed.")
    return posted


def fold_balances() -> int:
    """Add the waiting deltas of buffered accounts to their balances; return how many. Safe to run at the same time."""
    return int(_call("SELECT ledger_fold_balances()", [])[0][0])


def close_day(day: date, *, at: datetime) -> int:
    """Store the closing balance of every account that moved on `day`; return how many. Repeating is harmless.

    Days may still get postings afterwards: those remove the stored balances they make wrong.

    :raises InvalidInput: if the day is not over at `at`
    """
    if day >= timezone.localdate(at):
        raise InvalidInput("A day can be closed when it is over.")
    return int(_call("SELECT ledger_close_day(%s::date)", [day])[0][0])


def open_period(first: date, last: date, *, by: Actor, at: datetime) -> None:
    """Plan a period from `first` to `last`, both included; days without a period are open too.

    Only closing is signed in the books; `by` and `at` are the same as for closing, for the caller's event.

    :raises PeriodsOverlap: if another period has one of the days
    """
    _check_span(first, last)
    _call("SELECT ledger_open_period(%s::date, %s::date)", [first, last])


def close_period(first: date, last: date, *, by: Actor, at: datetime) -> None:
    """Close the days from `first` to `last`, both included, for ever; waits for postings that are under way.

    :raises PeriodAlreadyClosed: if it was closed before
    :raises PeriodsOverlap: if it shares days with a period of another span
    """
    _check_span(first, last)
    _call("SELECT ledger_close_period(%s::date, %s::date, %s::text, %s::timestamptz)", [first, last, str(by), at])


def seal_entries(*, at: datetime) -> int:
    """Chain the entries that are settled and not yet sealed; return how many. Waits for postings under way."""
    return int(_call("SELECT ledger_seal_entries(%s::timestamptz)", [at])[0][0])


def _check_span(first: date, last: date) -> None:
    if last < first:
        raise PeriodsUnreadable("The last day of a period is not before its first.")


def _opposite_of(entry_id: int, *, reason: str, on: date) -> Entry:
    original = find_entry(entry_id)
    if original is None:
        raise EntryNotFound(f"There is no journal entry {entry_id}.")
    return original.opposite(reason=reason, on=on)


def _post_one(entry: Entry, reverses: int | None, *, by: Actor, at: datetime) -> PostedEntry:
    if len(entry.lines) == 2:
        # An account that is not open yet leaves the answer empty and nothing written: the longer call opens it.
        [(answer,)] = _call(_POST_PAIR, [*pair_arguments(entry, reverses), str(by), str(at)])
        if answer is not None:
            return PostedEntry(abs(answer), answer < 0)
    return PostedEntry(*_call(_POST_ONE, [*one_arguments(entry, reverses), str(by), at])[0])


def _call(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    """Run one statement; a deadlock is tried once more, unless a transaction around it would be half undone."""
    for last_try in (False, True):
        try:
            return _rows(sql, parameters)
        except DatabaseError as problem:
            _raise_refusal(problem)
            if last_try or connection.in_atomic_block or not _is_deadlock(problem):
                raise
            time.sleep((10 + secrets.randbelow(40)) / 1000)
    raise AssertionError("unreachable")


def _rows(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of one statement by the driver's own cursor: Django's costs a quarter of our CPU for a posting.

    Whoever listens to the statements (a log, a test that counts them) gets them through Django as usual.
    """
    wrapper = connections[DEFAULT_DB_ALIAS]
    if wrapper.execute_wrappers or wrapper.queries_logged:
        with wrapper.cursor() as listened:
            listened.execute(sql, parameters)
            return list(listened.fetchall())
    wrapper.close_if_health_check_failed()
    if wrapper.connection is None:
        wrapper.ensure_connection()
    wrapper.validate_thread_sharing()
    wrapper.validate_no_broken_transaction()
    with wrapper.wrap_database_errors:
        cursor = _cursor_of(wrapper.connection)
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def _cursor_of(raw: psycopg.Connection[Any]) -> psycopg.Cursor[Any]:
    """Return the cursor this thread posts with on a connection: making one is a fifth of the driver's work."""
    cursor = _own.cursor
    if cursor is None or cursor.connection is not raw or cursor.closed:
        cursor = _own.cursor = raw.cursor()
    return cursor


def _is_deadlock(problem: DatabaseError) -> bool:
    return isinstance(problem, OperationalError) and getattr(problem.__cause__, "sqlstate", None) == DEADLOCK


def _raise_refusal(problem: DatabaseError) -> None:
    diag = getattr(problem.__cause__, "diag", None)
    name = getattr(diag, "constraint_name", None)
    if name in REFUSALS:
        refusal, sentence = REFUSALS[name]
        first_open = getattr(diag, "message_detail", None) if refusal is PeriodClosed else None
        raise refusal(f"{sentence} The first open day is {first_open}." if first_open else sentence) from problem
