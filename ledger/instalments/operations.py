"""propose_plan: an overdue amount in instalments, before anybody agreed to it (deciding.py, accepting.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from ledger.authority import operations as authority
from ledger.authority.models import AuthorityLimit
from ledger.authority.policy import Decision
from ledger.customers.models import Customer
from ledger.customers.operations import refuse_own_account
from ledger.customers.queries import NoSuchCustomer
from ledger.errors import DomainError, InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor, ActorKind
from ledger.instalments.models import Instalment, PaymentPlan, PlanBill
from ledger.instalments.moving import record, words_of
from ledger.instalments.queries import live_plan_of
from ledger.instalments.terms import Part, PlanTerms, check_affordable, dearest_month, schedule
from ledger.instalments.wording import VERSION, PlanWords, words_for
from ledger.invoices.models import Invoice
from ledger.invoices.numbering import next_number
from ledger.invoices.operations import NoSuchInvoice, lock_invoice
from ledger.money import Money

ACT = AuthorityLimit.Act.PAYMENT_PLAN
#: Days in which a proposed plan can be accepted.
OPEN_DAYS = 14
#: The limit that holds for customers who set up their own plan in the portal.
SELF_SERVICE = "customer"


class PaymentPlanAlreadyAgreed(DomainError):
    """The customer is paying this bill in instalments already, or a plan for it waits for a yes."""


class NothingDue(DomainError):
    """Nothing is due on the bill: it is paid, withdrawn, given up or contested."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a plan would say: its instalments and its words."""

    customer: Customer
    invoices: tuple[Invoice, ...]
    total: Money
    terms: PlanTerms
    parts: tuple[Part, ...]
    words: PlanWords


def preview_plan(
    customer_id: int, *, invoice_ids: Sequence[int], terms: PlanTerms, number: str = "", at: datetime
) -> Draft:
    """Return what a plan over some bills would say; writes nothing. See `propose_plan` for what it refuses."""
    customer = Customer.objects.filter(pk=customer_id).first()
    if customer is None:
        raise NoSuchCustomer("We have no such customer.")
    found = Invoice.objects.filter(pk__in=set(invoice_ids), customer_id=customer_id).order_by("due_on", "pk")
    return _draft(customer, list(found), len(set(invoice_ids)), terms, number, at=at)


@transaction.atomic
def propose_plan(
    customer_id: int,
    *,
    invoice_ids: Sequence[int],
    terms: PlanTerms,
    reason: str,
    conversation: str = "",
    by: Actor,
    at: datetime,
) -> PaymentPlan:
    """This will write a payment plan over what is due on some bills: ready for the customer's yes within the proposer's
    own authority, waiting for somebody else's approval beyond it. Nothing changes until the customer agrees.

    :raises NothingDue, NoSuchInvoice, PaymentPlanAlreadyAgreed: if a bill cannot be covered
    :raises InvalidPlan: if a plan cannot say this (2 to 36 instalments)
    :raises NotAffordable: if it asks for more a month than the customer can pay
    """
    # The customer first: plans for one customer are decided one after the other, so split ones are seen.
    customer = Customer.objects.select_for_update(no_key=True).filter(pk=customer_id).first()
    if customer is None:
        raise NoSuchCustomer("We have no such customer.")
    refuse_own_account(by, customer_id)
    wanted = sorted(set(invoice_ids))
    invoices = [lock_invoice(pk) for pk in wanted]
    own = sorted((one for one in invoices if one.customer_id == customer_id), key=lambda one: (one.due_on, one.pk))
    number = next_number("PP", customer.local_day(at).year)
    draft = _draft(customer, own, len(wanted), terms, number, at=at)
    decider = replace(by, roles=frozenset({SELF_SERVICE})) if by.kind == ActorKind.CUSTOMER else by
    given = authority.given_lately(ACT, customer_id, draft.total.currency, by=decider, at=at)
    decision = authority.decide(ACT, draft.total, given=given, by=decider)
    plan = _write(draft, number, decision, words_of(reason, most=300), conversation, by=by, at=at)
    _ask_or_keep(plan, decision, by=by, at=at)
    record(kinds.PAYMENT_PLAN_PROPOSED, plan, by=by, at=at, count=terms.count, approval=decision.why, **_told(plan))
    return plan


