"""A dispute on the telephone: read back, kept when the line drops, opened with the clock of the call."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ledger.disputes.drafts import DraftIsDone, give_up_draft, open_draft, read_back, save_draft, waiting_drafts
from ledger.holds.queries import is_stopped
from tests.conftest import NOW
from tests.ledger.disputes.worlds import MIA
from tests.ledger.worlds import bill, eur, open_ana, prove

pytestmark = pytest.mark.django_db

CALLED_AT = NOW - timedelta(minutes=10)


@pytest.fixture
def line():
    ana = open_ana()
    return bill(ana, 2500, 1000).lines.get(position=1)


def saved(line, **more):
    said = {"amount": eur(1000), "reason": "duplicate", "words": "Charged twice!", **more}
    return save_draft(line.pk, conversation="ticket:9", received_at=CALLED_AT, by=MIA, at=NOW, **said)


def test_what_is_read_back_names_bill_line_amount_and_reason_in_the_customers_language(line):
    number = line.invoice.number

    assert read_back(line, amount=eur(1000), reason="duplicate", language="de-DE") == (
        f"Ich habe notiert: Von der Rechnung {number}, Posten „Plus 1“, beanstanden Sie 10,00\xa0€, Grund: doppelt "
        "berechnet. Bis wir entschieden haben, müssen Sie diesen Betrag nicht zahlen; alles andere bleibt, wie es ist. "
        "Stimmt das so?"
    )
    assert "because: you were charged twice." in read_back(line, amount=eur(1000), reason="duplicate", language="ja")


def test_when_the_line_drops_the_draft_is_kept_and_nothing_follows_from_not_paying(line):
    draft = saved(line)
    again = saved(line, amount=eur(900))

    assert (again.pk, again.amount, again.received_at) == (draft.pk, eur(900), CALLED_AT)
    assert [each.pk for each in waiting_drafts()] == [draft.pk]
    for what in ("collection", "reminders", "fees", "restriction"):
        assert is_stopped(line.invoice.customer_id, what, invoice_id=line.invoice_id, at=NOW + timedelta(minutes=10))
    after = NOW + timedelta(days=3, minutes=1)
    assert not is_stopped(line.invoice.customer_id, "reminders", invoice_id=line.invoice_id, at=after)


def test_opened_on_the_call_back_its_clocks_run_from_the_first_call(line):
    draft = saved(line)
    ana = line.invoice.customer

    opened = open_draft(draft.pk, proof=prove(ana), by=MIA, at=NOW)

    assert (opened.received_at, opened.due_at) == (CALLED_AT, CALLED_AT + timedelta(days=14))
    assert "Charged twice!" in opened.evidence.content
    assert not is_stopped(ana.pk, "reminders", invoice_id=line.invoice_id, at=NOW)
    assert waiting_drafts() == []
    with pytest.raises(DraftIsDone):
        open_draft(draft.pk, proof=prove(ana), by=MIA, at=NOW)


def test_a_draft_the_customer_does_not_stand_by_is_given_up(line):
    draft = saved(line)

    give_up_draft(draft.pk, by=MIA, at=NOW)

    assert not is_stopped(line.invoice.customer_id, "fees", invoice_id=line.invoice_id, at=NOW)
    assert saved(line).pk != draft.pk
