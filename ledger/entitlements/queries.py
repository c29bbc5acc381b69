"""Access as it stands, its sentence, and how long it took to give it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ledger.customers.models import Customer
from ledger.customers.queries import get_customer
from ledger.entitlements.models import Access, AccessOverride
from ledger.entitlements.words import Said, say_access
from ledger.events import kinds
from ledger.events.models import Event
from ledger.money import Money

#: What restoring must not take longer than.
PROMISED_S = 60


@dataclass(frozen=True, slots=True)
class Restoring:
    """How long it took from what cured it until access was back, over some time; in whole seconds."""

    count: int
    median_s: int | None
    longest_s: int | None
    within_promise: int


def access_of(customer_id: int) -> Access:
    """Return a customer's access; one who was never anything but active has an unsaved row that says so.

    :raises NoSuchCustomer: if there is none
    """
    found = Access.objects.filter(customer_id=customer_id).select_related("customer", "invoice").first()
    return found or _active(get_customer(customer_id))


def _active(customer: Customer) -> Access:
    return Access(customer=customer, currency=customer.currency, reviewed_at=customer.opened_at)


def sentence_of(access: Access, language: str = "en") -> str:
    """Return access as a sentence the customer can read."""
    money = [Money(minor, access.currency) for minor in (access.bill_minor, access.amount_minor)]
    last_on = access.restricts_on - timedelta(days=1) if access.restricts_on else None
    return say_access(Said(access.state, access.reason, money[0], money[1], access.day_zero, last_on), language)


def live_override(customer_id: int, *, at: datetime) -> AccessOverride | None:
    """Return the supervisor's word on a customer's access that holds now."""
    today = get_customer(customer_id).local_day(at)
    return AccessOverride.objects.filter(customer_id=customer_id, ended_at=None, until__gte=today).first()


def time_to_restore(*, since: datetime, until: datetime) -> Restoring:
    """Return how long customers waited for their access after they had paid, or we had decided for them."""
    restored = Event.objects.filter(
        kind=kinds.ENTITLEMENT_RESTORED, occurred_at__gte=since, occurred_at__lt=until
    ).values_list("data__waited_s", flat=True)
    waited = sorted(int(seconds) for seconds in restored if seconds is not None)
    if not waited:
        return Restoring(0, None, None, 0)
    within = sum(seconds <= PROMISED_S for seconds in waited)
    return Restoring(len(waited), waited[(len(waited) - 1) // 2], waited[-1], within)
