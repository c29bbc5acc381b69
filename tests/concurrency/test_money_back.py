"""Everybody at one refund, one dispute, one bill in the same moment: one winner, and one set of entries each.

Every test makes `BILLING_DESK_MONEY_ROUNDS` rounds; a thousand look for what is rare.
"""

from __future__ import annotations

from datetime import date

import pytest

from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.customers.acceptance import Acceptance
from ledger.disputes.chargebacks import record_chargeback
from ledger.disputes.models import Dispute
from ledger.disputes.operations import (
    give_provisional_credit,
    open_dispute,
    reject_dispute,
    uphold_dispute,
    uphold_dispute_partly,
    withdraw_dispute,
)
from ledger.events.actor import Actor
from ledger.holds.models import Hold
from ledger.instalments.accepting import accept_plan
from ledger.instalments.deciding import cancel_plan
from ledger.instalments.models import PaymentPlan
from ledger.instalments.operations import propose_plan
from ledger.instalments.terms import PlanTerms
from ledger.invoices.models import Invoice
from ledger.money import Money
from ledger.payments.collecting import collect_invoice
from ledger.payments.models import Payment, SandboxTransfer
from ledger.payments.operations import add_payment_method, record_payment
from ledger.refunds.models import Refund
from ledger.refunds.operations import approve_refund, cancel_refund, decline_refund, request_refund
from ledger.refunds.paying import pay_refund
from tests.concurrency.crowd import DECISIONS, MIA, PIA, ROUNDS, SAM, Acts, entry_kinds, kinds_of
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db(transaction=True)


def ask(payment: Payment, minor: int, by: Actor) -> Refund:
    return request_refund(
        payment.pk, amount=eur(minor), reason="x", proof=prove(payment.customer), is_goodwill=True, by=by, at=NOW
    )


def at_one_refund(payment: Payment, refund: Refund, number: int) -> Acts:
    """Approve, cancel, decline, send, ask for more; in every other round the bank takes all of it back as well."""

    def charge_back() -> object:
        amount, external_id = payment.amount, f"cb-{number}"
        return record_chargeback(payment.pk, amount=amount, external_id=external_id, reason="fraud", by=SYSTEM, at=NOW)

    return [
        lambda: approve_refund(refund.pk, by=PIA, at=NOW),
        lambda: cancel_refund(refund.pk, by=MIA, at=NOW),
        lambda: decline_refund(refund.pk, reason="No.", by=SAM, at=NOW),
        lambda: pay_refund(refund.pk, at=NOW),
        lambda: ask(payment, 6_000, SAM),
        charge_back if number % 2 else lambda: ask(payment, 6_000, PIA),
    ]


def test_request_approve_send_chargeback_and_cancel_at_once_end_in_one_set_of_entries(crowd, ana):
    bill(ana, 10_000 * ROUNDS)

    for number in range(ROUNDS):
        payment = pay(ana, 10_000)
        waiting = ask(payment, 6_000, MIA)
        crowd.at_once(at_one_refund(payment, waiting, number))

        happened, posted = kinds_of(f"refund:{waiting.pk}"), entry_kinds(f"refund:{waiting.pk}")
        now, after = Refund.objects.get(pk=waiting.pk), Payment.objects.get(pk=payment.pk)
        # Of the two that let it go, one at most; sent, it is neither.
        assert len({"refund.cancelled", "refund.declined", "refund.paid"} & set(happened)) <= 1
        assert max(happened.count(kind) for kind in happened) == 1
        assert len(posted) == len(set(posted))
        assert SandboxTransfer.objects.filter(key=waiting.key).count() == (now.state == "paid")
        live = Refund.objects.filter(payment=payment).exclude(state__in=["cancelled", "declined"])
        assert sum(live.values_list("amount_minor", flat=True)) == after.refunded_minor
        assert after.refunded_minor + after.charged_back_minor <= 10_000

    owed = sum(Refund.objects.filter(state="approved").values_list("amount_minor", flat=True))
    assert balance("refunds_payable", "EUR", customer_id=ana.pk) == eur(owed)
    assert first_break() is None


