"""The reference world, built by the product's own operations over the API, the run and the portal; figures by hand.

Prices are without tax, as the worked figures are; Ana's and Delta's tax comes from the rules of their countries.
"""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from billing_desk.keys import SCOPES, issue_key
from ledger.billing.operations import run_billing
from ledger.books.proof import first_break
from ledger.catalogue.models import Plan
from ledger.catalogue.operations import PriceTerms, add_price, add_product
from ledger.customers.models import Customer
from ledger.customers.tax_ids import confirm_vat_id
from ledger.invoices.explain import explain_line
from ledger.models import CreditNote, Invoice
from ledger.money import Money
from tests.conftest import berlin
from tests.ledger.documents.pages import page_texts, plain
from tests.ledger.worlds import SYSTEM, pay

pytestmark = pytest.mark.django_db
FIRST, SIXTEENTH, APRIL = berlin(2026, 3, 1, 9), berlin(2026, 3, 16, 11), berlin(2026, 4, 1, 5)
#: 0 to 1,000 free, to 10,000 at 0.0123, above at 0.0085; in minor units.
METER = [
    {"up_to": "1000", "unit_minor": "0", "flat_minor": 0},
    {"up_to": "10000", "unit_minor": "1.23", "flat_minor": 0},
    {"up_to": None, "unit_minor": "0.85", "flat_minor": 0},
]
FREE_OF_TAX = {"tax_rate": Decimal(0)}


def on_sale(code: str, *, terms: list[dict], **more: str) -> None:
    product = add_product(Plan(code=code, name=code.capitalize(), kind="plan", **more), by=SYSTEM, at=FIRST)
    for each in terms:
        add_price(product.pk, terms=PriceTerms(valid_from=date(2026, 3, 1), **each), by=SYSTEM, at=FIRST)


@pytest.fixture
def clock():
    """The first of March, until a test moves it."""
    with time_machine.travel(FIRST, tick=False) as moment:
        yield moment


@pytest.fixture
def api(db, clock):
    """Return a function that calls the API as an integration that may do everything."""
    _, secret = issue_key(name="Shop", scopes=sorted(SCOPES), by=SYSTEM, at=timezone.now())
    numbers = iter(range(1, 1000))

    def call(method: str, path: str, **body: object) -> dict:
        headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": f"world-{next(numbers)}"}
        given = json.dumps(body) if body else ""
        answer = Client().generic(method, f"/api/v1/{path}", given, "application/json", headers=headers)
        assert answer.status_code < 300, answer.content
        return answer.json() if answer["Content-Type"] == "application/json" else answer.content

    return call


def opened(api, name: str, country: str, **more: object) -> Customer:
    mail = f"{name.split()[0].lower()}@example.com"
    answer = api("POST", "customers", name=name, country=country, email=mail, **more)
    return Customer.objects.get(number=answer["number"])


def subscribed(api, customer: Customer, plan: str, **more: object) -> int:
    return api("POST", "subscriptions", customer=customer.pk, plan_code=plan, **more)["id"]


def test_basic_to_plus_on_the_sixteenth_is_shown_billed_paid_and_explained_as_7_74(api, clock):
    for code, minor in (("basic", 1000), ("plus", 2500)):
        on_sale(code, terms=[{"currency": "EUR", "amount_minor": minor, **FREE_OF_TAX}])
    ana = opened(api, "Ana Berg", "DE", currency="EUR", language="de-DE")
    number = subscribed(api, ana, "basic")
    run_billing(at=FIRST)
    pay(ana, 1000, at=FIRST)

    clock.move_to(SIXTEENTH)
    shown = api("POST", f"subscriptions/{number}/changes/preview", what="plan", plan="plus")
    assert (shown["total"], shown["due_now"]) == (amount(774), amount(774))
    api("POST", f"subscriptions/{number}/changes", what="plan", plan="plus", expected_total=shown["total"])

    note, bill = CreditNote.objects.get(), Invoice.objects.latest("pk")
    assert (note.total, bill.total, bill.due_amount) == (eur(516), eur(1290), eur(774))
    told = api("GET", f"invoices/{bill.pk}/explanation")
    assert sorted(each["amount"]["amount_minor"] for each in told["causes"]) == [-516, 1290]
    assert told["difference"] == amount(774)
    assert first_break() is None


def test_12_500_units_of_the_meter_are_131_95_step_by_step(api, clock):
    price = {"currency": "EUR", "model": "graduated", "tiers": METER, **FREE_OF_TAX}
    on_sale("meter", meter="calls", unit="call", terms=[price])
    ana = opened(api, "Ana Berg", "DE", currency="EUR")
    subscribed(api, ana, "meter")
    run_billing(at=FIRST)

    clock.move_to(SIXTEENTH)
    reports = [
        {"customer": ana.pk, "meter": "calls", "quantity": used, "happened_at": SIXTEENTH.isoformat(), "key": key}
        for key, used in (("a", "12000"), ("b", "600"), ("c", "-100"), ("a", "12000"))
    ]
    api("POST", "usage", reports=reports)
    clock.move_to(APRIL)
    run_billing(at=APRIL)

    line = Invoice.objects.get(customer=ana).lines.get()
    assert line.total == eur(13195)
    steps = [(int(step.units), step.amount.minor) for step in explain_line(line).steps if step.units]
    assert steps == [(1000, 0), (9000, 11070), (2500, 2125)]  # 9,000 x 0.0123 and 2,500 x 0.0085


def test_yen_have_no_decimals_and_dinars_lose_none(api, clock):
    prices = [("JPY", 1235), ("RSD", 1250)]
    on_sale("plus", terms=[{"currency": code, "amount_minor": minor, **FREE_OF_TAX} for code, minor in prices])
    said = {}
    for name, country, currency, language in (("Chi Sato", "JP", "JPY", "ja-JP"), ("Ria Ilic", "RS", "RSD", "sr-RS")):
        customer = opened(api, name, country, currency=currency, language=language)
        subscribed(api, customer, "plus")
        run_billing(at=FIRST)
        pdf = api("GET", f"invoices/{Invoice.objects.get(customer=customer).pk}/pdf")
        said[currency] = plain(" ".join(page_texts(pdf)))

    assert re.search(r"[¥￥] ?1,235(?![.,]\d)", said["JPY"])
    assert "12,50" in said["RSD"]


def test_ana_pays_19_per_cent_and_delta_accounts_for_the_tax_itself(api, olg, clock):
    on_sale("plus", terms=[{"currency": "EUR", "amount_minor": 2500}])
    ana = opened(api, "Ana Berg", "DE", currency="EUR")
    delta = opened(api, "Delta BV", "NL", currency="EUR", kind="business", vat_id="NL004495445B01")
    confirm_vat_id(delta.pk, source="VIES, consultation 1", by=olg, at=FIRST)
    for customer in (ana, delta):
        subscribed(api, customer, "plus")
    run_billing(at=FIRST)

    bills = {bill.customer_id: bill for bill in Invoice.objects.all()}
    assert (bills[ana.pk].tax_minor, bills[ana.pk].total_minor) == (475, 2975)
    assert (bills[delta.pk].tax_minor, bills[delta.pk].total_minor) == (0, 2500)
    assert "Btw verlegd" in json.dumps(bills[delta.pk].tax_evidence, ensure_ascii=False)


def amount(minor: int) -> dict[str, object]:
    return {"amount_minor": minor, "currency": "EUR"}


def eur(minor: int) -> Money:
    return Money(minor, "EUR")
