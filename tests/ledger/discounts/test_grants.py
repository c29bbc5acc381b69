"""A discount is given within authority or approved by somebody else, used once per bill, and ends as it was agreed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, InternalError, ProgrammingError, connection, transaction

from ledger.authority.operations import ApprovalLimitExceeded, ApproverIsRequester
from ledger.customers.operations import OwnAccount
from ledger.customers.queries import NoSuchCustomer
from ledger.discounts.operations import (
    DiscountIdReused,
    DiscountNotInState,
    DiscountWorthUnknown,
    approve_grant,
    decline_grant,
    end_grant,
    grant_discount,
)
from ledger.discounts.queries import NoSuchDiscount, discounts_in_force, grants_of, why_not_decide
from ledger.discounts.reactions import return_discounts
from ledger.discounts.rules import InvalidDiscount, apply_discounts, taken_by_grant
from ledger.discounts.terms import DiscountTerms
from ledger.discounts.using import DiscountTooSmall, DiscountUsedDifferently, count_use, return_uses
from ledger.errors import InvalidInput
from ledger.events.actor import Actor
from ledger.models import Approval, DiscountGrant, DiscountUse, Event, Invoice, Plan
from ledger.money import Money
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, eur, open_ana

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)


@pytest.fixture
def ana():
    return open_ana()


def invoice(customer, minor=2_500, number="1", on=TODAY):
    """A bill, written straight into its table: how bills are made is another test's matter."""
    return Invoice.objects.create(
        number=f"I-2026-{number}", customer=customer, currency="EUR", issued_on=on, due_on=on + timedelta(days=14),
        issued_at=NOW, net_minor=minor, tax_minor=0, total_minor=minor,
    )  # fmt: skip


def give(customer, *, by, at=NOW, reason="Outage on 1 March", external_id=None, **terms):
    terms = DiscountTerms(**{"name": "SORRY-5", **terms})
    return grant_discount(customer.pk, terms=terms, reason=reason, external_id=external_id, by=by, at=at)


def in_force(customer, on=TODAY):
    return discounts_in_force([customer.pk], on).get(customer.pk, [])


def use(grant, bill, minor, at=NOW):
    return count_use(grant.pk, invoice_id=bill.pk, amount=eur(minor), by=SYSTEM, at=at)


def test_an_agent_gives_a_discount_within_their_limit_at_once(ana, mia):
    grant = give(ana, amount=eur(2_500), by=mia)

    (discount,) = in_force(ana)
    assert (discount.name, discount.amount, discount.grant) == ("SORRY-5", eur(2_500), grant.pk)
    assert grant.approved_by.startswith("authority:")
    event = Event.objects.get(kind="discount.granted")
    assert (event.actor, event.customer_id, event.data["amount_minor"]) == (str(mia), ana.pk, 2_500)
    assert not Approval.objects.exists()


def test_above_the_limit_it_waits_and_takes_nothing_off_until_somebody_else_approves(ana, mia, noe):
    grant = give(ana, amount=eur(2_501), by=mia)

    assert in_force(ana) == []
    assert Approval.objects.get().subject == f"discountgrant:{grant.pk}"
    with pytest.raises(ApproverIsRequester):
        approve_grant(grant.pk, by=mia, at=NOW)
    approve_grant(grant.pk, by=noe, at=NOW)

    assert [one.grant for one in in_force(ana)] == [grant.pk]
    assert Approval.objects.get().state == "approved"
    with pytest.raises(DiscountNotInState, match="active"):
        approve_grant(grant.pk, by=noe, at=NOW)


def test_nobody_approves_more_than_their_own_limit(ana, mia, noe, pia):
    grant = give(ana, amount=eur(25_001), by=mia)

    with pytest.raises(ApprovalLimitExceeded):
        approve_grant(grant.pk, by=noe, at=NOW)
    assert approve_grant(grant.pk, by=pia, at=NOW).state == "active"


