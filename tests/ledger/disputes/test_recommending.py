"""The same facts recommend the same decision; what the facts do not settle is left to a person."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest

from ledger.disputes.recommending import Facts, recommend
from tests.ledger.worlds import eur

PLUS = Facts(
    reason="other",
    disputed=eur(2500),
    charged=eur(2500),
    period_start=date(2026, 3, 1),
    period_end=date(2026, 4, 1),
)


@pytest.mark.parametrize(
    ("known", "outcome", "minor"),
    [
        ({"duplicate_of": "charge:7"}, "upheld", 2500),
        ({"ended_on": date(2026, 3, 1)}, "upheld", 2500),
        # 16 of 31 days were not served: 25.00 x 16 / 31 = 12.90.
        ({"ended_on": date(2026, 3, 16)}, "partly_upheld", 1290),
        ({"ended_on": date(2026, 3, 16), "disputed": eur(1000)}, "upheld", 1000),
        # Of the 12.90, 9.75 were credited before: 3.15 are left to give; all of them: nothing is.
        ({"ended_on": date(2026, 3, 16), "credited_minor": 975}, "partly_upheld", 315),
        ({"ended_on": date(2026, 3, 16), "credited_minor": 1290}, "look", 0),
        ({"ended_on": date(2026, 4, 1)}, "look", 0),
        ({"agreed": eur(2000)}, "partly_upheld", 500),
        ({"agreed": eur(2000), "disputed": eur(500)}, "upheld", 500),
        ({"agreed": eur(2500), "reason": "wrong_amount"}, "rejected", 0),
        ({"was_used": True, "reason": "not_received"}, "rejected", 0),
        ({"was_used": False, "reason": "not_received"}, "look", 0),
        ({"was_used": None, "reason": "not_recognised"}, "look", 0),
        ({"was_used": True, "reason": "cancelled"}, "rejected", 0),
        ({"was_used": True, "reason": "other"}, "look", 0),
    ],
)
def test_what_the_facts_settle_is_recommended_with_the_amount(known, outcome, minor):
    found = recommend(replace(PLUS, **known))

    assert (found.outcome, found.amount) == (outcome, eur(minor))
    assert len(found.because) == 1
    assert found == recommend(replace(PLUS, **known))


def test_who_the_customer_is_is_no_fact():
    assert {field.name for field in fields(Facts)}.isdisjoint({"country", "language", "customer", "name", "tenure"})
