"""Bills to other member states at the same moment, on real connections: each counts those before it."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.charges.operations import add_charge
from ledger.customers.operations import open_customer
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.invoices.models import Invoice
from ledger.invoices.operations import issue_invoice
from ledger.jurisdictions.operations import RuleSpec, approve_rule, propose_rule
from tests.concurrency.test_refunds import at_once, kinds
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, eur

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_four_bills_at_once_two_fit_below_the_threshold_and_one_is_on_record_as_crossing_it():
    params = {"threshold_minor": 25_000, "currency": "EUR", "is_waived": False}
    spec = RuleSpec("distance_threshold", params, date(2026, 1, 1), "Article 59c", "Finance", country="EU")
    pia, olg = (Actor.agent(pk, name="x", roles=frozenset({"supervisor"})) for pk in (3, 4))
    approve_rule(propose_rule(spec, by=pia, at=NOW).pk, by=olg, at=NOW)
    people = [open_customer(name=f"Zoé {n}", country="FR", currency="EUR", by=SYSTEM, at=NOW) for n in range(4)]
    for one in people:
        add_charge(one.pk, amount=eur(10_000), description="Course", tax_rate=None, by=SYSTEM, at=NOW)

    done = at_once([lambda pk=one.pk: issue_invoice(pk, by=SYSTEM, at=NOW) for one in people])

    assert kinds(done) == {"Invoice": 4}
    rates = Invoice.objects.values_list("lines__tax_rate", flat=True)
    assert sorted(rates) == [19, 19, 20, 20]
    assert Event.objects.filter(kind="distance_threshold.crossed").count() == 1
