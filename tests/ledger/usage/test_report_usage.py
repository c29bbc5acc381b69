"""Usage is counted once per key, by the moment it happened; what cannot be counted is refused by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Barrier, Thread

import psycopg
import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from ledger.models import Event, Plan, Price, Subscription, UsageEvent
from ledger.usage.operations import TooManyReports, UsageReport, report_usage
from ledger.usage.queries import Wanted, late_quantities, quantities, quantity_used, usage_of
from tests.conftest import NOW, berlin
from tests.ledger.worlds import SYSTEM, open_ana

pytestmark = pytest.mark.django_db
MARCH, APRIL = berlin(2026, 3, 1), berlin(2026, 4, 1)


@pytest.fixture
def calls():
    """A plan metered by calls."""
    plan = Plan.objects.create(code="meter", name="Meter", meter="calls")
    Price.objects.create(product=plan, currency="EUR", amount_minor=0, valid_from=date(2026, 1, 1))
    return plan


@pytest.fixture
def ana(calls):
    return open_ana()


def used(customer, quantity, key, *, at=NOW - timedelta(hours=1), meter="calls", subscription_id=None):
    reference = customer if isinstance(customer, int | str) else customer.pk
    return UsageReport(reference, meter, Decimal(quantity), at, key, subscription_id)


def report(*reports, at=NOW):
    return report_usage(reports, by=SYSTEM, at=at)


def subscribe(customer, plan, *, at=MARCH):
    return Subscription.objects.create(
        customer=customer, plan=plan, currency="EUR", anchor_on=at.date(), renews_on=at.date(), started_at=at
    )


def counts(receipt):
    return receipt.accepted, receipt.repeated, receipt.refused


def in_march(customer, **more):
    return quantity_used(customer.pk, "calls", MARCH, APRIL, **more)


def test_a_report_counts_once_however_often_it_is_sent(ana):
    assert counts(report(used(ana, "12.5", "a"), used(ana, 3, "b"))) == (2, 0, [])
    assert counts(report(used(ana, "12.500", "a"), used(ana, 4, "c"))) == (1, 1, [])
    assert counts(report(used(ana, 5, "d"), used(ana, 5, "d"))) == (1, 1, [])

    assert in_march(ana) == Decimal("24.5")
    first = UsageEvent.objects.get(key="a")
    assert (first.received_at, first.received_from) == (NOW, "system:test")
    assert Event.objects.filter(kind="usage.reported").count() == 3


def test_the_same_key_with_other_content_is_refused_and_changes_nothing(ana):
    report(used(ana, 10, "a"))

    receipt = report(used(ana, 11, "a"), used(ana, 1, "b"), used(ana, 2, "b"))

    assert (receipt.accepted, receipt.repeated, [index for index, _ in receipt.refused]) == (1, 0, [0, 2])
    assert "used before for another report" in receipt.refused[0][1]
    assert in_march(ana) == 11


def test_a_customer_is_found_by_id_number_or_external_id(ana):
    type(ana).objects.filter(pk=ana.pk).update(external_id="crm-7")

    receipt = report(used(ana.pk, 1, "a"), used(ana.number, 1, "b"), used("crm-7", 1, "c"), used("crm-8", 1, "d"))

    assert counts(receipt) == (3, 0, [(3, "There is no such customer.")])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"customer": 999_999}, "no such customer"),
        ({"customer": 10**30}, "no such customer"),
        ({"customer": "C\0"}, "no such customer"),
        ({"meter": "storage"}, "Nothing is metered by 'storage'"),
        ({"meter": ""}, "Nothing is metered"),
        ({"quantity": Decimal(0)}, "quantity of 0"),
        ({"quantity": Decimal("NaN")}, "exact number"),
        ({"quantity": 1.5}, "exact number"),
        ({"quantity": Decimal("0.0000001")}, "6 after it"),
        ({"quantity": Decimal("1e999999")}, "14 digits"),
        ({"quantity": Decimal("1e14")}, "14 digits"),
        ({"happened_at": NOW + timedelta(seconds=1)}, "before it happened"),
        ({"happened_at": datetime(2026, 3, 1)}, "time zone"),
        ({"happened_at": datetime(1, 1, 1, tzinfo=UTC)}, "ten years"),
        ({"key": ""}, "key of its own"),
        ({"key": "k" * 101}, "key of its own"),
        ({"subscription_id": 999_999}, "no such subscription"),
    ],
)
def test_what_cannot_be_counted_is_refused_with_the_reason_and_the_others_are_kept(ana, wrong, words):
    fields = {"customer": ana.pk, "meter": "calls", "quantity": Decimal(5), "happened_at": MARCH, "key": "bad", **wrong}

    receipt = report(used(ana, 1, "a"), UsageReport(**fields), used(ana, 2, "b"))

    assert (receipt.accepted, receipt.repeated) == (2, 0)
    ((index, why),) = receipt.refused
    assert index == 1
    assert words in why
    assert in_march(ana) == 3


def test_a_report_that_arrives_the_moment_it_happened_counts(ana):
    assert report(used(ana, 1, "a", at=NOW)).accepted == 1


def test_another_customers_subscription_cannot_be_reported_for(ana, calls):
    sofia = open_ana(email="sofia@example.com")
    hers = subscribe(sofia, calls)

    receipt = report(used(ana, 1, "a", at=NOW, subscription_id=hers.pk))

    assert counts(receipt) == (0, 0, [(0, "There is no such subscription.")])


def test_where_several_subscriptions_share_the_meter_a_report_names_one(ana, calls):
    first, second = (subscribe(ana, calls) for _ in range(2))

    receipt = report(
        used(ana, 1, "a"), used(ana, 2, "b", subscription_id=first.pk), used(ana, 4, "c", subscription_id=second.pk)
    )

    assert (receipt.accepted, receipt.refused[0][0]) == (2, 0)
    assert "say which one" in receipt.refused[0][1]
    assert [in_march(ana, subscription_id=one.pk) for one in (first, second)] == [2, 4]


def test_one_subscription_needs_no_name(ana, calls):
    only = subscribe(ana, calls)
    report(used(ana, 1, "a"), used(ana, 2, "b", subscription_id=only.pk))

    assert in_march(ana, subscription_id=only.pk) == 3


def test_a_correction_is_a_report_below_zero(ana):
    report(used(ana, 12_500, "a"), used(ana, -2_500, "a-corrected"))

    assert in_march(ana) == 10_000


def test_a_moment_belongs_to_the_period_that_begins_with_it_and_not_to_the_one_that_ends(ana):
    at_midnight = [MARCH - timedelta(microseconds=1), MARCH, APRIL - timedelta(microseconds=1), APRIL]
    report(*(used(ana, 10**n, str(n), at=at) for n, at in enumerate(at_midnight)), at=APRIL)

    assert in_march(ana) == 110


def test_the_hour_that_summer_time_skips_loses_no_usage(ana):
    # Berlin, 29 March 2026: clocks go from 02:00 to 03:00, which is 01:00 UTC.
    report(used(ana, 1, "a", at=datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),
           used(ana, 2, "b", at=datetime(2026, 3, 29, 1, 0, tzinfo=UTC)), at=APRIL)  # fmt: skip

    before, after = (
        quantity_used(ana.pk, "calls", start, end)
        for start, end in [(MARCH, berlin(2026, 3, 29, 3)), (berlin(2026, 3, 29, 3), APRIL)]
    )
    assert (before, after) == (1, 2)


def test_what_is_received_after_the_bill_is_late_and_still_counts_where_it_happened(ana):
    billed_at = APRIL + timedelta(hours=3)
    report(used(ana, 100, "in time", at=MARCH), at=billed_at)
    report(used(ana, 7, "late", at=MARCH), used(ana, 50, "april", at=APRIL), at=billed_at + timedelta(seconds=1))
    report(used(ana, -9, "corrected later", at=MARCH), at=billed_at + timedelta(days=1))

    assert in_march(ana) == 98
    assert late_quantities(ana.pk, "calls", MARCH, APRIL, billed_at) == -2
    assert quantities([Wanted(ana.pk, "calls", MARCH, APRIL, received_by=billed_at)]) == [100]


def test_many_quantities_are_counted_by_one_query_in_the_order_asked(ana, django_assert_num_queries):
    sofia = open_ana(email="sofia@example.com")
    report(used(ana, 1, "a"), used(sofia, 2, "b"))
    wanted = [(customer, "calls", MARCH, APRIL, None) for customer in (sofia.pk, ana.pk, 999_999, sofia.pk)]

    with django_assert_num_queries(1):
        assert quantities(wanted) == [2, 1, 0, 2]
    assert quantities([]) == []


def test_a_thousand_reports_are_taken_at_once_and_one_more_refuses_the_call(ana, django_assert_max_num_queries):
    thousand = [used(ana, 1, str(n)) for n in range(1_000)]

    with django_assert_max_num_queries(6):
        assert report(*thousand).accepted == 1_000
    assert report(*thousand).repeated == 1_000
    with pytest.raises(TooManyReports, match="at most 1000"):
        report(*thousand, used(ana, 1, "one more"))
    assert in_march(ana) == 1_000


def test_the_application_never_changes_or_removes_what_was_reported(ana):
    report(used(ana, 1, "a"))

    for write in ("UPDATE ledger_usageevent SET quantity = 2", "DELETE FROM ledger_usageevent",
                  "TRUNCATE ledger_usageevent"):  # fmt: skip
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(write)
    with pytest.raises(IntegrityError, match="usage_event_counts_something"), transaction.atomic():
        UsageEvent.objects.create(
            customer=ana, meter="calls", quantity=0, happened_at=NOW, key="b", received_at=NOW, received_from="x"
        )


def test_reports_are_paged_by_the_last_one_seen(ana):
    report(*(used(ana, n, str(n)) for n in (1, 2, 3)))

    newest = usage_of(ana.pk, limit=2)
    assert [int(event.quantity) for event in newest] == [3, 2]
    assert [int(event.quantity) for event in usage_of(ana.pk, before=newest[-1].pk)] == [1]


@pytest.mark.django_db(transaction=True)
def test_the_same_reports_from_two_senders_at_once_count_once(owner):
    plan = Plan.objects.create(code="meter", name="Meter", meter="calls")
    Price.objects.create(product=plan, currency="EUR", amount_minor=0, valid_from=date(2026, 1, 1))
    ana, together, receipts = open_ana(), Barrier(2), []
    reports = [used(ana, 1, str(n)) for n in range(200)]

    def send(batch):
        together.wait()
        receipts.append(report(*batch))
        connection.close()

    senders = [Thread(target=send, args=(batch,)) for batch in (reports, list(reversed(reports)))]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()

    assert sum(receipt.accepted for receipt in receipts) == sum(receipt.repeated for receipt in receipts) == 200
    assert in_march(ana) == 200
    with pytest.raises(psycopg.errors.RestrictViolation, match="never changed"):
        owner.execute("UPDATE ledger_usageevent SET quantity = 2")
