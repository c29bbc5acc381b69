"""add_charge, reverse_charge and the search for what looks charged twice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import psycopg
import pytest

from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.catalogue.tariff import Model, Tariff
from ledger.charges.basis import AppliedDiscount, Basis, from_json
from ledger.charges.operations import (
    ChargeAlreadyBilled,
    ChargeAlreadyReversed,
    ExternalIdReused,
    InvalidCharge,
    NoSuchCharge,
    add_charge,
    reverse_charge,
)
from ledger.charges.queries import charges_of, look_alike_charges
from ledger.customers.queries import NoSuchCustomer
from ledger.disputes.operations import open_dispute, uphold_dispute
from ledger.events.models import Event
from ledger.invoices.operations import issue_invoice
from ledger.money import InvalidAmount, Money
from ledger.periods import Period
from tests.conftest import NOW, berlin
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return open_ana()


def charge(customer, minor=2500, **more):
    given = {"amount": eur(minor), "description": "Plus", "by": SYSTEM, "at": NOW, **more}
    return add_charge(customer.pk, **given)


def test_a_charge_is_earned_at_once_and_waits_for_a_bill(ana):
    charge(ana, 2500)

    assert balance("unbilled", "EUR", customer_id=ana.pk) == eur(2500)
    assert balance("revenue", "EUR") == eur(2500)
    assert balance("receivable", "EUR", customer_id=ana.pk) == eur(0)
    assert first_break() is None


def test_a_charge_late_in_the_evening_falls_on_the_day_it_is_for_the_customer(ana):
    assert charge(ana, at=berlin(2026, 3, 3, 0, 30)).charged_on == date(2026, 3, 3)  # still 2 March in London


def test_the_same_external_id_charges_once(ana):
    first = charge(ana, external_id="order-7")

    assert charge(ana, external_id="order-7").pk == first.pk
    assert Event.objects.filter(kind="charge.added").count() == 1
    assert balance("unbilled", "EUR", customer_id=ana.pk) == eur(2500)


@pytest.mark.parametrize(
    "other",
    [
        {"minor": 2501},
        {"description": "Basic"},
        {"tax_rate": Decimal(19)},
        {"period": Period(date(2026, 3, 1), date(2026, 4, 1))},
    ],
)
def test_the_same_external_id_for_something_else_is_refused(ana, other):
    charge(ana, external_id="order-7")

    with pytest.raises(ExternalIdReused, match="order-7"):
        charge(ana, external_id="order-7", **other)


def test_the_same_external_id_for_another_customer_is_refused(ana):
    charge(ana, external_id="order-7")

    with pytest.raises(ExternalIdReused):
        charge(open_ana(email="other@example.com"), external_id="order-7")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"minor": 0}, "above zero"),
        ({"minor": -100}, "above zero"),
        ({"amount": Money(100, "USD")}, "billed in EUR, not in USD"),
        ({"description": "  "}, "200 characters"),
        ({"description": "x" * 201}, "200 characters"),
        ({"tax_rate": Decimal(-1)}, "percentage"),
        ({"tax_rate": Decimal(100)}, "percentage"),
        ({"tax_rate": Decimal("19.0001")}, "three digits"),
    ],
)
def test_a_charge_that_cannot_be_is_refused_in_words(ana, wrong, words):
    with pytest.raises(InvalidCharge, match=words):
        charge(ana, **wrong)


def test_a_tax_rate_in_floating_point_is_refused(ana):
    with pytest.raises(InvalidAmount):
        charge(ana, tax_rate=19.5)


def test_nobody_unknown_is_charged():
    with pytest.raises(NoSuchCustomer):
        add_charge(999, amount=eur(1), description="x", by=SYSTEM, at=NOW)


def test_a_charge_taken_back_before_it_is_billed_leaves_nothing_owed(ana):
    reverse_charge(charge(ana).pk, reason="Entered twice", by=SYSTEM, at=NOW)

    assert balance("unbilled", "EUR", customer_id=ana.pk) == eur(0)
    assert balance("revenue", "EUR") == eur(0)
    assert first_break() is None


def test_a_charge_is_taken_back_once(ana):
    wrong = charge(ana)
    reverse_charge(wrong.pk, reason="x", by=SYSTEM, at=NOW)

    with pytest.raises(ChargeAlreadyReversed):
        reverse_charge(wrong.pk, reason="x", by=SYSTEM, at=NOW)


def test_a_billed_charge_is_corrected_by_credit_note_and_not_taken_back(ana):
    line = bill(ana, 2500).lines.get()

    with pytest.raises(ChargeAlreadyBilled, match="credit note"):
        reverse_charge(line.charge_id, reason="x", by=SYSTEM, at=NOW)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
def test_taking_back_needs_a_reason_that_can_be_kept(ana, reason):
    with pytest.raises(InvalidCharge, match="why"):
        reverse_charge(charge(ana).pk, reason=reason, by=SYSTEM, at=NOW)


def test_a_charge_that_does_not_exist_is_not_taken_back():
    with pytest.raises(NoSuchCharge):
        reverse_charge(999, reason="x", by=SYSTEM, at=NOW)


def test_the_database_refuses_a_charge_below_zero(ana, owner, transactional_db):
    made = charge(ana)

    with pytest.raises(psycopg.errors.CheckViolation, match="charge_amount_not_below_zero"):
        owner.execute("UPDATE ledger_charge SET amount_minor = -1 WHERE id = %s", [made.pk])


def test_charges_are_listed_newest_first_and_paged_by_the_last_one_seen(ana):
    made = [charge(ana, 100 + number).pk for number in range(3)]

    assert [found.pk for found in charges_of(ana.pk, limit=2)] == made[:0:-1]
    assert [found.pk for found in charges_of(ana.pk, before=made[1])] == made[:1]


def test_the_same_amount_and_words_eleven_days_apart_look_charged_twice(ana):
    first, second = charge(ana, charged_on=date(2026, 3, 2)), charge(ana, charged_on=date(2026, 3, 13))

    (pair,) = look_alike_charges(ana.pk)

    assert (pair.first, pair.second) == (first, second)
    assert pair.why == "same amount and wording, 11 days apart"


@pytest.mark.parametrize(("day", "pairs"), [(date(2026, 4, 6), 1), (date(2026, 4, 7), 0)])
def test_thirty_five_days_apart_still_look_alike_and_a_day_more_does_not(ana, day, pairs):
    charge(ana, charged_on=date(2026, 3, 2))
    charge(ana, charged_on=day)

    assert len(look_alike_charges(ana.pk)) == pairs


def test_two_months_of_one_plan_do_not_look_alike_and_one_month_twice_does(ana):
    march, april = Period(date(2026, 3, 1), date(2026, 4, 1)), Period(date(2026, 4, 1), date(2026, 5, 1))
    for period in (march, april, march):
        charge(ana, period=period)

    (pair,) = look_alike_charges(ana.pk)

    assert "same period" in pair.why
    assert pair.first.period_start == date(2026, 3, 1)


def test_another_amount_another_wording_or_a_charge_taken_back_looks_like_nothing(ana):
    charge(ana, 2500)
    charge(ana, 2499)
    charge(ana, 2500, description="Basic")
    reverse_charge(charge(ana, 2500).pk, reason="x", by=SYSTEM, at=NOW)

    assert look_alike_charges(ana.pk) == []


def test_a_charge_credited_in_full_is_no_longer_half_of_a_pair(ana, mia):
    charge(ana)
    charge(ana)
    line = issue_invoice(ana.pk, by=SYSTEM, at=NOW).lines.get(position=2)
    assert len(look_alike_charges(ana.pk)) == 1

    opened = open_dispute(line.pk, amount=eur(2500), reason="duplicate", proof=prove(ana), by=mia, at=NOW)
    uphold_dispute(opened.pk, explanation="Yes.", by=mia, at=NOW)

    assert look_alike_charges(ana.pk) == []


def priced(minor, *, discounts=()):
    return Basis("plan", "plus", "Plus", Tariff(Model.FLAT, "EUR", flat_minor=minor), discounts=discounts)


def test_every_charge_keeps_how_it_was_computed_and_what_kind_it_is(ana):
    by_hand = charge(ana, 700, description="Router, delivered")
    planned = charge(ana, 2000, kind="plan", basis=priced(2500, discounts=(AppliedDiscount("LOYAL", 500),)))

    assert (by_hand.kind, from_json(by_hand.basis).tariff.flat_minor) == ("other", 700)
    assert (planned.kind, planned.discount_minor, from_json(planned.basis).name) == ("plan", 500, "Plus")


def test_a_charge_that_its_price_does_not_come_to_is_refused(ana):
    with pytest.raises(InvalidCharge, match=r"by its price it is 25\.00 EUR"):
        charge(ana, 2400, kind="plan", basis=priced(2500))


def test_a_period_that_is_free_is_charged_at_nothing_and_billed_as_paid(ana):
    free = charge(ana, 0, kind="plan", basis=priced(2500, discounts=(AppliedDiscount("FREE", 2500),)))

    invoice = issue_invoice(ana.pk, by=SYSTEM, at=NOW)

    assert (invoice.state, invoice.lines.get().charge_id) == ("paid", free.pk)
    assert first_break() is None


@pytest.mark.parametrize("words", ["Misc", " other ", "Fee", "n/a", "---", "Sonstiges", "Gebühr"])
def test_a_line_that_says_nothing_is_not_charged(ana, words):
    with pytest.raises(InvalidCharge, match="tells the customer nothing"):
        charge(ana, description=words)


def test_an_unknown_kind_is_refused(ana):
    with pytest.raises(InvalidCharge, match="kind of charge"):
        charge(ana, kind="gift")


def test_a_late_fee_is_waived_before_it_is_billed(ana):
    fee = charge(ana, 500, kind="late_fee", description="Late payment of INV-2026-000001")
    assert (balance("late_fees", "EUR"), balance("revenue", "EUR")) == (eur(500), eur(0))

    reverse_charge(fee.pk, reason="Bank was late", by=SYSTEM, at=NOW)

    assert (balance("late_fees", "EUR"), balance("unbilled", "EUR", customer_id=ana.pk)) == (eur(0), eur(0))
    assert first_break() is None
