"""load_account: everything the scenarios look at, in a fixed number of queries whatever the account holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from django.db.models import Prefetch

from ledger.books.queries import balance
from ledger.catalogue.models import Price
from ledger.customers.models import Customer
from ledger.customers.queries import get_customer
from ledger.disputes.models import Chargeback, Dispute
from ledger.events import kinds
from ledger.events.models import Event
from ledger.explanations.scenarios import facts as plain
from ledger.explanations.scenarios.facts import AccountFacts
from ledger.invoices.explain import basis_of
from ledger.invoices.models import CreditNote, Invoice, InvoiceLine
from ledger.invoices.operations import NoSuchInvoice
from ledger.money import Money
from ledger.payments.models import Payment, PaymentAllocation
from ledger.refunds.models import Refund
from ledger.subscriptions.models import Subscription

#: How many of each are looked at, newest first.
BILLS, OTHERS, EVENTS = 24, 40, 60
TOLD = (
    kinds.CREDIT_APPLIED,
    kinds.SUBSCRIPTION_PAUSED,
    kinds.SUBSCRIPTION_RESUMED,
    kinds.SUBSCRIPTION_BILLING_DAY_MOVED,
)


def load_account(customer_id: int, *, today: date, invoice_id: int | None = None) -> AccountFacts:
    """Return an account as plain values; the named invoice is loaded however old it is.

    :raises NoSuchCustomer: if there is none
    :raises NoSuchInvoice: if the invoice is not this customer's
    """
    customer = get_customer(customer_id)
    invoices = _invoices(customer_id, invoice_id)
    credits_used = _credits_used(customer_id, [invoice.pk for invoice in invoices])
    return AccountFacts(
        customer_id=customer_id,
        currency=customer.currency,
        today=today,
        bills=tuple(_bill(invoice, credits_used) for invoice in invoices),
        notes=_notes(customer_id),
        payments=_payments(customer_id),
        refunds=_refunds(customer),
        disputes=_disputes(customer),
        chargebacks=_chargebacks(customer),
        subscriptions=_subscriptions(customer),
        events=_events(customer),
        versions=_versions(invoices, customer.currency),
        credit=balance("customer_credit", customer.currency, customer_id=customer_id),
        about=invoice_id,
    )


def _invoices(customer_id: int, invoice_id: int | None) -> list[Invoice]:
    lines = Prefetch("lines", InvoiceLine.objects.select_related("charge").order_by("position"))
    of_customer = Invoice.objects.filter(customer_id=customer_id).exclude(state=Invoice.State.DRAFT)
    newest = of_customer.order_by("-issued_on", "-pk")
    if invoice_id is not None:
        named = of_customer.filter(pk=invoice_id).values_list("issued_on", flat=True).first()
        if named is None:
            raise NoSuchInvoice("There is no such invoice.")
        # What is asked about may be old: then the bills up to some weeks after it are looked at, not the newest.
        newest = newest.filter(issued_on__lte=named + timedelta(days=plain.RECENT_DAYS))
    return list(newest.prefetch_related(lines)[:BILLS])


def _credits_used(customer_id: int, invoice_ids: list[int]) -> Mapping[str, int]:
    subjects = [f"invoice:{pk}" for pk in invoice_ids]
    found = Event.objects.filter(customer_id=customer_id, kind=kinds.CREDIT_APPLIED, subject__in=subjects)
    used: dict[str, int] = {}
    for subject, data in found.values_list("subject", "data"):
        used[subject] = used.get(subject, 0) + int(data["amount_minor"])
    return used


def _bill(invoice: Invoice, credits_used: Mapping[str, int]) -> plain.Bill:
    currency = invoice.currency
    return plain.Bill(
        id=invoice.pk,
        number=invoice.number,
        state=str(invoice.state),
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        total=invoice.total,
        lines=tuple(_line(line) for line in invoice.lines.all()),
        source=invoice.source,
        paid=Money(invoice.paid_minor, currency),
        due=invoice.due_amount,
        written_off=invoice.written_off if invoice.written_off_minor else None,
        credit_used=Money(credits_used.get(f"invoice:{invoice.pk}", 0), currency),
        closing_note=invoice.closing_note,
    )


def _line(line: InvoiceLine) -> plain.Line:
    charge = line.charge
    return plain.Line(
        id=line.pk,
        basis=basis_of(charge),
        net=Money(line.net_minor, line.currency),
        tax=Money(line.tax_minor, line.currency),
        rate=f"{line.tax_rate.normalize():f}",
        treatment=line.tax_treatment,
        source=charge.source,
        start=charge.period_start,
        end=charge.period_end,
        credited=Money(line.credited_minor, line.currency) if line.credited_minor else None,
        words=line.description,
    )


def _notes(customer_id: int) -> tuple[plain.Note, ...]:
    found = CreditNote.objects.filter(customer_id=customer_id).order_by("-pk")[:OTHERS]
    return tuple(
        plain.Note(note.pk, note.number, note.invoice_id, note.total, note.issued_on, note.reason, note.source)
        for note in found
    )


def _payments(customer_id: int) -> tuple[plain.Paid, ...]:
    allocated = Prefetch("allocations", PaymentAllocation.objects.order_by("pk"))
    found = Payment.objects.filter(customer_id=customer_id).order_by("-pk").prefetch_related(allocated)[:OTHERS]
    return tuple(
        plain.Paid(
            id=payment.pk,
            number=payment.number,
            state=str(payment.state),
            amount=payment.amount,
            on=payment.received_on,
            last4=payment.card_last4,
            failed=payment.failure_code,
            settled={part.invoice_id: part.amount for part in payment.allocations.all()},
        )
        for payment in found
    )


def _refunds(customer: Customer) -> tuple[plain.Refunded, ...]:
    found = Refund.objects.filter(customer=customer).order_by("-pk")[:OTHERS]
    return tuple(
        plain.Refunded(
            id=refund.pk,
            number=refund.number,
            state=str(refund.state),
            amount=refund.amount,
            asked_on=customer.local_day(refund.requested_at),
            approved_on=customer.local_day(refund.approved_at) if refund.approved_at else None,
            closed_on=customer.local_day(refund.closed_at) if refund.closed_at else None,
            reference=refund.gateway_reference,
            arrives_by=refund.arrives_by,
        )
        for refund in found
    )


def _disputes(customer: Customer) -> tuple[plain.Disputed, ...]:
    found = Dispute.objects.filter(customer=customer).select_related("line").order_by("-pk")[:OTHERS]
    return tuple(
        plain.Disputed(
            id=one.pk,
            number=one.number,
            is_open=one.is_open,
            amount=one.contested,
            bill=one.line.invoice_id,
            opened_on=customer.local_day(one.opened_at),
            due_on=customer.local_day(one.due_at),
        )
        for one in found
    )


def _chargebacks(customer: Customer) -> tuple[plain.TakenBack, ...]:
    # At an inquiry no money has moved, so there is nothing to explain.
    taken = Chargeback.objects.filter(customer=customer).exclude(stage__in=["early_warning", "inquiry"])
    found = taken.order_by("-pk")[:OTHERS]
    return tuple(
        plain.TakenBack(one.pk, str(one.state), one.amount, one.payment_id, customer.local_day(one.received_at))
        for one in found
    )


def _subscriptions(customer: Customer) -> tuple[plain.Agreed, ...]:
    found = Subscription.objects.filter(customer=customer).select_related("plan").order_by("-pk")[:OTHERS]
    return tuple(
        plain.Agreed(
            id=one.pk,
            plan=one.plan.name,
            state=str(one.state),
            started_on=customer.local_day(one.started_at),
            trial_ends_on=one.trial_ends_on,
            ends_on=one.ends_on,
            paused_on=customer.local_day(one.paused_at) if one.paused_at else None,
        )
        for one in found
    )


def _events(customer: Customer) -> tuple[plain.Happened, ...]:
    found = Event.objects.filter(customer_id=customer.pk, kind__in=TOLD).order_by("-pk")[:EVENTS]
    return tuple(
        plain.Happened(one.pk, one.kind, one.subject, customer.local_day(one.occurred_at), one.data) for one in found
    )


def _versions(invoices: list[Invoice], currency: str) -> tuple[plain.Version, ...]:
    codes = {str(line.charge.basis.get("product", "")) for invoice in invoices for line in invoice.lines.all()}
    found = Price.objects.filter(product__code__in=sorted(codes - {""}), currency=currency).select_related("product")
    return tuple(
        plain.Version(price.product.code, price.valid_from, _is_free(price)) for price in found.order_by("valid_from")
    )


def _is_free(price: Price) -> bool:
    tariff = price.tariff
    steps = [amount for tier in tariff.tiers for amount in (tier.unit_minor, tier.flat_minor)]
    return not any((tariff.flat_minor, tariff.unit_minor, *steps))
