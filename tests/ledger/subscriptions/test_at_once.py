"""The same change from two windows at the same moment is one change."""

from __future__ import annotations

import pytest

from ledger.books.proof import first_break
from ledger.models import CreditNote, Invoice, SubscriptionChange
from ledger.subscriptions.changes import apply_change
from ledger.subscriptions.operations import cancel_subscription
from ledger.subscriptions.terms import Change, What
from tests.concurrency.test_refunds import at_once, kinds
from tests.conftest import berlin
from tests.ledger.subscriptions.worlds import sell_all, subscribed
from tests.ledger.worlds import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)
FIRST, SIXTEENTH = berlin(2026, 3, 1, 9), berlin(2026, 3, 16, 11)


def test_four_clicks_at_once_upgrade_arrange_and_cancel_once(transactional_db):
    sell_all()
    basic = subscribed("basic", at=FIRST)

    def ask(change: Change):
        return lambda: apply_change(basic.pk, change, by=SYSTEM, at=SIXTEENTH)

    upgrades = at_once([ask(Change(What.PLAN, plan="plus"))] * 4)
    downgrades = at_once([ask(Change(What.PLAN, plan="basic"))] * 4)
    endings = at_once([lambda: cancel_subscription(basic.pk, by=SYSTEM, at=SIXTEENTH)] * 4)

    assert kinds(upgrades) == kinds(downgrades) == {"SubscriptionChange": 1, "NothingToChange": 3}
    assert kinds(endings) == {"Subscription": 1, "SubscriptionNotInState": 3}
    assert (Invoice.objects.count(), CreditNote.objects.count()) == (2, 1)
    states = SubscriptionChange.objects.order_by("pk").values_list("what", "state")
    assert list(states) == [("plan", "applied"), ("plan", "withdrawn"), ("cancel", "applied")]
    assert first_break() is None
