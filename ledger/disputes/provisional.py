"""Provisional credit: given for the paid part of an open dispute, kept by an upheld one, taken back after a denial."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django_fsm import can_proceed

from ledger.books import posting_rules
from ledger.books.operations import post_entry
from ledger.books.queries import balance
from ledger.charges.operations import add_charge
from ledger.customers.models import Customer
from ledger.disputes.clocks import PROMISE, days_of
from ledger.disputes.holding import current_reference
from ledger.disputes.locking import DisputeNotInState, lock_dispute, record_dispute
from ledger.disputes.models import Dispute, ProvisionalCredit
from ledger.disputes.opening import clock_of, rule_of
from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.money import Money

OPEN = (ProvisionalCredit.State.GIVEN, ProvisionalCredit.State.ANNOUNCED)


class NothingPaid(DomainError):
    """Nothing of the disputed amount is paid, so there is nothing to give back meanwhile."""


class AlreadyCredited(DomainError):
    """The disputed amount was credited provisionally before."""


@transaction.atomic
def give_provisional_credit(dispute_id: int, *, by: Actor, at: datetime) -> ProvisionalCredit:
    """This will give the paid part of an open dispute as credit until the decision, once; the answer may take longer.

    :raises DisputeNotInState: if it is decided
    :raises NothingPaid: if nothing of it is paid
    :raises AlreadyCredited: if it was given before
    """
    dispute, invoice, _ = lock_dispute(dispute_id)
    if not dispute.is_open:
        raise DisputeNotInState(f"{dispute.number} is {dispute.get_state_display().lower()}: it is decided.")
    if ProvisionalCredit.objects.filter(dispute=dispute).exists():
        raise AlreadyCredited(f"{dispute.number} was credited provisionally before; one amount is credited once.")
    if not dispute.paid_minor:
        raise NothingPaid(f"Nothing of {dispute.number} is paid: it is on hold, and that is all it needs.")
    amount = Money(dispute.paid_minor, dispute.currency)
    entry = posting_rules.provisional_credit_given(
        amount,
        customer_id=dispute.customer_id,
        dispute=current_reference(dispute),
        on=invoice.customer.local_day(at),
    )
    post_entry(entry, by=by, at=at)
    credit = ProvisionalCredit.objects.create(
        dispute=dispute,
        amount_minor=amount.minor,
        currency=amount.currency,
        given_by=str(by),
        given_at=at,
        entry_key=entry.key,
    )
    told_at = dispute.appealed_at or dispute.told_at
    longer = clock_of(invoice.customer, dispute.regime, told_at, is_credited=True).decide_by
    dispute.due_at = max(dispute.due_at, longer)
    dispute.save()
    due = dispute.due_at.isoformat()
    _record(kinds.PROVISIONAL_CREDIT_GIVEN, dispute, amount, by=by, at=at, answer_by=due)
    return credit


def settle_part(dispute: Dispute, granted: Money, *, by: Actor, at: datetime) -> None:
    """This will end as much of a provisional credit as a decision has just given for good."""
    credit = _lock_open(dispute)
    if credit is None or not granted.minor:
        return
    kept = min(granted, credit.open_amount)
    from_credit, charged = _take(dispute, kept, by=by, at=at)
    entry = posting_rules.provisional_credit_settled(
        from_credit, charged, customer_id=dispute.customer_id, dispute=current_reference(dispute), on=_day(dispute, at)
    )
    post_entry(entry, by=by, at=at)
    credit.kept_minor += kept.minor
    if credit.kept_minor == credit.amount_minor:
        credit.settle(at=at)
    credit.save()


def announce_reversal(dispute: Dispute, *, by: Actor, at: datetime) -> None:
    """This will tell the customer that the credit given before the decision is taken back, and on which day."""
    credit = _lock_open(dispute)
    if credit is None or not can_proceed(credit.announce):
        return
    customer = dispute.customer
    rule = rule_of(customer, dispute.regime, dispute.told_at)
    days = days_of(rule.params if rule else PROMISE, "take_back_days")
    credit.reverse_on = customer.local_day(at) + timedelta(days=days)
    credit.announce()
    credit.save()
    on = credit.reverse_on.isoformat()
    _record(kinds.PROVISIONAL_CREDIT_ENDING, dispute, credit.open_amount, by=by, at=at, take_back_on=on)


def stand_again(dispute: Dispute) -> None:
    """This will let an announced credit stand, because the dispute was appealed."""
    credit = _lock_open(dispute)
    if credit is not None and can_proceed(credit.stand_again):
        credit.stand_again()
        credit.save()


def is_open(dispute: Dispute) -> bool:
    """Whether credit was given for it that is neither kept nor taken back."""
    return ProvisionalCredit.objects.filter(dispute=dispute, state__in=OPEN).exists()


def take_back_due_credits(*, at: datetime, limit: int = 200) -> int:
    """This will take back what was announced and whose day has come, one transaction each; return how many."""
    # A day begins somewhere up to 14 hours before it does in UTC; each is checked by its customer's calendar.
    due = ProvisionalCredit.objects.filter(state="announced", reverse_on__lte=(at + timedelta(hours=14)).date())
    taken = 0
    for dispute_id in list(due.order_by("reverse_on", "pk").values_list("dispute_id", flat=True)[:limit]):
        taken += _take_back(dispute_id, by=Actor.system("disputes"), at=at)
    return taken


@transaction.atomic
def _take_back(dispute_id: int, *, by: Actor, at: datetime) -> bool:
    owner = Dispute.objects.values_list("customer_id", flat=True).get(pk=dispute_id)
    Customer.objects.select_for_update(no_key=True).get(pk=owner)
    dispute, invoice, _ = lock_dispute(dispute_id)
    credit = _lock_open(dispute)
    if credit is None or credit.reverse_on is None or invoice.customer.local_day(at) < credit.reverse_on:
        return False
    amount = credit.open_amount
    from_credit, charged = _take(dispute, amount, by=by, at=at)
    entry = posting_rules.provisional_credit_reversed(
        from_credit, charged, customer_id=dispute.customer_id, dispute=current_reference(dispute), on=_day(dispute, at)
    )
    post_entry(entry, by=by, at=at)
    credit.reverse(at=at, reversal_key=entry.key)
    credit.save()
    more = {"reverses": credit.entry_key, "charged_minor": charged.minor}
    _record(kinds.PROVISIONAL_CREDIT_REVERSED, dispute, amount, by=by, at=at, **more)
    return True


def _take(dispute: Dispute, amount: Money, *, by: Actor, at: datetime) -> tuple[Money, Money]:
    """Return what of an amount is taken from the customer's credit, and the rest, which is charged here."""
    # Should the credit be spent in this very moment, its floor refuses the entry and nothing is booked.
    left = balance("customer_credit", amount.currency, customer_id=dispute.customer_id)
    from_credit = min(amount, left)
    charged = amount - from_credit
    if charged.minor:
        add_charge(
            dispute.customer_id,
            amount=charged,
            description=f"Credit taken back ({dispute.number})",
            source=f"dispute:{dispute.pk}",
            external_id=f"provisional:{current_reference(dispute)}",
            by=by,
            at=at,
        )
    return from_credit, charged


def _lock_open(dispute: Dispute) -> ProvisionalCredit | None:
    return ProvisionalCredit.objects.select_for_update().filter(dispute=dispute, state__in=OPEN).first()


def _day(dispute: Dispute, at: datetime) -> date:
    return dispute.customer.local_day(at)


def _record(kind: str, dispute: Dispute, amount: Money, *, by: Actor, at: datetime, **more: object) -> None:
    record_dispute(kind, dispute, by=by, at=at, amount_minor=amount.minor, **more)
