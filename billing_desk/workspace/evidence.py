"""The evidence behind each kind of request: what it is, what it rests on, its entry and its message as they will be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.formats import date_format

from ledger.adjustments.correcting import total_of
from ledger.adjustments.correction_models import CorrectionBatch, CorrectionItem
from ledger.adjustments.models import Adjustment, AdjustmentReason
from ledger.agreements.models import Agreement
from ledger.books import posting_rules
from ledger.books.entry import Entry
from ledger.collections.fee_models import LateFee
from ledger.customers.models import Customer
from ledger.discounts.models import DiscountGrant
from ledger.events import kinds
from ledger.instalments.models import PaymentPlan
from ledger.invoices.models import Invoice
from ledger.money import Money
from ledger.refunds.models import Refund
from ledger.refunds.routes import expected


@dataclass(frozen=True)
class Fact:
    """One line of evidence, with the address where it is read in full."""

    label: str
    text: str
    address: str = ""


@dataclass(frozen=True)
class Evidence:
    """What is asked for, what it rests on, and what a yes would write and say."""

    title: str
    facts: tuple[Fact, ...]
    entry: Entry | None = None
    event_kind: str = ""
    event_data: Mapping[str, object] = field(default_factory=dict)
    #: Said where nobody is told, or not yet.
    told: str = ""
    #: Whose message is shown where many customers are meant.
    reader: Customer | None = None


def _amount(number: str, amount: Money) -> dict[str, object]:
    return {"number": number, "amount_minor": amount.minor, "currency": amount.currency}


def _case(conversation: str) -> tuple[Fact, ...]:
    kind, _, number = conversation.partition(":")
    return (Fact("Case", f"#{number}", f"/desk/tickets/{number}/"),) if kind == "ticket" else ()


def refunds(ids: Sequence[int], at: datetime) -> dict[int, Evidence]:
    """Refunds: the payment, the proof and the route they rest on."""
    found = Refund.objects.filter(pk__in=ids).select_related("customer", "payment__method", "method")
    return {refund.pk: _refund(refund, at) for refund in found}


def _refund(refund: Refund, at: datetime) -> Evidence:
    payment, days = refund.payment, expected(refund, sent_at=at)
    to = str(refund.method) if refund.method else refund.get_route_display()
    facts = (
        Fact("Why", f"{refund.reason}{' (goodwill)' if refund.is_goodwill else ''}"),
        Fact(
            "Payment",
            f"{payment.number}, {payment.amount} of {date_format(payment.received_on, 'j F Y')}",
            f"/desk/entries/payment:{payment.pk}",
        ),
        Fact("Goes to", f"{to}{f', card {payment.card_last4}' if payment.card_last4 and not refund.method else ''}"),
        Fact("Proof", refund.proof_reference.replace("check:", "Identity check ")),
        *_case(refund.conversation),
    )
    on = refund.customer.local_day(at)
    entry = posting_rules.refund_approved(
        refund.amount, customer_id=refund.customer_id, refund=f"refund:{refund.pk}", on=on, goodwill=refund.is_goodwill
    )
    data = {**_amount(refund.number, refund.amount), "arrives_from": str(days.first), "arrives_by": str(days.last)}
    return Evidence(f"Refund {refund.number}", facts, entry, kinds.REFUND_APPROVED, data)


def write_offs(ids: Sequence[int], at: datetime) -> dict[int, Evidence]:
    """Write-offs: the bill, how old it is and what is open on it."""
    found = Invoice.objects.filter(pk__in=ids).select_related("customer")
    return {invoice.pk: _write_off(invoice, at) for invoice in found}


def _write_off(invoice: Invoice, at: datetime) -> Evidence:
    late = (invoice.customer.local_day(at) - invoice.due_on).days
    facts = (
        Fact("Bill", f"{invoice.number}, {invoice.total}", f"/desk/entries/invoice:{invoice.pk}"),
        Fact("Open", f"{invoice.due_amount}, due {date_format(invoice.due_on, 'j F Y')} ({late} days ago)"),
    )
    entry = posting_rules.write_off(
        invoice.due_amount,
        customer_id=invoice.customer_id,
        invoice=f"invoice:{invoice.pk}",
        on=invoice.customer.local_day(at),
    )
    told = "The customer is told nothing: the bill stays known and can still be paid."
    return Evidence(f"Write-off of {invoice.number}", facts, entry if invoice.due_amount else None, told=told)


def discounts(ids: Sequence[int], at: datetime) -> dict[int, Evidence]:
    """Discounts: what is given for how long, and what it may come to."""
    return {
        grant.pk: Evidence(
            f"Discount {grant.name}",
            (
                Fact("Why", grant.reason),
                Fact("Gives", f"{grant.percent.normalize():f} %" if grant.percent else str(grant.worth)),
                Fact("Worth", f"up to {grant.worth}, {grant.get_duration_display().lower()}"),
                *_case(grant.conversation),
            ),
            told="Nothing is posted or sent now: the next bill takes it off and says so.",
        )
        for grant in DiscountGrant.objects.filter(pk__in=ids)
    }


def agreements(ids: Sequence[int], at: datetime) -> dict[int, Evidence]:
    """Agreements: what they give away over their term."""
    return {
        agreement.pk: Evidence(
            str(agreement),
            (Fact("Gives away", f"{agreement.worth} over its term"),),
            told="Nothing is posted. The customer is told when the new terms are offered to them.",
        )
        for agreement in Agreement.objects.filter(pk__in=ids)
    }


def adjustments(ids: Sequence[int], at: datetime) -> dict[int, Evidence]:
    """Adjustments: the reason, the words of who asks, and the budget it comes from."""
    found = Adjustment.objects.filter(pk__in=ids).select_related("customer", "reason")
    return {adjustment.pk: _adjustment(adjustment, at) for adjustment in found}


def _adjustment(adjustment: Adjustment, at: datetime) -> Evidence:
    reason, entry = adjustment.reason, None
    if reason.kind == AdjustmentReason.Kind.CREDIT:
        entry = posting_rules.goodwill_credited(
            adjustment.amount,
            customer_id=adjustment.customer_id,
            adjustment=f"adjustment:{adjustment.pk}",
            on=adjustment.customer.local_day(at),
        )
    facts = (
        Fact("Reason", f"{reason.code}: {reason.title} ({reason.get_cause_display()})"),
        Fact("Why", adjustment.why),
        *_case(adjustment.conversation),
    )
    data = {**_amount(adjustment.number, adjustment.amount), "what": reason.title, "given_as": reason.kind}
    return Evidence(f"{reason.get_kind_display()} {adjustment.number}", facts, entry, kinds.ADJUSTMENT_GRANTED, data)


def batches(ids: Sequence[int], at: datetime) -> dict[int, Evidence]:
    """Correction batches: what went wrong, how many it hit, who is passed over; the message of the first customer."""
    return {batch.pk: _batch(batch) for batch in CorrectionBatch.objects.filter(pk__in=ids)}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _batch(batch: CorrectionBatch) -> Evidence:
    state = CorrectionItem.State
    counted = list(batch.items.values_list("state", "customer_id", "skipped_because"))
    customers = {customer for is_in, customer, _ in counted if is_in == state.PENDING}
    passed = [CorrectionItem.Skipped(why).label for is_in, _, why in counted if is_in == state.SKIPPED]
    over = "; ".join(f"{passed.count(why)} {why}" for why in sorted(set(passed))) or "nobody"
    facts = (
        Fact("What went wrong", batch.root_cause),
        Fact(
            "Hits", f"{_count(len(customers), 'customer')}, {total_of(batch)} in all", f"/desk/corrections/{batch.pk}/"
        ),
        Fact("Passed over", over),
    )
    pending = batch.items.filter(state=state.PENDING).select_related("line__invoice__customer").order_by("pk")
    first = pending.first()
    if first is None:
        return Evidence(f"Correction {batch.number}", facts)
    data = {
        **_amount(batch.number, first.amount), "invoice": first.line.invoice.number, "words": batch.words,
        "others": len(customers) - 1,
    }  # fmt: skip
    reader = first.line.invoice.customer
    return Evidence(f"Correction {batch.number}", facts, None, kinds.CORRECTION_MADE, data, "", reader)


def payment_plans(ids: Sequence[int], at: datetime) -> dict[int, Evidence]:
    """Payment plans: what they cover in how many instalments, and what the customer says they can pay."""
    found = PaymentPlan.objects.filter(pk__in=ids).prefetch_related("instalments")
    return {
        plan.pk: Evidence(
            f"Payment plan {plan.number}",
            (
                Fact("Why", plan.reason),
                Fact("Covers", f"{plan.covered} in {len(plan.instalments.all())} instalments, free of charge"),
                Fact("Can pay", f"{plan.can_pay_monthly} a month, says the customer"),
                *_case(plan.conversation),
            ),
            told="Nothing is posted. The customer is told that the plan is theirs to agree to.",
        )
        for plan in found
    }


def late_fees(ids: Sequence[int], at: datetime) -> dict[int, Evidence]:
    """Waivers of fees for late payment: the formula, and where the fee stands by now."""
    found = LateFee.objects.filter(pk__in=ids).select_related("customer", "invoice", "charge__invoice_line__invoice")
    return {fee.pk: _late_fee(fee, at) for fee in found}


def _late_fee(fee: LateFee, at: datetime) -> Evidence:
    line = getattr(fee.charge, "invoice_line", None)
    facts = (
        Fact("Formula", fee.explanation),
        Fact("Late bill", fee.invoice.number, f"/desk/collections/{fee.customer_id}/"),
        Fact("Stands on", line.invoice.number if line else "no bill yet"),
    )
    charge, on = f"charge:{fee.charge_id}", fee.customer.local_day(at)
    entry = posting_rules.late_fee_waived(fee.amount, customer_id=fee.customer_id, charge=charge, on=on)
    data = {"number": fee.invoice.number, "amount_minor": fee.amount_minor, "currency": fee.currency}
    billed = line is not None
    return Evidence(
        f"Fee for late payment, {fee.amount}", facts, None if billed else entry, kinds.LATE_FEE_WAIVED, data
    )


EVIDENCE: dict[str, Callable[[Sequence[int], datetime], dict[int, Evidence]]] = {
    "refund": refunds,
    "invoice": write_offs,
    "discountgrant": discounts,
    "agreement": agreements,
    "adjustment": adjustments,
    "correctionbatch": batches,
    "paymentplan": payment_plans,
    "latefee": late_fees,
}
