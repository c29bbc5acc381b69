"""What is the same for all customers, over the API: versions of prices, exchange rates, rules of countries."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from billing_desk.api.webhooks import payload, queue_webhooks
from billing_desk.reactions import REACTIONS
from ledger.billing.operations import run_billing
from ledger.events.actor import Actor
from ledger.fx.queries import rate_for
from ledger.jurisdictions.operations import NotKeeperOfRules, approve_rule
from ledger.models import Event, ExchangeRate, InvoiceLine, JurisdictionRule, Price
from tests.conftest import berlin
from tests.ledger.subscriptions.worlds import sell_all, subscribed

RULE = {
    "kind": "tax_rate", "country": "MT", "category": "standard", "valid_from": "2099-01-01",
    "params": {"rate": "19", "treatment": "standard", "name": "VAT"}, "source": "VAT Act, Cap. 406, section 18",
    "owner": "Finance", "examples": [{"given": {"country": "MT", "seller": "MT"}, "expect": {"rate": "19"}}],
}  # fmt: skip
OLGA = Actor.agent(8, name="Olga", roles=frozenset({"finance"}))
ECB = "ECB reference rates"


def usd(rate: str, on: str = "2026-03-02") -> dict[str, str]:
    return {"base": "EUR", "quote": "USD", "rate": rate, "on": on, "source": ECB}


@pytest.fixture
def basic(db):
    """Basic at 10.00 EUR a month, sold since 2020."""
    sell_all(tax=0)
    return Price.objects.get(product__code="basic").product


def test_a_new_version_of_a_price_counts_from_its_day_on_and_the_old_bills_stay(api, basic):
    ana_s = subscribed("basic", at=berlin(2026, 3, 1, 9))
    first_on = (timezone.localdate() + timedelta(days=40)).isoformat()
    wanted = {"currency": "EUR", "valid_from": first_on, "model": "per_unit", "unit_minor": "1200"}

    made = api.post(f"products/{basic.pk}/prices", wanted, key="march")
    again = api.post(f"products/{basic.pk}/prices", wanted, key="march")
    twice = api.post(f"products/{basic.pk}/prices", wanted)

    assert (made.status_code, made.json()["valid_from"], made.json()["product_id"]) == (201, first_on, basic.pk)
    assert Decimal(made.json()["unit_minor"]) == 1200
    assert again.content == made.content
    assert (twice.status_code, twice.json()["code"]) == (409, "price_day_taken")
    listed = api.get("prices", product=basic.pk, currency="EUR").json()["data"]
    assert [each["valid_from"] for each in listed] == [first_on, "2020-01-01"]
    assert api.get(f"prices/{made.json()['id']}").json() == made.json()
    run_billing(at=berlin(2026, 4, 1, 9))
    assert [line.net_minor for line in InvoiceLine.objects.filter(invoice__customer=ana_s.customer_id)] == [1000, 1000]


def test_a_tiered_price_is_read_step_by_step_and_one_with_a_gap_is_refused(api, basic):
    tiers = [{"up_to": "10", "unit_minor": "100.5"}, {"up_to": None, "unit_minor": "80", "flat_minor": 500}]
    wanted = {"currency": "USD", "valid_from": "2099-01-01", "model": "graduated"}

    made = api.post(f"products/{basic.pk}/prices", {**wanted, "tiers": tiers}).json()

    assert made["tiers"] == [
        {"up_to": "10", "unit_minor": "100.5", "flat_minor": 0}, {"up_to": None, "unit_minor": "80", "flat_minor": 500},
    ]  # fmt: skip
    for wrong in ({}, {"tiers": []}, {"tiers": tiers[:1]}, {"tiers": [*tiers, tiers[0]]}, {"tiers": [{"up_to": 1.5}]}):
        assert api.post(f"products/{basic.pk}/prices", {**wanted, **wrong}).status_code == 422
    flat = {"currency": "EUR", "valid_from": "2099-01-01", "model": "flat"}
    assert api.post(f"products/{basic.pk}/prices", flat).json()["errors"][0]["field"] == "amount_minor"
    assert api.post("products/999999/prices", {**flat, "amount_minor": 1}).status_code == 404


def test_a_day_that_may_be_billed_gets_no_other_price(api, basic):
    subscribed("basic", at=berlin(2026, 3, 1, 9))
    past = {"currency": "EUR", "valid_from": "2026-03-02", "model": "per_unit", "unit_minor": "1"}

    assert api.post(f"products/{basic.pk}/prices", past).json()["code"] == "price_in_the_past"


def test_rates_are_added_with_their_source_and_day_and_a_correction_is_a_row_of_its_own(api):
    first = api.post("exchange_rates", {"rates": [usd("1.0834"), usd("1.0850", "2026-03-03")]}, key="rates")
    replayed = api.post("exchange_rates", {"rates": [usd("1.0834"), usd("1.0850", "2026-03-03")]}, key="rates")
    known = api.post("exchange_rates", {"rates": [usd("1.0834")]})
    corrected = api.post("exchange_rates", {"rates": [usd("1.0843")]})

    assert [each.json() for each in (first, replayed, known, corrected)] == [
        {"added": 2, "known": 0}, {"added": 2, "known": 0}, {"added": 0, "known": 1}, {"added": 1, "known": 0},
    ]  # fmt: skip
    shown = api.get("exchange_rates", base="EUR", quote="USD", on="2026-03-02").json()["data"]
    assert [(Decimal(each["rate"]), each["source"]) for each in shown] == [
        (Decimal("1.0843"), ECB), (Decimal("1.0834"), ECB),
    ]  # fmt: skip
    assert rate_for("EUR", to="USD", on=date(2026, 3, 2)).value == Decimal("1.0843")
    assert shown[0]["recorded_by"].startswith("integration:")
    assert api.get(f"exchange_rates/{shown[0]['id']}").json() == shown[0]


@pytest.mark.parametrize(
    "wrong", [{"quote": "EUR"}, {"quote": "XYZ"}, {"rate": 1.08}, {"rate": "0"}, {"rate": "1e-13"}, {"source": ""}]
)
def test_a_rate_that_cannot_be_is_refused_and_none_of_the_batch_is_kept(api, wrong):
    answer = api.post("exchange_rates", {"rates": [usd("1.0834"), {**usd("1.1"), "on": "2026-03-04", **wrong}]})

    assert answer.status_code == 422
    assert not ExchangeRate.objects.exists()


def test_two_rates_for_one_pair_day_and_source_are_refused(api):
    assert api.post("exchange_rates", {"rates": [usd("1.0834"), usd("1.0835")]}).status_code == 422


def test_a_rule_is_proposed_over_the_api_and_holds_only_after_a_person_reviewed_it(api, make_api, ana):
    made = api.post("jurisdiction_rules", RULE)
    rule = made.json()

    assert (made.status_code, rule["state"], rule["params"]["rate"]) == (201, "proposed", "19")
    assert rule["author"].startswith("integration:")
    with pytest.raises(NotKeeperOfRules):
        approve_rule(rule["id"], by=Actor.parse(rule["author"]), at=timezone.now())
    bound = make_api("rules:read", customer_id=ana.pk)
    assert bound.get(f"jurisdiction_rules/{rule['id']}").status_code == 404
    approve_rule(rule["id"], by=OLGA, at=timezone.now())
    assert bound.get(f"jurisdiction_rules/{rule['id']}").json()["reviewed_by"] == "agent:8"
    listed = api.get("jurisdiction_rules", country="MT", kind="tax_rate", state="approved").json()["data"]
    assert rule["id"] in [each["id"] for each in listed]


@pytest.mark.parametrize(
    "wrong",
    [
        {"params": {"rate": 19, "treatment": "standard", "name": "VAT"}},
        {"params": {"rate": "19", "treatment": "standard", "name": "V\x00T"}},
        {"params": "19"},
        {"country": "Malta"},
        {"country": ""},
        {"valid_to": "2098-01-01"},
        {"examples": {"given": 1}},
        {"wording": {"en": 5}},
        {"author": "agent:1"},
    ],
)
def test_a_rule_that_does_not_say_what_its_kind_says_is_refused(api, wrong):
    before = JurisdictionRule.objects.count()

    assert api.post("jurisdiction_rules", {**RULE, **wrong}).status_code == 422
    assert JurisdictionRule.objects.count() == before


def test_an_example_that_does_not_come_out_is_named(api):
    answer = api.post("jurisdiction_rules", {**RULE, "examples": [{"given": {}, "expect": {"rate": "18"}}]})

    assert (answer.status_code, answer.json()["code"]) == (409, "example_failed")


def test_writing_takes_its_own_scope_and_no_key_of_a_single_customer_may(make_api, ana, basic):
    reader = make_api("catalogue:read", "rules:read", "rates:read")
    bound = make_api(customer_id=ana.pk)
    price = {"currency": "EUR", "valid_from": "2099-01-01", "amount_minor": 1}
    asked = [
        (f"products/{basic.pk}/prices", price), ("exchange_rates", {"rates": [usd("1.08")]}),
        ("jurisdiction_rules", RULE),
    ]  # fmt: skip

    for path, body in asked:
        assert reader.post(path, body).status_code == 403
        assert bound.post(path, body).status_code == 403
    assert Event.objects.filter(kind="access.refused").count() == 6
    assert bound.get("prices").status_code == 200


def test_endpoints_hear_of_new_prices_rates_and_rules(api, basic):
    api.post(f"products/{basic.pk}/prices", {"currency": "USD", "valid_from": "2099-01-01", "amount_minor": 1})
    api.post("exchange_rates", {"rates": [usd("1.08")]})
    api.post("jurisdiction_rules", RULE)

    assert told("price.added") == {"product": "basic"}
    assert told("exchange_rates.loaded") == {"added": 1, "first_on": "2026-03-02", "last_on": "2026-03-02"}
    assert told("jurisdiction_rule.proposed")["rule"].startswith("tax_rate MT")


def told(kind: str) -> dict[str, object]:
    """What leaves the house of the last event of a kind; every endpoint that wants it gets it."""
    assert queue_webhooks in REACTIONS[kind]
    return json.loads(payload(Event.objects.filter(kind=kind).latest("pk")))["data"]["data"]
