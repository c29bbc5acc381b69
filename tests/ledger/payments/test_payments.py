"""record_payment, record_failure and methods on file."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest

from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.customers.queries import NoSuchCustomer
from ledger.disputes.chargebacks import ChargebackIdReused, record_chargeback, win_chargeback
from ledger.disputes.operations import open_dispute
from ledger.errors import InvalidInput
from ledger.events.models import Event
from ledger.invoices.models import Invoice
from ledger.invoices.operations import NoSuchInvoice
from ledger.money import Money
from ledger.payments.gateways import GatewayAnswer, SandboxGateway
from ledger.payments.models import Payment, PaymentAllocation
from ledger.payments.operations import (
    InvalidPayment,
    PaymentIdReused,
    add_payment_method,
    record_failure,
    record_payment,
    record_processor_fee,
)
from ledger.payments.queries import NoSuchPayment, find_payments, get_payment, methods_of, payments_of
from ledger.refunds.operations import cancel_refund, request_refund
from ledger.refunds.paying import TakenBackByBank, pay_refund
from tests.conftest import NOW, berlin
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return open_ana()


def receive(customer, minor, **more):
    return record_payment(customer.pk, **{"amount": eur(minor), "by": SYSTEM, "at": NOW, **more})


def test_a_gateway_that_takes_only_ten_leaves_the_rest_owed_until_it_is_paid(ana):
    first = bill(ana, 24995)
    receive(ana, 1000)
    assert Invoice.objects.get(pk=first.pk).due_amount == eur(23995)

    second = bill(ana, 24995)
    receive(ana, 24995, invoice_id=second.pk)
    assert Invoice.objects.get(pk=second.pk).state == "paid"

    receive(ana, 23995)
    assert Invoice.objects.get(pk=first.pk).state == "paid"
    assert balance("receivable", "EUR", customer_id=ana.pk) == eur(0)
    assert first_break() is None


def test_money_pays_the_named_bill_first_then_the_oldest_and_the_rest_is_credit(ana):
    oldest, middle, named = (bill(ana, amount) for amount in (1000, 2000, 3000))

    payment = receive(ana, 7000, invoice_id=named.pk)

    parts = PaymentAllocation.objects.filter(payment=payment).order_by("pk").values_list("invoice_id", "amount_minor")
    assert list(parts) == [(named.pk, 3000), (oldest.pk, 1000), (middle.pk, 2000)]
    assert balance("customer_credit", "EUR", customer_id=ana.pk) == eur(1000)
    assert balance("cash", "EUR") == eur(7000)
    assert first_break() is None


def test_what_is_disputed_is_not_paid_by_itself(ana, mia):
    invoice = bill(ana, 3000)
    open_dispute(invoice.lines.get().pk, amount=eur(1000), reason="duplicate", proof=prove(ana), by=mia, at=NOW)

    receive(ana, 3000)

    assert balance("receivable", "EUR", customer_id=ana.pk) == eur(0)
    assert balance("receivable_disputed", "EUR", customer_id=ana.pk) == eur(1000)
    assert balance("customer_credit", "EUR", customer_id=ana.pk) == eur(1000)


def test_the_same_external_id_is_booked_once(ana):
    first = receive(ana, 1000, external_id="pay-1")

    assert receive(ana, 1000, external_id="pay-1").pk == first.pk
    assert balance("cash", "EUR") == eur(1000)


def test_the_same_external_id_for_another_amount_is_refused(ana):
    receive(ana, 1000, external_id="pay-1")

    with pytest.raises(PaymentIdReused, match="pay-1"):
        receive(ana, 1001, external_id="pay-1")


def test_one_movement_at_the_gateway_is_not_booked_as_two_payments(ana):
    receive(ana, 1000, gateway_reference="tx-1")

    with pytest.raises(PaymentIdReused, match="tx-1"):
        receive(ana, 1000, gateway_reference="tx-1")
    assert balance("cash", "EUR") == eur(1000)


def test_another_customers_bill_is_as_unknown_as_one_that_does_not_exist(ana):
    foreign = bill(open_ana(email="other@example.com"), 1000)
    words = []

    for invoice_id in (foreign.pk, 999):
        with pytest.raises(NoSuchInvoice) as refusal:
            receive(ana, 1000, invoice_id=invoice_id)
        words.append(str(refusal.value))

    assert words[0] == words[1]
    assert balance("cash", "EUR") == eur(0)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"amount": eur(0)}, "above zero"),
        ({"amount": eur(-1)}, "above zero"),
        ({"amount": Money(100, "USD")}, "in EUR"),
        ({"card_last4": "4242424242424242"}, "last four"),
        ({"card_last4": "42 2"}, "last four"),
        ({"method_id": 999}, "not the customer's"),
    ],
)
def test_a_payment_that_cannot_be_is_refused_in_words(ana, wrong, words):
    with pytest.raises(InvalidPayment, match=words):
        receive(ana, 100, **wrong)


def test_nobody_unknown_pays():
    with pytest.raises(NoSuchCustomer):
        record_payment(999, amount=eur(1), by=SYSTEM, at=NOW)


def test_money_that_did_not_come_moves_nothing_and_says_why_in_plain_words(ana):
    payment = record_failure(ana.pk, amount=eur(1000), code="expired_card", by=SYSTEM, at=NOW)

    assert (payment.state, payment.failure_code, payment.refundable) == ("failed", "expired_card", eur(0))
    assert Event.objects.get(kind="payment.failed").data["cause"] == "The card has expired."
    assert balance("cash", "EUR") == eur(0)


def test_one_id_is_not_reported_both_as_failed_and_as_paid(ana):
    record_failure(ana.pk, amount=eur(1000), code="expired_card", external_id="pay-1", by=SYSTEM, at=NOW)

    with pytest.raises(PaymentIdReused, match="failed"):
        receive(ana, 1000, external_id="pay-1")


def test_only_the_last_four_digits_of_a_card_are_kept(ana):
    method = add_payment_method(
        ana.pk, kind="card", brand="Visa", last4="4242", expires_on=date(2028, 5, 31), token="tok", by=SYSTEM, at=NOW
    )
    with pytest.raises(InvalidPayment):
        add_payment_method(ana.pk, kind="card", last4="4242424242424242", token="tok", by=SYSTEM, at=NOW)

    assert methods_of(ana.pk) == [method]
    assert receive(ana, 100, method_id=method.pk).card_last4 == "4242"


def test_the_database_refuses_a_whole_card_number_and_a_payment_given_back_twice(ana, owner, transactional_db):
    method = add_payment_method(ana.pk, kind="card", last4="4242", token="tok", by=SYSTEM, at=NOW)
    payment = receive(ana, 1000)

    with pytest.raises(psycopg.errors.CheckViolation, match="only_last_four_digits"):
        owner.execute("UPDATE ledger_paymentmethod SET last4 = '42' WHERE id = %s", [method.pk])
    with pytest.raises(psycopg.errors.CheckViolation, match="payment_never_given_back_twice"):
        owner.execute(
            "UPDATE ledger_payment SET refunded_minor = 600, charged_back_minor = 401 WHERE id = %s", [payment.pk]
        )


def test_payments_are_found_by_what_is_said_of_them(ana):
    one = pay(ana, 1000)
    two = receive(ana, 2000, card_last4="1111", received_on=date(2026, 2, 1))

    assert find_payments(ana.pk, amount=eur(1000)) == [one]
    assert find_payments(ana.pk, last4="1111", on=[date(2026, 2, 1)]) == [two]
    assert find_payments(ana.pk, amount=Money(1000, "USD")) == []
    assert payments_of(ana.pk) == [two, one]
    with pytest.raises(NoSuchPayment):
        get_payment(one.pk, customer_id=ana.pk + 1)


def test_money_received_after_midnight_counts_for_the_customers_day(ana):
    assert receive(ana, 100, at=berlin(2026, 3, 3, 0, 15)).received_on == date(2026, 3, 3)


def test_the_sandbox_gateway_answers_a_repeated_key_as_it_did_first():
    first = SandboxGateway().refund(key="refund:1", payment_reference="P-1", amount=eur(100), at=NOW)

    assert SandboxGateway().refund(key="refund:1", payment_reference="P-1", amount=eur(100), at=NOW) == first


def charge_back(payment, minor, number=1):
    return record_chargeback(
        payment.pk, amount=eur(minor), external_id=f"cb-{number}", reason="fraud", by=SYSTEM, at=NOW
    )


def refund(payment, minor, by):
    proof = prove(payment.customer)
    return request_refund(payment.pk, amount=eur(minor), reason="Sorry", proof=proof, is_goodwill=True, by=by, at=NOW)


def test_winning_one_of_two_chargebacks_gives_back_only_what_the_other_does_not_hold(ana):
    payment = pay(ana, 10000)
    first, _ = charge_back(payment, 6000, 1), charge_back(payment, 6000, 2)

    win_chargeback(first.pk, by=SYSTEM, at=NOW)

    assert Payment.objects.get().refundable == eur(4000)  # 100.00 − the 60.00 the bank still holds


def test_a_refund_called_off_after_a_chargeback_leaves_nothing_to_give(ana, pia):
    payment = pay(ana, 10000)
    given = refund(payment, 6666, pia)
    pay_refund(given.pk, at=NOW)  # the sandbox declines 66.66
    charge_back(payment, 10000)

    assert Payment.objects.get().refundable == eur(0)
    assert first_break() is None


def test_a_failed_refund_is_not_tried_again_once_the_bank_took_the_money(ana, pia, monkeypatch):
    payment = pay(ana, 10000)
    given = refund(payment, 6666, pia)

    def bank_is_faster(self, **asked):
        charge_back(payment, 10000)
        return GatewayAnswer(succeeded=False, failure_code="insufficient_funds")

    monkeypatch.setattr(SandboxGateway, "refund", bank_is_faster)  # the provider, not us
    assert pay_refund(given.pk, at=NOW).state == "failed"

    with pytest.raises(TakenBackByBank):
        pay_refund(given.pk, at=NOW)
    cancel_refund(given.pk, by=pia, at=NOW)
    assert Payment.objects.get().refundable == eur(0)
    assert first_break() is None


def test_a_repeated_chargeback_is_booked_once_and_another_under_its_id_is_refused(ana):
    payment = pay(ana, 10000)

    assert charge_back(payment, 4000).pk == charge_back(payment, 4000).pk
    with pytest.raises(ChargebackIdReused):
        charge_back(payment, 4001)
    assert balance("cash", "EUR") == eur(6000)


@pytest.mark.parametrize("minor", [0, -1, 12501])
def test_a_chargeback_of_nothing_or_far_more_than_was_paid_is_refused(ana, minor):
    with pytest.raises(InvalidInput, match=r"at most 125\.00 EUR"):
        charge_back(pay(ana, 10000), minor)


def test_what_the_provider_keeps_is_booked_once_and_stays_a_cost_when_the_payment_goes_back(ana, noe):  # case R08
    payment = pay(ana, 3000)
    for _ in range(2):
        record_processor_fee(payment.pk, amount=eur(160), reference="txn_7", by=SYSTEM, at=NOW)
    refund = request_refund(payment.pk, amount=eur(3000), reason="Back", proof=prove(ana), by=noe, at=NOW)
    pay_refund(refund.pk, at=NOW)

    assert (balance("processor_fees", "EUR"), balance("cash", "EUR")) == (eur(160), eur(-160))
    assert Event.objects.filter(kind="payment.fee_recorded").count() == 1


@pytest.mark.parametrize(("amount", "reference"), [(eur(0), "t"), (Money(1, "USD"), "t"), (eur(1), " ")])
def test_a_fee_of_nothing_in_another_currency_or_without_a_reference_is_refused(ana, amount, reference):
    with pytest.raises(InvalidPayment):
        record_processor_fee(pay(ana, 3000).pk, amount=amount, reference=reference, by=SYSTEM, at=NOW)
