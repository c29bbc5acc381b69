"""A bill is paid by link, collected by the job, put into a plan, disputed and voided in the same moment.

Every test makes `BILLING_DESK_MONEY_ROUNDS` rounds; a thousand look for what is rare.
"""

from __future__ import annotations

from datetime import date

import pytest

from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.customers.acceptance import Acceptance
from ledger.customers.models import Customer
from ledger.disputes.models import OPEN_STATES, Dispute
from ledger.disputes.operations import open_dispute
from ledger.events import outbox
from ledger.events.actor import Actor
from ledger.holds.models import Hold
from ledger.instalments.accepting import accept_plan
from ledger.instalments.models import PaymentPlan
from ledger.instalments.operations import propose_plan
from ledger.instalments.terms import PlanTerms
from ledger.invoices.models import Invoice
from ledger.invoices.voiding import void_invoice
from ledger.payments.collecting import collect_invoice
from ledger.payments.linking import make_payment_link, pay_by_link
from ledger.payments.models import Payment, SandboxTransfer
from ledger.payments.operations import add_payment_method
from tests.concurrency.crowd import MIA, PIA, ROUNDS, Acts, check_disputes_of, entry_kinds, kinds_of
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, prove

pytestmark = pytest.mark.django_db(transaction=True)

TERMS = PlanTerms(2, date(2026, 3, 2), eur(50_000))


def at_one_bill(invoice: Invoice, plan: PaymentPlan, token: str) -> Acts:
    """Pay by link, twice; charge the card on file; agree to a plan; dispute a quarter; withdraw the bill."""
    customer = Actor.customer(invoice.customer_id)
    line, proof = invoice.lines.get(), prove(invoice.customer)
    acceptance = Acceptance(plan.wording_hash)
    return [
        lambda: pay_by_link(token, card="ok", at=NOW),
        lambda: pay_by_link(token, card="ok", at=NOW),
        lambda: collect_invoice(invoice.pk, trigger="schedule", is_first=True, by=SYSTEM, at=NOW),
        lambda: accept_plan(plan.pk, acceptance=acceptance, by=customer, at=NOW),
        lambda: open_dispute(line.pk, amount=eur(500), reason="other", proof=proof, by=MIA, at=NOW),
        lambda: void_invoice(invoice.pk, reason="Wrong", by=PIA, at=NOW),
    ]


def check_outcome(invoice_id: int) -> str:
    """Check that a bill has one outcome, its money came in once, and every entry stands once; return the outcome."""
    invoice = Invoice.objects.get(pk=invoice_id)
    check_disputes_of(invoice.lines.get())
    transfers = SandboxTransfer.objects.filter(key__in=invoice.attempts.values("key"), kind="charge", succeeded=True)
    came_in = sum(transfers.values_list("amount_minor", flat=True))
    booked = Payment.objects.filter(customer_id=invoice.customer_id, state="succeeded")
    happened, posted = kinds_of(f"invoice:{invoice.pk}"), entry_kinds(f"invoice:{invoice.pk}")
    assert booked.count() == transfers.count()
    assert came_in <= 2_000
    assert invoice.collections.filter(closed_at=None).count() == 0
    assert happened.count("invoice.voided") == posted.count("reversal") == (invoice.state == "void")
    assert happened.count("invoice.paid") == (invoice.state == "paid")
    if invoice.state == "void":
        assert (invoice.paid_minor, invoice.disputed_minor) == (0, 0)
    # A charge under way when a part was disputed, or the bill withdrawn: what it no longer asks for is credit.
    kept = balance("customer_credit", "EUR", customer_id=invoice.customer_id)
    assert kept == eur(came_in - invoice.paid_minor)
    assert invoice.paid_minor == min(came_in, 0 if invoice.state == "void" else 2_000 - invoice.disputed_minor)
    assert balance("receivable_disputed", "EUR", customer_id=invoice.customer_id) == eur(invoice.disputed_minor)
    return str(invoice.state)


def open_customer_with_a_card(number: int) -> Customer:
    customer = open_ana(email=f"ana{number}@example.com")
    add_payment_method(customer.pk, kind="card", last4="4242", token="sandbox:ok", by=SYSTEM, at=NOW)
    return customer


def test_a_bill_paid_by_link_collected_planned_disputed_and_voided_at_once_has_one_outcome(crowd):
    ended: list[str] = []
    for number in range(ROUNDS):
        customer = open_customer_with_a_card(number)
        invoice = bill(customer, 2_000)
        plan = propose_plan(customer.pk, invoice_ids=[invoice.pk], terms=TERMS, reason="Short", by=PIA, at=NOW)
        crowd.at_once(at_one_bill(invoice, plan, make_payment_link(invoice.pk, by=SYSTEM, at=NOW)))

        ended.append(check_outcome(invoice.pk))

    while outbox.run_due_reactions(at=NOW):
        continue
    came_in = sum(SandboxTransfer.objects.filter(succeeded=True).values_list("amount_minor", flat=True))
    assert balance("cash", "EUR") == eur(came_in)
    for plan in PaymentPlan.objects.all():
        is_held = Hold.objects.filter(source=plan.source, lifted_at=None).exists()
        assert is_held == (plan.state == "active"), plan
        still = Invoice.objects.filter(pk__in=plan.bills.values("invoice_id"), state="open").exists()
        assert still or plan.state != "active", plan
    void = Invoice.objects.filter(state="void")
    assert not Dispute.objects.filter(line__invoice__in=void, state__in=OPEN_STATES).exists()
    assert len(ended) == ROUNDS
    assert first_break() is None
