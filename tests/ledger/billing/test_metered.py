"""Metered use: billed after its days; late reports on a line of their own, corrections credited, the last days too."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from ledger.billing.late_use import rest_of
from ledger.billing.operations import run_billing
from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.catalogue.models import Plan, Price
from ledger.catalogue.tariff import price_of, tariff_of
from ledger.charges.models import Charge
from ledger.customers.models import Customer
from ledger.invoices.models import CreditNote, Invoice, InvoiceLine
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.operations import cancel_subscription
from ledger.usage.operations import UsageReport, report_usage
from tests.conftest import berlin
from tests.ledger.billing.worlds import customer, subscribe
from tests.ledger.worlds import SYSTEM, eur

pytestmark = pytest.mark.django_db

#: 0 to 1,000 free, to 10,000 at 0.0123, above at 0.0085.
TIERS = [
    {"up_to": "1000", "unit_minor": "0"},
    {"up_to": "10000", "unit_minor": "1.23"},
    {"up_to": None, "unit_minor": "0.85"},
]


@pytest.fixture
def ana() -> Customer:
    return customer()


@pytest.fixture
def meter(ana) -> Subscription:
    """Ana's metered plan since 1 January, billed so far."""
    plan = Plan.objects.create(code="meter", name="Meter", meter="calls", unit="calls")
    Price.objects.create(
        product=plan, currency="EUR", model="graduated", tiers=TIERS, tax_rate=19, valid_from=date(2024, 1, 1)
    )
    return subscribe(ana, plan, on=date(2026, 1, 1))


def used(of: Customer, quantity: int, at: datetime, *, received: datetime | None = None) -> None:
    key = f"{of.pk}/{quantity}/{at.isoformat()}/{received}"
    receipt = report_usage([UsageReport(of.pk, "calls", Decimal(quantity), at, key)], by=SYSTEM, at=received or at)
    assert receipt.accepted == 1, receipt.refused


def lines() -> list[tuple[str, int]]:
    return list(InvoiceLine.objects.order_by("pk").values_list("description", "net_minor"))


def test_the_use_of_a_month_is_billed_after_it_step_by_step(ana, meter):
    used(ana, 12_000, berlin(2026, 1, 31, 23, 59))
    used(ana, 500, berlin(2026, 1, 1))
    used(ana, 400, berlin(2026, 2, 1))  # belongs to February, and is free

    run = run_billing(at=berlin(2026, 2, 1, 1))

    assert run.billed == 2  # January in advance costs nothing; February brings January's use
    assert lines() == [("Meter: 12500 calls, 2026-01-01 to 2026-01-31", 13195)]  # 9,000 × 0.0123 + 2,500 × 0.0085
    assert Charge.objects.get().basis["quantity"] == "12500"
    assert Invoice.objects.get().total == eur(15702)
    assert run_billing(at=berlin(2026, 3, 1, 1)).invoices == 0  # 400 calls in February are free


def test_use_that_is_reported_late_is_billed_on_its_own_line_at_the_steps_that_are_left(ana, meter):
    used(ana, 9_500, berlin(2026, 1, 20))
    run_billing(at=berlin(2026, 2, 1, 1))
    used(ana, 1_500, berlin(2026, 1, 25), received=berlin(2026, 2, 10))
    used(ana, 1_100, berlin(2026, 2, 11))

    run_billing(at=berlin(2026, 3, 1, 1))

    assert lines() == [
        ("Meter: 9500 calls, 2026-01-01 to 2026-01-31", 10455),  # 8,500 × 0.0123 = 104.55
        ("Meter: 1100 calls, 2026-02-01 to 2026-02-28", 123),
        ("Meter: late usage, 1500 calls, 2026-01-01 to 2026-01-31", 1465),  # 500 × 0.0123 + 1,000 × 0.0085
    ]
    late = Charge.objects.order_by("pk").last()
    assert (late.basis["cause"], late.period_start, late.kind) == ("late_usage", date(2026, 1, 1), "usage")
    assert run_billing(at=berlin(2026, 4, 1, 1)).invoices == 0
    assert first_break() is None


def test_use_that_was_reported_too_high_is_credited_once_and_later_use_is_billed_on_top(ana, meter):
    used(ana, 12_500, berlin(2026, 1, 20))
    run_billing(at=berlin(2026, 2, 1, 1))
    used(ana, -1_000, berlin(2026, 1, 25), received=berlin(2026, 2, 10))

    run_billing(at=berlin(2026, 3, 1, 1))
    run_billing(at=berlin(2026, 3, 1, 2))

    note = CreditNote.objects.get()
    assert (note.net_minor, note.tax_minor) == (850, 161)  # 1,000 × 0.0085, and of the tax 25.07 × 8.50 / 131.95
    assert "less use than billed, 11500 in all" in note.reason

    used(ana, 400, berlin(2026, 1, 26), received=berlin(2026, 3, 10))
    run_billing(at=berlin(2026, 4, 1, 1))

    assert lines()[-1] == ("Meter: late usage, 400 calls, 2026-01-01 to 2026-01-31", 340)
    assert CreditNote.objects.count() == 1
    # 11,900 calls cost 9,000 × 0.0123 + 1,900 × 0.0085 = 126.85: billed less credited is that, to the cent.
    assert sum(net for _, net in lines()) - note.net_minor == 12685
    assert first_break() is None


def test_the_use_of_the_last_days_is_billed_once_service_is_over(ana, meter):
    run_billing(at=berlin(2026, 2, 1, 1))
    cancel_subscription(meter.pk, by=SYSTEM, at=berlin(2026, 2, 10))
    used(ana, 2_000, berlin(2026, 2, 27))

    assert run_billing(at=berlin(2026, 2, 28, 23)).billed == 0
    assert run_billing(at=berlin(2026, 3, 1, 1)).invoices == 1
    assert run_billing(at=berlin(2026, 5, 1)).billed == 0

    assert lines() == [("Meter: 2000 calls, 2026-02-01 to 2026-02-28", 1230)]
    assert balance("receivable", "EUR", customer_id=ana.pk) == eur(1464)


def test_a_day_of_use_belongs_to_the_month_it_has_where_the_customer_lives(meter):
    kiri = customer("kiri", zone="Pacific/Kiritimati")  # UTC+14
    subscribe(kiri, Plan.objects.get(), on=date(2026, 1, 1))
    used(kiri, 2_000, berlin(2026, 1, 31, 10, 59))  # 23:59 on 31 January there
    used(kiri, 3_000, berlin(2026, 1, 31, 11))  # 1 February there

    run_billing(at=berlin(2026, 1, 31, 12))

    assert lines() == [("Meter: 2000 calls, 2026-01-01 to 2026-01-31", 1230)]


@pytest.mark.parametrize("before", [0, 300, 1_000, 4_000, 10_000, 12_500])
def test_the_steps_that_are_left_and_those_that_are_billed_make_the_whole_price(before):
    tariff = tariff_of(model="graduated", currency="EUR", tiers=TIERS)

    rest = price_of(rest_of(tariff, Fraction(before)), 20_000 - before)

    assert price_of(tariff, before).minor + rest.minor == 19570  # 9,000 × 0.0123 + 10,000 × 0.0085
