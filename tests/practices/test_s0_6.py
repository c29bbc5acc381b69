"""S0-6: a change of services shows the bill it leads to before it is confirmed, and that bill is what comes."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.billing.operations import run_billing
from ledger.models import AddOn, Event, Invoice, Price, Product
from ledger.subscriptions.changes import PreviewOutdated, apply_change, preview_change
from ledger.subscriptions.planning import AddOnDoesNotFit, NotBilledHere, NothingToChange, PlanNotOnSale
from ledger.subscriptions.terms import Change, UnclearChange, What, When
from tests.conftest import berlin
from tests.ledger.subscriptions.worlds import again, owes, sell, sell_all, subscribed
from tests.ledger.worlds import SYSTEM, eur

pytestmark = pytest.mark.django_db
FIRST, TENTH, APRIL = berlin(2026, 3, 1, 9), berlin(2026, 3, 10, 11), berlin(2026, 4, 1, 5)


@pytest.fixture
def plus():
    sell_all()
    return subscribed("plus", at=FIRST)


def test_plus_to_basic_at_the_end_of_the_period_comes_to_the_cent_as_shown(plus):
    Price.objects.create(
        product_id=Product.objects.get(code="basic").pk, currency="EUR", amount_minor=1033, tax_rate=19,
        valid_from=date(2026, 4, 1),
    )  # fmt: skip
    preview = preview_change(plus.pk, Change(What.PLAN, plan="basic"), at=TENTH)
    apply_change(plus.pk, preview.change, expected_total=preview.total, by=SYSTEM, at=TENTH)

    run_billing(at=APRIL)

    bill, (line,) = Invoice.objects.latest("pk"), preview.lines
    assert (bill.net_minor, bill.tax_minor, bill.total) == (1033, 196, preview.total)
    assert bill.lines.get().description == line.description == "Basic, 2026-04-01 to 2026-04-30"


def test_a_retired_plan_is_refused_with_its_reason(plus):
    Product.objects.filter(code="basic").update(is_on_sale=False, retired_reason="Start replaced it on 1 March.")

    with pytest.raises(PlanNotOnSale, match="Start replaced it on 1 March"):
        preview_change(plus.pk, Change(What.PLAN, plan="basic"), at=TENTH)


def test_a_plan_that_was_sold_when_it_was_arranged_is_kept_to(plus):
    apply_change(plus.pk, Change(What.PLAN, plan="basic"), by=SYSTEM, at=TENTH)
    Product.objects.filter(code="basic").update(is_on_sale=False)

    run_billing(at=APRIL)

    assert again(plus).plan.code == "basic"


def test_an_add_on_is_billed_for_the_rest_of_the_month_and_then_with_the_plan(plus):
    take = Change(What.TAKE_ADD_ON, add_on="extra", quantity=2)

    preview = preview_change(plus.pk, take, at=TENTH)
    apply_change(plus.pk, take, expected_total=preview.total, by=SYSTEM, at=TENTH)
    run_billing(at=APRIL)

    assert preview.net == eur(710)  # 2 x 5.00 x 22 of 31 days = 7.0968
    assert owes(plus) == eur(2975 + 845 + 4165)  # March; 7.10 and 1.35; 25.00 + 10.00 and 6.65
    added = Event.objects.get(kind="subscription.add_on_added").data
    assert (added["old"], added["new"], added["next_bill_minor"]) == ("", "Extra × 2", 4165)


def test_an_add_on_ends_with_the_period_and_leaves_the_next_bill(plus):
    apply_change(plus.pk, Change(What.TAKE_ADD_ON, add_on="extra"), by=SYSTEM, at=TENTH)

    dropped = apply_change(plus.pk, Change(What.DROP_ADD_ON, add_on="extra"), by=SYSTEM, at=TENTH)
    run_billing(at=APRIL)

    assert dropped.effective_on == date(2026, 4, 1)
    assert Invoice.objects.latest("pk").total == eur(2975)


def test_what_moved_since_it_was_shown_is_shown_again_before_it_is_made(plus):
    shown = preview_change(plus.pk, Change(What.PLAN, plan="basic", when=When.NOW), at=TENTH)

    with pytest.raises(PreviewOutdated) as refused:
        apply_change(plus.pk, shown.change, expected_total=shown.total, by=SYSTEM, at=berlin(2026, 3, 11, 9))

    assert refused.value.preview.total != shown.total
    assert again(plus).plan.code == "plus"


def test_monthly_to_yearly_gives_the_month_back_and_bills_a_year_from_today(plus):
    to_year = Change(What.PLAN, plan="plus-y", when=When.NOW)

    preview = preview_change(plus.pk, to_year, at=TENTH)
    apply_change(plus.pk, to_year, expected_total=preview.total, by=SYSTEM, at=TENTH)

    assert preview.net == eur(25000 - 1774)  # 25.00 x 22 of 31 days = 17.74
    assert (again(plus).anchor_on, again(plus).renews_on) == (date(2026, 3, 10), date(2027, 3, 10))


def test_what_cannot_be_is_refused_in_words(plus):
    sell("yearly-extra", 500, kind=AddOn, interval="year")
    refused = [
        (AddOnDoesNotFit, Change(What.TAKE_ADD_ON, add_on="yearly-extra")),
        (PlanNotOnSale, Change(What.PLAN, plan="extra")),
        (PlanNotOnSale, Change(What.PLAN, plan="gold")),
        (NothingToChange, Change(What.PLAN, plan="plus")),
        (NothingToChange, Change(What.QUANTITY, quantity=1)),
        (NothingToChange, Change(What.DROP_ADD_ON, add_on="extra")),
    ]
    for refusal, change in refused:
        with pytest.raises(refusal):
            apply_change(plus.pk, change, by=SYSTEM, at=TENTH)
    for stored in ({"what": "gift"}, {"what": "plan"}, {"what": "quantity", "quantity": 10**9}, {"colour": "red"}):
        with pytest.raises(UnclearChange):
            Change.from_json(stored)


def test_what_was_billed_elsewhere_is_not_billed_again(plus):
    plus.renews_on = date(2026, 5, 1)  # as after an import: paid for elsewhere
    plus.anchor_on = date(2026, 5, 1)
    plus.save()

    with pytest.raises(NotBilledHere, match="2026-05-01"):
        preview_change(plus.pk, Change(What.PLAN, plan="basic", when=When.NOW), at=berlin(2026, 4, 10))
