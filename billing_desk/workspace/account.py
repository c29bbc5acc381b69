"""What the account pane shows of a customer: a fixed number of queries, however much there is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ledger.charges.queries import LookAlike, look_alike_charges
from ledger.customers.models import ContactPoint, Customer
from ledger.customers.queries import contact_points
from ledger.disputes import queries as disputes
from ledger.disputes.models import Dispute
from ledger.disputes.reasons import REASONS
from ledger.events.actor import Actor
from ledger.invoices.models import Invoice
from ledger.invoices.queries import AccountSummary, account_summary, invoices_of
from ledger.payments.failures import explain_failure
from ledger.payments.models import Payment
from ledger.payments.queries import payments_of
from ledger.refunds import queries as refunds
from ledger.refunds.models import Refund
from ledger.subscriptions.queries import next_price, subscriptions_of
from tickets.conversations.models import Ticket
from tickets.conversations.queries import tickets_of_customer

#: How many of each kind the pane lists; the account page has them all.
INVOICES, PAYMENTS, CASES, SUBSCRIPTIONS, LOOK_ALIKES = 4, 6, 5, 3, 2
CAN_BE_STOPPED = (Refund.State.REQUESTED, Refund.State.APPROVED, Refund.State.FAILED)
GIVEN_UP = (Refund.State.DECLINED, Refund.State.CANCELLED)


@dataclass(frozen=True)
class Account:
    """Everything about one customer's money, as the pane draws it."""

    customer: Customer
    summary: AccountSummary
    contacts: list[ContactPoint]
    invoices: list[Invoice]
    payments: list[dict[str, Any]]
    look_alikes: list[LookAlike]
    disputes: list[dict[str, Any]]
    refunds: list[dict[str, Any]]
    subscriptions: list[dict[str, Any]]
    earlier: list[Ticket] = field(default_factory=list)


def account_of(
    customer: Customer, *, by: Actor, at: datetime, besides: int | None = None, summary: AccountSummary | None = None
) -> Account:
    """Return a customer's account; `besides` is the ticket on screen, left out of the earlier cases.

    `summary` is what was owed on another day than today, where one is asked for.
    """
    earlier = tickets_of_customer(customer.pk, limit=CASES + 1)
    back = refunds.refunds_of(customer.pk)
    settled = {refund.source for refund in back if refund.state not in GIVEN_UP}
    return Account(
        customer=customer,
        summary=summary or account_summary(customer.pk, today=customer.local_day(at)),
        contacts=contact_points(customer.pk),
        invoices=invoices_of(customer.pk, limit=INVOICES),
        payments=[_payment(payment) for payment in payments_of(customer.pk, limit=PAYMENTS)],
        look_alikes=look_alike_charges(customer.pk)[:LOOK_ALIKES],
        disputes=[_dispute(each, settled) for each in disputes.disputes_of(customer.pk, limit=CASES)],
        refunds=[_refund(refund, by) for refund in back[:CASES]],
        subscriptions=[_subscription(each) for each in subscriptions_of(customer.pk)[:SUBSCRIPTIONS]],
        earlier=[ticket for ticket in earlier if ticket.pk != besides][:CASES],
    )


def _payment(payment: Payment) -> dict[str, Any]:
    failure = explain_failure(payment.failure_code) if payment.state == Payment.State.FAILED else None
    return {"payment": payment, "failure": failure, "can_refund": payment.refundable.minor > 0}


def _dispute(dispute: Dispute, settled: set[str]) -> dict[str, Any]:
    """Return a dispute with its reason in words, and whether an upheld paid part still waits to be given back."""
    reason = REASONS.get(dispute.reason)
    owes_back = dispute.state == Dispute.State.UPHELD and dispute.paid_minor > 0
    pays_out = owes_back and f"dispute:{dispute.pk}" not in settled
    return {"dispute": dispute, "reason": reason.label if reason else dispute.reason, "pays_out": pays_out}


def _refund(refund: Refund, by: Actor) -> dict[str, Any]:
    waits = refund.state == Refund.State.REQUESTED
    why_not = refunds.why_not_approve(refund, by) if waits else None
    can_stop = refund.state in CAN_BE_STOPPED
    return {"refund": refund, "steps": refund_steps(refund), "waits": waits, "why_not": why_not, "can_stop": can_stop}


def refund_steps(refund: Refund) -> list[dict[str, Any]]:
    """Return the way of a refund as four steps, each done, now, off or still to come."""
    reached = {"requested": 1, "approved": 2, "submitted": 3, "failed": 2, "paid": 4, "declined": 1, "cancelled": 1}
    ended = {"declined": "declined", "cancelled": "cancelled", "failed": "failed, tried again"}.get(refund.state)
    names = ["requested", "approved", "sent", "paid"]
    done = reached[refund.state]
    steps = []
    for index, name in enumerate(names):
        tone = "done" if index < done else ""
        if index == done:
            tone, name = ("off", ended) if ended else ("now", {1: "approval", 2: "to be sent", 3: "on its way"}[index])
        steps.append({"name": name, "tone": tone})
    return steps


def _subscription(subscription: Any) -> dict[str, Any]:
    price = next_price(subscription) if subscription.state != "cancelled" else None
    return {"subscription": subscription, "price": price}
