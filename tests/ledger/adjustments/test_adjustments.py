"""give_adjustment: by reason, authority and budget; how often a year; and how it is taken back."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg
import pytest

from ledger.adjustments.giving import AlreadyUsed, BudgetSpent
from ledger.adjustments.models import Adjustment, AdjustmentReason, TeamBudget
from ledger.adjustments.operations import (
    AdjustmentNotInState,
    Gift,
    GivenTooOften,
    approve_adjustment,
    decline_adjustment,
    give_adjustment,
    reverse_adjustment,
)
from ledger.adjustments.policy import ManualRatio, possible_again_on
from ledger.adjustments.queries import choices_for, manual_ratio
from ledger.authority.operations import ApproverIsRequester
from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.charges.operations import add_charge
from ledger.customers.operations import OwnAccount
from ledger.discounts.models import DiscountGrant
from ledger.errors import InvalidInput
from ledger.events.actor import Actor
from ledger.invoices.models import Invoice
from ledger.invoices.operations import issue_invoice
from notifications.delivery.models import Message
from tests import plugin
from tests.concurrency.test_refunds import at_once, kinds
from tests.conftest import NOW, berlin
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana


@pytest.fixture
def sorry(db):
    return AdjustmentReason.objects.create(
        code="SORRY-5", title="Sorry", kind="credit", cause="company_error", per_year=1
    )


def gift(minor=500, reason="SORRY-5", **more):
    return Gift(reason, eur(minor), "The line was down", **more)


@pytest.mark.parametrize(
    ("given", "today", "again"),
    [
        ([], date(2026, 3, 2), None),
        ([date(2025, 3, 2)], date(2026, 3, 2), None),  # a year ago to the day
        ([date(2025, 3, 3)], date(2026, 3, 2), date(2026, 3, 3)),
        ([date(2024, 2, 29)], date(2025, 2, 28), date(2025, 3, 1)),
    ],
)
def test_once_in_twelve_months(given, today, again):
    assert possible_again_on(given, 1, today=today) == again


def test_of_two_a_year_the_older_one_makes_room_first():
    given = [date(2025, 6, 1), date(2025, 9, 1)]

    assert possible_again_on(given, 2, today=date(2026, 3, 2)) == date(2026, 6, 1)
    assert possible_again_on(given, None, today=date(2026, 3, 2)) is None


def test_credit_within_the_limit_is_given_at_once_pays_the_next_bill_and_is_told(sorry, mia, run_reactions):
    ana = open_ana()

    given = give_adjustment(ana.pk, gift=gift(), by=mia, at=NOW)

    assert given.state == "granted"
    assert (balance("goodwill", "EUR"), balance("customer_credit", "EUR", customer_id=ana.pk)) == (eur(500), eur(500))
    assert bill(ana, 2000).due_amount == eur(1500)
    run_reactions()
    assert "5,00 €" in Message.objects.get(template__startswith="adjustment_granted").body.replace("\u00a0", " ")
    assert first_break() is None


def test_a_second_one_within_a_year_is_refused_with_the_day_it_is_possible_again(sorry, mia):
    ana = open_ana()
    give_adjustment(ana.pk, gift=gift(), by=mia, at=NOW)

    with pytest.raises(GivenTooOften, match="2027-03-02"):
        give_adjustment(ana.pk, gift=gift(), by=mia, at=NOW + timedelta(days=364))
    greyed = {choice.reason.code: choice.possible_again for choice in choices_for(ana, at=NOW) if choice.possible_again}
    assert greyed == {"SORRY-5": date(2027, 3, 2)}
    assert give_adjustment(ana.pk, gift=gift(), by=mia, at=NOW + timedelta(days=365)).state == "granted"


def test_above_the_limit_a_colleague_decides_and_never_who_asked(sorry, mia, noe):
    ana = open_ana()
    asked = give_adjustment(ana.pk, gift=gift(2501), by=mia, at=NOW)

    with pytest.raises(ApproverIsRequester):
        approve_adjustment(asked.pk, by=mia, at=NOW)
    assert approve_adjustment(asked.pk, by=noe, at=NOW).state == "granted"
    with pytest.raises(AdjustmentNotInState):
        decline_adjustment(asked.pk, reason="no", by=noe, at=NOW)
    assert balance("customer_credit", "EUR", customer_id=ana.pk) == eur(2501)


def test_nobody_gives_to_their_own_account_and_every_gift_says_why(sorry):
    ana = open_ana()

    with pytest.raises(OwnAccount):
        give_adjustment(ana.pk, gift=gift(), by=Actor.agent(9, customer_id=ana.pk), at=NOW)
    with pytest.raises(InvalidInput, match="Say why"):
        give_adjustment(ana.pk, gift=Gift("SORRY-5", eur(1), " "), by=SYSTEM, at=NOW)
    with pytest.raises(InvalidInput, match="no reason"):
        give_adjustment(ana.pk, gift=gift(reason="NICE"), by=SYSTEM, at=NOW)


def test_credit_is_taken_back_while_it_is_unused_and_the_budget_has_it_again(sorry, mia):
    ana, budget = open_ana(), TeamBudget.objects.create(currency="EUR", month=date(2026, 3, 1), amount_minor=500)
    given = give_adjustment(ana.pk, gift=gift(), by=mia, at=NOW)

    reverse_adjustment(given.pk, reason="Wrong customer", by=mia, at=NOW)

    budget.refresh_from_db()
    assert budget.spent_minor == 0
    assert balance("goodwill", "EUR") == eur(0)
    assert give_adjustment(ana.pk, gift=gift(), by=mia, at=NOW).state == "granted"  # what was taken back does not count
    bill(ana, 2000)
    with pytest.raises(AlreadyUsed):
        reverse_adjustment(Adjustment.objects.latest("pk").pk, reason="x", by=mia, at=NOW)
    assert first_break() is None


def test_a_waived_fee_comes_off_the_bill_and_taken_back_it_is_charged_again(db, mia):
    AdjustmentReason.objects.create(code="FEE", title="Fee waived", kind="fee_waiver", cause="loyalty")
    ana = open_ana()
    charge = add_charge(ana.pk, amount=eur(500), description="Late fee", kind="late_fee", by=SYSTEM, at=NOW)
    invoice = issue_invoice(ana.pk, charge_ids=[charge.pk], by=SYSTEM, at=NOW)
    line = invoice.lines.get()

    given = give_adjustment(ana.pk, gift=gift(500, "fee", line_id=line.pk), by=mia, at=NOW)
    assert (Invoice.objects.get().due_amount, balance("late_fees", "EUR")) == (eur(0), eur(0))
    with pytest.raises(InvalidInput, match=r"Only 0\.00 EUR"):
        give_adjustment(ana.pk, gift=gift(1, "fee", line_id=line.pk), by=mia, at=NOW)

    reverse_adjustment(given.pk, reason="It was right", by=mia, at=NOW)
    assert (balance("late_fees", "EUR"), balance("unbilled", "EUR", customer_id=ana.pk)) == (eur(500), eur(500))
    assert first_break() is None


def test_a_courtesy_discount_comes_off_the_next_bill(db, mia):
    AdjustmentReason.objects.create(code="COURTESY", title="Courtesy", kind="discount", cause="service")
    ana = open_ana()

    given = give_adjustment(ana.pk, gift=gift(500, "COURTESY"), by=mia, at=NOW)

    assert given.grant_given.state == "active"
    reverse_adjustment(given.pk, reason="x", by=mia, at=NOW)
    assert DiscountGrant.objects.get().state == "ended"


def test_seven_adjustments_for_a_thousand_bills_are_seven_by_cause_and_machines_do_not_count(mia):
    ratio = ManualRatio(1000, {"company_error": 5, "service": 2})
    assert (ratio.adjustments, ratio.per_thousand) == (7, 7)
    assert ManualRatio(0, {}).per_thousand is None


def test_the_ratio_counts_what_people_gave_in_the_span(sorry, mia):
    ana, bob = open_ana(), open_ana(email="bob@example.com")
    bill(ana, 100)
    bill(ana, 100)
    give_adjustment(ana.pk, gift=gift(), by=mia, at=NOW)
    AdjustmentReason.objects.filter(code="SORRY-5").update(per_year=None)
    asked = give_adjustment(bob.pk, gift=gift(), by=Actor.system("corrections"), at=NOW)
    approve_adjustment(asked.pk, by=mia, at=NOW)

    assert manual_ratio(date(2026, 3, 1), date(2026, 3, 31)) == ManualRatio(2, {"company_error": 1})
    assert manual_ratio(date(2026, 4, 1), date(2026, 4, 30)).adjustments == 0


@pytest.mark.django_db(transaction=True)
def test_gifts_at_once_never_spend_more_than_the_budget(mia):
    AdjustmentReason.objects.create(code="SORRY-5", title="Sorry", kind="credit", cause="service")
    TeamBudget.objects.create(currency="EUR", month=date(2026, 3, 1), amount_minor=1200)
    customers = [open_ana(email=f"a{number}@example.com") for number in range(5)]

    answers = at_once([lambda c=c: give_adjustment(c.pk, gift=gift(), by=mia, at=NOW) for c in customers])

    assert kinds(answers) == {"Adjustment": 2, BudgetSpent.__name__: 3}
    assert TeamBudget.objects.get().spent_minor == 1000
    assert balance("goodwill", "EUR") == eur(1000)
    with psycopg.connect(plugin.database_url(), autocommit=True) as direct:
        with pytest.raises(psycopg.errors.CheckViolation, match="budget_never_overspent"):
            direct.execute("UPDATE ledger_teambudget SET spent_minor = 1201")
        with pytest.raises(psycopg.errors.CheckViolation, match="may not go from granted to declined"):
            direct.execute("UPDATE ledger_adjustment SET state = 'declined'")
    assert give_adjustment(customers[0].pk, gift=gift(), by=mia, at=berlin(2026, 4, 1, 9)).state == "granted"
