"""explain_change: what changed, what came back, what was charged, what is next."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.explanations.changes import NoSuchChange, explain_change
from ledger.subscriptions.terms import What
from tests.conftest import berlin
from tests.ledger.explanations.worlds import EARLY, ana_upgrades, bills_of, change, sell, subscribed
from tests.ledger.worlds import open_ana

pytestmark = pytest.mark.django_db


def text(changed, language: str = "en") -> str:
    explanation = explain_change(changed.pk, language)
    explanation.check(explanation.text)
    return explanation.text.replace("\u00a0", " ")


def test_an_upgrade_is_told_with_its_credit_its_bill_and_the_balance():
    _, changed, bill = ana_upgrades()

    assert text(changed) == (
        "On 16 March 2026 Basic was changed to Plus. "
        "Credit note CN-2026-000001 gives back €5.16 for days of Basic that are not used. "
        f"Bill {bill.number} asks €12.90 for Plus (16 to 31 March 2026). Together that is €7.74 more. "
        "The next bill, on 1 April 2026, comes to €25.00, as far as fixed prices go."
    )
    assert "Zusammen sind das 7,74 € mehr." in text(changed, "de")


def test_the_sentences_about_money_lead_to_entries():
    _, changed, _ = ana_upgrades()

    explanation = explain_change(changed.pk, "en")

    assert [bool(sentence.entries) for sentence in explanation.sentences] == [False, True, True, True, False]


@pytest.mark.parametrize(
    ("what", "wanted", "words"),
    [
        (What.CANCEL, {}, "The subscription to Basic was cancelled; 1 April 2026 is the first day without it."),
        (What.PAUSE, {}, "The subscription to Basic is paused from"),
        (What.BILLING_DAY, {"bill_day": 15}, "The billing day was moved from the day 1 to the day 15"),
        (What.QUANTITY, {"quantity": 3}, "On 16 March 2026 Basic was changed to Basic × 3."),
        (What.TAKE_ADD_ON, {"add_on": "storage"}, "On 16 March 2026 storage was added."),
    ],
)
def test_every_kind_of_change_has_words(what, wanted, words):
    sell("basic", 1000)
    sell("storage", 500, kind="add_on")
    subscription = subscribed(open_ana(at=EARLY), "basic", date(2026, 3, 1))
    bills_of(subscription.customer, at=berlin(2026, 3, 1, 6))

    changed = change(subscription, what, at=berlin(2026, 3, 16, 11), **wanted)

    assert words in text(changed)
    assert text(changed, "de") != text(changed)


def test_somebody_elses_change_is_not_there():
    _, changed, _ = ana_upgrades()

    with pytest.raises(NoSuchChange):
        explain_change(changed.pk, "en", customer_id=open_ana(email="bo@example.com").pk)
