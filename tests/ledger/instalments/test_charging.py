"""Instalments charged on their day, cards that refuse, and plans that follow their bills whatever happens to them."""

from __future__ import annotations

from datetime import date
from itertools import count

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ledger.customers.models import Customer
from ledger.errors import DomainError
from ledger.events.models import Event
from ledger.hardship.operations import start_hardship
from ledger.instalments.keeping import keep_plans
from ledger.instalments.queries import progress_of
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.models import Invoice
from ledger.payments.collecting import resolve_unknown
from ledger.payments.models import Payment
from ledger.payments.operations import add_payment_method, record_payment
from tests.conftest import NOW, berlin
from tests.ledger.instalments.worlds import MIA, again, agreed, followed, lefts, parts, states, terms
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana

pytestmark = pytest.mark.django_db
_number = count()


def with_card(token: str = "sandbox:ok") -> Customer:
    customer = open_ana()
    add_payment_method(customer.pk, kind="card", brand="Visa", last4="4242", token=token, by=SYSTEM, at=NOW)
    return customer


def test_each_instalment_is_charged_on_its_day_once_however_often_the_clock_comes_by():
    ana = with_card()
    plan = agreed(bill(ana, 100_00))

    keep_plans(at=berlin(2026, 3, 31, 12))
    assert Payment.objects.count() == 0
    for hour in (0, 1, 9):
        keep_plans(at=berlin(2026, 4, 1, hour, 30))

    assert [payment.amount for payment in Payment.objects.all()] == [eur(33_34)]
    assert (states(plan), lefts(plan)) == (["paid", "due", "due"], [0, 33_33, 33_33])


def test_an_instalment_that_reaches_over_two_bills_is_taken_from_the_older_first():
    ana = with_card()
    small, large = bill(ana, 20_00), bill(ana, 80_00)
    agreed(small, large)

    keep_plans(at=berlin(2026, 4, 1, 9))

    assert [payment.amount.minor for payment in Payment.objects.order_by("pk")] == [20_00, 13_34]


def test_a_day_on_a_holiday_is_charged_on_the_next_business_day_and_a_refusal_leaves_seven_days_from_then():
    ana = with_card("sandbox:do_not_honor")
    plan = agreed(bill(ana, 100_00), wanted=terms(first_on=date(2026, 4, 3)))

    keep_plans(at=berlin(2026, 4, 3, 9))
    assert Payment.objects.count() == 0
    # Good Friday to Easter Monday: the 7th is the first business day.
    keep_plans(at=berlin(2026, 4, 7, 9))
    assert Payment.objects.get().state == "failed"
    keep_plans(at=berlin(2026, 4, 8, 9))

    assert states(plan)[0] == "missed"
    assert parts(plan)[0].cure_until == date(2026, 4, 15)


def test_without_a_card_on_file_nothing_is_charged_and_why_is_recorded():
    agreed(bill(open_ana(), 100_00))

    keep_plans(at=berlin(2026, 4, 1, 9))

    assert "no card or account on file" in Event.objects.get(kind="instalment.not_charged").data["why"]


def test_in_insolvency_no_instalment_is_charged():
    ana = with_card()
    agreed(bill(ana, 100_00))
    start_hardship(ana.pk, words="She is bankrupt", is_insolvent=True, by=MIA, at=berlin(2026, 3, 20))

    keep_plans(at=berlin(2026, 4, 1, 9))

    assert Payment.objects.count() == 0


@hypothesis_settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(["pay", "credit"]), st.integers(1, 60_00)), min_size=1, max_size=4))
def test_over_any_payments_and_credits_paid_left_and_waived_are_what_the_plan_covers(moves):
    ana = open_ana(email=f"ana{next(_number)}@example.com")
    invoice = bill(ana, 100_00)
    plan = agreed(invoice)

    for what, minor in moves:
        try:
            if what == "pay":
                record_payment(ana.pk, amount=eur(minor), by=SYSTEM, at=NOW)
            else:
                issue_credit_note(invoice.lines.get().pk, amount=eur(minor), reason="Wrong", by=SYSTEM, at=NOW)
        except DomainError:
            # More was credited than is left of the bill: refused, and nothing changed.
            continue
        followed(plan)
        found = again(plan)
        progress = progress_of(found)

        assert progress.paid + progress.left + progress.waived == found.covered == eur(100_00)
        assert progress.left == Invoice.objects.get(pk=invoice.pk).due_amount


def test_a_fault_of_ours_takes_no_day_from_the_customer_and_is_tried_again():
    ana = with_card("sandbox:timeout,ok")
    plan = agreed(bill(ana, 100_00))

    keep_plans(at=berlin(2026, 4, 1, 9))
    assert (states(plan)[0], parts(plan)[0].tried_on) == ("due", date(2026, 4, 1))
    keep_plans(at=berlin(2026, 4, 2, 0, 5))
    assert states(plan)[0] == "due"
    # The gateway never heard of it, and the hold keeps everybody else from charging: the plan asks again itself.
    resolve_unknown(at=berlin(2026, 4, 2, 1))
    keep_plans(at=berlin(2026, 4, 2, 2))

    assert states(plan)[0] == "paid"
