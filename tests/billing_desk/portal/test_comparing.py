"""Why a bill differs from the one before, in bars that add up."""

from __future__ import annotations

from datetime import date

import pytest

from billing_desk.portal.comparing import compare_bill, lay_out
from ledger.invoices.operations import NoSuchInvoice
from ledger.money import Money
from tests.conftest import berlin
from tests.ledger.explanations.worlds import ana_upgrades, bills_of, sell, subscribed
from tests.ledger.worlds import open_ana


@pytest.mark.django_db
def test_the_causes_add_up_to_the_difference() -> None:
    subscription, _, bill = ana_upgrades()

    found = compare_bill(bill.pk, customer_id=subscription.customer_id, total=bill.total)

    assert found.is_higher
    assert (found.before, found.together) == (Money(1000, "EUR"), Money(774, "EUR"))
    assert [(bar.words, bar.amount.minor) for bar in found.bars] == [("Plus for 16 days", 1290), ("Basic unused", -516)]
    assert found.bars[0].what == "Plus is billed since the change, for 16 of 31 days"


@pytest.mark.django_db
def test_a_first_bill_has_nothing_before_it_and_the_same_again_nothing_to_explain() -> None:
    sell("basic", 1000)
    ana = open_ana(at=berlin(2026, 1, 5))
    subscribed(ana, "basic", date(2026, 2, 1))
    (first,) = bills_of(ana, at=berlin(2026, 2, 1, 6))
    second = bills_of(ana, at=berlin(2026, 3, 1, 6))[-1]

    begun = compare_bill(first.pk, customer_id=ana.pk, total=first.total)
    again = compare_bill(second.pk, customer_id=ana.pk, total=second.total)

    assert (begun.before, begun.bars, begun.is_higher) == (None, (), False)
    assert (again.before, again.together, again.is_higher) == (Money(1000, "EUR"), Money(0, "EUR"), False)


@pytest.mark.django_db
def test_somebody_elses_bill_is_not_compared() -> None:
    *_, bill = ana_upgrades()

    with pytest.raises(NoSuchInvoice):
        compare_bill(bill.pk, customer_id=open_ana(email="bo@example.com").pk, total=bill.total)


def test_bars_begin_at_zero_and_are_as_long_as_their_amounts() -> None:
    zero, places = lay_out([1290, -516])  # 18.06 from end to end: zero lies at 516 / 1806 of the width

    assert zero == 285
    assert places == [(285, 714), (0, 285)]


def test_bars_of_nothing_or_of_a_cent_do_not_break_the_drawing() -> None:
    assert lay_out([]) == (0, [])
    zero, places = lay_out([100_000, -1])

    assert all(start >= 0 and start + width <= 1000 and width >= 6 for start, width in places)
    assert 0 <= zero <= 1000
