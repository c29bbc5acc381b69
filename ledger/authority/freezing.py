"""freeze and lift_freeze: stop one kind of gift for everybody, at once, and let it go on."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from ledger.authority.models import Freeze
from ledger.errors import DomainError, InvalidInput, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event


class Frozen(DomainError):
    """This kind of gift is stopped for everybody at the moment."""


class NoSuchFreeze(NotFound):
    """There is no such freeze."""


class FreezeLifted(DomainError):
    """The freeze was lifted before."""


class SecondPersonNeeded(DomainError):
    """Who would profit from lifting the freeze cannot lift it alone."""


def live_freeze(act: str) -> Freeze | None:
    """Return what stops an act now, read from the database each time: a freeze works at once."""
    return Freeze.objects.filter(act=act, lifted_at=None).first()


def refuse_if_frozen(act: str) -> None:
    """Refuse an act while it is frozen, in the words of who froze it; in a transaction no freeze can begin meanwhile.

    :raises Frozen: with the reason
    """
    with connection.cursor() as cursor:
        # Shared: acts do not wait for each other, a freeze waits for those under way and stops all that follow.
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtext(%s))", [f"freeze:{act}"])
    frozen = live_freeze(act)
    if frozen:
        raise Frozen(f"{frozen.get_act_display().capitalize()}s are frozen at the moment: {frozen.why}")


@transaction.atomic
def freeze(act: str, *, why: str, by: Actor, at: datetime) -> Freeze:
    """This will stop an act for everybody; where it is frozen already the freeze there is is returned.

    :raises InvalidInput: if no reason is given
    """
    if not 1 <= len(why.strip()) <= 300:
        raise InvalidInput("Say why it is frozen, in at most 300 characters; colleagues read it.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"freeze:{act}"])
    known = live_freeze(act)
    if known:
        return known
    made = Freeze.objects.create(act=act, why=why.strip(), frozen_by=str(by), frozen_at=at)
    record_event(kinds.FREEZE_SET, subject=made, customer_id=None, by=by, at=at, act=act, why=made.why)
    return made


@transaction.atomic
def lift_freeze(freeze_id: int, *, has_stake: bool, by: Actor, at: datetime) -> Freeze:
    """This will end a freeze; somebody with a stake in it (a request of their own waits) only asks for it to end.

    Their wish is kept, and any other person's lifts it. Look at `lifted_at` of what is returned.

    :raises FreezeLifted: if it is over
    :raises SecondPersonNeeded: if the same person with a stake asks again
    """
    found = Freeze.objects.select_for_update().filter(pk=freeze_id).first()
    if found is None:
        raise NoSuchFreeze("There is no such freeze.")
    if found.lifted_at:
        raise FreezeLifted("This freeze was lifted before.")
    if found.lift_asked_by == str(by):
        raise SecondPersonNeeded("A request of your own waits, so somebody else has to lift the freeze.")
    if has_stake and not found.lift_asked_by:
        found.lift_asked_by, found.lift_asked_at = str(by), at
        kind = kinds.FREEZE_LIFT_ASKED
    else:
        found.lifted_by, found.lifted_at = str(by), at
        kind = kinds.FREEZE_LIFTED
    found.save()
    record_event(kind, subject=found, customer_id=None, by=by, at=at, act=found.act, why=found.why)
    return found