def test_several_small_gifts_within_a_day_are_added_up(ana, mia):
    for _ in range(5):
        assert give(ana, amount=eur(500), by=mia).state == "active"

    assert give(ana, amount=eur(500), by=mia).state == "requested"
    assert give(ana, amount=eur(500), by=mia, at=NOW + timedelta(hours=25)).state == "active"


def test_a_discount_for_many_bills_is_measured_by_all_of_them(ana, mia):
    assert give(ana, amount=eur(900), duration="periods", periods=2, by=mia).worth == eur(1_800)
    assert give(ana, amount=eur(900), duration="periods", periods=3, by=mia).state == "requested"
    assert give(ana, amount=eur(300), duration="forever", by=mia).worth == eur(3_600)


def test_a_percentage_is_measured_on_the_largest_bill_of_the_past_year(ana, mia):
    invoice(ana, 10_000, "1", on=date(2025, 12, 1))
    invoice(ana, 2_500, "2")
    invoice(ana, 99_900, "3", on=date(2024, 12, 1))

    assert give(ana, percent=Decimal(10), by=mia).worth == eur(1_000)
    # A lower guess does not make it smaller.
    assert give(ana, percent=Decimal(20), expected_bill=eur(1), by=mia).worth == eur(2_000)


def test_a_percentage_of_bills_nobody_knows_needs_an_expectation(ana, mia):
    with pytest.raises(DiscountWorthUnknown, match="expected"):
        give(ana, percent=Decimal(10), by=mia)

    assert give(ana, percent=Decimal(10), expected_bill=eur(2_500), by=mia).worth == eur(250)


def test_a_declined_discount_says_why_and_takes_nothing_off(ana, mia, noe):
    grant = give(ana, amount=eur(9_000), by=mia)

    decline_grant(grant.pk, reason="Too much", by=noe, at=NOW)

    grant = DiscountGrant.objects.get(pk=grant.pk)
    assert (grant.state, grant.close_reason, in_force(ana)) == ("declined", "Too much", [])
    assert Approval.objects.get().state == "declined"


def test_nobody_gives_themselves_a_discount(ana):
    own = Actor.agent(9, roles=frozenset({"agent"}), customer_id=ana.pk)

    with pytest.raises(OwnAccount):
        give(ana, amount=eur(100), by=own)


def test_a_repeated_request_gives_one_discount(ana, mia):
    first = give(ana, amount=eur(100), external_id="save-1", by=mia)

    assert give(ana, amount=eur(100), external_id="save-1", by=mia).pk == first.pk
    assert DiscountGrant.objects.count() == 1
    with pytest.raises(DiscountIdReused):
        give(ana, amount=eur(200), external_id="save-1", by=mia)


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({}, "either a percentage or an amount"),
        ({"percent": Decimal(10), "amount": eur(1)}, "either a percentage or an amount"),
        ({"percent": Decimal(0)}, "above 0"),
        ({"percent": Decimal("100.1")}, "at most 100"),
        ({"percent": Decimal("NaN")}, "above 0"),
        ({"percent": Decimal("0.0000001")}, "6 digits"),
        ({"amount": eur(0)}, "above zero"),
        ({"amount": Money(100, "USD")}, "in EUR"),
        ({"amount": eur(1), "name": " "}, "name"),
        ({"amount": eur(1), "duration": "weekly"}, "once, for some bills"),
        ({"amount": eur(1), "periods": 3}, "how many bills"),
        ({"amount": eur(1), "duration": "periods"}, "how many bills"),
        ({"amount": eur(1), "duration": "periods", "periods": 121}, "1 to 120"),
        ({"percent": Decimal(1), "duration": "until_used_up"}, "Only an amount"),
        ({"amount": eur(1), "valid_until": TODAY}, "ends after it begins"),
        ({"amount": eur(1), "priority": -1}, "priority"),
        ({"amount": eur(1), "targets": ("nothing",)}, "no product nothing"),
    ],
)
def test_terms_that_cannot_be_are_refused_in_words(ana, mia, terms, words):
    with pytest.raises(InvalidDiscount, match=words):
        give(ana, by=mia, **terms)
    assert not DiscountGrant.objects.exists()


