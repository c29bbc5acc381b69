"""charge_late_fee: interest and the fixed sum for late payment, as the rule of the customer's country allows.

Where no rule says that something may be asked, nothing is. Each day of each bill is charged once, the fixed sum once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, Sum

from ledger.charges.models import Charge
from ledger.charges.operations import add_charge
from ledger.collections import fee_words
from ledger.collections.fee_models import LateFee
from ledger.collections.interest import Interest, Rate, accrue
from ledger.collections.owing import held_periods, owed_history
from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.holds.models import Hold
from ledger.holds.queries import is_stopped
from ledger.invoices.models import Invoice
from ledger.invoices.operations import lock_invoice
from ledger.jurisdictions.queries import rule_book
from ledger.jurisdictions.rules import Place, Rule, RuleBook
from ledger.jurisdictions.windows import fixed_sum, interest_rate
from ledger.money import Money
from ledger.periods import Period

KINDS = ("late_fee", "base_rate")
ONE_DAY = timedelta(days=1)


class NoLateFee(DomainError):
    """Nothing can be asked for late payment of this bill now; the message says why."""


class FeesOnHold(DomainError):
    """A payment plan, hardship or another hold stops fees on this bill."""


@dataclass(frozen=True, slots=True)
class Quote:
    """What late payment of a bill costs up to a day, beyond what was charged before: interest, and the fixed sum."""

    invoice: Invoice
    rule: Rule
    span: Period
    interest: Interest
    fixed: Money

    @property
    def total(self) -> Money:
        """Both together."""
        return self.interest.amount + self.fixed


def quote_late_fee(invoice: Invoice, *, at: datetime) -> Quote:
    """Return what could be charged for late payment of a bill up to today, today included; nothing is written.

    :raises NoLateFee: if it is not overdue, every day was charged, or no rule lets us ask for anything
    :raises NoRule: if the base rate of a day is missing; nobody guesses it
    """
    today = invoice.customer.local_day(at)
    if invoice.state != Invoice.State.OPEN or today <= invoice.due_on or invoice.due_amount.minor <= 0:
        raise NoLateFee(f"Nothing on {invoice.number} is overdue.")
    rules, place = _rules_for(invoice)
    rule = rules.find("late_fee", place, invoice.due_on + ONE_DAY)
    if rule is None:
        raise NoLateFee(f"No rule lets us ask for anything when {place} pays late.")
    span = _span(invoice, rule, today)
    if span is None:
        raise NoLateFee(f"Every late day of {invoice.number} was charged before, or is within the days of grace.")
    owed = owed_history(invoice)
    interest = accrue(
        owed,
        rate_on=lambda day: _rate(rules, rule, place, _rate_day(invoice, rule, day)),
        span=span,
        currency=invoice.currency,
        held=held_periods(invoice, until=at),
        round_daily=bool(rule.params["round_daily"]),
        most=_most(invoice, rule),
    )
    return Quote(invoice, rule, span, interest, _fixed(invoice, rule, interest))


def _rules_for(invoice: Invoice) -> tuple[RuleBook, Place]:
    customer = invoice.customer
    return rule_book(KINDS, countries=[customer.country]), Place(customer.country, customer.region, customer.kind)


def _span(invoice: Invoice, rule: Rule, today: date) -> Period | None:
    charged = LateFee.objects.filter(invoice=invoice, kind=LateFee.Kind.INTEREST)
    last = charged.aggregate(last=Max("span_end"))["last"]
    start = last or invoice.due_on + ONE_DAY + timedelta(days=int(rule.params.get("grace_days", 0)))
    return Period(start, today + ONE_DAY) if start <= today else None


def _rate_day(invoice: Invoice, rule: Rule, day: date) -> date:
    return invoice.due_on + ONE_DAY if rule.params.get("keeps_first_rate") else day


def _rate(rules: RuleBook, rule: Rule, place: Place, on: date) -> Rate:
    base = rules.get("base_rate", Place(place.country), on)
    return Rate(interest_rate(rule, base), (rule.id, base.id))


def _most(invoice: Invoice, rule: Rule) -> Money | None:
    """Return how much interest may still be charged where the rule has a cap."""
    if "cap_percent" not in rule.params:
        return None
    charged = LateFee.objects.filter(invoice=invoice, kind=LateFee.Kind.INTEREST, waived_at=None)
    so_far = Money(int(charged.aggregate(sum=Sum("amount_minor"))["sum"] or 0), invoice.currency)
    cap = invoice.total.percent(Decimal(rule.params["cap_percent"]))
    return max(cap - so_far, Money(0, invoice.currency))


def _fixed(invoice: Invoice, rule: Rule, interest: Interest) -> Money:
    """Return the fixed sum by what was owed when the first counted day began; nothing when it was charged before."""
    if not interest.pieces or LateFee.objects.filter(invoice=invoice, kind=LateFee.Kind.FIXED).exists():
        return Money(0, invoice.currency)
    return fixed_sum(rule, interest.pieces[0].principal)


@transaction.atomic
def charge_late_fee(invoice_id: int, *, by: Actor, at: datetime) -> list[LateFee]:
    """This will charge what late payment of a bill cost since the last time: the next bill asks for it.

    :raises NoLateFee: if there is nothing to ask for
    :raises FeesOnHold: if a hold stops fees on it now
    :raises NoRule: if the base rate of a day is missing
    """
    invoice = lock_invoice(invoice_id)
    if is_stopped(invoice.customer_id, Hold.Stop.FEES, invoice_id=invoice.pk, at=at):
        raise FeesOnHold(f"A hold stops fees on {invoice.number}; the days under it do not count.")
    quote = quote_late_fee(invoice, at=at)
    if not quote.total.minor:
        raise NoLateFee(f"The late days of {invoice.number} come to nothing yet.")
    parts = [(LateFee.Kind.INTEREST, quote.interest.amount), (LateFee.Kind.FIXED, quote.fixed)]
    fees = [_charge(quote, kind, amount, by=by, at=at) for kind, amount in parts if amount.minor]
    record_event(
        kinds.LATE_FEE_CHARGED,
        subject=invoice,
        customer_id=invoice.customer_id,
        by=by,
        at=at,
        number=invoice.number,
        amount_minor=quote.total.minor,
        currency=invoice.currency,
        interest_minor=quote.interest.amount.minor,
        fixed_minor=quote.fixed.minor,
        explanation=" ".join(fee.explanation for fee in fees),
        fee_ids=[fee.pk for fee in fees],
    )
    return fees


def _charge(quote: Quote, kind: LateFee.Kind, amount: Money, *, by: Actor, at: datetime) -> LateFee:
    invoice, span = quote.invoice, quote.span
    says = fee_words.of_interest if kind == LateFee.Kind.INTEREST else fee_words.of_fixed_sum
    description, explanation = says(invoice.number, quote.interest, amount, invoice.customer.first_language)
    charge = add_charge(
        invoice.customer_id,
        amount=amount,
        description=description,
        kind=Charge.Kind.LATE_FEE,
        source=f"invoice:{invoice.pk}",
        external_id=f"late-fee:{invoice.pk}:{kind}:{span.start.isoformat()}",
        by=by,
        at=at,
    )
    return LateFee.objects.create(
        invoice=invoice,
        customer_id=invoice.customer_id,
        charge=charge,
        kind=kind,
        span_start=span.start,
        span_end=span.end,
        amount_minor=amount.minor,
        currency=amount.currency,
        formula=_formula(quote),
        explanation=explanation,
        charged_at=at,
        charged_by=str(by),
    )


def _formula(quote: Quote) -> dict[str, object]:
    interest = quote.interest
    return {
        "rule": quote.rule.id,
        "source": quote.rule.source,
        "pieces": [piece.to_json() for piece in interest.pieces],
        "days": interest.days,
        "held_days": interest.held_days,
        "round_daily": interest.round_daily,
        "is_capped": interest.is_capped,
        "interest_minor": interest.amount.minor,
        "fixed_minor": quote.fixed.minor,
    }
