"""The price list in the admin: products are added, priced and retired; what customers agreed to is only read."""

from __future__ import annotations

import html
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from ledger.models import AddOn, Event, OneOffItem, Plan, Price, Product

METER = "up to 1000: 0\nup to 10000: 0.0123\nabove: 0.0085"
TODAY = timezone.now().date()


@pytest.fixture
def pia(sign_in):
    """A supervisor's browser."""
    return sign_in("pia", "supervisor")


@pytest.fixture
def meter(db):
    return Plan.objects.create(code="meter", name="Meter", meter="calls", unit="call")


def product(**fields):
    """A product's form, without a price."""
    return {
        "code": "plus", "name": "Plus", "interval": "month", "unit": "", "meter": "", "tax_category": "standard",
        "proration_basis": "day", "trial_days": 0, "notice_days": 0, "longest_pause_days": 92, "usage_limit": "",
        "features": "[]", "replaced_by": "", "prices-TOTAL_FORMS": 0, "prices-INITIAL_FORMS": 0,
        "prices-2-TOTAL_FORMS": 0, "prices-2-INITIAL_FORMS": 0, **fields,
    }  # fmt: skip


def with_price(**fields):
    """The same with the next version of its price."""
    price = {
        "currency": "eur", "model": "flat", "amount": "", "unit_price": "", "steps": "",
        "valid_from": TODAY.isoformat(), "existing_from": "", "tax_rate": "", **fields,
    }  # fmt: skip
    return {
        **product(unit="call"),
        "prices-2-TOTAL_FORMS": 1,
        **{f"prices-2-0-{name}": value for name, value in price.items()},
    }


def save(browser, model, form, pk=None):
    name = model._meta.model_name
    address = reverse(f"admin:ledger_{name}_change", args=[pk]) if pk else reverse(f"admin:ledger_{name}_add")
    page = browser.post(address, form, follow=True)
    assert page.status_code == 200
    return html.unescape(page.content.decode())


def test_a_plan_is_added_with_its_first_price(pia):
    save(pia, Plan, with_price(amount="25.00", tax_rate="19"))

    plan = Plan.objects.get(code="plus")
    price = plan.prices.get()
    assert (price.amount.minor, price.currency, price.tax_rate) == (2500, "EUR", 19)
    assert set(Event.objects.values_list("kind", flat=True)) == {"product.added", "price.added"}


@pytest.mark.parametrize(("model", "kind"), [(AddOn, "add_on"), (OneOffItem, "one_off")])
def test_add_ons_and_one_off_items_have_pages_of_their_own(pia, model, kind):
    save(pia, model, with_price(amount="5"))

    assert Product.objects.get().kind == kind
    assert Price.objects.get().amount_minor == 500


def test_tiers_are_written_as_on_a_price_list_and_shown_with_worked_figures(pia, meter):
    page = save(pia, Plan, with_price(model="graduated", steps=METER), pk=meter.pk)
    assert "was changed successfully" in page

    shown = html.unescape(pia.get(reverse("admin:ledger_plan_change", args=[meter.pk])).content.decode())
    for figure in ("1,000: €0.00", "1,001: €0.01", "10,000: €110.70", "12,500: €131.95", "€0.0123 per call"):
        assert figure in shown
    assert [tier["unit_minor"] for tier in meter.prices.get().tiers] == ["0", "1.23", "0.85"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"model": "graduated", "steps": "up to 1000: 0"}, "The last step of a price is open"),
        ({"model": "graduated", "steps": "up to 9: 0\nup to 9: 1\nabove: 2"}, "ends above the one before"),
        ({"model": "graduated", "steps": "1,000 = free"}, "Line 1 is '1,000 = free'"),
        ({"model": "flat"}, "A flat price has an amount"),
        ({"model": "per_unit"}, "says what one unit costs"),
        ({"amount": "12,50"}, "is not an amount"),
        ({"amount": "1.00", "currency": "ZZZ"}, "is not a currency we know"),
        ({"amount": "1.00", "existing_from": "2020-01-01"}, "first day or later"),
        ({"amount": "1.00", "steps": METER}, "Only graduated and volume prices have steps"),
    ],
)
def test_a_price_that_cannot_be_is_refused_in_words(pia, meter, fields, words):
    assert words in save(pia, Plan, with_price(**fields), pk=meter.pk)
    assert not Price.objects.exists()


def test_a_second_version_for_the_same_day_is_refused_and_the_first_stays(pia, meter):
    save(pia, Plan, with_price(amount="10.00"), pk=meter.pk)

    assert "has a price in EUR from" in save(pia, Plan, with_price(amount="11.00"), pk=meter.pk)
    assert Price.objects.get().amount_minor == 1000


def test_a_version_in_force_is_not_rewritten_from_the_page(pia, meter):
    price = Price.objects.create(product=meter, currency="EUR", amount_minor=1000, valid_from=date(2026, 1, 1))
    form = product(**{
        "prices-TOTAL_FORMS": 1, "prices-INITIAL_FORMS": 1, "prices-0-id": price.pk, "prices-0-amount_minor": 1,
        "prices-0-DELETE": "on",
    })  # fmt: skip

    save(pia, Plan, form, pk=meter.pk)

    assert Price.objects.get().amount_minor == 1000


def test_what_a_plan_was_sold_under_stays_and_it_is_never_deleted(pia, meter):
    save(pia, Plan, product(code="other", meter="storage", interval="year", name="Meter plus"), pk=meter.pk)

    meter = Plan.objects.get()
    assert (meter.code, meter.meter, meter.interval, meter.name) == ("meter", "calls", "month", "Meter plus")
    change = Event.objects.get(kind="configuration.changed")
    assert change.data["after"] == {"name": "Meter plus", "unit": ""}
    assert pia.post(reverse("admin:ledger_plan_delete", args=[meter.pk]), {"post": "yes"}).status_code == 403


def test_a_plan_is_taken_off_sale_with_a_reason_and_put_back(pia, meter):
    def press(button, **words):
        pia.post(reverse("admin:ledger_plan_act", args=[meter.pk, button]), words)
        return Plan.objects.get()

    assert press("retire", words=" ").is_on_sale
    retired = press("retire", words="Flat prices only from now on.")
    assert (retired.is_on_sale, retired.retired_reason) == (False, "Flat prices only from now on.")
    assert press("offer").is_on_sale


def test_an_agent_does_not_see_the_price_list_and_finance_only_reads_it(sign_in, meter):
    address = reverse("admin:ledger_plan_change", args=[meter.pk])
    olg = sign_in("olg", "finance")

    assert sign_in("mia", "agent", is_staff=True).get(address).status_code == 403
    assert olg.get(address).status_code == 200
    olg.post(address, product(name="Mine"))
    assert Plan.objects.get().name == "Meter"
    assert not Event.objects.filter(kind="price.added", occurred_at__gt=timezone.now() - timedelta(hours=1)).exists()