def _draft(
    customer: Customer, invoices: list[Invoice], wanted: int, terms: PlanTerms, number: str, *, at: datetime
) -> Draft:
    if len(invoices) < wanted:
        raise NoSuchInvoice("There is no such bill.")
    if not invoices:
        raise InvalidInput("Say which bills the plan is for.")
    for invoice in invoices:
        _check_bill(invoice)
    total = sum((invoice.due_amount for invoice in invoices), Money(0, customer.currency))
    today = customer.local_day(at)
    parts = schedule(total, terms, country=customer.country, region=customer.region, today=today)
    check_affordable(parts, terms, besides=_promised_monthly(customer))
    words = words_for(
        parts,
        number=number,
        customer=customer.name,
        bills=[invoice.number for invoice in invoices],
        total=total,
        monthly=terms.can_pay_monthly,
        charged=terms.charges_automatically,
        language=customer.language,
    )
    return Draft(customer, tuple(invoices), total, terms, parts, words)


def _check_bill(invoice: Invoice) -> None:
    if invoice.state != Invoice.State.OPEN or invoice.due_amount.minor <= 0:
        raise NothingDue(f"Nothing is due on {invoice.number}, so there is nothing to pay in instalments.")
    other = live_plan_of(invoice.pk)
    if other is not None:
        state = other.get_state_display().lower()
        raise PaymentPlanAlreadyAgreed(f"{invoice.number} is part of payment plan {other.number} already ({state}).")


def _promised_monthly(customer: Customer) -> Money | None:
    """Return what the customer's running plans ask for in their dearest month."""
    running = Instalment.objects.filter(plan__customer=customer, plan__state=PaymentPlan.State.ACTIVE)
    left = [Part(part.position, part.agreed_on, part.due_on, part.left) for part in running if part.left]
    return dearest_month(tuple(left)) if left else None


def _write(
    draft: Draft, number: str, decision: Decision, reason: str, conversation: str, *, by: Actor, at: datetime
) -> PaymentPlan:
    limit = decision.limit if decision.alone else None
    plan = PaymentPlan.objects.create(
        state=PaymentPlan.State.PROPOSED if limit else PaymentPlan.State.WAITING_APPROVAL,
        number=number,
        customer=draft.customer,
        currency=draft.total.currency,
        agreed_minor=draft.total.minor,
        covered_minor=draft.total.minor,
        can_pay_monthly_minor=draft.terms.can_pay_monthly.minor,
        every=draft.terms.every,
        charges_automatically=draft.terms.charges_automatically,
        language=draft.words.language,
        wording_version=VERSION,
        wording=draft.words.text,
        wording_hash=draft.words.hash,
        reason=reason,
        conversation=conversation,
        requested_by=str(by),
        requested_at=at,
        open_until=draft.customer.local_day(at) + timedelta(days=OPEN_DAYS),
        approved_by=limit.reference if limit else "",
        approved_at=at if limit else None,
    )
    _write_parts(plan, draft)
    return plan


def _write_parts(plan: PaymentPlan, draft: Draft) -> None:
    PlanBill.objects.bulk_create(
        PlanBill(
            plan=plan,
            invoice=invoice,
            currency=plan.currency,
            covered_minor=invoice.due_amount.minor,
            paid_before_minor=invoice.paid_minor,
            disputed_before_minor=invoice.disputed_minor,
            disputed_seen_minor=invoice.disputed_minor,
        )
        for invoice in draft.invoices
    )
    Instalment.objects.bulk_create(
        Instalment(
            plan=plan,
            position=part.position,
            currency=plan.currency,
            agreed_on=part.agreed_on,
            due_on=part.due_on,
            agreed_minor=part.amount.minor,
            amount_minor=part.amount.minor,
        )
        for part in draft.parts
    )


def _ask_or_keep(plan: PaymentPlan, decision: Decision, *, by: Actor, at: datetime) -> None:
    """Put it on the approval list, or keep that it was within the proposer's own limit."""
    subject = f"paymentplan:{plan.pk}"
    about: dict[str, Any] = {
        "act": ACT, "customer_id": plan.customer_id, "amount": plan.agreed, "why": decision.why,
    }  # fmt: skip
    if decision.alone and decision.limit:
        authority.record_alone(subject, limit=decision.limit, by=by, at=at, **about)
    else:
        authority.request_approval(subject, by=by, at=at, **about)


def _told(plan: PaymentPlan) -> dict[str, object]:
    """Return what the customer is told with an offer: whether it is theirs to accept, until when, the first day."""
    first = Instalment.objects.filter(plan=plan).order_by("position")[0]
    return {
        "is_open": plan.state == PaymentPlan.State.PROPOSED,
        "open_until": plan.open_until.isoformat(),
        "first_on": first.due_on.isoformat(),
        "first_minor": first.amount_minor,
        "parts": Instalment.objects.filter(plan=plan).count(),
    }
