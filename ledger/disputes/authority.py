"""check_two_people: what is above the decider's limit is not given by the person who opened the dispute."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Sum

from ledger.authority import operations as authority
from ledger.authority.models import AuthorityLimit
from ledger.disputes.models import Dispute
from ledger.errors import DomainError
from ledger.events.actor import Actor, ActorKind
from ledger.money import Money

ACT = AuthorityLimit.Act.DISPUTE


class DecidedByItsOpener(DomainError):
    """The amount is above the decider's limit, and they opened the dispute themselves: a colleague decides it."""


def check_two_people(dispute: Dispute, granted: Money, *, by: Actor, at: datetime) -> None:
    """Refuse to let one person open a dispute and give an amount above their limit; split ones are added up.

    :raises DecidedByItsOpener: naming the limit
    """
    if by.kind is ActorKind.SYSTEM or dispute.opened_by != str(by):
        return
    decision = authority.decide(ACT, granted, given=_given_alone(dispute, by=by, at=at), by=by)
    if not decision.alone:
        raise DecidedByItsOpener(f"{decision.why} You opened {dispute.number} yourself, so a colleague decides it.")


def _given_alone(dispute: Dispute, *, by: Actor, at: datetime) -> Money:
    since = at - timedelta(hours=authority.longest_window(ACT, dispute.currency, by.roles))
    mine = Dispute.objects.filter(
        customer_id=dispute.customer_id, currency=dispute.currency, decided_at__gt=since, decided_by=str(by)
    ).filter(opened_by=F("decided_by"))
    given = mine.exclude(pk=dispute.pk).aggregate(sum=Sum("granted_minor"))["sum"]
    return Money(int(given or 0), dispute.currency)