def test_a_discount_needs_a_reason_and_a_customer(ana, mia):
    with pytest.raises(InvalidInput, match="Say why"):
        give(ana, amount=eur(1), reason=" ", by=mia)
    ana.pk = 999_999
    with pytest.raises(NoSuchCustomer):
        give(ana, amount=eur(1), by=mia)
    with pytest.raises(NoSuchDiscount):
        end_grant(999_999, reason="x", by=mia, at=NOW)


def test_a_discount_holds_from_its_first_day_up_to_the_day_it_no_longer_applies(ana, mia):
    give(ana, amount=eur(1), duration="forever", valid_from=date(2026, 4, 1), valid_until=date(2026, 7, 1), by=mia)

    held = [
        bool(in_force(ana, on)) for on in (date(2026, 3, 31), date(2026, 4, 1), date(2026, 6, 30), date(2026, 7, 1))
    ]
    assert held == [False, True, True, False]


def test_discounts_of_many_customers_are_read_by_one_query(ana, mia, django_assert_num_queries):
    sofia = open_ana(email="sofia@example.com")
    Plan.objects.create(code="plus", name="Plus")
    give(ana, amount=eur(100), by=mia)
    give(sofia, percent=Decimal("12.5"), expected_bill=eur(1), targets=("plus",), stacks_on_original=True, by=mia)

    with django_assert_num_queries(1):
        found = discounts_in_force([ana.pk, sofia.pk, 999_999], TODAY)

    assert set(found) == {ana.pk, sofia.pk}
    (hers,) = found[sofia.pk]
    assert (hers.percent, hers.targets, hers.stacks_on_original) == (Decimal("12.5"), frozenset({"plus"}), True)


def test_d12_a_discount_for_once_is_over_after_one_bill_used_in_full_or_not(ana, mia):
    grant = give(ana, amount=eur(2_000), by=mia)
    taken = taken_by_grant(apply_discounts([("plus", eur(1_500))], in_force(ana)))

    use(grant, invoice(ana, 0), taken[grant.pk])

    grant = DiscountGrant.objects.get(pk=grant.pk)
    assert (taken, grant.state, in_force(ana)) == ({grant.pk: 1_500}, "used_up", [])


def test_d12_an_amount_until_it_is_used_up_carries_what_did_not_fit_to_the_next_bill(ana, noe):
    grant = give(ana, amount=eur(5_000), duration="until_used_up", by=noe)

    taken = []
    for number in (1, 2):
        applied = taken_by_grant(apply_discounts([("plus", eur(3_000))], in_force(ana)))
        use(grant, invoice(ana, 0, str(number)), applied[grant.pk])
        taken.append(applied[grant.pk])

    grant = DiscountGrant.objects.get(pk=grant.pk)
    assert (taken, grant.left_minor, grant.state) == ([3_000, 2_000], 0, "used_up")


def test_d12_a_discount_for_three_bills_counts_them_down_and_one_forever_never_ends(ana, mia):
    three = give(ana, amount=eur(100), duration="periods", periods=3, by=mia)
    forever = give(ana, amount=eur(100), duration="forever", by=mia)
    for number in range(4):
        bill = invoice(ana, number=str(number))
        for discount in in_force(ana):
            count_use(discount.grant, invoice_id=bill.pk, amount=eur(100), by=SYSTEM, at=NOW)

    assert (three.uses.count(), forever.uses.count()) == (3, 4)
    assert [one.grant for one in in_force(ana)] == [forever.pk]


