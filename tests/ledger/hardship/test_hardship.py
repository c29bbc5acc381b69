"""A customer cannot pay: what stops, what does not, whom they are pointed to, and how it ends."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ledger.customers.operations import open_customer
from ledger.errors import InvalidInput
from ledger.events.models import Event
from ledger.hardship.operations import HardshipNotInState, end_hardship, review_hardship, start_hardship
from ledger.hardship.queries import cases_to_review, free_advice, is_protected, live_case
from ledger.holds.queries import is_stopped
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, eur, open_ana

pytestmark = pytest.mark.django_db

STOPS = ("collection", "reminders", "fees", "restriction")


def stopped(customer, at=NOW) -> list[bool]:
    return [is_stopped(customer.pk, stop, at=at) for stop in STOPS]


def test_cannot_pay_stops_reminders_fees_and_restriction_but_payments_may_still_be_taken(mia):
    ana = open_ana()

    case = start_hardship(ana.pk, words="I lost my job", can_pay_monthly=eur(20_00), by=mia, at=NOW)

    assert stopped(ana) == [False, True, True, True]
    assert (is_protected(ana.pk, at=NOW), case.can_pay_monthly) == (True, eur(20_00))
    # Thirty days after 2 March.
    assert case.review_on == date(2026, 4, 1)


def test_an_adviser_who_says_insolvent_stops_collection_too_and_the_words_are_kept_as_said(mia):
    ana = open_ana()
    start_hardship(ana.pk, words="I cannot pay", by=mia, at=NOW)

    again = start_hardship(
        ana.pk, words="She is insolvent", is_insolvent=True, said_by="Dr. Weiss, adviser", by=mia, at=NOW
    )

    assert stopped(ana) == [True] * 4
    assert again == live_case(ana.pk)
    said = Event.objects.filter(kind="hardship.started").latest("pk").data
    assert (said["said"], said["adviser"]) == ("She is insolvent", "Dr. Weiss, adviser")


def test_free_advice_is_that_of_the_country_with_its_source(mia):
    emi = open_customer(name="Emi Petit", country="FR", currency="EUR", email="emi@example.fr", by=SYSTEM, at=NOW)

    start_hardship(emi.pk, words="Je ne peux pas payer", by=mia, at=NOW)

    assert [advice.name for advice in free_advice(emi, on=date(2026, 3, 2))] == ["Points conseil budget"]
    assert all(advice.source for advice in free_advice(emi, on=date(2026, 3, 2)))
    assert Event.objects.get(kind="hardship.started").data["advisers"][0]["url"] == "https://www.mesquestionsdargent.fr"


@pytest.mark.parametrize("country", ["DE", "AT", "FR", "GB", "IE", "US", "AU"])
def test_there_is_free_advice_in_each_country_we_name(country):
    customer = open_customer(name="Kim", country=country, currency="EUR", email="kim@example.com", by=SYSTEM, at=NOW)

    assert free_advice(customer, on=date(2026, 3, 2))


def test_a_review_says_when_to_look_again_and_the_end_lifts_what_was_stopped(mia):
    ana = open_ana()
    case = start_hardship(ana.pk, words="I cannot pay", by=mia, at=NOW)

    review_hardship(case.pk, outcome="plan", review_on=date(2026, 3, 20), by=mia, at=NOW)
    assert cases_to_review(on=date(2026, 3, 19)) == []
    assert cases_to_review(on=date(2026, 3, 20)) == [case]
    end_hardship(case.pk, reason="Pays again", by=mia, at=NOW + timedelta(days=20))

    assert stopped(ana, NOW + timedelta(days=21)) == [False] * 4
    with pytest.raises(HardshipNotInState):
        end_hardship(case.pk, reason="Again", by=mia, at=NOW + timedelta(days=21))


def test_nothing_is_noted_without_what_was_said(mia):
    with pytest.raises(InvalidInput, match="Write down"):
        start_hardship(open_ana().pk, words="  ", by=mia, at=NOW)
