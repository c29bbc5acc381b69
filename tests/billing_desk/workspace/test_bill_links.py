"""Sending a customer a link to pay a bill from the desk: who may, what is shown, and that staff never read the link."""

from __future__ import annotations

import pytest

from ledger.models import Event, Invoice, PaymentLink
from notifications.models import Message
from tests.billing_desk.workspace.conftest import NOW
from tests.ledger.worlds import bill as bill_of
from tests.ledger.worlds import pay


@pytest.fixture
def bill(ana) -> Invoice:
    return bill_of(ana, 1800, at=NOW)


@pytest.fixture
def address(bill) -> str:
    return f"/desk/invoices/{bill.pk}/payment-link"


def test_a_link_is_sent_shown_as_usable_and_never_read_here(sign_in, bill, address):
    mia = sign_in("mia")
    page = mia.get(f"/desk/invoices/{bill.pk}/").content.decode()
    assert f'href="{address}" data-key="l"' in page

    done = mia.post(address, {"send": "1"}, follow=True).content.decode()

    message = Message.objects.get(template__startswith="payment_link")
    token = message.body.partition("/account/pay/")[2].split()[0]
    assert "usable" in done
    assert token not in done
    assert "€18.00" in done
    assert Event.objects.filter(kind="payment_link.made", actor__startswith="agent:").count() == 1


def test_a_second_link_ends_the_first_and_one_press_ends_what_is_left(sign_in, address):
    mia = sign_in("mia")
    mia.post(address, {"send": "1"})
    mia.post(address, {"send": "1"})
    assert PaymentLink.objects.filter(withdrawn_at=None).count() == 1

    done = mia.post(address, {"withdraw": "1"}, follow=True).content.decode()

    assert "1 link ended" in done
    assert not PaymentLink.objects.filter(withdrawn_at=None).exists()


def test_a_bill_that_asks_for_nothing_gets_no_link(sign_in, ana, bill, address):
    pay(ana, 1800, at=NOW)

    refused = sign_in("mia").post(address, {"send": "1"})

    assert refused.status_code == 422
    assert "Nothing is asked for" in refused.content.decode()


@pytest.mark.parametrize(("name", "status"), [("mia", 200), ("olg", 200), ("noe", 200)])
def test_agents_and_finance_may_and_who_has_no_role_may_not(sign_in, address, staff, name, status):
    assert sign_in(name).get(address).status_code == status
    staff[name].groups.clear()
    assert sign_in(name).get(address).status_code == 403