def test_a_use_counts_once_per_bill(ana, mia):
    grant = give(ana, amount=eur(500), duration="periods", periods=2, by=mia)
    bill = invoice(ana)

    assert use(grant, bill, 500).pk == use(grant, bill, 500).pk
    with pytest.raises(DiscountUsedDifferently):
        use(grant, bill, 400)

    grant = DiscountGrant.objects.get(pk=grant.pk)
    assert (grant.periods_left, grant.state) == (1, "active")
    assert Event.objects.filter(kind="discount.used").count() == 1


def test_no_more_is_taken_than_is_left_and_nothing_of_a_discount_that_is_over(ana, mia):
    grant = give(ana, amount=eur(500), by=mia)
    with pytest.raises(DiscountTooSmall, match=r"Only 5\.00 EUR"):
        use(grant, invoice(ana), 501)
    end_grant(grant.pk, reason="Given by mistake", by=mia, at=NOW)

    with pytest.raises(DiscountNotInState, match="ended"):
        use(grant, Invoice.objects.get(), 100)
    assert not DiscountUse.objects.exists()


def test_a_discount_is_not_used_on_somebody_elses_bill(ana, mia):
    sofia = open_ana(email="sofia@example.com")
    grant = give(ana, amount=eur(500), by=mia)

    with pytest.raises(InvalidInput, match="its own customer"):
        use(grant, invoice(sofia), 500)


def test_a_voided_bill_gives_its_discounts_back_once(ana, noe):
    grant = give(ana, amount=eur(5_000), duration="until_used_up", by=noe)
    bill = invoice(ana)
    use(grant, bill, 5_000)

    assert return_uses(bill.pk, by=SYSTEM, at=NOW) == 1
    assert return_uses(bill.pk, by=SYSTEM, at=NOW) == 0

    (discount,) = in_force(ana)
    assert discount.left == eur(5_000)


@pytest.mark.parametrize(("bill_again", "left"), [(False, [500]), (True, [])])
def test_voiding_a_bill_frees_its_discount_unless_the_same_charges_are_billed_again(ana, mia, bill_again, left):
    grant = give(ana, amount=eur(500), by=mia)
    bill = invoice(ana)
    use(grant, bill, 500)
    voided = Event(kind="invoice.voided", subject=f"invoice:{bill.pk}", data={"bill_again": bill_again})

    return_discounts(voided, NOW)
    return_discounts(voided, NOW)

    assert [one.amount.minor for one in in_force(ana)] == left


def test_a_request_can_be_taken_back(ana, mia, noe):
    grant = give(ana, amount=eur(9_000), by=mia)

    end_grant(grant.pk, reason="Wrong customer", by=mia, at=NOW)

    assert Approval.objects.get().state == "cancelled"
    assert "ended" in why_not_decide(DiscountGrant.objects.get(), noe)
    assert [one.close_reason for one in grants_of(ana.pk)] == ["Wrong customer"]


def test_the_database_keeps_what_was_given(ana, mia):
    grant = give(ana, amount=eur(500), by=mia)
    table = DiscountGrant.objects.filter(pk=grant.pk)

    for write in (
        lambda: table.update(amount_minor=50_000),
        lambda: table.update(worth_minor=0),
        lambda: table.update(state="requested"),
        lambda: table.update(approved_by=str(mia)),
        table.delete,
    ):
        with pytest.raises((IntegrityError, InternalError, ProgrammingError)), transaction.atomic():
            write()


@pytest.mark.django_db(transaction=True)
def test_two_bills_at_once_never_use_a_discount_for_once_twice(mia):
    ana = open_ana()
    grant = give(ana, amount=eur(500), by=mia)
    bills, together, outcomes = [invoice(ana, number=str(n)) for n in (1, 2)], Barrier(2), []

    def take(bill):
        together.wait()
        try:
            use(grant, bill, 500)
            outcomes.append("used")
        except DiscountNotInState:
            outcomes.append("refused")
        connection.close()

    takers = [Thread(target=take, args=(bill,)) for bill in bills]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join()

    assert sorted(outcomes) == ["refused", "used"]
    assert DiscountUse.objects.count() == 1
