"""What the account pane shows of a customer: a fixed number of queries, however much there is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from billing_desk.roles import permissions_of
from ledger.charges.queries import LookAlike, look_alike_charges
from ledger.customers.models import ContactPoint, Customer
from ledger.customers.queries import contact_points
from ledger.disputes import queries as disputes
from ledger.disputes.drafts import waiting_drafts
from ledger.disputes.models import Dispute, DisputeDraft
from ledger.disputes.reasons import REASONS
from ledger.events.actor import Actor
from ledger.hardship.models import HardshipCase
from ledger.hardship.queries import live_case
from ledger.instalments.models import PaymentPlan
from ledger.instalments.queries import plans_of
from ledger.invoices.models import Invoice
from ledger.invoices.queries import AccountSummary, account_summary, invoices_of
from ledger.payments.failures import explain_failure, explain_to_agent
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
    drafts: list[DisputeDraft]
    refunds: list[dict[str, Any]]
    subscriptions: list[dict[str, Any]]
    earlier: list[Ticket] = field(default_factory=list)
    payment_plans: list[PaymentPlan] = field(default_factory=list)
    hardship: HardshipCase | None = None


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
        payments=[_payment(payment, by) for payment in payments_of(customer.pk, limit=PAYMENTS)],
        look_alikes=look_alike_charges(customer.pk)[:LOOK_ALIKES],
        drafts=waiting_drafts(customer_id=customer.pk),
        disputes=[_dispute(each, settled) for each in disputes.disputes_of(customer.pk, limit=CASES)],
        refunds=[_refund(refund, by) for refund in back[:CASES]],
        subscriptions=[_subscription(each) for each in subscriptions_of(customer.pk)[:SUBSCRIPTIONS]],
        earlier=[ticket for ticket in earlier if ticket.pk != besides][:CASES],
        payment_plans=plans_of(customer.pk, limit=SUBSCRIPTIONS),
        hardship=live_case(customer.pk),
    )


def _payment(payment: Payment, by: Actor) -> dict[str, Any]:
    """Return a payment; of a failed one what the customer reads, and what this agent may know."""
    has_failed = payment.state == Payment.State.FAILED
    failure = explain_failure(payment.failure_code) if has_failed else None
    may_see = "payment.see_decline" in permissions_of(by.roles)
    note = explain_to_agent(payment.failure_code, may_see_secret=may_see) if has_failed else ""
    return {"payment": payment, "failure": failure, "note": note, "can_refund": payment.refundable.minor > 0}


#: What can be done to an open dispute: the panel and its words; the first three are decisions.
ACTS = (
    ("uphold", "Uphold"),
    ("part", "In part"),
    ("reject", "Reject"),
    ("withdraw", "Withdraw"),
    ("evidence", "Add evidence"),
    ("provisional", "Credit meanwhile"),
)


def _dispute(dispute: Dispute, settled: set[str]) -> dict[str, Any]:
    """Return a dispute with its reason in words, and whether an upheld paid part still waits to be given back."""
    reason = REASONS.get(dispute.reason)
    owes_back = bool(dispute.became_credit)
    pays_out = owes_back and f"dispute:{dispute.pk}" not in settled
    acts = [act for act in ACTS if act[0] != "provisional" or dispute.paid_minor]
    return {
        "dispute": dispute,
        "reason": reason.label if reason else dispute.reason,
        "pays_out": pays_out,
        "acts": acts,
    }


def _refund(refund: Refund, by: Actor) -> dict[str, Any]:
    waits = refund.state == Refund.State.REQUESTED
    why_not = refunds.why_not_approve(refund, by) if waits else None
    can_stop = refund.state in CAN_BE_STOPPED
    return {"refund": refund, "steps": refund_steps(refund), "waits": waits, "why_not": why_not, "can_stop": can_stop}


#: How many of the steps a refund has behind it, by its state; and what a refund that stopped is called.
REACHED = {"requested": 1, "approved": 2, "submitted": 3, "failed": 2, "paid": 4, "settled": 5, "declined": 1}
ENDED = {"declined": "declined", "cancelled": "cancelled", "failed": "failed: another way"}


def refund_steps(refund: Refund) -> list[dict[str, Any]]:
    """Return the way of a refund as five steps, each done, now, off or still to come."""
    ended, done = ENDED.get(refund.state), REACHED.get(refund.state, 1)
    arriving = f"arrives {refund.arrives}" if refund.arrives else "arriving"
    now = {1: "approval", 2: "to be sent", 3: "on its way", 4: arriving}
    steps = []
    for index, name in enumerate(["requested", "approved", "sent", "paid", "arrived"]):
        tone = "done" if index < done else ""
        if index == done:
            tone, name = ("off", ended) if ended else ("now", now[index])
        steps.append({"name": name, "tone": tone})
    return steps


def _subscription(subscription: Any) -> dict[str, Any]:
    price = next_price(subscription) if subscription.state != "cancelled" else None
    return {"subscription": subscription, "price": price}
