"""Scenarios seen in what came in, went back or was given up (pure): each returns its findings, or none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations

from ledger.explanations.refund_words import ARRIVAL_BUSINESS_DAYS
from ledger.explanations.scenarios.facts import AccountFacts, Bill, Paid, Refunded
from ledger.explanations.scenarios.finding import Finding, Value
from ledger.money import Money
from ledger.payments.declines_codes import find_reason

#: How long a bank holds an authorised amount that was not captured. Source: Stripe documentation, "Place a hold on a
#: payment method" (seven days for most cards online).
HOLD_DAYS = 7
#: A retry that succeeds later than this is a payment of its own.
RETRY_DAYS = 30
#: Two equal payments within so many days, the second paying nothing, are one made twice.
PAID_TWICE_DAYS = 5


def _of_payment(scenario: str, fit: int, payment: Paid, *refs: str, **values: Value) -> Finding:
    card = f" ({payment.last4})" if payment.last4 else ""
    named: dict[str, Value] = {"amount": payment.amount, "on": payment.on, "payment": payment.number, "card": card}
    return Finding(scenario, fit, payment.on, (f"payment:{payment.id}", *refs), {**named, **values})


def failed_then_paid(facts: AccountFacts) -> Iterator[Finding]:
    """A payment failed, and another try of the same amount went through: it was taken once."""
    for failed in _in_state(facts, "failed"):
        paid = _retry_of(facts, failed)
        if paid is not None:
            values: dict[str, Value] = {"paid_on": paid.on, "retry": paid.number}
            yield _of_payment("failed_then_paid", 86, failed, f"payment:{paid.id}", **values)


def _sayable(code: str) -> str:
    """Return a decline code an agent may read; of those that are kept silent only that there is one."""
    return "—" if not code or find_reason(code).is_secret else code


def payment_failed(facts: AccountFacts) -> Iterator[Finding]:
    """A payment failed, and nothing has come since."""
    failed = [one for one in _in_state(facts, "failed") if _retry_of(facts, one) is None]
    owed = any(bill.due and bill.due.minor for bill in facts.bills if bill.state == "open")
    if failed and owed:
        yield _of_payment("payment_failed", 92, failed[0], code=_sayable(failed[0].failed))


def _in_state(facts: AccountFacts, state: str) -> list[Paid]:
    return [one for one in facts.payments if one.state == state and facts.is_recent(one.on)]


def _retry_of(facts: AccountFacts, failed: Paid) -> Paid | None:
    later = [
        one
        for one in facts.payments
        if one.state == "succeeded" and one.amount == failed.amount and one.id > failed.id and one.on >= failed.on
    ]
    return next((one for one in later if one.on <= failed.on + timedelta(days=RETRY_DAYS)), None)


def payment_pending(facts: AccountFacts) -> Iterator[Finding]:
    """An amount is held by the bank and not yet taken; the hold drops by itself."""
    for payment in facts.payments:
        drops = payment.on + timedelta(days=HOLD_DAYS)
        if payment.state == "pending" and facts.today <= drops:
            yield _of_payment("payment_pending", 91, payment, drops=drops)


def duplicate_payment(facts: AccountFacts) -> Iterator[Finding]:
    """The same amount came twice within days, and the second paid no bill."""
    for later, first in _paid_twice(facts):
        values: dict[str, Value] = {"first_on": first.on, "left": later.left_over}
        yield _of_payment("duplicate_payment", 93, later, f"payment:{first.id}", **values)


def _paid_twice(facts: AccountFacts) -> Iterator[tuple[Paid, Paid]]:
    came = sorted(_in_state(facts, "succeeded"), key=lambda one: (one.on, one.id))
    for first, later in combinations(came, 2):
        close = later.on - first.on <= timedelta(days=PAID_TWICE_DAYS)
        if close and first.amount == later.amount and later.left_over == later.amount and first.settled:
            yield later, first


def overpayment(facts: AccountFacts) -> Iterator[Finding]:
    """More was paid than was owed; the rest stays as credit."""
    twice = {later.id for later, _ in _paid_twice(facts)}
    for payment in _in_state(facts, "succeeded"):
        if payment.left_over.minor > 0 and payment.id not in twice:
            yield _of_payment("overpayment", 84, payment, left=payment.left_over)


def partial_payment(facts: AccountFacts) -> Iterator[Finding]:
    """A part of a bill was paid by money, the rest is still open."""
    for bill in _of_interest(facts):
        came = sum((one.settled[bill.id] for one in facts.payments if bill.id in one.settled), Money(0, facts.currency))
        if bill.state == "open" and bill.due and bill.due.minor > 0 and came.minor > 0:
            yield _of_bill("partial_payment", 83, bill, paid=came, due=bill.due, by=bill.due_on)


def _of_interest(facts: AccountFacts) -> list[Bill]:
    return [facts.bill] if facts.about is not None and facts.bill else [one for one in facts.bills if one.counts]


def _of_bill(scenario: str, fit: int, bill: Bill, *refs: str, on: date | None = None, **values: Value) -> Finding:
    named: dict[str, Value] = {"bill": bill.number, "amount": bill.total, **values}
    return Finding(scenario, fit, on or bill.issued_on, (f"invoice:{bill.id}", *refs), named)


def credit_applied(facts: AccountFacts) -> Iterator[Finding]:
    """Credit of the customer paid the bill, or a part of it."""
    bill = facts.bill
    if bill and bill.credit_used and bill.credit_used.minor:
        yield _of_bill("credit_applied", 76, bill, used=bill.credit_used, left=facts.credit or Money(0, facts.currency))


def credit_used_up(facts: AccountFacts) -> Iterator[Finding]:
    """Credit paid the bill before, is gone now, and so this bill is asked for in full."""
    bill, before = facts.bill, facts.before
    if bill is None or before is None or (facts.credit and facts.credit.minor):
        return
    helped = before.credit_used and before.credit_used.minor
    if before.credit_used and helped and not (bill.credit_used and bill.credit_used.minor):
        yield _of_bill(
            "credit_used_up", 82, bill, f"invoice:{before.id}", used=before.credit_used, before=before.number
        )


def refund_under_way(facts: AccountFacts) -> Iterator[Finding]:
    """A refund is approved or sent, and a bank may not show it yet."""
    for refund in facts.refunds:
        sent = refund.closed_on if refund.state == "paid" else None
        seen_by = refund.arrives_by or _seen_by(sent or facts.today)
        if refund.state in ("approved", "submitted") or (sent and facts.today < seen_by):
            yield _of_refund("refund_under_way", 90, refund, by=seen_by, reference=refund.reference or "—")


def _seen_by(sent: date) -> date:
    """Return the last of the business days a bank may need, Saturdays and Sundays left out."""
    seen, left = sent, ARRIVAL_BUSINESS_DAYS
    while left:
        seen += timedelta(days=1)
        left -= seen.weekday() < 5
    return seen


def refund_failed(facts: AccountFacts) -> Iterator[Finding]:
    """A refund could not be paid out."""
    for refund in facts.refunds:
        if refund.state == "failed":
            yield _of_refund("refund_failed", 94, refund)


def _of_refund(scenario: str, fit: int, refund: Refunded, **values: Value) -> Finding:
    on = refund.closed_on or refund.approved_on or refund.asked_on
    named: dict[str, Value] = {"refund": refund.number, "amount": refund.amount, "on": on, **values}
    return Finding(scenario, fit, on, (f"refund:{refund.id}",), named)


def dispute_hold(facts: AccountFacts) -> Iterator[Finding]:
    """An amount is in dispute, so it is not asked for meanwhile."""
    for one in facts.disputes:
        if one.is_open:
            values: dict[str, Value] = {"dispute": one.number, "amount": one.amount, "by": one.due_on}
            refs = (f"dispute:{one.id}", f"invoice:{one.bill}")
            yield Finding("dispute_hold", 89, one.opened_on, refs, values)


def chargeback(facts: AccountFacts) -> Iterator[Finding]:
    """A bank took a payment back, and has not given it up."""
    for one in facts.chargebacks:
        if one.state != "won" and (facts.is_recent(one.on) or one.state == "received"):
            refs = (f"chargeback:{one.id}", f"payment:{one.payment}")
            yield Finding("chargeback", 93, one.on, refs, {"amount": one.amount, "on": one.on})


def voided_and_reissued(facts: AccountFacts) -> Iterator[Finding]:
    """A bill was withdrawn and its content billed again on another one."""
    for old in facts.bills:
        if old.state != "void" or not facts.is_recent(old.issued_on):
            continue
        content = sorted((line.key, line.start or date.min) for line in old.lines)
        for new in facts.bills:
            same = sorted((line.key, line.start or date.min) for line in new.lines)
            if new.counts and content and new.id > old.id and same == content:
                yield _of_bill("voided_and_reissued", 90, new, f"invoice:{old.id}", old=old.number)


def written_off(facts: AccountFacts) -> Iterator[Finding]:
    """What was left of a bill was given up as not collectable."""
    for bill in facts.bills:
        if bill.state == "uncollectible" and bill.written_off:
            yield _of_bill("written_off", 79, bill, given_up=bill.written_off)


DETECTORS = (
    failed_then_paid,
    payment_failed,
    payment_pending,
    duplicate_payment,
    overpayment,
    partial_payment,
    credit_applied,
    credit_used_up,
    refund_under_way,
    refund_failed,
    dispute_hold,
    chargeback,
    voided_and_reissued,
    written_off,
)
