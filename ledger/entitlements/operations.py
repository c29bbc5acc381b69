"""review_access: bring a customer's access in line with the books; override_access: a supervisor's word, with an end.

A review reads everything anew under the customer's lock, so it may be asked for in any order and as often as anybody
likes: what comes out depends on what is true, not on which event arrived last.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from ledger.customers.models import Customer
from ledger.customers.operations import refuse_own_account
from ledger.entitlements.deriving import NOTHING, Standing, derive
from ledger.entitlements.facts import Facts, load_facts
from ledger.entitlements.models import Access, AccessOverride
from ledger.errors import DomainError, InvalidInput, NotAllowed
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.events.operations import record_event
from ledger.invoices.building import lock_customer
from ledger.invoices.models import Invoice

RUNNER = Actor.system("access")
BATCH = 500
#: A longer exception is a change of the policy.
LONGEST_OVERRIDE_DAYS = 90
#: What the button gives.
OPEN_DAYS = 14
CLOSED = (Access.State.RESTRICTED, Access.State.SUSPENDED)
#: What can give access back; how long it took is counted from the newest of them, whoever noticed it.
CURES = (
    kinds.PAYMENT_RECEIVED, kinds.INVOICE_PAID, kinds.CREDIT_APPLIED, kinds.CREDIT_NOTE_ISSUED, kinds.INVOICE_VOIDED,
    kinds.INVOICE_GIVEN_UP, kinds.PAYMENT_MOVED, kinds.HOLD_PLACED, kinds.DISPUTE_OPENED, kinds.DISPUTE_UPHELD,
    kinds.DISPUTE_PARTLY_UPHELD, kinds.CHARGEBACK_WON, kinds.ENTITLEMENT_OVERRIDDEN,
)  # fmt: skip
KIND_OF = {
    Access.State.GRACE: kinds.ENTITLEMENT_GRACE_STARTED,
    Access.State.RESTRICTED: kinds.ENTITLEMENT_RESTRICTED,
    Access.State.SUSPENDED: kinds.ENTITLEMENT_SUSPENDED,
    Access.State.ACTIVE: kinds.ENTITLEMENT_CLEARED,
}


class NotASupervisor(NotAllowed):
    """Only supervisors may say that somebody's access is to be other than the books say."""


class AccessAlreadyOverridden(DomainError):
    """A supervisor's word on this customer's access holds already."""


class NoAccessOverride(DomainError):
    """Nobody has said anything about this customer's access."""


@transaction.atomic
def review_access(customer_id: int, *, by: Actor = RUNNER, at: datetime) -> Access | None:
    """This will derive a customer's access, and tell what changed; None for one who was never anything but active.

    The customer is warned before access is restricted; the warning is part of the review of its day.

    :raises NoSuchCustomer: if there is none
    """
    customer = lock_customer(customer_id)
    access = Access.objects.filter(customer=customer).first()
    facts = load_facts(customer, at=at)
    if access is None and not facts.debts and facts.override is None:
        return None
    today = customer.local_day(at)
    warnings = [access.warned_on if access else None, facts.ladder_warned_on]
    warned_on = max((day for day in warnings if day is not None), default=None)
    standing = _derive(customer, facts, today, warned_on)
    if access is None and standing.reason == NOTHING:
        return None
    is_warned_now = standing.warns_on is not None and today >= standing.warns_on
    if is_warned_now:
        warned_on = today
        standing = _derive(customer, facts, today, warned_on)
    access = access or Access(customer=customer, currency=customer.currency)
    was, knew = access.state, access.pk is not None
    _set(access, standing, warned_on, at=at)
    access.save()
    if access.state != was or not knew:
        _record_change(access, was, by=by, at=at)
    if is_warned_now:
        _record(kinds.ENTITLEMENT_WARNED, access, was, by=by, at=at)
    return access


def _derive(customer: Customer, facts: Facts, today: date, warned_on: date | None) -> Standing:
    return derive(
        facts.debts,
        facts.terms,
        today=today,
        currency=customer.currency,
        warned_on=warned_on,
        override=facts.override,
    )


def _set(access: Access, standing: Standing, warned_on: date | None, *, at: datetime) -> None:
    if access.state in CLOSED and standing.state not in CLOSED:
        access.restored_at = at
    access.state, access.reason, access.invoice_id = standing.state, standing.reason, standing.invoice_id
    access.amount_minor, access.bill_minor = standing.cure.minor, standing.bill.minor
    access.day_zero, access.since_on = standing.day_zero, standing.since_on
    access.restricts_on, access.suspends_on = standing.restricts_on, standing.suspends_on
    # The next debt is another story: who had paid everything is warned again before anything is taken away.
    access.warned_on = None if standing.reason == NOTHING else warned_on
    newest = Event.objects.filter(customer_id=access.customer_id).order_by("-pk").values_list("pk", flat=True).first()
    access.rank, access.reviewed_at = max(access.rank, newest or 0), at


def _record_change(access: Access, was: str, *, by: Actor, at: datetime) -> None:
    if was in CLOSED and access.is_open:
        cure = Event.objects.filter(customer_id=access.customer_id, kind__in=CURES).order_by("-pk").first()
        waited = int((at - cure.occurred_at).total_seconds()) if cure else None
        because = cure.kind if cure else ""
        _record(kinds.ENTITLEMENT_RESTORED, access, was, waited_s=waited, because=because, by=by, at=at)
    elif was != access.state:
        _record(KIND_OF[Access.State(access.state)], access, was, by=by, at=at)


