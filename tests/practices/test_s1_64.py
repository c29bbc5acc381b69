"""Another way to pay: buttons for what can pay this bill, a link that needs no sign-in, and no bill paid twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from billing_desk.payment_links import send_payment_link
from ledger.customers.operations import open_customer
from ledger.errors import DomainError
from ledger.events.models import Event
from ledger.models import Attempt, Invoice, PaymentLink, PaymentMethod, Refund
from ledger.money import Money
from ledger.payments.collecting import resolve_unknown
from ledger.payments.linking import PaymentLinkNotValid, make_payment_link, open_payment_link, withdraw_payment_links
from ledger.payments.methods import eligible_ways
from notifications.models import Message
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice():
    with time_machine.travel(NOW, tick=False):
        yield bill(open_ana(), 3000)


def link_to(invoice) -> str:
    return f"/account/pay/{make_payment_link(invoice.pk, by=SYSTEM, at=NOW)}"


def test_bo_who_pays_in_dollars_is_not_offered_sepa(invoice):
    bo = open_customer(name="Bo", country="US", currency="USD", email="bo@example.com", by=SYSTEM, at=NOW)

    offered = {way.code for way in eligible_ways(bo.country, Money(3000, "USD"))}

    assert "sepa_debit" not in offered
    assert "transfer" not in offered
    assert {"card", "link"} <= offered


def test_paying_by_the_link_pays_the_bill_and_ends_the_dunning(invoice):
    address = link_to(invoice)
    page = Client().get(address).content.decode()
    assert invoice.number in page
    assert "€30.00" in page
    assert 'type="text"' not in page  # no card number is ever typed here

    answer = Client().post(address, {"card": "ok"})

    assert "Nothing is left to pay" in answer.content.decode()
    assert Invoice.objects.get().state == "paid"
    assert Event.objects.filter(kind="invoice.paid").count() == 1  # what ends reminders, retries and restrictions
    assert Attempt.objects.get().trigger == "customer"
    assert not PaymentMethod.objects.filter(removed_at=None).exists()  # whoever paid has left no card on file
    assert Client().post(address, {"card": "ok"}).status_code == 422
    assert Attempt.objects.count() == 1


def test_a_decline_by_link_says_why_and_never_that_a_card_was_stolen(invoice):
    answer = Client().post(link_to(invoice), {"card": "stolen_card"})

    words = answer.content.decode()
    assert answer.status_code == 422
    assert 'role="alert"' in words
    assert "tolen" not in words.split("<fieldset")[0]
    assert Invoice.objects.get().state == "open"


def test_a_link_is_kept_as_a_hash_and_forged_old_or_withdrawn_ones_are_not_told_apart(invoice):
    token = make_payment_link(invoice.pk, by=SYSTEM, at=NOW)
    assert token not in str(PaymentLink.objects.values())
    other_end = token[:-1] + ("B" if token.endswith("A") else "A")
    refusals = set()

    for wrong, at in [("x" + token, NOW), (other_end, NOW), ("", NOW), (token, NOW + timedelta(days=14))]:
        with pytest.raises(PaymentLinkNotValid) as refusal:
            open_payment_link(wrong, at=at)
        refusals.add(str(refusal.value))
    assert open_payment_link(token, at=NOW + timedelta(days=13)).invoice_id == invoice.pk
    assert withdraw_payment_links(invoice.pk, by=SYSTEM, at=NOW) == 1
    with pytest.raises(PaymentLinkNotValid) as refusal:
        open_payment_link(token, at=NOW)

    assert refusals == {str(refusal.value)}
    assert Client().get(f"/account/pay/{token}").status_code == 410


def test_no_link_is_made_for_a_bill_that_asks_for_nothing(invoice):
    pay(invoice.customer, 3000)

    with pytest.raises(DomainError, match="Nothing is asked for"):
        make_payment_link(invoice.pk, by=SYSTEM, at=NOW)


def test_the_customer_gets_the_link_and_staff_do_not_read_it(invoice):
    send_payment_link(invoice.pk, by=SYSTEM, at=NOW)

    message = Message.objects.get(template__startswith="payment_link")
    assert "/account/pay/" in message.body
    assert "30,00" in message.body  # Ana reads German
    assert message.is_secret


def test_two_methods_used_at_once_the_second_goes_back_and_the_customer_reads_one_message_about_it(
    invoice, run_reactions
):
    first, second = link_to(invoice), link_to(invoice)
    pay(invoice.customer, 1000)
    Client().post(first, {"card": "delayed"})  # 20.00, and the bank takes an hour
    assert "not answered yet" in Client().get(second).content.decode()
    pay(invoice.customer, 2000)  # meanwhile a transfer arrives

    run_reactions()
    before = Message.objects.count()
    resolve_unknown(at=NOW + timedelta(hours=1))
    run_reactions(NOW + timedelta(hours=1))

    refund = Refund.objects.get()
    assert (refund.amount, refund.payment) == (eur(2000), Attempt.objects.get().payment)
    told = [name.partition(".")[0] for name in Message.objects.order_by("pk").values_list("template", flat=True)]
    assert told[before:] == ["payment_doubled", "refund_approved"]  # and not that a payment has arrived, thank you
