"""record_events: many facts by one statement, each with the reactions that one alone would have."""

from __future__ import annotations

import pytest

from ledger.events import kinds
from ledger.events.models import Event, Reaction
from ledger.events.operations import Happening, UnknownEventKind, caused_by, record_event, record_events
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


def test_many_facts_are_written_as_each_alone_would_be(system):
    words = 'Said "no\\yes", ü, 日本'
    with caused_by("billingrun:1"):
        record_event(kinds.CHARGE_ADDED, subject="charge:1", customer_id=7, by=system, at=NOW, words=words)
        record_events([Happening(kinds.CHARGE_ADDED, "charge:1", 7, {"words": words})], by=system, at=NOW)

    alone, together = Event.objects.order_by("pk")
    same = ("kind", "subject", "customer_id", "actor", "on_behalf_of", "occurred_at", "data")
    assert [getattr(together, name) for name in same] == [getattr(alone, name) for name in same]
    assert together.data == {"words": words, "cause": "billingrun:1", "actor_name": "test"}
    first, second = (
        list(Reaction.objects.filter(event=event).values_list("handler", "stream", "due_at", "attempts"))
        for event in (alone, together)
    )
    assert first == second
    assert len(first) == 1


def test_facts_keep_their_order_and_so_do_the_duties_of_one_stream(system):
    facts = [
        Happening(kinds.INVOICE_ISSUED if n % 2 else kinds.CHARGE_ADDED, f"thing:{n}", n % 3 or None, {})
        for n in range(60)
    ]

    record_events(facts, by=system, at=NOW)

    assert list(Event.objects.order_by("pk").values_list("subject", flat=True)) == [f"thing:{n}" for n in range(60)]
    duties = list(Reaction.objects.order_by("pk").values_list("event_id", flat=True))
    assert duties == sorted(duties)
    assert Reaction.objects.filter(stream="thing:0").count() == 1


def test_a_kind_without_a_line_in_the_table_is_refused_with_all_the_others(system):
    facts = [Happening(kinds.CHARGE_ADDED, "charge:1", 7, {}), Happening("charge.lost", "charge:2", 7, {})]

    with pytest.raises(UnknownEventKind, match=r"charge\.lost"):
        record_events(facts, by=system, at=NOW)

    assert not Event.objects.exists()


def test_nothing_happened_writes_nothing(system):
    record_events([], by=system, at=NOW)

    assert not Event.objects.exists()
