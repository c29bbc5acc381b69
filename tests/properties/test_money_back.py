"""Agents, approvers, customers, a bank that lies and workers that die, in any order: the laws of money hold each step.

One run is one world. `BILLING_DESK_MODEL_STEPS` says how many steps are made in all; 10,000 look for what is rare.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from ledger.adjustments.models import Adjustment
from ledger.adjustments.operations import (
    Gift,
    approve_adjustment,
    cancel_adjustment,
    decline_adjustment,
    give_adjustment,
    reverse_adjustment,
)
from ledger.authority.models import Freeze
from ledger.books.claims import CLAIMS
from ledger.books.operations import fold_balances
from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.catalogue.models import Plan, Price
from ledger.charges.models import Charge
from ledger.charges.operations import add_charge, reverse_charge
from ledger.collections.dunning import run_dunning
from ledger.collections.fee_models import LateFee
from ledger.collections.late_fees import charge_late_fee
from ledger.collections.models import PaymentPromise
from ledger.collections.promises import make_payment_promise, settle_due_promises, withdraw_payment_promise
from ledger.collections.waiving import approve_late_fee_waiver, decline_late_fee_waiver, waive_late_fee
from ledger.customers.acceptance import Acceptance
from ledger.customers.models import Customer
from ledger.customers.operations import open_customer
from ledger.disputes.chargebacks import Report, accept_chargeback, report_chargeback
from ledger.disputes.models import OPEN_STATES, Chargeback, Dispute
from ledger.disputes.operations import (
    AlreadyDisputed,
    DisputeTooLarge,
    acknowledge_dispute,
    appeal_dispute,
    close_dispute,
    give_provisional_credit,
    mark_seen,
    open_dispute,
    reject_dispute,
    review_dispute,
    uphold_dispute,
    uphold_dispute_partly,
    withdraw_dispute,
)
from ledger.disputes.stages import STAGES, STATES
from ledger.disputes.watching import watch_disputes
from ledger.entitlements.models import Access
from ledger.entitlements.operations import end_access_override, override_access, review_access, review_due_access
from ledger.errors import DomainError, NotFound
from ledger.events import outbox
from ledger.events.actor import Actor
from ledger.events.models import Event, Reaction
from ledger.hardship.operations import end_hardship, start_hardship
from ledger.hardship.queries import live_case
from ledger.holds.models import Hold
from ledger.holds.operations import lift_holds, place_hold
from ledger.instalments.accepting import accept_plan
from ledger.instalments.deciding import approve_plan, cancel_plan, decline_plan
from ledger.instalments.keeping import keep_plans
from ledger.instalments.models import Instalment, PaymentPlan, PlanBill
from ledger.instalments.operations import propose_plan
from ledger.instalments.terms import PlanTerms
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.models import Invoice, InvoiceLine
from ledger.invoices.operations import apply_credit, issue_invoice
from ledger.invoices.voiding import void_invoice
from ledger.invoices.writing_off import approve_write_off, decline_write_off, give_up_invoice, recover_invoice
from ledger.money import Money
from ledger.payments.allocating import move_allocation
from ledger.payments.attempt_models import Attempt
from ledger.payments.attempting import Order, begin_attempt
from ledger.payments.collecting import collect_invoice
from ledger.payments.due import collect_due_invoices
from ledger.payments.events import apply_answer
from ledger.payments.gateways import GatewayAnswer, gateway
from ledger.payments.models import Payment, PaymentAllocation, PaymentMethod, SandboxTransfer
from ledger.payments.on_file import remove_payment_method
from ledger.payments.operations import add_payment_method, record_failure, record_payment
from ledger.payments.recovery import run_due_retries
from ledger.payments.resolving import resolve_unknown
from ledger.refunds.freezing import freeze_refunds, unfreeze_refunds
from ledger.refunds.models import Refund
from ledger.refunds.operations import (
    RefundNotInState,
    approve_refund,
    cancel_refund,
    decline_refund,
    request_refund,
)
from ledger.refunds.paying import pay_due_refunds, pay_refund
from ledger.refunds.routes import ORIGINAL, Way, reroute_refund
from ledger.refunds.settling import return_refund, settle_refund, take_gateway_word
from ledger.refunds.watching import watch_refunds
from ledger.subscriptions.operations import start_subscription
from notifications.delivery.models import Message
from notifications.delivery.operations import queue_message
from notifications.preferences.operations import set_preference
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay, prove

#: How many steps are made in all, and in one world.
STEPS = int(os.environ.get("BILLING_DESK_MODEL_STEPS", "60"))
IN_ONE_WORLD = 100
#: From so many steps on they differ from run to run, and what was done is printed; fewer are the same ones each time.
MANY = 1000

MIA = Actor.agent(1, name="Mia", roles=frozenset({"agent"}))
NOE = Actor.agent(2, name="Noe", roles=frozenset({"senior_agent"}))
PIA = Actor.agent(3, name="Pia", roles=frozenset({"supervisor"}))
OLG = Actor.agent(4, name="Olg", roles=frozenset({"finance"}))
SAM = Actor.agent(5, name="Sam", roles=frozenset({"supervisor", "finance"}))
STAFF = [MIA, NOE, PIA, OLG, SAM]

#: Round and odd amounts, and the one whose refund the sandbox declines.
AMOUNTS = [1, 99, 1000, 2500, 6666, 10000, 25000]
#: What the gateway does with the first charge and with later ones.
TOKENS = [
    "ok", "lost_answer,ok", "timeout,ok", "insufficient_funds,ok", "delayed", "delayed_decline,ok", "down,down,ok",
    "stolen_card", "ok,insufficient_funds",
]  # fmt: skip
#: So often something else is drawn when there is nothing to do for what was drawn.
MOST_TRIES = 8

AGENT = [
    "charge", "charge", "take_back_charge", "bill", "bill", "credit_note", "void", "apply_credit", "move_payment",
    "dispute", "dispute", "dispute",
    "acknowledge", "review", "uphold", "uphold", "uphold_partly", "reject", "withdraw", "appeal", "close",
    "provisional_credit", "refund", "refund", "goodwill", "goodwill", "cancel_refund", "reroute", "give", "take_back",
    "cancel_gift", "late_fee", "waive", "promise", "withdraw_promise", "propose_plan", "propose_plan", "cancel_plan",
    "hold", "lift_hold", "hardship", "end_hardship", "give_up", "recover", "agent_collects",
]  # fmt: skip
APPROVER = [
    "approve_refund", "approve_refund", "approve_refund", "decline_refund", "approve_gift", "decline_gift",
    "approve_waiver", "decline_waiver", "approve_plan", "decline_plan", "approve_write_off", "decline_write_off",
    "freeze", "unfreeze", "unfreeze", "override_access", "end_override", "accept_chargeback",
]  # fmt: skip
CUSTOMER = [
    "pay", "pay", "pay_off", "collect", "collect", "add_card", "remove_card", "accept_plan", "accept_plan",
    "accept_plan", "withdraw",
]  # fmt: skip
BANK = [
    "report_attempt", "report_attempt", "lie_failed", "lie_pending", "chargeback", "chargeback", "chargeback_again",
    "refund_arrived", "refund_came_back", "refund_came_back", "payment_failed_elsewhere",
]  # fmt: skip
WORKER = [
    "work", "work", "work", "work_killed", "send_refunds", "send_refunds", "send_refund_killed",
    "collect_killed_before", "collect_killed_after", "resolve", "night_killed",
]  # fmt: skip
ACTORS = [AGENT, AGENT, AGENT, AGENT, APPROVER, CUSTOMER, CUSTOMER, BANK, WORKER, ["clock"]]


class Killed(BaseException):
    """The worker died: what it had begun is rolled back."""


#: Every claim about the books in one statement: it is asked after every step.
ALL_CLAIMS = " UNION ALL ".join(f"SELECT c.* FROM ({sql}) c" for _, sql in CLAIMS)
#: What the claims do not say: sums that have to be the same in two places, each row a breach.
SAME = """
SELECT 'entry ' || entry_id || ' does not balance' FROM ledger_posting
GROUP BY entry_id HAVING sum(amount_minor) <> 0
UNION ALL
SELECT 'line ' || l.id || ' holds ' || l.disputed_minor || ', disputes '
       || COALESCE(sum(d.unpaid_minor + d.paid_minor), 0)
