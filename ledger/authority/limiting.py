"""change_limit and what becomes of it: what a role may give alone, changed with a reason, and undone.

Who may give more by their own change needs a second person: nobody raises the limit they are held by. Limits are read
from the database for every decision, so a change works at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, models, transaction

from ledger.authority.models import AuthorityLimit, LimitChange
from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.configuration import record_change
from ledger.events.operations import record_event
from ledger.money import Money

MOST_WINDOW_HOURS = 366 * 24
#: What the column holds, in minor units, with room to add up.
MOST_MINOR = 10**15


class NoSuchLimitChange(NotFound):
    """There is no such change of a limit."""


class LimitChangeWaits(DomainError):
    """Another change of this limit waits for a second person."""


class LimitChangedMeanwhile(DomainError):
    """The limit is not what it was when this was asked for."""


class LimitChangeSettled(DomainError):
    """This change was put in force, dropped or undone before."""


class LimitUnchanged(DomainError):
    """The limit is as asked already."""


class ProfiteerAlone(DomainError):
    """Who may give more by a change cannot put it in force themselves."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What one role may give in one act, added up per customer over so many hours."""

    role: str
    act: str
    amount: Money
    window_hours: int = 24


def profits(terms: Terms, before: AuthorityLimit | None, *, by: Actor) -> bool:
    """Return whether somebody may give more by a change: they hold the role, and it goes up or is added up shorter."""
    if terms.role not in by.roles:
        return False
    if before is None:
        return terms.amount.minor > 0
    return terms.amount.minor > before.amount_minor or terms.window_hours < before.window_hours


@transaction.atomic
def change_limit(terms: Terms, *, why: str, undoes: int | None = None, by: Actor, at: datetime) -> LimitChange:
    """This will change what a role may give: at once, or once somebody else agrees where the asker profits.

    Look at `in_force_at` of what is returned.

    :raises InvalidInput: if there is no reason, no such act, or the figures cannot be
    :raises LimitUnchanged: if it is so already
    :raises LimitChangeWaits: if another change of it waits
    """
    _check(terms, why)
    limit = _lock(terms)
    if limit and (limit.amount, limit.window_hours) == (terms.amount, terms.window_hours):
        raise LimitUnchanged(f"It is {limit.amount} within {limit.window_hours} hours already.")
    if _waiting(terms).exists():
        raise LimitChangeWaits("Another change of this limit waits for a second person; settle that one first.")
    change = LimitChange.objects.create(
        role=terms.role, act=terms.act, currency=terms.amount.currency, amount_minor=terms.amount.minor,
        window_hours=terms.window_hours, before_minor=limit.amount_minor if limit else None,
        before_window_hours=limit.window_hours if limit else None, why=why.strip(),
        has_stake=profits(terms, limit, by=by), undoes_id=undoes, asked_by=str(by), asked_at=at,
    )  # fmt: skip
    if not change.has_stake:
        return _put_in_force(change, limit, by=by, at=at)
    _record(kinds.LIMIT_CHANGE_ASKED, change, by=by, at=at)
    return change


@transaction.atomic
def confirm_limit_change(change_id: int, *, by: Actor, at: datetime) -> LimitChange:
    """This will put a change in force that somebody else asked for.

    :raises ProfiteerAlone: if it is the same person
    :raises LimitChangeSettled: if it is in force or dropped
    :raises LimitChangedMeanwhile: if the limit is no longer what it was
    """
    change = _lock_change(change_id)
    limit = _lock(Terms(change.role, change.act, change.amount, change.window_hours))
    _refuse_settled(change)
    if change.asked_by == str(by):
        raise ProfiteerAlone("You would be allowed to give more by it, so somebody else has to agree.")
    now = (limit.amount_minor, limit.window_hours) if limit else (None, None)
    if now != (change.before_minor, change.before_window_hours):
        raise LimitChangedMeanwhile("The limit was changed in the meantime; drop this and ask for it anew.")
    return _put_in_force(change, limit, by=by, at=at)


