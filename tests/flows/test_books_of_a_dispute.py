"""The books of a customer who is charged twice, paid both, disputes one charge and gets the money back."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from ledger.books.queries import balance, customer_balances
from ledger.charges.operations import add_charge
from ledger.charges.queries import look_alike_charges
from ledger.customers.operations import open_customer
from ledger.customers.proof import IdentityProof
from ledger.disputes.operations import open_dispute, uphold_dispute
from ledger.disputes.queries import payment_to_refund
from ledger.invoices.operations import issue_invoice
from ledger.invoices.queries import account_summary
from ledger.money import Money
from ledger.payments.operations import record_payment
from ledger.refunds.operations import approve_refund, request_refund
from ledger.refunds.paying import pay_refund

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(now, system):
    return open_customer(
        name="Ana Berg", country="DE", currency="EUR", language="de-DE", email="ana@example.com", by=system, at=now
    )


@pytest.fixture
def proof(ana, now):
    return IdentityProof(
        reference="check:1",
        customer_id=ana.pk,
        conversation="ticket:1",
        level=2,
        proved_at=now,
        expires_at=now + timedelta(minutes=30),
        may_move_money=True,
    )


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def test_a_charge_made_twice_is_disputed_credited_and_refunded_to_the_cent(ana, proof, now, mia, pia, system):
    for _ in range(2):
        add_charge(
            ana.pk,
            amount=eur(2500),
            description="Plus, March",
            tax_rate=Decimal(19),
            charged_on=date(2026, 3, 1),
            by=system,
            at=now,
        )
    invoice = issue_invoice(ana.pk, by=system, at=now)
    assert invoice.total == eur(5950)  # 2 x 25.00 + 19 % of 50.00 = 9.50
    payment = record_payment(ana.pk, amount=eur(5950), card_last4="4242", by=system, at=now)
    assert len(look_alike_charges(ana.pk)) == 1

    line = invoice.lines.order_by("position").last()
    dispute = open_dispute(line.pk, amount=eur(2975), reason="duplicate", proof=proof, by=mia, at=now)

    assert (dispute.paid_minor, dispute.unpaid_minor) == (2975, 0)
    assert balance("dispute_hold", "EUR", customer_id=ana.pk) == eur(2975)

    dispute = uphold_dispute(dispute.pk, explanation="The same month was charged twice.", by=mia, at=now)
    assert balance("customer_credit", "EUR", customer_id=ana.pk) == eur(2975)
    assert balance("tax_payable", "EUR") == eur(475)
    assert payment_to_refund(dispute) == payment

    refund = request_refund(
        payment.pk, amount=eur(2975), reason="Charged twice", proof=proof, source="dispute:1", by=mia, at=now
    )
    assert refund.state == "requested"  # 29.75 is above Mia's 25.00
    approve_refund(refund.pk, by=pia, at=now)
    paid = pay_refund(refund.pk, at=now)

    assert paid.state == "paid"
    left = {key: amount for key, amount in customer_balances(ana.pk).items() if amount}
    assert left == {}
    assert balance("cash", "EUR") == eur(2975)
    summary = account_summary(ana.pk, today=date(2026, 3, 2))
    assert (summary.owed, summary.credit) == (eur(0), eur(0))
