"""Cards and accounts are kept only after a yes whose words are stored; debits wait for their notice; no is no."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from ledger.customers.operations import open_customer
from ledger.models import Attempt, Event, Mandate, PaymentMethod
from ledger.payments.attempting import TooSoonToDebit
from ledger.payments.collecting import collect_invoice
from ledger.payments.consent_words import KEEP, SEPA, consent_words
from ledger.payments.events import apply_answer
from ledger.payments.expiring import replace_card
from ledger.payments.gateway_answers import GatewayAnswer
from ledger.payments.mandates import MandateNotAccepted, NoSepaHere, add_test_account, consent_to_keep, keep_methods
from ledger.payments.on_file import remove_payment_method
from notifications.models import Message
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana

pytestmark = pytest.mark.django_db
WORDS = consent_words(SEPA, language="de-DE", seller="Billing desk", days=2)


def mandated(ana, *, account: str = "ok", accepted: bool = True) -> Mandate:
    return add_test_account(ana.pk, account=account, consent=WORDS, accepted=accepted, by=SYSTEM, at=NOW)


def test_a_mandate_keeps_its_reference_its_day_and_its_words_and_the_customer_is_told(settings, run_reactions):
    settings.SEPA_NOTICE_DAYS = 2
    mandate = mandated(open_ana())
    run_reactions()

    assert mandate.accepted_on.isoformat() == "2026-03-02"
    assert "acht Wochen" in mandate.wording
    assert (mandate.method.kind, mandate.method.last4, mandate.notice_days) == ("direct_debit", "3000", 2)
    message = Message.objects.get(template__startswith="method_kept")
    assert mandate.reference in message.body
    assert "2 Tage vorher" in message.body


def test_without_a_yes_or_outside_the_sepa_area_no_account_is_kept():
    with pytest.raises(MandateNotAccepted):
        mandated(open_ana(), accepted=False)
    bo = open_customer(name="Bo", country="US", currency="USD", email="bo@example.com", by=SYSTEM, at=NOW)
    with pytest.raises(NoSepaHere):
        mandated(bo)

    assert not PaymentMethod.objects.exists()


@pytest.mark.parametrize(("days", "is_debited"), [(1, False), (2, True)])
def test_the_schedule_debits_an_account_only_when_the_notice_is_over(settings, days, is_debited):
    settings.SEPA_NOTICE_DAYS = 2
    ana = open_ana()
    mandated(ana)
    invoice = bill(ana, 3000)  # on 2 March

    def collect(trigger: str):
        return collect_invoice(invoice.pk, trigger=trigger, by=SYSTEM, at=NOW + timedelta(days=days))

    if is_debited:
        assert collect("schedule").state == "succeeded"
    else:
        with pytest.raises(TooSoonToDebit, match="2026-03-04"):
            collect("schedule")
        assert collect("customer").state == "succeeded"  # who pays by themselves needs no notice


def test_a_mandate_that_is_revoked_ends_with_the_account_and_its_words_stay(run_reactions):
    ana = open_ana()
    mandate = mandated(ana)

    remove_payment_method(mandate.method_id, customer_id=ana.pk, by=SYSTEM, at=NOW + timedelta(hours=1))
    run_reactions(NOW + timedelta(hours=1))

    mandate.refresh_from_db()
    assert mandate.revoked_at is not None
    assert Message.objects.filter(template__startswith="mandate_revoked").count() == 1
    for wrong in ("wording = 'anything'", "revoked_at = NULL, revoked_by = ''", "reference = 'other'"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE ledger_mandate SET {wrong}")


def checkout(ana, *, keep: bool) -> Attempt:
    """A payment on a page of the gateway, as it is begun there."""
    invoice = bill(ana, 3000)
    attempt = Attempt.objects.create(
        key="attempt-page", customer=ana, invoice=invoice, gateway="sandbox", trigger="customer", amount_minor=3000,
        currency="EUR", started_by=str(SYSTEM), started_at=NOW,
    )  # fmt: skip
    if keep:
        words = consent_words(KEEP, language="en", seller="Billing desk")
        consent_to_keep(attempt, words, by=SYSTEM, at=NOW)
    return attempt


def test_a_card_paid_with_on_the_gateways_page_is_kept_once_it_has_paid(sandbox_paid):
    ana = open_ana()
    attempt = checkout(ana, keep=True)
    assert keep_methods(at=NOW) == 0

    apply_answer(attempt.pk, GatewayAnswer(True, sandbox_paid), by=SYSTEM, at=NOW)
    assert keep_methods(at=NOW) == 1
    assert keep_methods(at=NOW + timedelta(days=1)) == 0

    kept = PaymentMethod.objects.get(removed_at=None)
    assert (kept.last4, kept.mandate.attempt) == ("4242", attempt)
    assert Event.objects.filter(kind="mandate.in_force").count() == 1


def test_a_card_that_the_bank_replaced_is_kept_under_the_same_consent(sandbox_paid):
    attempt = checkout(open_ana(), keep=True)
    apply_answer(attempt.pk, GatewayAnswer(True, sandbox_paid), by=SYSTEM, at=NOW)
    keep_methods(at=NOW)
    old = PaymentMethod.objects.get(removed_at=None)

    new = replace_card(old.pk, token="sandbox:ok,", last4="1881", expires_on=date(2030, 1, 31), by=SYSTEM, at=NOW)

    assert Mandate.objects.get().method == new


def test_who_did_not_agree_leaves_no_card_on_file(sandbox_paid):
    attempt = checkout(open_ana(), keep=False)

    apply_answer(attempt.pk, GatewayAnswer(True, sandbox_paid), by=SYSTEM, at=NOW)

    assert keep_methods(at=NOW) == 0
    assert not PaymentMethod.objects.exists()


def test_what_the_gateway_did_not_keep_is_said_and_not_asked_for_again():
    attempt = checkout(open_ana(), keep=True)
    apply_answer(attempt.pk, GatewayAnswer(True, "pi_of_somebody"), by=SYSTEM, at=NOW)

    assert keep_methods(at=NOW) == 0

    assert Event.objects.filter(kind="mandate.not_kept").count() == 1
    assert Mandate.objects.get().ask_again_at is None


@pytest.fixture
def sandbox_paid() -> str:
    """The reference of a charge the sandbox has taken from a test card."""
    from ledger.payments.gateways import gateway

    return gateway().charge(key="attempt-page", token="sandbox:ok", amount=eur(3000), at=NOW).reference