FROM ledger_invoiceline l LEFT JOIN ledger_dispute d
     ON d.line_id = l.id AND d.state IN ('opened', 'acknowledged', 'in_review')
GROUP BY l.id HAVING l.disputed_minor <> COALESCE(sum(d.unpaid_minor + d.paid_minor), 0)
UNION ALL
SELECT i.number || ' holds ' || i.disputed_minor || ', disputes ' || COALESCE(sum(d.unpaid_minor), 0)
FROM ledger_invoice i LEFT JOIN ledger_invoiceline l ON l.invoice_id = i.id LEFT JOIN ledger_dispute d
     ON d.line_id = l.id AND d.state IN ('opened', 'acknowledged', 'in_review')
GROUP BY i.id HAVING i.disputed_minor <> COALESCE(sum(d.unpaid_minor), 0)
UNION ALL
SELECT p.number || ' covers ' || p.covered_minor || ', instalments ' || COALESCE(sum(s.amount_minor), 0)
FROM ledger_paymentplan p LEFT JOIN ledger_instalment s ON s.plan_id = p.id
GROUP BY p.id HAVING p.covered_minor <> COALESCE(sum(s.amount_minor), 0)
UNION ALL
SELECT 'attempt ' || a.id || ' is ' || a.state || ' and its collection ' || COALESCE(c.closed_at::text, 'open')
FROM ledger_attempt a JOIN ledger_collection c ON c.attempt_id = a.id
WHERE (a.state IN ('succeeded', 'failed')) <> (c.closed_at IS NOT NULL)
UNION ALL
SELECT 'attempt ' || a.id || ' brought money the gateway did not take' FROM ledger_attempt a
LEFT JOIN ledger_sandboxtransfer t ON t.key = a.key
WHERE a.state = 'succeeded' AND (t.id IS NULL OR NOT t.succeeded)
UNION ALL
SELECT 'hold ' || h.id || ' of ' || h.source || ' outlives it' FROM ledger_hold h
LEFT JOIN ledger_paymentplan p ON h.source = 'paymentplan:' || p.id
LEFT JOIN ledger_paymentpromise o ON h.source = 'paymentpromise:' || o.id
WHERE h.lifted_at IS NULL AND (p.state <> 'active' OR o.state <> 'open')
UNION ALL
SELECT p.number || ' was given back as ' || sum(r.amount_minor) FROM ledger_payment p
JOIN ledger_refund r ON r.payment_id = p.id AND r.state IN ('paid', 'settled') AND r.route <> 'credit'
GROUP BY p.id HAVING sum(r.amount_minor) > p.amount_minor
UNION ALL
SELECT 'refund ' || r.id || ' left ' || count(*) || ' times' FROM ledger_refund r
JOIN ledger_sandboxtransfer t ON t.succeeded AND (t.key = 'refund:' || r.id OR t.key LIKE 'refund:' || r.id || '/%')
GROUP BY r.id HAVING count(*) > r.sending
"""


class MoneyBack(RuleBasedStateMachine):
    """Two customers, five members of staff, a bank, and the clock."""

    done = 0
    performed: Counter[str] = Counter()
    refused: Counter[str] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.at: datetime = NOW
        self.is_reviewed = False
        self.steps, self.seed = 0, 0
        self.log: list[str] = []
        self.open_world()

    def open_world(self) -> None:
        self.ana = open_ana()
        self.firm = open_customer(
            name="Holz KG", kind="business", country="DE", currency="EUR", language="en", email="holz@example.com",
            by=SYSTEM, at=NOW,
        )  # fmt: skip
        set_preference(self.firm.pk, quiet_from=time(16), quiet_until=time(9), by=SYSTEM, at=NOW)
        plan = Plan.objects.create(code="plus", name="Plus")
        Price.objects.create(product=plan, currency="EUR", amount_minor=999, tax_rate=19, valid_from=date(2026, 1, 1))
        for customer in (self.ana, self.firm):
            start_subscription(customer.pk, plan_code="plus", by=SYSTEM, at=NOW)
            bill(customer, 10000, 5000, tax=19)
            pay(customer, 15000)
            bill(customer, 20000)
            self.add_card_of(customer, "ok")

    def teardown(self) -> None:
        is_whole = False
        try:
            if sys.exc_info()[0] is None:
                self.end()
                is_whole = True
                MoneyBack.done += self.steps
        finally:
            if not is_whole:
                print("\n".join(self.log))
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    @initialize(seed=st.integers(0, 2**64 - 1))
    def begin(self, seed: int) -> None:
        self.seed = seed

    @rule(draw=st.integers(0, 2**32 - 1))
    def somebody_does_something(self, draw: int) -> None:
        """Let somebody do something that is possible, or is refused; what there is nothing to do for is drawn again."""
        self.steps += 1
        chance = Random(f"{self.seed}/{self.steps}/{draw}")
        for _ in range(MOST_TRIES):
            act = chance.choice(chance.choice(ACTORS))
            if self.perform(act, chance.randrange(12), chance.choice(AMOUNTS)):
                return

    def perform(self, act: str, number: int, minor: int) -> bool:
        """Do one act, or find it refused; anything but a refusal is a failure. False: there was nothing to do."""
        self.log.append(f"{act}({number}, {minor})")
        try:
            done = getattr(self, act)(number, minor)
        except NotFound:
            self.log.pop()
            return False
        except DomainError as refusal:
            self.refused[f"{act}: {type(refusal).__name__}"] += 1
            self.log[-1] += f" {type(refusal).__name__}: {refusal}"
            return True
        if done is False:
            self.log.pop()
            return False
        self.performed[act] += 1
        return True

    def clock(self, number: int, minor: int) -> None:
        self.at += timedelta(hours=[1, 2, 7, 24, 24, 72, 200, 24, 24, 48, 168, 500][number])
        self.is_reviewed = False
        self.night()

    # What holds after every step

    @invariant()
    def money_is_where_it_should_be(self) -> None:
        connection.check_constraints()
        with connection.cursor() as cursor:
            cursor.execute(ALL_CLAIMS)
            assert cursor.fetchall() == []
            cursor.execute(SAME)
            assert cursor.fetchall() == []
        assert not Payment.objects.filter(amount_minor__lt=F("refunded_minor") + F("charged_back_minor")).exists()
        for invoice in Invoice.objects.all():
            assert 0 <= invoice.due_amount.minor <= invoice.total_minor, invoice.number

    @invariant()
    def no_reaction_fails(self) -> None:
        failing = Reaction.objects.exclude(last_error="").values_list("handler", "event__kind", "last_error")
        assert list(failing) == []

    @invariant()
    def messages_follow_what_happened(self) -> None:
        """About one thing, and in one conversation, customers are told in the order in which it happened."""
        told = Message.objects.filter(key__startswith="event:").order_by("pk")
        last: dict[tuple[object, ...], tuple[int, datetime]] = {}
        for key, due_at, customer_id, about, where in told.values_list(
            "key", "due_at", "customer_id", "about", "conversation"
        ):
            event = int(key.partition(":")[2])
            for thing in [(customer_id, about), (customer_id, where)]:
                before, went_at = last.get(thing, (0, due_at))
                assert event > before, (thing, self.kind_of(event), self.kind_of(before))
                assert due_at >= went_at or not thing[1] or thing[1] == where, (thing, self.kind_of(event))
                last[thing] = (event, due_at)

    def kind_of(self, event: int) -> str:
        return Event.objects.values_list("kind", flat=True).get(pk=event)

    @invariant()
    def what_follows_has_followed(self) -> None:
        """Once all reactions have run, plans say what their bills say, and access is what it comes to anew."""
        if Reaction.objects.filter(done_at=None).exists():
            return
        for plan in PaymentPlan.objects.filter(state="active"):
            bills = Invoice.objects.filter(pk__in=PlanBill.objects.filter(plan=plan).values("invoice_id"), state="open")
            left = sum(part.left.minor for part in Instalment.objects.filter(plan=plan))
            assert left == sum(invoice.due_amount.minor for invoice in bills), plan.number
        if self.is_reviewed:
            self.access_is_what_it_comes_to()

    def access_is_what_it_comes_to(self) -> None:
        for customer in (self.ana, self.firm):
            before = self.access_of(customer)
            with contextlib.suppress(Killed), transaction.atomic():
                review_access(customer.pk, at=self.at)
                after = self.access_of(customer)
                raise Killed
            assert before == after

    def access_of(self, customer: Customer) -> object:
        said = Access.objects.filter(customer=customer)
        return said.values("state", "reason", "invoice_id", "amount_minor", "restricts_on", "suspends_on").first()

    def end(self) -> None:
        """The bank answers, the workers catch up: all that was taken is booked, and the books prove it."""
        for attempt in Attempt.objects.order_by("pk"):
            with contextlib.suppress(OSError):
                self.report(attempt)
        for _ in range(3):
            self.at += timedelta(hours=25)
            self.night()
            self.work(0, 0)
        self.is_reviewed = True
        self.what_follows_has_followed()
        self.messages_follow_what_happened()
        self.no_reaction_fails()
        self.money_is_where_it_should_be()
        assert first_break() is None
        for transfer in SandboxTransfer.objects.filter(kind="charge", succeeded=True, reached=True):
            if transfer.settles_at is None or transfer.settles_at <= self.at - timedelta(days=2):
                booked = Payment.objects.filter(gateway_reference=transfer.reference)
                assert booked.count() == 1, transfer.key

    # What they do

    def pick(self, model: Any, number: int, **more: object) -> int:
        """Return the id of one of the rows that fit; now and then of any: what is done to that one is refused."""
        rows = model.objects.order_by("-pk")
        ids = list((rows.filter(**more) or (rows if number == 0 else rows.none())).values_list("pk", flat=True)[:6])
        if not ids:
            raise NotFound("There is none.")
        return int(ids[number % len(ids)])

    def who(self, number: int) -> Customer:
        return self.firm if number % 3 == 0 else self.ana

    def staff(self, number: int) -> Actor:
        return STAFF[number % 5]

    def charge(self, number: int, minor: int) -> None:
        rate = [0, 19, 7][number % 3]
        add_charge(self.who(number).pk, amount=eur(minor), description="Use", tax_rate=rate, by=MIA, at=self.at)

    def take_back_charge(self, number: int, minor: int) -> object:
        charge = self.pick(Charge, number, invoice_line=None, reversed_at=None)
        return bool(charge) and reverse_charge(charge, reason="a mistake", by=MIA, at=self.at)

    def bill(self, number: int, minor: int) -> None:
        due = self.who(number).local_day(self.at) + timedelta(days=[0, 1, 14][number % 3])
        issue_invoice(self.who(number).pk, due_on=due, by=MIA, at=self.at)

    def credit_note(self, number: int, minor: int) -> None:
        line = self.pick(InvoiceLine, number)
        issue_credit_note(line, amount=eur(minor), reason="Too much", by=PIA, at=self.at)

    def void(self, number: int, minor: int) -> None:
        void_invoice(self.pick(Invoice, number, state="open", paid_minor=0), reason="Wrong", by=PIA, at=self.at)

    def apply_credit(self, number: int, minor: int) -> None:
        apply_credit(self.pick(Invoice, number, state="open"), amount=eur(minor), by=MIA, at=self.at)

    def move_payment(self, number: int, minor: int) -> object:
        share = PaymentAllocation.objects.filter(amount_minor__gt=0).order_by("-pk")[number % 4 :].first()
        if share is None:
            return False
        to = self.pick(Invoice, number, state="open", customer_id=share.payment.customer_id)
        return move_allocation(
            share.payment_id, from_invoice_id=share.invoice_id, to_invoice_id=to,
            amount=eur(min(minor, share.amount_minor)), reason="Wrong bill", by=PIA, at=self.at,
        )  # fmt: skip

    def dispute(self, number: int, minor: int) -> None:
        line = InvoiceLine.objects.get(pk=self.pick(InvoiceLine, number, disputed_minor=0))
        left = line.total.minor - line.credited_minor
        amount = eur(left if number % 2 and left > 0 else minor)
        proof = prove(line.invoice.customer, at=self.at)
        reason = ["duplicate", "other"][number % 2]
        open_dispute(line.pk, amount=amount, reason=reason, proof=proof, by=STAFF[number % 2], at=self.at)

    def decide(self, number: int) -> dict[str, Any]:
        says = {"explanation": "We looked.", "deviation": "The facts do not say all."}
        return {**says, "by": self.staff(number), "at": self.at}

    def undecided(self, number: int) -> int:
        dispute = self.pick(Dispute, number, state__in=OPEN_STATES)
        if dispute and number % 4:
            mark_seen(dispute, by=self.staff(number), at=self.at)
        return dispute

    def acknowledge(self, number: int, minor: int) -> None:
        acknowledge_dispute(self.pick(Dispute, number, state="opened"), by=MIA, at=self.at)

    def review(self, number: int, minor: int) -> None:
        review_dispute(self.pick(Dispute, number, state="opened"), by=MIA, at=self.at)

    def uphold(self, number: int, minor: int) -> None:
        uphold_dispute(self.undecided(number), **self.decide(number))

    def uphold_partly(self, number: int, minor: int) -> None:
        uphold_dispute_partly(self.undecided(number), amount=eur(minor), **self.decide(number))

    def reject(self, number: int, minor: int) -> None:
        reject_dispute(self.undecided(number), **self.decide(number))

    def withdraw(self, number: int, minor: int) -> None:
        withdraw_dispute(self.pick(Dispute, number, state__in=OPEN_STATES), by=MIA, at=self.at)

    def appeal(self, number: int, minor: int) -> None:
        dispute = self.pick(Dispute, number, state__in=["rejected", "partly_upheld"])
        appeal_dispute(dispute, reason="New proof", by=MIA, at=self.at)

    def close(self, number: int, minor: int) -> None:
        close_dispute(self.pick(Dispute, number, state__in=["upheld", "rejected", "withdrawn"]), by=MIA, at=self.at)

    def provisional_credit(self, number: int, minor: int) -> None:
        give_provisional_credit(self.pick(Dispute, number, state__in=OPEN_STATES, paid_minor__gt=0), by=PIA, at=self.at)

    def refund(self, number: int, minor: int, *, is_goodwill: bool = False) -> None:
        payment = Payment.objects.get(pk=self.pick(Payment, number, state="succeeded"))
        credit = balance("customer_credit", "EUR", customer_id=payment.customer_id).minor
        most = min(payment.refundable.minor, payment.amount_minor if is_goodwill else credit)
        if not most and number:
            raise NotFound("There is nothing to refund.")
        request_refund(
            payment.pk,
            amount=eur(minor if number % 4 == 0 else min(minor, most)),
            reason="Sorry",
            proof=prove(payment.customer, at=self.at, level=3),
            is_goodwill=is_goodwill,
            way=self.way(number // 3, payment.customer),
            by=self.staff(number),
            at=self.at,
        )

    def way(self, number: int, customer: Customer) -> Way:
        if number % 4 == 1:
            return Way("credit")
        return Way("another", self.pick(PaymentMethod, number, customer=customer)) if number % 4 == 2 else ORIGINAL

    def goodwill(self, number: int, minor: int) -> None:
        self.refund(number, minor, is_goodwill=True)

    def approve_refund(self, number: int, minor: int) -> None:
        approve_refund(self.pick(Refund, number // 5, state="requested"), by=self.staff(number), at=self.at)

    def decline_refund(self, number: int, minor: int) -> None:
        decline_refund(
            self.pick(Refund, number // 5, state="requested"), reason="No.", by=self.staff(number), at=self.at
        )

    def cancel_refund(self, number: int, minor: int) -> None:
        cancel_refund(self.pick(Refund, number, state__in=["requested", "approved", "failed"]), by=PIA, at=self.at)

    def reroute(self, number: int, minor: int) -> object:
        refund = Refund.objects.filter(pk=self.pick(Refund, number, state="failed")).first()
        if refund is None:
            return False
        proof = prove(refund.customer, at=self.at, level=3)
        return reroute_refund(refund.pk, way=self.way(number % 2 + 1, refund.customer), proof=proof, by=MIA, at=self.at)

    def give(self, number: int, minor: int) -> None:
        code = ["GOODWILL", "OUR-MISTAKE", "THANK-YOU", "FIRST-LATE-FEE"][number % 4]
        fee = self.pick(InvoiceLine, number, charge__kind="late_fee") if number % 4 == 3 else None
        gift = Gift(code, eur(minor), "Sorry", line_id=fee)
        give_adjustment(self.who(number).pk, gift=gift, by=self.staff(number), at=self.at)

    def approve_gift(self, number: int, minor: int) -> object:
        gift = self.pick(Adjustment, number // 5, state="requested")
        return bool(gift) and approve_adjustment(gift, by=self.staff(number), at=self.at)

    def decline_gift(self, number: int, minor: int) -> object:
        gift = self.pick(Adjustment, number // 5, state="requested")
        return bool(gift) and decline_adjustment(gift, reason="No.", by=self.staff(number), at=self.at)

    def cancel_gift(self, number: int, minor: int) -> object:
        gift = self.pick(Adjustment, number, state="requested")
        return bool(gift) and cancel_adjustment(gift, reason="No.", by=self.staff(number), at=self.at)

    def take_back(self, number: int, minor: int) -> object:
        gift = self.pick(Adjustment, number, state="granted")
        return bool(gift) and reverse_adjustment(gift, reason="A mistake", by=self.staff(number), at=self.at)

    def late_fee(self, number: int, minor: int) -> None:
        charge_late_fee(self.pick(Invoice, number, state="open"), by=MIA, at=self.at)

    def waive(self, number: int, minor: int) -> object:
        fee = self.pick(LateFee, number, waived_at=None)
        return bool(fee) and waive_late_fee(fee, reason="Sorry", by=self.staff(number), at=self.at)

    def approve_waiver(self, number: int, minor: int) -> object:
        fee = self.pick(LateFee, number // 5, waived_at=None)
        return bool(fee) and approve_late_fee_waiver(fee, by=self.staff(number), at=self.at)

    def decline_waiver(self, number: int, minor: int) -> object:
        fee = self.pick(LateFee, number // 5, waived_at=None)
        return bool(fee) and decline_late_fee_waiver(fee, reason="No.", by=self.staff(number), at=self.at)

    def open_bills(self, number: int) -> list[int]:
        found = Invoice.objects.filter(customer=self.who(number), state="open").order_by("pk")
        ids = [one.pk for one in found if one.due_amount.minor]
        return ids[-(number % 2 + 1) :]

    def promise(self, number: int, minor: int) -> object:
        bills, day = self.open_bills(number), self.who(number).local_day(self.at) + timedelta(days=number)
        return bool(bills) and make_payment_promise(
            self.who(number).pk, amount=eur(minor), pay_by=day, invoice_ids=bills, by=MIA, at=self.at
        )

    def withdraw_promise(self, number: int, minor: int) -> object:
        promise = self.pick(PaymentPromise, number, state="open")
        return bool(promise) and withdraw_payment_promise(promise, by=MIA, at=self.at)

    def propose_plan(self, number: int, minor: int) -> object:
        customer, bills = self.who(number), self.open_bills(number)
        terms = PlanTerms(
            count=[2, 3, 7][number % 3], first_on=customer.local_day(self.at) + timedelta(days=number % 4),
            can_pay_monthly=eur(50000), every=["week", "fortnight", "month"][number % 3],
        )  # fmt: skip
        return bool(bills) and propose_plan(
            customer.pk, invoice_ids=bills, terms=terms, reason="Short of money", by=self.staff(number), at=self.at
        )

    def accept_plan(self, number: int, minor: int) -> object:
        plan = PaymentPlan.objects.filter(pk=self.pick(PaymentPlan, number, state="proposed")).first()
        by = Actor.customer(plan.customer_id) if plan else MIA
        return plan is not None and accept_plan(plan.pk, acceptance=Acceptance(plan.wording_hash), by=by, at=self.at)

    def approve_plan(self, number: int, minor: int) -> object:
        plan = self.pick(PaymentPlan, number // 5, state="waiting_approval")
        return bool(plan) and approve_plan(plan, by=self.staff(number), at=self.at)

    def decline_plan(self, number: int, minor: int) -> object:
        plan = self.pick(PaymentPlan, number // 5, state="waiting_approval")
        return bool(plan) and decline_plan(plan, reason="No.", by=self.staff(number), at=self.at)

    def cancel_plan(self, number: int, minor: int) -> object:
        plan = self.pick(PaymentPlan, number, state__in=["active", "proposed"])
        return bool(plan) and cancel_plan(plan, reason="No.", by=self.staff(number), at=self.at)

    def hold(self, number: int, minor: int) -> None:
        stops = [["collection"], ["restriction"], ["fees", "reminders"]][number % 3]
        until = self.at + timedelta(hours=30) if number % 2 else None
        place_hold(
            self.who(number).pk, kind="review", stops=stops, source=f"test:{number % 4}", why="We look", until=until,
            by=MIA, at=self.at,
        )  # fmt: skip

    def lift_hold(self, number: int, minor: int) -> object:
        hold = Hold.objects.filter(source__startswith="test:", lifted_at=None).first()
        return hold is not None and lift_holds(hold.source, by=MIA, at=self.at)

    def hardship(self, number: int, minor: int) -> None:
        start_hardship(self.who(number).pk, words="I cannot pay", is_insolvent=number % 4 == 0, by=MIA, at=self.at)

    def end_hardship(self, number: int, minor: int) -> object:
        case = live_case(self.who(number).pk)
        return case is not None and end_hardship(case.pk, reason="Over", by=MIA, at=self.at)

    def give_up(self, number: int, minor: int) -> None:
        give_up_invoice(self.pick(Invoice, number, state="open"), reason="Gone", by=self.staff(number), at=self.at)

    def approve_write_off(self, number: int, minor: int) -> None:
        approve_write_off(self.pick(Invoice, number // 5, state="open"), by=self.staff(number), at=self.at)

    def decline_write_off(self, number: int, minor: int) -> None:
        decline_write_off(
            self.pick(Invoice, number // 5, state="open"), reason="No.", by=self.staff(number), at=self.at
        )

    def recover(self, number: int, minor: int) -> None:
        recover_invoice(self.pick(Invoice, number, state="uncollectible"), reason="Found", by=OLG, at=self.at)

    def freeze(self, number: int, minor: int) -> object:
        return number % 3 == 0 and freeze_refunds(why="Check", by=PIA, at=self.at)

    def unfreeze(self, number: int, minor: int) -> object:
        frozen = Freeze.objects.filter(lifted_at=None).first()
        return frozen is not None and unfreeze_refunds(frozen.pk, by=[PIA, SAM][number % 2], at=self.at)

    def override_access(self, number: int, minor: int) -> None:
        state = ["active", "suspended"][number % 2]
        until = self.at.date() + timedelta(days=number)
        override_access(self.who(number).pk, state=state, until=until, why="So be it", by=PIA, at=self.at)

    def end_override(self, number: int, minor: int) -> None:
        end_access_override(self.who(number).pk, by=PIA, at=self.at)

    # The customer

    def pay(self, number: int, minor: int) -> None:
        if number % 2:
            pay(self.who(number), minor, at=self.at)
        else:
            self.receive(self.who(number), eur(minor), self.pick(PaymentMethod, number, customer=self.who(number)))

    def receive(self, customer: Customer, amount: Money, method: int, invoice_id: int | None = None) -> None:
        record_payment(
            customer.pk, amount=amount, method_id=method or None, invoice_id=invoice_id, by=SYSTEM, at=self.at
        )

    def pay_off(self, number: int, minor: int) -> object:
        invoice = Invoice.objects.get(pk=self.pick(Invoice, number, state="open"))
        due = invoice.due_amount
        return due.minor > 0 and self.receive(invoice.customer, due, 0, invoice.pk)

    def collect(self, number: int, minor: int, trigger: str = "customer") -> None:
        invoice = Invoice.objects.get(pk=self.pick(Invoice, number, state="open"))
        method = self.pick(PaymentMethod, number, customer=invoice.customer) if number % 2 else None
        collect_invoice(invoice.pk, method_id=method, trigger=trigger, by=SYSTEM, at=self.at)

    def agent_collects(self, number: int, minor: int) -> None:
        self.collect(number, minor, "agent")

    def add_card(self, number: int, minor: int) -> None:
        self.add_card_of(self.who(number), TOKENS[number % len(TOKENS)])

    def add_card_of(self, customer: Customer, outcome: str) -> None:
        many = PaymentMethod.objects.count()
        add_payment_method(
            customer.pk, kind="card", brand="visa", last4=f"{many:04}", expires_on=date(2026, 5, 31),
            token=f"sandbox:{outcome}" if many % 2 else f"sandbox:{outcome},ok", by=SYSTEM, at=self.at,
        )  # fmt: skip

    def remove_card(self, number: int, minor: int) -> None:
        customer = self.who(number)
        method = self.pick(PaymentMethod, number, customer=customer, removed_at=None)
        remove_payment_method(method, customer_id=customer.pk, by=SYSTEM, at=self.at)

    # The bank and the gateway

    def truth_of(self, attempt: Attempt) -> GatewayAnswer | None:
        return gateway().find(key=attempt.key, since=attempt.started_at, at=self.at)

    def attempt(self, number: int) -> Attempt | None:
        return Attempt.objects.filter(pk=self.pick(Attempt, number)).first()

    def report_attempt(self, number: int, minor: int) -> object:
        """Say what is so, early, late or once more."""
        attempt = self.attempt(number)
        with contextlib.suppress(OSError):
            return attempt is not None and self.report(attempt)
        return False

    def report(self, attempt: Attempt) -> bool:
        answer = self.truth_of(attempt)
        if answer is not None:
            apply_answer(attempt.pk, answer, by=SYSTEM, at=self.at)
        return answer is not None

    def lie_failed(self, number: int, minor: int) -> object:
        """Say that it failed, whatever came of it."""
        attempt, answer = self.attempt(number), GatewayAnswer(False, "", "do_not_honor")
        return attempt is not None and apply_answer(attempt.pk, answer, by=SYSTEM, at=self.at)

    def lie_pending(self, number: int, minor: int) -> object:
        attempt = self.attempt(number)
        answer = GatewayAnswer(False, f"sandbox-{attempt.key}" if attempt else "", pending=True)
        return attempt is not None and apply_answer(attempt.pk, answer, by=SYSTEM, at=self.at)

    def chargeback(self, number: int, minor: int) -> None:
        payment = Payment.objects.get(pk=self.pick(Payment, number, state="succeeded"))
        amount = payment.amount if number % 2 else eur(minor)
        stage, state = STAGES[[2, 2, 2, 0, 1, 3, 4][number % 7]], STATES[0]
        report = Report(f"cb-{Chargeback.objects.count()}", amount, "fraud", stage, state, self.at + timedelta(days=9))
        report_chargeback(payment.pk, report=report, by=SYSTEM, at=self.at)

    def chargeback_again(self, number: int, minor: int) -> object:
        """Report any stage and outcome of one that is known."""
        known = Chargeback.objects.filter(pk=self.pick(Chargeback, number // 4)).first()
        stage, state = STAGES[(number + minor) % 5], STATES[number % 4]
        if known is None:
            return False
        report = Report(known.external_id, known.amount, "fraud", stage, state, self.at + timedelta(days=number))
        return report_chargeback(known.payment_id, report=report, by=SYSTEM, at=self.at)

    def accept_chargeback(self, number: int, minor: int) -> object:
        known = self.pick(Chargeback, number, state="received")
        return bool(known) and accept_chargeback(known, why="It is so", by=PIA, at=self.at)

    def refund_arrived(self, number: int, minor: int) -> object:
        refund = Refund.objects.filter(pk=self.pick(Refund, number, state__in=["paid", "settled"])).first()
        if refund is None:
            return False
        if number % 2:
            return settle_refund(refund.pk, by=SYSTEM, at=self.at)
        return take_gateway_word(refund.gateway_reference, succeeded=True, by=SYSTEM, at=self.at)

    def refund_came_back(self, number: int, minor: int) -> object:
        refund = Refund.objects.filter(pk=self.pick(Refund, number, state__in=["paid", "settled"])).first()
        if refund is None:
            return False
        if number % 2:
            return return_refund(refund.pk, code="account_closed", by=SYSTEM, at=self.at)
        return take_gateway_word(
            refund.gateway_reference, succeeded=False, code="account_closed", by=SYSTEM, at=self.at
        )

    def payment_failed_elsewhere(self, number: int, minor: int) -> None:
        invoice = Invoice.objects.get(pk=self.pick(Invoice, number, state="open"))
        code = ["insufficient_funds", "stolen_card", "do_not_honor", "expired_card"][number % 4]
        method = PaymentMethod.objects.filter(customer=invoice.customer).order_by("-pk").first()
        record_failure(
            invoice.customer_id, amount=eur(max(invoice.due_amount.minor, 1)), code=code, invoice_id=invoice.pk,
            method_id=method.pk if method else None, trigger="schedule", by=SYSTEM, at=self.at,
        )  # fmt: skip

    # The workers

    def work(self, number: int, minor: int) -> None:
        outbox.run_due_reactions(at=self.at)

    def killed(self, job: Callable[[], object]) -> None:
        """Let a job die at its end, so that nothing of it stays, and run it again."""
        with contextlib.suppress(Killed), transaction.atomic():
            job()
            raise Killed
        job()

    def work_killed(self, number: int, minor: int) -> None:
        self.killed(lambda: outbox.run_due_reactions(at=self.at, limit=number + 1))

    def send_refunds(self, number: int, minor: int) -> None:
        pay_due_refunds(at=self.at)

    def send_refund_killed(self, number: int, minor: int) -> object:
        """The gateway has the refund, and whoever sent it died before the answer was written down."""
        refund = Refund.objects.filter(pk=self.pick(Refund, number, state__in=["approved", "failed"])).first()
        if refund is None:
            return False
        if refund.state in ("approved", "failed") and refund.route == "original" and refund.release_at is None:
            reference = refund.payment.gateway_reference or refund.payment.number
            gateway().refund(key=refund.key, payment_reference=reference, amount=refund.amount, at=self.at)
        return pay_refund(refund.pk, at=self.at) if number % 2 else True

    def order(self, number: int) -> Order:
        return Order(self.pick(Invoice, number, state="open"), None, None, ["customer", "schedule"][number % 2])

    def collect_killed_before(self, number: int, minor: int) -> None:
        begin_attempt(self.order(number), by=SYSTEM, at=self.at)

    def collect_killed_after(self, number: int, minor: int) -> None:
        attempt = begin_attempt(self.order(number), by=SYSTEM, at=self.at)
        if attempt.method is not None:
            with contextlib.suppress(OSError):
                gateway().charge(key=attempt.key, token=attempt.method.token, amount=attempt.amount, at=self.at)

    def resolve(self, number: int, minor: int) -> None:
        self.at += timedelta(minutes=6)
        resolve_unknown(at=self.at)

    def night_killed(self, number: int, minor: int) -> None:
        jobs: list[Callable[..., object]] = [run_dunning, settle_due_promises, review_due_access, watch_disputes]
        self.killed(lambda: jobs[number % 4](at=self.at))

    def night(self) -> None:
        """Everything that runs by the clock."""
        jobs: list[Callable[..., object]] = [
            resolve_unknown, collect_due_invoices, run_due_retries, keep_plans, settle_due_promises, run_dunning,
            watch_disputes, pay_due_refunds, watch_refunds,
        ]  # fmt: skip
        for job in jobs:
            job(at=self.at)
        outbox.run_due_reactions(at=self.at)
        fold_balances()
        review_due_access(at=self.at)
        outbox.run_due_reactions(at=self.at)
        self.is_reviewed = True


@pytest.mark.django_db
def test_whatever_everybody_does_in_whatever_order_the_laws_of_money_hold():
    worlds = max(STEPS // IN_ONE_WORLD, 1)
    run_state_machine_as_test(
        MoneyBack,
        settings=settings(
            max_examples=worlds,
            stateful_step_count=min(STEPS, IN_ONE_WORLD),
            deadline=None,
            phases=[Phase.generate],
            derandomize=STEPS < MANY,
            suppress_health_check=list(HealthCheck),
        ),
    )
    if STEPS >= MANY:
        print(MoneyBack.done, sum(MoneyBack.performed.values()), sum(MoneyBack.refused.values()))
        for name, count in sorted((MoneyBack.performed + MoneyBack.refused).items()):
            print(f"{count:6} {name}")


# What it found, each by name.


@pytest.mark.django_db
def test_what_became_credit_never_left_so_it_does_not_come_back():
    ana = open_ana()
    bill(ana, 10000)
    payment = pay(ana, 10000)
    refund = request_refund(
        payment.pk, amount=eur(1000), reason="x", proof=prove(ana), is_goodwill=True, way=Way("credit"), by=MIA, at=NOW
    )

    with pytest.raises(RefundNotInState):
        return_refund(refund.pk, code="account_closed", by=SYSTEM, at=NOW)

    assert Refund.objects.get().state == "settled"
    assert balance("customer_credit", "EUR", customer_id=ana.pk) == eur(1000)
    assert balance("refunds_payable", "EUR", customer_id=ana.pk) == eur(0)


@pytest.mark.django_db
def test_a_late_word_about_a_refund_that_came_back_and_became_credit_changes_nothing():
    ana = open_ana()
    bill(ana, 10000)
    payment = pay(ana, 10000)
    refund = request_refund(
        payment.pk, amount=eur(1000), reason="x", proof=prove(ana), is_goodwill=True, by=MIA, at=NOW
    )
    reference = pay_refund(refund.pk, at=NOW).gateway_reference
    take_gateway_word(reference, succeeded=False, code="account_closed", by=SYSTEM, at=NOW)
    reroute_refund(refund.pk, way=Way("credit"), proof=prove(ana), by=MIA, at=NOW)

    take_gateway_word(reference, succeeded=False, code="account_closed", by=SYSTEM, at=NOW)

    assert Refund.objects.get().state == "settled"
    assert balance("cash", "EUR") == eur(10000)
    assert balance("customer_credit", "EUR", customer_id=ana.pk) == eur(1000)
    assert first_break() is None


@pytest.mark.django_db
@pytest.mark.parametrize("notices", ["the reaction", "the night"])
def test_access_follows_when_the_credit_that_covered_a_chargeback_is_taken_back(notices):
    ana = open_ana()
    bill(ana, 1000)
    payment = pay(ana, 1000)
    gift = give_adjustment(ana.pk, gift=Gift("GOODWILL", eur(1000), "Sorry"), by=PIA, at=NOW)
    report_chargeback(payment.pk, report=Report("cb-1", eur(1000), "fraud", state="lost"), by=SYSTEM, at=NOW)
    outbox.run_due_reactions(at=NOW)
    assert not Access.objects.exists()

    reverse_adjustment(gift.pk, reason="A mistake", by=PIA, at=NOW)
    if notices == "the reaction":
        outbox.run_due_reactions(at=NOW)
    else:
        review_due_access(at=NOW)

    assert Access.objects.values_list("state", "amount_minor").get() == ("grace", 1000)


@pytest.mark.django_db
def test_a_bill_withdrawn_before_its_worker_ran_is_told_before_its_withdrawal():
    invoice = bill(open_ana(), 1000)
    void_invoice(invoice.pk, reason="Wrong", by=PIA, at=NOW)

    outbox.run_due_reactions(at=NOW)

    about_it = Message.objects.filter(about=f"invoice:{invoice.pk}").order_by("pk").values_list("template", flat=True)
    assert [template.partition(".")[0] for template in about_it] == ["invoice_issued", "invoice_voided"]


@pytest.mark.django_db
def test_at_night_a_message_that_cannot_wait_takes_the_one_before_it_along():
    ana, night = open_ana(), NOW.replace(hour=23)
    set_preference(ana.pk, quiet_from=time(21), quiet_until=time(8), by=SYSTEM, at=NOW)
    words = {
        "customer_id": ana.pk,
        "values": {"amount": "1.00 EUR"},
        "template": "payment_received",
        "about": "payment:1",
    }

    waits = queue_message(key="event:1", urgent=False, at=night, **words)
    assert waits.due_at > night
    queue_message(key="event:2", urgent=True, at=night, **words)

    assert Message.objects.get(key="event:1").due_at == night


@pytest.mark.django_db
@pytest.mark.parametrize(("again", "refusal"), [("open", AlreadyDisputed), ("upheld", DisputeTooLarge)])
def test_a_line_disputed_anew_since_its_dispute_was_rejected_is_not_held_twice_by_an_appeal(again, refusal):
    ana = open_ana()
    line, says = bill(ana, 1000).lines.get(), {"explanation": "We looked.", "deviation": "So it is.", "at": NOW}
    first = open_dispute(line.pk, amount=eur(1000), reason="other", proof=prove(ana), by=MIA, at=NOW)
    reject_dispute(first.pk, by=PIA, **says)
    second = open_dispute(line.pk, amount=eur(1000), reason="other", proof=prove(ana), by=MIA, at=NOW)
    if again == "upheld":
        uphold_dispute(second.pk, by=PIA, **says)

    with pytest.raises(refusal):
        appeal_dispute(first.pk, reason="New proof", by=MIA, at=NOW)

    assert Dispute.objects.get(pk=first.pk).state == "rejected"
    assert balance("receivable_disputed", "EUR", customer_id=ana.pk) == eur(1000 if again == "open" else 0)
