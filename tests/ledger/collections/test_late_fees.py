"""Fees for late payment, charged, explained and waived through the books."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from ledger.authority.operations import ApproverIsRequester
from ledger.books.queries import balance
from ledger.collections.fee_models import LateFee
from ledger.collections.late_fees import FeesOnHold, NoLateFee, charge_late_fee
from ledger.collections.waiving import LateFeeAlreadyWaived, WaiverWaits, approve_late_fee_waiver, waive_late_fee
from ledger.customers.operations import open_customer
from ledger.disputes.operations import open_dispute, withdraw_dispute
from ledger.events import kinds
from ledger.holds.operations import lift_holds, place_hold
from ledger.invoices.models import Invoice
from ledger.invoices.operations import issue_invoice
from ledger.jurisdictions.rules import NoRule
from ledger.money import Money
from ledger.payments.operations import record_payment
from tests.ledger.collections.worlds import open_gil, owe, recorded
from tests.ledger.worlds import SYSTEM, prove

pytestmark = pytest.mark.django_db
#: A Friday; 15 April is 45 days later.
DUE = datetime(2024, 3, 1, 12, tzinfo=UTC)


def after(days: int) -> datetime:
    return DUE + timedelta(days=days)


def gbp(minor: int) -> Money:
    return Money(minor, "GBP")


@pytest.fixture
def gil():
    return open_gil(after(-40))


@pytest.fixture
def bill(gil) -> Invoice:
    return owe(gil, 200_000, due_on=DUE.date(), at=after(-30))


def test_gil_pays_32_67_and_70_00_for_45_days_and_each_day_once(gil, bill):
    interest, fixed = charge_late_fee(bill.pk, by=SYSTEM, at=after(45))

    assert (interest.amount, fixed.amount) == (gbp(3267), gbp(7000))  # 5.25 + 8 = 13.25 %
    assert interest.charge.description == f"Interest for late payment of {bill.number}: £2,000.00 × 13.25 % × 45 / 365"
    assert "45 days, March 2, 2024 to April 15, 2024" in interest.explanation
    assert balance("late_fees", "GBP") == gbp(10267)
    with pytest.raises(NoLateFee, match="charged before"):
        charge_late_fee(bill.pk, by=SYSTEM, at=after(45))
    (more,) = charge_late_fee(bill.pk, by=SYSTEM, at=after(55))
    assert more.amount == gbp(726)  # ten more days: 7.26
    next_bill = issue_invoice(gil.pk, by=SYSTEM, at=after(56))
    assert next_bill.total == gbp(3267 + 7000 + 726)


def test_the_database_charges_no_day_twice(bill):
    interest, _ = charge_late_fee(bill.pk, by=SYSTEM, at=after(45))
    copy = {name: getattr(interest, name) for name in ("invoice_id", "customer_id", "kind", "amount_minor", "currency")}
    other = charge_late_fee(bill.pk, by=SYSTEM, at=after(50))[0].charge_id

    with pytest.raises(IntegrityError, match="charged for these days before"), transaction.atomic():
        LateFee.objects.create(
            **copy, charge_id=other, span_start=after(20).date(), span_end=after(30).date(), formula={},
            explanation="x", charged_at=after(50), charged_by="x",
        )  # fmt: skip


def test_days_in_dispute_and_days_on_hold_do_not_count_and_a_payment_lowers_what_does(gil, bill):
    line = bill.lines.get()
    dispute = open_dispute(
        line.pk, amount=gbp(100_000), reason="duplicate", proof=prove(gil, at=after(10)), by=SYSTEM, at=after(10)
    )
    withdraw_dispute(dispute.pk, by=SYSTEM, at=after(20))
    place_hold(gil.pk, kind="review", stops=["fees"], source="review:1", why="We look into it", by=SYSTEM, at=after(25))
    with pytest.raises(FeesOnHold):
        charge_late_fee(bill.pk, by=SYSTEM, at=after(28))
    lift_holds("review:1", by=SYSTEM, at=after(30))
    record_payment(gil.pk, amount=gbp(150_000), invoice_id=bill.pk, by=SYSTEM, at=after(40))

    interest, fixed = charge_late_fee(bill.pk, by=SYSTEM, at=after(50))

    days = [(piece["days"], piece["principal_minor"]) for piece in interest.formula["pieces"]]
    assert days == [(10, 200_000), (10, 100_000), (5, 200_000), (10, 200_000), (10, 50_000)]
    # 25 days at 72.60 pence, 10 at 36.30, 10 at 18.15: 1815.07 + 363.01 + 181.51 = 2359.59 pence
    assert (interest.amount, interest.formula["held_days"], fixed.amount) == (gbp(2360), 5, gbp(7000))


def test_a_consumer_in_a_country_without_a_rule_is_asked_for_nothing_and_a_missing_base_rate_is_never_guessed():
    emi = open_customer(name="Emi", country="FR", currency="EUR", by=SYSTEM, at=after(-40))
    bill = owe(emi, 6000, due_on=DUE.date(), at=after(-30))
    gil = open_gil(after(-3000))
    old = owe(gil, 6000, due_on=after(-2000).date(), at=after(-2010))

    with pytest.raises(NoLateFee, match="No rule lets us ask"):
        charge_late_fee(bill.pk, by=SYSTEM, at=after(45))
    with pytest.raises((NoLateFee, NoRule)):
        charge_late_fee(old.pk, by=SYSTEM, at=after(-1900))

    assert not LateFee.objects.exists()


def test_a_fee_is_waived_off_the_next_bill_or_by_credit_note_and_only_once(gil, bill, pia):
    interest, _ = charge_late_fee(bill.pk, by=SYSTEM, at=after(45))
    waive_late_fee(interest.pk, reason="A mistake of ours", by=pia, at=after(46))
    assert balance("late_fees", "GBP") == gbp(7000)
    issue_invoice(gil.pk, by=SYSTEM, at=after(47))

    fixed = waive_late_fee(LateFee.objects.get(kind="fixed").pk, reason="Goodwill", by=pia, at=after(48))

    assert (balance("late_fees", "GBP"), fixed.charge.invoice_line.credit_notes.count()) == (gbp(0), 1)
    assert len(recorded(kinds.LATE_FEE_WAIVED, gil)) == 2
    with pytest.raises(LateFeeAlreadyWaived):
        waive_late_fee(fixed.pk, reason="Again", by=pia, at=after(49))


def test_more_than_an_agent_may_let_go_waits_for_somebody_else(bill, mia, pia):
    interest, _ = charge_late_fee(bill.pk, by=SYSTEM, at=after(45))

    asked = waive_late_fee(interest.pk, reason="Long-standing customer", by=mia, at=after(46))

    assert asked.waived_at is None
    with pytest.raises(WaiverWaits):
        waive_late_fee(interest.pk, reason="Again", by=pia, at=after(46))
    with pytest.raises(ApproverIsRequester):
        approve_late_fee_waiver(interest.pk, by=mia, at=after(47))
    assert approve_late_fee_waiver(interest.pk, by=pia, at=after(47)).waived_at == after(47)
