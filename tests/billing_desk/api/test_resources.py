"""The other resources of v1, each on its way there and back; the schema and its page."""

from __future__ import annotations

import warnings
from datetime import date

import pytest
from drf_spectacular.validation import validate_schema

from billing_desk.api.schema import document, generate
from ledger.events.sealing import seal_events
from ledger.models import ContactPoint, Event, Plan, Price
from tickets.models import BusinessHours, CallLog, PhoneLine
from tickets.models import Message as Said


def money(minor):
    return {"amount_minor": minor, "currency": "EUR"}


def test_a_customer_is_opened_found_and_reached(api):
    wanted = {"name": "Ana Sommer", "country": "DE", "currency": "EUR", "email": "ana@example.org"}

    opened = api.post("customers", wanted, key=None)

    assert opened.status_code == 201
    customer = opened.json()
    assert api.get(f"customers/{customer['id']}").json() == customer
    added = api.post(f"customers/{customer['id']}/contact_points", {"kind": "phone", "value": "+4930901820"})
    assert added.status_code == 201
    points = api.get(f"customers/{customer['id']}/contact_points").json()["data"]
    assert {point["value"] for point in points} == {"ana@example.org", "+4930901820"}


@pytest.mark.parametrize(
    "wrong",
    [{"country": "Germany"}, {"currency": "ZZZ"}, {"kind": "robot"}, {"time_zone": "Mars/Olympus"}, {"name": ""}],
)
def test_a_customer_that_cannot_be_is_refused(api, wrong):
    wanted = {"name": "Ana", "country": "DE", "currency": "EUR", **wrong}

    assert api.post("customers", wanted).status_code == 422


def test_a_bill_is_issued_paid_and_shown_on_the_account(api, ana):
    charge = {"customer": ana.pk, "amount": money(1000), "description": "Internet", "tax_rate": "19"}
    api.post("charges", charge)
    invoice = api.post("invoices", {"customer": ana.pk, "due_on": "2099-01-01"}).json()

    assert invoice["total"] == money(1190)  # 10.00 and 19 % tax
    assert [line["net"] for line in invoice["lines"]] == [money(1000)]
    assert api.get(f"customers/{ana.pk}/account").json()["owed"] == money(1190)

    paid = api.post("payments", {"customer": ana.pk, "amount": money(1500), "card_last4": "4242"})
    assert paid.status_code == 201
    assert api.get(f"invoices/{invoice['id']}").json()["state"] == "paid"
    assert api.get(f"customers/{ana.pk}/account").json()["credit"] == money(310)  # 15.00 less 11.90
    assert [row["number"] for row in api.get("payments", state="succeeded").json()["data"]] == [paid.json()["number"]]


def test_a_failed_attempt_is_recorded_and_moves_nothing(api, ana):
    answer = api.post("payments/failures", {"customer": ana.pk, "amount": money(1000), "code": "insufficient_funds"})

    assert answer.status_code == 201
    assert answer.json()["state"] == "failed"
    assert api.get(f"customers/{ana.pk}/account").json()["credit"] == money(0)


def test_nothing_to_bill_is_a_conflict_in_words(api, ana):
    answer = api.post("invoices", {"customer": ana.pk})

    assert answer.status_code == 409
    assert answer.json()["code"] == "nothing_to_bill"


def test_a_subscription_is_started_paused_resumed_and_cancelled(api, ana):
    plan = Plan.objects.create(code="basic", name="Basic")
    Price.objects.create(product=plan, currency="EUR", amount_minor=1000, valid_from=date(2020, 1, 1))
    started = api.post("subscriptions", {"customer": ana.pk, "plan_code": "basic"}).json()

    states = [
        api.post(f"subscriptions/{started['id']}/{move}", {}).json()["state"] for move in ("pause", "resume", "cancel")
    ]

    assert states == ["paused", "active", "cancelled"]
    assert api.post(f"subscriptions/{started['id']}/pause", {}).status_code == 409