def _record(kind: str, access: Access, was: str, *, by: Actor, at: datetime, **more: Any) -> None:
    bill = Invoice.objects.filter(pk=access.invoice_id).first() if access.invoice_id is not None else None
    days: dict[str, Any] = {
        name: day.isoformat() if day else None
        for name, day in (
            ("day_zero", access.day_zero),
            ("restricts_on", access.restricts_on),
            ("suspends_on", access.suspends_on),
        )
    }
    record_event(
        kind, subject=access, customer_id=access.customer_id, by=by, at=at, state=access.state, was=was,
        reason=access.reason, number=bill.number if bill else "", amount_minor=access.amount_minor,
        bill_minor=access.bill_minor, currency=access.currency, **days, **more,
    )  # fmt: skip


def review_due_access(*, at: datetime) -> int:
    """Review every customer for whom a day may have changed something; return how many. A nightly job, resumable."""
    reviewed = after = 0
    while True:
        due = _customers_due(at.date() + timedelta(days=1), after=after)
        if not due:
            return reviewed
        for customer_id in due:
            with transaction.atomic():
                free = Customer.objects.select_for_update(skip_locked=True, no_key=True)
                if free.filter(pk=customer_id).exists():
                    review_access(customer_id, at=at)
                    reviewed += 1
        after = due[-1]


def _customers_due(day: date, *, after: int) -> list[int]:
    late = Q(invoices__state=Invoice.State.OPEN, invoices__due_on__lt=day)
    taken = Q(access__isnull=False) & ~Q(access__state=Access.State.ACTIVE)
    overridden = Q(access_overrides__ended_at=None, access_overrides__isnull=False)
    # What a bank took back is owed as soon as the credit that covered it is used up.
    found = Customer.objects.filter(late | taken | overridden | Q(chargebacks__is_taken=True))
    return list(found.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True).distinct()[:BATCH])


@transaction.atomic
def override_access(customer_id: int, *, state: str, until: date, why: str, by: Actor, at: datetime) -> Access | None:
    """This will set a customer's access against what the books say, until a day, with the reason.

    :raises NotASupervisor: if the doer is none
    :raises AccessAlreadyOverridden: if one holds already
    :raises InvalidInput: if the state is unknown, the day is past or too far, or no reason is given
    """
    customer = _for_supervisor(customer_id, by=by)
    today = customer.local_day(at)
    if state not in Access.State.values or not why.strip() or len(why) > 300:
        raise InvalidInput("Access is active, grace, restricted or suspended; say why, in at most 300 characters.")
    if not today <= until <= today + timedelta(days=LONGEST_OVERRIDE_DAYS):
        raise InvalidInput(f"It ends today or within the next {LONGEST_OVERRIDE_DAYS} days.")
    _end(AccessOverride.objects.filter(customer=customer, ended_at=None, until__lt=today), by=RUNNER, at=at)
    if AccessOverride.objects.filter(customer=customer, ended_at=None).exists():
        raise AccessAlreadyOverridden("A supervisor's word on this access holds already; end that one first.")
    AccessOverride.objects.create(
        customer=customer, state=state, until=until, why=why.strip(), decided_by=str(by), decided_at=at
    )
    record_event(
        kinds.ENTITLEMENT_OVERRIDDEN, subject=customer, customer_id=customer.pk, by=by, at=at, state=state,
        until=until.isoformat(), why=why.strip(),
    )  # fmt: skip
    return review_access(customer_id, by=by, at=at)


def keep_access_open(access_id: int, *, reason: str, by: Actor, at: datetime) -> Access | None:
    """This will keep a customer's access open for two weeks, whatever the books say.

    :raises NotASupervisor, AccessAlreadyOverridden, InvalidInput: as `override_access` does
    """
    access = Access.objects.select_related("customer").get(pk=access_id)
    until = access.customer.local_day(at) + timedelta(days=OPEN_DAYS)
    return override_access(access.customer_id, state=Access.State.ACTIVE, until=until, why=reason, by=by, at=at)


def end_override_of(access_id: int, *, by: Actor, at: datetime) -> Access | None:
    """This will let the books decide again; see `end_access_override`."""
    return end_access_override(Access.objects.get(pk=access_id).customer_id, by=by, at=at)


@transaction.atomic
def end_access_override(customer_id: int, *, by: Actor, at: datetime) -> Access | None:
    """This will let the books decide again.

    :raises NotASupervisor: if the doer is none
    :raises NoAccessOverride: if nothing was said
    """
    customer = _for_supervisor(customer_id, by=by)
    if not _end(AccessOverride.objects.filter(customer=customer, ended_at=None), by=by, at=at):
        raise NoAccessOverride("No supervisor has said anything about this access.")
    return review_access(customer_id, by=by, at=at)


def _for_supervisor(customer_id: int, *, by: Actor) -> Customer:
    if "supervisor" not in by.roles:
        raise NotASupervisor("Only a supervisor may set access against what the books say.")
    refuse_own_account(by, customer_id)
    return lock_customer(customer_id)


def _end(live: QuerySet[AccessOverride], *, by: Actor, at: datetime) -> int:
    ended = list(live.select_for_update())
    for one in ended:
        one.ended_by, one.ended_at = str(by), at
        one.save(update_fields=["ended_by", "ended_at"])
        record_event(
            kinds.ENTITLEMENT_OVERRIDE_ENDED, subject=f"customer:{one.customer_id}", customer_id=one.customer_id,
            by=by, at=at, state=one.state, until=one.until.isoformat(),
        )  # fmt: skip
    return len(ended)
