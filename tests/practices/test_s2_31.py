"""S2-31: collections by a ladder whose calls become cases, once, with what to say."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.collections.dunning import run_dunning
from tests.conftest import berlin
from tests.ledger.collections.worlds import owe
from tests.ledger.worlds import open_ana
from tickets.models import Ticket
from tickets.sla.defaults import ensure_defaults

pytestmark = pytest.mark.django_db


def test_the_rung_that_calls_opens_one_case_that_says_what_to_ask(run_reactions, settings):
    settings.DOCUMENTS_FROM = "9999-12-31"
    ensure_defaults()
    ana = open_ana(at=berlin(2026, 2, 1, 10))
    bill = owe(ana, 2500, due_on=date(2026, 3, 1), at=berlin(2026, 2, 15, 10))

    for day in (2, 4, 11, 18, 18):
        run_dunning(at=berlin(2026, 3, day, 9, 15))
        run_reactions(at=berlin(2026, 3, day, 9, 16))

    (case,) = Ticket.objects.all()
    assert (case.customer_id, case.subject) == (ana.pk, f"Call the customer about {bill.number}")
    (line,) = case.messages.all()
    assert "a promise to pay, a payment plan or a dispute each stop the reminders" in line.text
