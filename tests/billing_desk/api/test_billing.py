"""Billing over the API: usage in batches, changes previewed and confirmed, bills explained, statements, documents."""

from __future__ import annotations

import pytest
import time_machine

from ledger.models import Event, Product, UsageEvent
from tests.conftest import berlin
from tests.ledger.subscriptions.worlds import paid, sell_all, subscribed

FIRST, SIXTEENTH = berlin(2026, 3, 1, 9), berlin(2026, 3, 16, 11)
TO_PLUS = {"what": "plan", "plan": "plus"}


def money(minor):
    return {"amount_minor": minor, "currency": "EUR"}


@pytest.fixture
def basic(ana):
    """Ana's Basic plan, billed for March without tax and paid."""
    sell_all(tax=0)
    subscription = subscribed("basic", at=FIRST, customer=ana)
    paid(subscription, 1000, at=FIRST)
    return subscription


@pytest.fixture
def on_the_sixteenth():
    """16 March, 11:00 in Berlin."""
    with time_machine.travel(SIXTEENTH, tick=False):
        yield


def test_a_change_is_previewed_and_made_for_the_total_that_was_shown(api, basic, on_the_sixteenth):
    shown = api.post(f"subscriptions/{basic.pk}/changes/preview", TO_PLUS, key=None).json()

    assert [line["net"] for line in shown["credits"]] == [money(516)]  # 10.00 x 16 of 31 days
    assert [line["net"] for line in shown["lines"]] == [money(1290)]  # 25.00 x 16 of 31 days
    assert (shown["total"], shown["due_now"], shown["next_bill"]) == (money(774), money(774), money(2500))

    wrong = api.post(f"subscriptions/{basic.pk}/changes", {**TO_PLUS, "expected_total": money(700)})
    made = api.post(f"subscriptions/{basic.pk}/changes", {**TO_PLUS, "expected_total": money(774)}, key="once")
    again = api.post(f"subscriptions/{basic.pk}/changes", {**TO_PLUS, "expected_total": money(774)}, key="once")

    assert (wrong.status_code, wrong.json()["code"]) == (409, "preview_outdated")
    assert (made.status_code, made.json()["state"]) == (201, "applied")
    assert again.content == made.content
    assert api.get(f"customers/{basic.customer_id}/account").json()["owed"] == money(774)
    bills = api.get(f"subscriptions/{basic.pk}/forecast").json()["data"]
    assert [bill["likely"] for bill in bills] == [money(2500)] * 3
    assert [bill["on"] for bill in bills] == ["2026-04-01", "2026-05-01", "2026-06-01"]


def test_a_downgrade_is_arranged_and_withdrawn_before_its_day(api, basic, on_the_sixteenth):
    api.post(f"subscriptions/{basic.pk}/changes", TO_PLUS)
    arranged = api.post(f"subscriptions/{basic.pk}/changes", {"what": "plan", "plan": "basic"}).json()

    withdrawn = api.post(f"subscription_changes/{arranged['id']}/withdraw", {})

    assert (arranged["state"], arranged["effective_on"]) == ("scheduled", "2026-04-01")
    assert withdrawn.json()["state"] == "withdrawn"


def test_a_change_that_says_nothing_or_something_else_is_refused(api, basic, on_the_sixteenth):
    for body in ({"what": "plan"}, {"what": "fly"}, {**TO_PLUS, "amount": 1}, {"what": "quantity", "quantity": 0}):
        assert api.post(f"subscriptions/{basic.pk}/changes/preview", body).status_code == 422


def test_a_bill_is_explained_with_causes_that_add_up_and_comes_as_a_document(api, basic, on_the_sixteenth):
    api.post(f"subscriptions/{basic.pk}/changes", TO_PLUS)
    invoice = api.get("invoices").json()["data"][0]

    said = api.get(f"invoices/{invoice['id']}/explanation", language="en").json()
    document = api.client.get(
        f"/api/v1/invoices/{invoice['id']}/pdf", headers={"Authorization": f"Bearer {api.secret}"}
    )

    assert sum(cause["amount"]["amount_minor"] for cause in said["causes"]) == said["difference"]["amount_minor"]
    assert "16 of 31 days" in " ".join(line["text"] for line in said["lines"])
    assert all(line["entries"] for line in said["lines"][:1])
    assert document.content.startswith(b"%PDF-")


def test_a_statement_adds_up(api, basic, on_the_sixteenth):
    found = api.get(f"customers/{basic.customer_id}/statement", first="2026-03-01", last="2026-03-31").json()

    assert [moved["amount"]["amount_minor"] for moved in found["movements"]] == [1000, -1000]
    assert (found["opening"], found["closing"]) == (money(0), money(0))


def test_usage_counts_once_per_key_and_a_bad_report_harms_no_other(api, ana):
    Product.objects.create(code="calls", name="Calls", meter="calls")
    report = {"customer": ana.pk, "meter": "calls", "quantity": "12.5", "happened_at": "2026-03-01T10:00:00Z"}
    batch = {
        "reports": [
            {**report, "key": "a"},
            {**report, "key": "a"},
            {**report, "key": "b", "quantity": "0"},
            {**report, "key": "c", "meter": "pages"},
        ]
    }

    with time_machine.travel(SIXTEENTH, tick=False):
        first, second = api.post("usage", batch, key=None).json(), api.post("usage", batch, key=None).json()

    assert (first["accepted"], first["repeated"]) == (1, 1)
    assert [one["index"] for one in first["refused"]] == [2, 3]
    assert (second["accepted"], second["repeated"]) == (0, 2)
    assert UsageEvent.objects.get().quantity == 12.5


def test_a_key_of_one_customer_reports_for_nobody_else_and_reads_no_other_bill(make_api, basic, ben, on_the_sixteenth):
    Product.objects.create(code="calls", name="Calls", meter="calls")
    bens = make_api("usage:write", "subscriptions:write", "invoices:read", customer_id=ben.pk)
    report = {"meter": "calls", "quantity": 1, "happened_at": "2026-03-01T10:00:00Z", "key": "x"}

    receipt = bens.post("usage", {"reports": [{**report, "customer": basic.customer_id}]}).json()
    bill = basic.customer.invoices.get()

    assert (receipt["accepted"], receipt["refused"]) == (0, [{"index": 0, "reason": "There is no such customer."}])
    assert bens.post(f"subscriptions/{basic.pk}/changes", TO_PLUS).status_code == 404
    assert bens.get(f"invoices/{bill.pk}/explanation").status_code == 404
    assert Event.objects.filter(kind="access.refused").exists()
