"""Any sequence of operations on one customer's money: the books hold, and nobody gets more back than they paid."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import F, Sum
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from ledger.billing.operations import run_billing
from ledger.books.proof import first_break
from ledger.books.queries import balance, customer_balances
from ledger.catalogue.models import Plan, Price
from ledger.charges.models import Charge
from ledger.charges.operations import add_charge, reverse_charge
from ledger.disputes.chargebacks import lose_chargeback, record_chargeback, win_chargeback
from ledger.disputes.models import Chargeback, Dispute
from ledger.disputes.operations import (
    appeal_dispute,
    open_dispute,
    reject_dispute,
    review_dispute,
    uphold_dispute,
    withdraw_dispute,
)
from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.models import Invoice, InvoiceLine
from ledger.invoices.operations import issue_invoice
from ledger.payments.models import Payment
from ledger.refunds.models import Refund
from ledger.refunds.operations import approve_refund, cancel_refund, decline_refund, request_refund
from ledger.refunds.paying import pay_refund
from ledger.subscriptions.operations import (
    cancel_subscription,
    pause_subscription,
    resume_subscription,
    start_subscription,
)
from tests.conftest import NOW
from tests.everything import EVERYTHING
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay, prove

#: The states in which a dispute is not decided.
OPEN = ["opened", "in_review"]

MIA = Actor.agent(1, name="Mia", roles=frozenset({"agent"}))
PIA = Actor.agent(3, name="Pia", roles=frozenset({"supervisor"}))
#: Round and odd amounts, and the one the sandbox gateway declines.
AMOUNTS = [1, 99, 1000, 2500, 6666, 10000, 25000]

ACTS = [
    "charge", "reverse", "bill", "pay", "credit_note", "dispute", "review", "uphold", "reject", "withdraw", "appeal",
    "refund", "goodwill", "approve", "decline", "cancel", "send", "chargeback", "win", "lose", "renew", "pause",
    "resume",
]  # fmt: skip
#: Money must have come before it can go back, so the acts that bring some are drawn more often.
acts = st.tuples(
    st.sampled_from(
        ACTS + ["charge", "bill", "pay", "dispute", "uphold", "uphold", "refund", "goodwill", "send", "chargeback"] * 2
    ),
    st.integers(0, 5),
    st.sampled_from(AMOUNTS),
)


class World:
    """One customer, and one way to do each act: the number chooses what it is done to."""

    def __init__(self) -> None:
        self.at: datetime = NOW
        self.ana = open_ana()
        plan = Plan.objects.create(code="plus", name="Plus")
        Price.objects.create(product=plan, currency="EUR", amount_minor=999, tax_rate=19, valid_from=date(2026, 1, 1))
        self.subscription = start_subscription(self.ana.pk, plan_code="plus", by=SYSTEM, at=self.at)
        bill(self.ana, 10000, 5000, tax=19)
        pay(self.ana, 15000)

    def pick(self, model: type, number: int, **more: object) -> int:
        """Return the id of one of the rows that fit, or of any: what is done to that one is refused."""
        rows = model.objects.order_by("pk")
        ids = list((rows.filter(**more) or rows).values_list("pk", flat=True))
        return ids[number % len(ids)] if ids else 0

    def perform(self, act: str, number: int, minor: int) -> None:
        """Do one act, or find it refused."""
        getattr(self, act)(number, minor)

    def charge(self, number: int, minor: int) -> None:
        rate = [Decimal(0), Decimal(19), Decimal("7.7")][number % 3]
        add_charge(self.ana.pk, amount=eur(minor), description=f"Use {number}", tax_rate=rate, by=MIA, at=self.at)

    def reverse(self, number: int, minor: int) -> None:
        reverse_charge(
            self.pick(Charge, number, invoice_line=None, reversed_at=None), reason="a mistake", by=MIA, at=self.at
        )

    def bill(self, number: int, minor: int) -> None:
        issue_invoice(self.ana.pk, by=MIA, at=self.at)

    def pay(self, number: int, minor: int) -> None:
        pay(self.ana, minor, at=self.at)

    def credit_note(self, number: int, minor: int) -> None:
        if line := self.pick(InvoiceLine, number):
            issue_credit_note(line, amount=eur(minor), reason="Too much", by=PIA, at=self.at)

    def dispute(self, number: int, minor: int) -> None:
        proof, line = prove(self.ana, at=self.at), self.pick(InvoiceLine, number, disputed_minor=0)
        open_dispute(line, amount=eur(minor), reason="duplicate", proof=proof, by=MIA, at=self.at)

    def review(self, number: int, minor: int) -> None:
        review_dispute(self.pick(Dispute, number, state="opened"), by=MIA, at=self.at)

    def uphold(self, number: int, minor: int) -> None:
        uphold_dispute(self.pick(Dispute, number, state__in=OPEN), explanation="Yes.", by=PIA, at=self.at)

    def reject(self, number: int, minor: int) -> None:
        reject_dispute(self.pick(Dispute, number, state__in=OPEN), explanation="No.", by=PIA, at=self.at)

    def withdraw(self, number: int, minor: int) -> None:
        withdraw_dispute(self.pick(Dispute, number, state__in=OPEN), by=MIA, at=self.at)

    def appeal(self, number: int, minor: int) -> None:
        appeal_dispute(self.pick(Dispute, number, state="rejected"), reason="New proof", by=MIA, at=self.at)

    def refund(self, number: int, minor: int, *, is_goodwill: bool = False) -> None:
        request_refund(
            self.pick(Payment, number),
            amount=eur(minor),
            reason="Sorry",
            proof=prove(self.ana, at=self.at),
            is_goodwill=is_goodwill,
            by=MIA,
            at=self.at,
        )

    def goodwill(self, number: int, minor: int) -> None:
        self.refund(number, minor, is_goodwill=True)

    def approve(self, number: int, minor: int) -> None:
        approve_refund(self.pick(Refund, number, state="requested"), by=PIA, at=self.at)

    def decline(self, number: int, minor: int) -> None:
        decline_refund(self.pick(Refund, number, state="requested"), reason="No.", by=PIA, at=self.at)

    def cancel(self, number: int, minor: int) -> None:
        cancel_refund(self.pick(Refund, number, state__in=["requested", "approved", "failed"]), by=PIA, at=self.at)

    def send(self, number: int, minor: int) -> None:
        pay_refund(self.pick(Refund, number, state__in=["approved", "failed"]), at=self.at)

    def chargeback(self, number: int, minor: int) -> None:
        if payment := self.pick(Payment, number):
            external_id = f"cb-{Chargeback.objects.count()}"
            record_chargeback(
                payment, amount=eur(minor), external_id=external_id, reason="fraud", by=SYSTEM, at=self.at
            )

    def win(self, number: int, minor: int) -> None:
        win_chargeback(self.pick(Chargeback, number, state="received"), by=SYSTEM, at=self.at)

    def lose(self, number: int, minor: int) -> None:
        lose_chargeback(self.pick(Chargeback, number, state="received"), by=SYSTEM, at=self.at)

    def renew(self, number: int, minor: int) -> None:
        self.at += timedelta(days=20)
        run_billing(at=self.at)

    def pause(self, number: int, minor: int) -> None:
        pause_subscription(self.subscription.pk, by=MIA, at=self.at)

    def resume(self, number: int, minor: int) -> None:
        act = cancel_subscription if number == 5 else resume_subscription
        act(self.subscription.pk, by=MIA, at=self.at)


def total(model: type, field: str, **more: object) -> int:
    return int(model.objects.filter(**more).aggregate(sum=Sum(field))["sum"] or 0)


@pytest.mark.slow
class MoneyHolds(TestCase):
    """Every operation that moves money, in any order, against the laws that never change."""

    @settings(max_examples=60 if EVERYTHING else 16, deadline=None)
    @given(st.lists(acts, min_size=10, max_size=30))
    @example(
        [(act, 0, 6666) for act in ("goodwill", "approve", "send", "chargeback", "send", "cancel", "win", "goodwill")]
    )
    @example([(act, 0, 1000) for act in ("dispute", "review", "reject", "appeal", "uphold", "refund", "send", "bill")])
    @example([(act, 0, 10000) for act in ("goodwill", "approve", "chargeback", "cancel", "lose", "goodwill", "renew")])
    def test_any_sequence_of_operations_leaves_books_that_hold(self, sequence) -> None:
        world = World()
        for act, number, minor in sequence:
            try:
                with transaction.atomic():
                    world.perform(act, number, minor)
            except DomainError:
                continue
            self.hold_after(act)

        connection.check_constraints()
        assert first_break() is None
        self.money_is_where_it_should_be(world)

    def hold_after(self, act: str) -> None:
        overdrawn = Payment.objects.filter(refunded_minor__gt=F("amount_minor") - F("charged_back_minor"))
        assert not overdrawn.exists(), act
        for payment in Payment.objects.all():
            taken = sum(back.amount_minor for back in payment.chargebacks.exclude(state="won"))
            assert payment.refundable.minor == max(payment.amount_minor - payment.refunded_minor - taken, 0), act

    def money_is_where_it_should_be(self, world: World) -> None:
        paid, given = total(Payment, "amount_minor"), total(Refund, "amount_minor", state="paid")
        taken = total(Chargeback, "amount_minor", state__in=["received", "lost"])
        gifts = total(Refund, "amount_minor", state="paid", is_goodwill=True)
        assert balance("cash", "EUR").minor == paid - given - taken
        assert given <= paid
        assert balance("goodwill", "EUR").minor >= gifts
        held = customer_balances(world.ana.pk)
        for account in ("customer_credit", "refunds_payable", "dispute_hold", "receivable", "receivable_disputed"):
            assert held.get((account, "EUR"), eur(0)).minor >= 0, account
        for invoice in Invoice.objects.all():
            assert 0 <= invoice.due_amount.minor <= invoice.total_minor