def at_one_dispute(dispute: Dispute) -> Acts:
    """Three decisions, the customer who takes it back, credit meanwhile, and money for the bill."""
    says = {"explanation": "We looked.", "deviation": "It is so.", "at": NOW}
    return [
        lambda: uphold_dispute(dispute.pk, by=PIA, **says),
        lambda: uphold_dispute_partly(dispute.pk, amount=eur(300), by=SAM, **says),
        lambda: reject_dispute(dispute.pk, by=SAM, **says),
        lambda: withdraw_dispute(dispute.pk, by=MIA, at=NOW),
        lambda: give_provisional_credit(dispute.pk, by=PIA, at=NOW),
        lambda: pay(dispute.customer, 500),
    ]


def test_a_dispute_decided_four_ways_at_once_is_decided_once(crowd, ana):
    for _ in range(ROUNDS):
        line = bill(ana, 1_000).lines.get()
        pay(ana, 400)
        dispute = open_dispute(line.pk, amount=eur(1_000), reason="other", proof=prove(ana), by=MIA, at=NOW)
        crowd.at_once(at_one_dispute(dispute))

        decided = [kind for kind in kinds_of(f"dispute:{dispute.pk}") if kind in DECISIONS]
        posted = entry_kinds(f"dispute:{dispute.pk}")
        assert len(decided) == 1
        assert len(posted) == len(set(posted))
        line.refresh_from_db()
        assert line.disputed_minor == 0
        assert line.credited_minor == {"dispute.upheld": 1_000, "dispute.partly_upheld": 300}.get(decided[0], 0)

    assert balance("receivable_disputed", "EUR", customer_id=ana.pk) == eur(0)
    assert balance("dispute_hold", "EUR", customer_id=ana.pk) == eur(0)
    assert first_break() is None


def at_one_bill(invoice: Invoice, plan: PaymentPlan) -> Acts:
    """The customer pays by card twice, the schedule charges, money is paid in, a plan begins and is called off."""
    customer = Actor.customer(invoice.customer_id)

    def pay_in() -> object:
        amount: Money = invoice.total
        return record_payment(invoice.customer_id, amount=amount, invoice_id=invoice.pk, by=SYSTEM, at=NOW)

    return [
        lambda: collect_invoice(invoice.pk, trigger="customer", by=customer, at=NOW),
        lambda: collect_invoice(invoice.pk, trigger="customer", by=customer, at=NOW),
        lambda: collect_invoice(invoice.pk, trigger="schedule", by=SYSTEM, at=NOW),
        pay_in,
        lambda: accept_plan(plan.pk, acceptance=Acceptance(plan.wording_hash), by=customer, at=NOW),
        lambda: cancel_plan(plan.pk, reason="No.", by=PIA, at=NOW),
    ]


def test_a_bill_paid_charged_and_put_into_a_plan_at_once_is_paid_once(crowd):
    terms = PlanTerms(2, date(2026, 3, 2), eur(50_000))

    for number in range(ROUNDS):
        ana = open_ana(email=f"ana{number}@example.com")
        add_payment_method(ana.pk, kind="card", last4="4242", token="sandbox:ok", by=SYSTEM, at=NOW)
        before = balance("cash", "EUR").minor
        invoice = bill(ana, 2_000)
        plan = propose_plan(ana.pk, invoice_ids=[invoice.pk], terms=terms, reason="Short", by=PIA, at=NOW)
        crowd.at_once(at_one_bill(invoice, plan))

        invoice = Invoice.objects.get(pk=invoice.pk)
        paid = sum(invoice.allocations.values_list("amount_minor", flat=True))
        charged = SandboxTransfer.objects.filter(key__in=invoice.attempts.values("key")).count()
        assert (invoice.state, invoice.paid_minor, paid) == ("paid", 2_000, 2_000)
        assert charged <= 1
        # What came in twice, by card and by transfer, is the customer's credit to the cent.
        assert balance("cash", "EUR").minor - before == 2_000 * (1 + charged)
        assert invoice.collections.filter(closed_at=None).count() == 0
        is_held = Hold.objects.filter(source=plan.source, lifted_at=None).exists()
        assert is_held == (PaymentPlan.objects.get(pk=plan.pk).state == "active")

    assert first_break() is None
