"""Freezing all refunds, and telling the customers who wait because of it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from ledger.authority.freezing import freeze, lift_freeze
from ledger.authority.models import AuthorityLimit, Freeze
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import Happening, record_events
from ledger.refunds.models import Refund

ACT = AuthorityLimit.Act.REFUND
#: What a freeze keeps waiting: nothing of it has left us.
KEPT_WAITING = (Refund.State.REQUESTED, Refund.State.APPROVED)
TELLER = Actor.system("tell_held")


def freeze_refunds(*, why: str, by: Actor, at: datetime) -> Freeze:
    """This will stop every approval and payment of refunds at once; the customers who wait are told by the sweep.

    :raises InvalidInput: if no reason is given
    """
    return freeze(ACT, why=why, by=by, at=at)


def unfreeze_refunds(freeze_id: int, *, by: Actor, at: datetime) -> Freeze:
    """This will let refunds go on; who has one of their own waiting only asks for it, and a second person does it.

    :raises FreezeLifted: if it is over
    :raises SecondPersonNeeded: if the same person asks twice
    """
    return lift_freeze(freeze_id, has_stake=has_stake(by), by=by, at=at)


def has_stake(by: Actor) -> bool:
    """Return whether refunds that wait were asked for by somebody, or go to their own account."""
    waiting = Refund.objects.filter(state__in=[*KEPT_WAITING, Refund.State.FAILED])
    return waiting.filter(Q(requested_by=str(by)) | Q(customer_id__in=[by.customer_id or 0])).exists()


@transaction.atomic
def tell_held(frozen: Freeze, *, at: datetime, limit: int = 500) -> int:
    """This will record for each refund that waits because of a freeze that its customer is to be told, once.

    Safe to run at the same time: rows another worker holds are passed over. Returns how many were new.
    """
    waiting = Refund.objects.filter(state__in=KEPT_WAITING).exclude(freeze=frozen).order_by("pk")
    held = list(waiting.select_for_update(skip_locked=True)[:limit])
    Refund.objects.filter(pk__in=[refund.pk for refund in held]).update(freeze=frozen)
    happened = [
        Happening(
            kinds.REFUND_HELD,
            f"refund:{refund.pk}",
            refund.customer_id,
            {
                "number": refund.number,
                "amount_minor": refund.amount_minor,
                "currency": refund.currency,
                "conversation": refund.conversation,
            },
        )
        for refund in held
    ]
    record_events(happened, by=TELLER, at=at)
    return len(held)
