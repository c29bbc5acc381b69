"""What a customer's access is derived from: bills, failed payments, holds, the ladder, the policy, an override."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ledger.books.queries import balance
from ledger.collections.models import Action, DunningStep
from ledger.customers.models import Customer
from ledger.disputes.models import Chargeback
from ledger.entitlements.deriving import Debt, Terms
from ledger.entitlements.models import AccessOverride, AccessPolicy
from ledger.holds.models import Hold
from ledger.holds.queries import live_holds
from ledger.invoices.models import Invoice
from ledger.money import Money
from ledger.payments.attempt_models import Attempt
from ledger.payments.models import Payment, PaymentAllocation


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the standing of a customer follows from; `ladder_warned_on`: the ladder warned them on that day."""

    debts: tuple[Debt, ...]
    terms: Terms
    ladder_warned_on: date | None
    override: str | None


def load_facts(customer: Customer, *, at: datetime) -> Facts:
    """Read a customer's facts as they are now."""
    bills = list(Invoice.objects.filter(customer=customer, state=Invoice.State.OPEN).order_by("pk"))
    bills = [bill for bill in bills if bill.due_amount.minor > 0]
    failed, taken = _failed_on(customer, bills), _taken_on(customer, bills)
    held = live_holds(customer.pk, stop=Hold.Stop.RESTRICTION, at=at) if bills else []
    named = {hold.invoice_id for hold in held}
    debts = tuple(
        Debt(
            bill.pk,
            bill.due_amount,
            bill.due_on,
            failed_on=failed.get(bill.pk),
            is_held=None in named or bill.pk in named,
            restricted_on=taken[Action.RESTRICT].get(bill.pk),
        )
        for bill in bills
    )
    debts += _taken_back(customer)
    warned = taken[Action.RESTRICT_WARNING].values()
    override = _override(customer, customer.local_day(at))
    return Facts(debts, terms_of(customer), max(warned, default=None), override)


def _failed_on(customer: Customer, bills: Sequence[Invoice]) -> dict[int, date]:
    """Return when collecting a bill first failed: an attempt on it, or a failed payment of what it comes to."""
    found: dict[int, date] = {}
    if not bills:
        return found
    attempts = Attempt.objects.filter(invoice__in=bills, state=Attempt.State.FAILED, answered_at__isnull=False)
    for attempt in attempts.only("invoice_id", "answered_at", "started_at"):
        _earliest(found, attempt.invoice_id, customer.local_day(attempt.answered_at or attempt.started_at))
    alone = Payment.objects.filter(customer=customer, state=Payment.State.FAILED, attempt=None)
    for minor, currency, moment in alone.values_list("amount_minor", "currency", "created_at"):
        for bill in bills:
            is_its = minor in (bill.total_minor, bill.due_amount.minor) and currency == bill.currency
            if is_its and customer.local_day(moment) >= bill.issued_on:
                _earliest(found, bill.pk, customer.local_day(moment))
    return found


def _taken_back(customer: Customer) -> tuple[Debt, ...]:
    """Return what banks took back of payments for bills, less the customer's credit: paying it again cures it.

    While the bank has not decided, nothing is taken away for it.
    """
    found = Chargeback.objects.filter(customer=customer, is_taken=True, payment__allocations__isnull=False)
    gone = list(found.distinct().order_by("pk"))
    credit = balance("customer_credit", customer.currency, customer_id=customer.pk).minor if gone else 0
    debts = []
    for chargeback in gone:
        share = PaymentAllocation.objects.filter(payment_id=chargeback.payment_id, amount_minor__gt=0).first()
        left = max(chargeback.amount_minor - credit, 0)
        credit = max(credit - chargeback.amount_minor, 0)
        if share is not None and left:
            on = customer.local_day(chargeback.received_at)
            held = chargeback.state == Chargeback.State.RECEIVED
            debts.append(Debt(share.invoice_id, Money(left, chargeback.currency), on, failed_on=on, is_held=held))
    return tuple(debts)


def _earliest(found: dict[int, date], invoice_id: int, day: date) -> None:
    found[invoice_id] = min(found.get(invoice_id, day), day)


def _taken_on(customer: Customer, bills: Sequence[Invoice]) -> dict[str, dict[int, date]]:
    """Return on which day the ladder warned of a restriction, or restricted, bill by bill."""
    found: dict[str, dict[int, date]] = {Action.RESTRICT: {}, Action.RESTRICT_WARNING: {}}
    steps = DunningStep.objects.filter(invoice__in=bills, state=DunningStep.State.TAKEN, action__in=list(found))
    for action, invoice_id, taken_at in steps.values_list("action", "invoice_id", "taken_at"):
        if taken_at is not None:
            found[action][invoice_id] = customer.local_day(taken_at)
    return found


def _override(customer: Customer, today: date) -> str | None:
    live = AccessOverride.objects.filter(customer=customer, ended_at=None, until__gte=today)
    return live.values_list("state", flat=True).first()


def terms_of(customer: Customer) -> Terms:
    """Return the days of the most specific active policy; a currency of its own goes before a kind of its own."""
    fitting = [
        policy
        for policy in AccessPolicy.objects.filter(is_active=True)
        if policy.customer_kind in ("", customer.kind) and policy.currency in ("", customer.currency)
    ]
    if not fitting:
        return Terms()
    best = max(fitting, key=lambda one: (bool(one.currency), bool(one.customer_kind)))
    return Terms(best.grace_days, best.warning_days, best.suspended_after_days, best.least_minor)
