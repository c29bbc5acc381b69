"""Holds: one live hold per source and bill, seen by whoever collects, kept as they were placed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from ledger.errors import InvalidInput
from ledger.events import kinds
from ledger.events.models import Event
from ledger.holds.models import Hold
from ledger.holds.operations import lift_holds, place_hold
from ledger.holds.queries import holds_touching, is_stopped, live_holds
from ledger.invoices.operations import NoSuchInvoice
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, open_ana

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return open_ana()


def place(customer, **more) -> Hold:
    words = {"kind": "review", "stops": ["reminders"], "source": "review:1", "why": "We look into it", "at": NOW}
    return place_hold(customer.pk, by=SYSTEM, **{**words, **more})


def test_a_hold_stops_what_it_names_for_the_bill_it_names_until_it_is_lifted(ana):
    one, other = bill(ana, 1000), bill(ana, 2000)
    place(ana, invoice_id=one.pk, stops=["reminders", "fees"])

    assert is_stopped(ana.pk, "reminders", invoice_id=one.pk, at=NOW)
    assert not is_stopped(ana.pk, "reminders", invoice_id=other.pk, at=NOW)
    assert not is_stopped(ana.pk, "collection", invoice_id=one.pk, at=NOW)
    lift_holds("review:1", by=SYSTEM, at=NOW + timedelta(days=2))
    assert not is_stopped(ana.pk, "reminders", invoice_id=one.pk, at=NOW + timedelta(days=2))
    assert is_stopped(ana.pk, "reminders", invoice_id=one.pk, at=NOW + timedelta(days=1))
    assert [hold.source for hold in holds_touching(ana.pk, stop="fees", invoice_id=one.pk)] == ["review:1"]


def test_a_hold_of_everything_covers_every_bill_and_one_with_an_end_ends_by_itself(ana):
    one = bill(ana, 1000)
    place(ana, until=NOW + timedelta(days=1))

    assert is_stopped(ana.pk, "reminders", invoice_id=one.pk, at=NOW)
    assert live_holds(ana.pk, at=NOW + timedelta(days=1)) == []


def test_placing_it_again_returns_the_same_hold_and_tells_nothing_new(ana):
    assert place(ana) == place(ana)
    assert Event.objects.filter(kind=kinds.HOLD_PLACED).count() == 1
    lift_holds("review:1", by=SYSTEM, at=NOW)
    assert lift_holds("review:1", by=SYSTEM, at=NOW) == []


@pytest.mark.parametrize("wrong", [{"kind": "whim"}, {"stops": []}, {"stops": ["everything"]}, {"why": " "}])
def test_a_hold_says_what_it_is_what_it_stops_and_why(ana, wrong):
    with pytest.raises(InvalidInput):
        place(ana, **wrong)


def test_a_bill_of_somebody_else_is_not_held(ana):
    theirs = bill(open_ana(email="bo@example.com"), 1000)

    with pytest.raises(NoSuchInvoice):
        place(ana, invoice_id=theirs.pk)


def test_the_database_keeps_the_terms_of_a_hold_and_lifts_it_once(ana):
    hold = place(ana)

    with pytest.raises(IntegrityError, match="keeps its terms"), transaction.atomic():
        Hold.objects.filter(pk=hold.pk).update(stops=["fees"])
    lift_holds("review:1", by=SYSTEM, at=NOW)
    with pytest.raises(IntegrityError, match="keeps its terms"), transaction.atomic():
        Hold.objects.filter(pk=hold.pk).update(lifted_at=None)