def test_a_case_is_opened_continued_and_shown_without_the_staffs_notes(api, ana):
    wanted = {
        "sender": "ana@example.org",
        "subject": "Charged twice",
        "text": "My card 4242 4242 4242 4242 was charged.",
    }
    opened = api.post("tickets", wanted, key="t-1")

    assert opened.status_code == 201
    ticket = opened.json()
    assert ticket["customer_id"] == ana.pk
    assert "4242 4242 4242 4242" not in ticket["messages"][0]["text"]
    assert api.post("tickets", wanted, key="t-1").content == opened.content

    more = api.post(f"tickets/{ticket['id']}/messages", {"text": "Any news?"})
    assert more.status_code == 201
    Said.objects.create(
        ticket_id=ticket["id"],
        kind="note",
        channel="note",
        author="agent:1",
        text="Secret",
        written_at=ticket["opened_at"],
    )
    texts = [said["text"] for said in api.get(f"tickets/{ticket['id']}").json()["messages"]]
    assert texts[-1] == "Any news?"
    assert "Secret" not in texts


def test_a_call_names_who_it_may_be_and_never_a_balance(api, ana):
    ContactPoint.objects.create(customer=ana, kind="phone", value="+4930123456", added_at=ana.opened_at)
    PhoneLine.objects.create(number="+4930901820", name="Billing", hours=BusinessHours.objects.first())

    call = api.post("calls", {"external_id": "c-1", "caller": "+49 30 123456", "line": "+4930901820"})

    assert call.status_code == 201
    assert call.json()["candidates"] == [ana.pk]
    assert "minor" not in call.content.decode()
    withheld = api.post("calls", {"external_id": "c-2", "caller": None, "line": "+4930901820"}).json()
    assert (withheld["candidates"], withheld["caller_problem"]) == ([], "withheld")
    api.post("calls", {"external_id": "c-2", "caller": None, "line": "+4930901820"})
    assert CallLog.objects.count() == 2


def test_the_feed_gives_sealed_events_in_order_without_names_or_secrets(api, ana, owner):
    api.post("charges", {"customer": ana.pk, "amount": money(1000), "description": "Internet"})
    seal_events()

    feed = api.get("events", kind="charge.added").json()

    assert [event["kind"] for event in feed["data"]] == ["charge.added"]
    assert feed["data"][0]["customer_id"] == ana.pk
    assert "actor_name" not in feed["data"][0]["data"]
    assert api.get("events", after=feed["next_after"], kind="charge.added").json()["data"] == []


def test_a_key_of_one_customer_reads_this_customers_events_only(api, make_api, ana, ben):
    for customer in (ana, ben):
        api.post("charges", {"customer": customer.pk, "amount": money(1000), "description": "Internet"})
    seal_events()

    events = make_api(customer_id=ana.pk).get("events", limit=100).json()["data"]

    assert {event["customer_id"] for event in events} == {ana.pk}
    assert Event.objects.filter(customer_id=ben.pk).exists()


def test_an_unknown_kind_of_event_is_refused(api):
    assert api.get("events", kind="refund.payed").status_code == 422


def test_the_schema_is_valid_openapi_and_makes_no_warnings(capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        generated = generate()

    validate_schema(generated)
    assert capsys.readouterr().err == ""
    assert len(generated["paths"]) >= 25
    assert generated["components"]["securitySchemes"]["apiKey"]["scheme"] == "bearer"


def test_every_operation_has_a_sentence_and_what_moves_money_asks_for_a_key():
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            assert operation["description"], (path, method)
            if method == "post" and path.split("/")[3] in {"charges", "invoices", "payments", "refunds", "disputes"}:
                headers = {p["name"] for p in operation["parameters"] if p["in"] == "header" and p["required"]}
                assert headers == {"Idempotency-Key"}, path


def test_the_page_of_the_api_shows_every_operation_and_asks_no_foreign_host(client, db):
    page = client.get("/api/v1/docs").content.decode()

    assert 'id="add_charge"' in page
    assert "amount" in page
    assert "https://" not in page.replace("https://localhost", "")
    assert client.get("/api/v1/schema").json()["openapi"].startswith("3.")
