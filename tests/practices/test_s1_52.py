"""S1-52: the customer's account page and the message name the same days, and follow what the provider reports."""

from __future__ import annotations

import pytest

from billing_desk.portal.timelines import refund_steps
from ledger.refunds.models import Refund
from ledger.refunds.operations import request_refund
from ledger.refunds.paying import pay_refund
from ledger.refunds.routes import Way
from ledger.refunds.settling import return_refund, settle_refund
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db


def shown(refund):
    """Return the steps as the page shows them: title, where it stands, detail."""
    return [(step.title, step.progress.value, step.detail) for step in refund_steps(Refund.objects.get(pk=refund.pk))]


def ask(by, way=None):
    ana = open_ana()
    more = {"way": way} if way else {}
    return request_refund(
        pay(ana, 5_000).pk, amount=eur(2_000), reason="x", proof=prove(ana), is_goodwill=True, by=by, at=NOW, **more
    )


def test_the_account_page_shows_the_days_before_and_after_the_money_leaves_and_its_arrival(mia):
    refund = ask(mia)  # within her limit: approved
    assert shown(refund)[-1] == ("Money arrives on card 4242", "next", "Expected 9–16 March.")

    pay_refund(refund.pk, at=NOW)
    assert shown(refund)[-1] == ("Money arrives on card 4242", "now", "Expected 9–16 March.")

    settle_refund(refund.pk, by=SYSTEM, at=NOW)
    assert shown(refund)[-1] == ("Arrived on card 4242", "done", "")


def test_money_that_came_back_is_shown_with_the_other_ways(mia):
    refund = ask(mia)
    pay_refund(refund.pk, at=NOW)
    return_refund(refund.pk, code="declined", by=SYSTEM, at=NOW)

    assert "another card or account, or become credit" in shown(refund)[-2][2]


def test_credit_is_shown_as_there_at_once(mia):
    assert shown(ask(mia, Way("credit")))[-1] == ("Credit on your account", "done", "It pays your next bill.")
