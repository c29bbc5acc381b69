"""Drafts, void bills, credit notes, products, runs and aged receivables over the API."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from ledger.billing.operations import run_billing
from ledger.books.proof import first_break
from ledger.models import Event, Product
from tests.conftest import berlin
from tests.ledger.subscriptions.worlds import sell_all, subscribed

FIRST = berlin(2026, 3, 1, 9)


def money(minor):
    return {"amount_minor": minor, "currency": "EUR"}


@pytest.fixture(autouse=True)
def clock():
    """1 March, 9:00 in Berlin, until a test moves it."""
    with time_machine.travel(FIRST, tick=False) as moment:
        yield moment


def charge(api, customer, minor, **more):
    body = {"customer": customer.pk, "amount": money(minor), "description": "Setup", "tax_rate": "19", **more}
    return api.post("charges", body).json()["id"]


def test_a_draft_owes_nothing_until_it_is_issued_and_discarded_its_charges_wait_again(api, ana):
    charge(api, ana, 1000)
    draft = api.post("invoice_drafts", {"customer": ana.pk}).json()
    assert (draft["state"], draft["total"]) == ("draft", money(1190))
    assert api.get(f"customers/{ana.pk}/account").json()["owed"] == money(0)

    thrown = api.post(f"invoice_drafts/{draft['id']}/discard", {"reason": "Wrong price"})
    assert (thrown.status_code, thrown.json()["state"]) == (200, "void")

    second = api.post("invoice_drafts", {"customer": ana.pk}).json()
    issued = api.post(f"invoice_drafts/{second['id']}/issue", {}).json()
    assert (issued["number"], issued["total"]) == ("INV-2026-000001", money(1190))
    assert api.get(f"customers/{ana.pk}/account").json()["owed"] == money(1190)


def test_a_void_bill_asks_for_nothing_and_keeps_its_number(api, ana):
    charge(api, ana, 1000)
    bill = api.post("invoices", {"customer": ana.pk}).json()

    void = api.post(f"invoices/{bill['id']}/void", {"reason": "Sent to the wrong company"})
    again = api.post(f"invoices/{bill['id']}/void", {"reason": "Once more"})

    assert (void.json()["state"], void.json()["number"]) == ("void", bill["number"])
    assert (again.status_code, again.json()["code"]) == (409, "invoice_not_in_state")
    assert api.get(f"customers/{ana.pk}/account").json()["owed"] == money(0)
    assert first_break() is None


def test_a_credit_note_takes_back_lines_with_their_tax_once(api, ana):
    charge(api, ana, 1000)
    charge(api, ana, 500, description="Training")
    lines = api.post("invoices", {"customer": ana.pk}).json()["lines"]
    wanted = {
        "lines": [
            {"line_id": lines[0]["id"], "amount": money(595)},  # 5.00 and its 0.95 of tax
            {"line_id": lines[1]["id"], "amount": money(500), "without_tax": True},
        ],
        "reason": "Half of the setup was not needed",
    }

    made = api.post("credit_notes", wanted, key="once")
    again = api.post("credit_notes", wanted, key="once")
    more = api.post("credit_notes", {**wanted, "lines": [{"line_id": lines[1]["id"], "amount": money(1)}]})

    note = made.json()
    assert (made.status_code, note["net"], note["tax"]) == (201, money(1000), money(190))
    assert [(line["net"], line["tax"]) for line in note["lines"]] == [(money(500), money(95)), (money(500), money(95))]
    assert again.content == made.content
    assert (more.status_code, more.json()["code"]) == (409, "credit_too_large")
    assert api.get(f"credit_notes/{note['id']}").json() == note
    assert api.get(f"customers/{ana.pk}/account").json()["owed"] == money(595)


def test_a_key_of_one_customer_credits_and_voids_nothing_of_another(api, make_api, ana, ben):
    charge(api, ana, 1000)
    bill = api.post("invoices", {"customer": ana.pk}).json()
    bound = make_api("invoices:write", "credit_notes:write", "billing:read", customer_id=ben.pk)

    line = {"line_id": bill["lines"][0]["id"], "amount": money(100)}
    assert bound.post("credit_notes", {"lines": [line], "reason": "Mine"}).status_code == 404
    assert bound.post(f"invoices/{bill['id']}/void", {"reason": "Mine"}).status_code == 404
    assert Event.objects.filter(kind="access.refused").count() == 2
    assert [bound.get(path).status_code for path in ("billing_runs", "aged_receivables")] == [403, 403]


def test_products_show_every_version_of_their_price(api):
    sell_all(tax=19)
    plus = Product.objects.get(code="plus")

    listed = api.get("products", kind="plan").json()["data"]
    shown = api.get(f"products/{plus.pk}").json()

    assert [each["code"] for each in listed] == ["plus-y", "plus", "basic"]
    assert [(price["currency"], price["valid_from"]) for price in shown["prices"]] == [("EUR", "2020-01-01")]
    assert float(shown["prices"][0]["unit_minor"]) == 2500
    assert api.get("products", kind="planet").status_code == 422


def test_a_run_is_read_with_its_totals_and_what_it_could_not_bill(api, ana):
    sell_all(tax=19)
    subscription = subscribed("basic", at=FIRST, customer=ana)
    type(subscription).objects.filter(pk=subscription.pk).update(currency="USD", renews_on=date(2026, 3, 1))
    run_billing(at=FIRST)

    newest, first = api.get("billing_runs").json()["data"]
    shown = api.get(f"billing_runs/{newest['id']}").json()

    assert (first["state"], first["invoices"], first["booked"]) == ("finished", 1, {"EUR": 1190})
    assert [(met["subscription_id"], met["due_on"]) for met in shown["could_not_bill"]] == [
        (subscription.pk, "2026-03-01")
    ]
    assert api.get("billing_runs/999999").status_code == 404


def test_receivables_are_aged_by_days_overdue_page_by_page(api, ana, ben, clock):
    for customer in (ana, ben):
        charge(api, customer, 1000)
        api.post("invoices", {"customer": customer.pk, "due_on": "2026-03-15"})
    clock.move_to(berlin(2026, 4, 24, 9))

    first = api.get("aged_receivables", limit=1).json()
    second = api.get("aged_receivables", limit=1, after=first["next"]).json()

    (row,) = first["data"]
    assert (row["customer_id"], row["due"], row["days_31_to_60"]) == (ana.pk, money(1190), money(1190))  # 40 days
    assert second["data"][0]["customer_id"] == ben.pk
    early = api.get("aged_receivables", as_of="2026-03-10").json()["data"][0]
    assert (early["not_yet_due"], early["days_31_to_60"]) == (money(1190), money(0))
    assert api.get("aged_receivables", as_of="2026-05-01").status_code == 422