@transaction.atomic
def drop_limit_change(change_id: int, *, by: Actor, at: datetime) -> LimitChange:
    """This will drop a change that waits, by who asked for it or by anybody who may decide it.

    :raises LimitChangeSettled: if it is in force or dropped
    """
    change = _lock_change(change_id)
    _refuse_settled(change)
    change.dropped_by, change.dropped_at = str(by), at
    change.save(update_fields=["dropped_by", "dropped_at"])
    _record(kinds.LIMIT_CHANGE_DROPPED, change, by=by, at=at)
    return change


@transaction.atomic
def undo_limit_change(change_id: int, *, by: Actor, at: datetime) -> LimitChange:
    """This will put a limit back to what it was before a change, by a change of its own; the same rule holds for it.

    :raises LimitChangeSettled: if it never came into force, or was undone before
    :raises LimitChangedMeanwhile: if the limit was changed again since
    """
    change = _lock_change(change_id)
    if change.in_force_at is None or change.undone_by.filter(dropped_at=None).exists():
        raise LimitChangeSettled("There is nothing to undo: it never came into force, or is being undone already.")
    limit = _lock(Terms(change.role, change.act, change.amount))
    if limit is None or (limit.amount_minor, limit.window_hours) != (change.amount_minor, change.window_hours):
        raise LimitChangedMeanwhile("The limit was changed again since; change it to what it should be.")
    back = Terms(change.role, change.act, change.before, change.before_window_hours or change.window_hours)
    return change_limit(back, why=f"Undone: {change.why}"[:300], undoes=change.pk, by=by, at=at)


def _check(terms: Terms, why: str) -> None:
    if not 1 <= len(why.strip()) <= 300:
        raise InvalidInput("Say why the limit changes, in at most 300 characters; colleagues read it.")
    if terms.act not in AuthorityLimit.Act.values or not terms.role:
        raise InvalidInput("Name the role and what it may give.")
    if not 0 <= terms.amount.minor <= MOST_MINOR:
        raise InvalidInput("A limit is zero or above, and an amount that can be.")
    if not 1 <= terms.window_hours <= MOST_WINDOW_HOURS:
        raise InvalidInput(f"Gifts are added up over 1 to {MOST_WINDOW_HOURS} hours.")


def _lock(terms: Terms) -> AuthorityLimit | None:
    with connection.cursor() as cursor:
        # One after the other also where there is no limit yet, and so no row to lock.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [":".join(["limit", *_key(terms).values()])])
    return AuthorityLimit.objects.select_for_update().filter(**_key(terms)).first()


def _key(terms: Terms) -> dict[str, str]:
    return {"role": terms.role, "act": terms.act, "currency": terms.amount.currency}


def _waiting(terms: Terms) -> models.QuerySet[LimitChange]:
    return LimitChange.objects.filter(**_key(terms), in_force_at=None, dropped_at=None)


def _lock_change(change_id: int) -> LimitChange:
    change = LimitChange.objects.select_for_update().filter(pk=change_id).first()
    if change is None:
        raise NoSuchLimitChange("There is no such change of a limit.")
    return change


def _refuse_settled(change: LimitChange) -> None:
    if change.in_force_at or change.dropped_at:
        became = "in force" if change.in_force_at else "dropped"
        raise LimitChangeSettled(f"This change is {became} already.")


def _put_in_force(change: LimitChange, limit: AuthorityLimit | None, *, by: Actor, at: datetime) -> LimitChange:
    values = {"amount_minor": change.amount_minor, "window_hours": change.window_hours}
    before = {name: getattr(limit, name) for name in values} if limit else {}
    limit, _ = AuthorityLimit.objects.update_or_create(
        role=change.role, act=change.act, currency=change.currency, defaults=values
    )
    change.in_force_by, change.in_force_at = str(by), at
    change.save(update_fields=["in_force_by", "in_force_at"])
    what = f"{limit}: {change.why}"
    record_change(kinds.AUTHORITY_LIMIT_CHANGED, limit, what=what, before=before, after=values, by=by, at=at)
    return change


def _record(kind: str, change: LimitChange, *, by: Actor, at: datetime) -> None:
    record_event(
        kind, subject=change, customer_id=None, by=by, at=at, role=change.role, act=change.act, why=change.why,
        amount_minor=change.amount_minor, currency=change.currency, window_hours=change.window_hours,
    )  # fmt: skip
