"""Charges over the API: posted once, refused clearly, read page by page, seen by their owner only."""

from __future__ import annotations

import pytest

from ledger.books.queries import entries_of
from ledger.models import Charge, Event


def body(ana, **more):
    return {
        "customer": ana.pk,
        "amount": {"amount_minor": 1250, "currency": "EUR"},
        "description": "Internet, March",
        "tax_rate": "19",
        **more,
    }


def test_a_posted_charge_is_answered_as_it_stands(api, ana):
    answer = api.post("charges", body(ana, charged_on="2026-03-02", external_id="shop-1"))

    assert answer.status_code == 201
    charge = answer.json()
    assert charge["amount"] == {"amount_minor": 1250, "currency": "EUR"}
    assert charge["customer_id"] == ana.pk
    assert charge["charged_on"] == "2026-03-02"
    assert charge["tax_rate"] == "19.000"
    assert api.get(f"charges/{charge['id']}").json() == charge


def test_the_same_key_and_body_make_one_charge_and_the_same_answer(api, ana):
    first = api.post("charges", body(ana), key="k-1")
    again = api.post("charges", body(ana), key="k-1")

    assert again.content == first.content
    assert again.status_code == 201
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Charge.objects.count() == 1
    assert len(entries_of(f"charge:{first.json()['id']}")) == 1


def test_the_same_key_with_another_body_is_a_conflict(api, ana):
    api.post("charges", body(ana), key="k-1")

    answer = api.post("charges", body(ana, description="Something else"), key="k-1")

    assert answer.status_code == 409
    assert answer.json()["code"] == "idempotency_key_reused"
    assert Charge.objects.count() == 1


def test_the_order_of_the_fields_does_not_make_another_body(api, ana):
    api.post("charges", body(ana), key="k-1")

    answer = api.post("charges", dict(reversed(body(ana).items())), key="k-1")

    assert answer.status_code == 201


def test_a_refusal_is_replayed_like_a_success(api, ana):
    wanted = body(ana, external_id="shop-1")
    api.post("charges", wanted)
    other = {**wanted, "amount": {"amount_minor": 1, "currency": "EUR"}}

    first = api.post("charges", other, key="k-2")
    again = api.post("charges", other, key="k-2")

    assert first.status_code == 409
    assert first.headers["content-type"] == "application/problem+json"
    assert again.content == first.content
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"


def test_two_integrations_may_use_the_same_key(make_api, ana):
    one, other = make_api(), make_api()

    assert one.post("charges", body(ana), key="k-1").status_code == 201
    assert other.post("charges", body(ana), key="k-1").status_code == 201
    assert Charge.objects.count() == 2


@pytest.mark.parametrize(("key", "code"), [(None, "missing"), ("", "invalid"), ("x" * 256, "invalid")])
def test_a_charge_without_a_proper_key_is_refused(api, ana, key, code):
    answer = api.post("charges", body(ana), key=key)

    assert answer.status_code == 400
    assert answer.json()["code"] == f"idempotency_key_{code}"
    assert not Charge.objects.exists()


@pytest.mark.parametrize(
    ("amount", "field"),
    [
        ({"amount_minor": 12.5, "currency": "EUR"}, "amount.amount_minor"),
        ({"amount_minor": 12.0, "currency": "EUR"}, "amount.amount_minor"),
        ({"amount_minor": "1250", "currency": "EUR"}, "amount.amount_minor"),
        ({"amount_minor": True, "currency": "EUR"}, "amount.amount_minor"),
        ({"amount_minor": 10**30, "currency": "EUR"}, "amount.amount_minor"),
        ({"amount_minor": 1250, "currency": "EURO"}, "amount.currency"),
        ({"amount_minor": 1250, "currency": "ZZZ"}, "amount.currency"),
        ({"amount_minor": 1250}, "amount.currency"),
        ({"amount_minor": 1250, "currency": "EUR", "cents": 1}, "amount.cents"),
        (1250, "amount"),
        ("12.50 EUR", "amount"),
    ],
)
def test_an_amount_that_is_not_minor_units_is_refused_by_its_field(api, ana, amount, field):
    answer = api.post("charges", body(ana, amount=amount))

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not Charge.objects.exists()


@pytest.mark.parametrize("minor", [0, -1])
def test_an_amount_that_charges_nothing_is_refused(api, ana, minor):
    answer = api.post("charges", body(ana, amount={"amount_minor": minor, "currency": "EUR"}))

    assert answer.status_code == 422
    assert not Charge.objects.exists()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"amuont": 5}, "amuont"),
        ({"description": 5}, "description"),
        ({"description": ""}, "description"),
        ({"description": "nul \x00 inside"}, "description"),
        ({"charged_on": "tomorrow"}, "charged_on"),
        ({"tax_rate": 19.5}, "tax_rate"),
        ({"tax_rate": "100"}, "tax_rate"),
        ({"customer": 0}, "customer"),
        ({"period_start": "2026-03-01"}, "period_end"),
        ({"period_start": "2026-03-01", "period_end": "2026-03-01"}, "period_end"),
    ],
)
def test_a_field_that_breaks_a_rule_is_named(api, ana, more, field):
    answer = api.post("charges", body(ana, **more))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


@pytest.mark.parametrize("text", ["", "{", "[]", "5", "null", '{"amount": NaN}'])
def test_a_body_that_is_no_object_is_refused(api, ana, text):
    answer = api.post("charges", text, raw=True)

    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_charge_for_a_customer_who_is_not_there_is_not_found(api, ana):
    answer = api.post("charges", {**body(ana), "customer": 987654321})

    assert answer.status_code == 404


def test_a_key_that_may_only_read_is_refused_and_the_attempt_is_kept(make_api, ana):
    reader = make_api("charges:read")

    answer = reader.post("charges", body(ana))

    assert answer.status_code == 403
    assert answer.json()["detail"] == "This key lacks the scope charges:write."
    assert Event.objects.filter(kind="access.refused", subject="api:/api/v1/charges").count() == 1


def test_a_key_of_one_customer_sees_and_charges_this_customer_only(make_api, api, ana, ben):
    bens = api.post("charges", body(ben)).json()["id"]
    anas_key = make_api(customer_id=ana.pk)
    mine = anas_key.post("charges", {k: v for k, v in body(ana).items() if k != "customer"})

    assert mine.status_code == 201
    assert [row["id"] for row in anas_key.get("charges").json()["data"]] == [mine.json()["id"]]
    for answer in (
        anas_key.get(f"charges/{bens}"),
        anas_key.post(f"charges/{bens}/reverse", {"reason": "not mine"}),
        anas_key.post("charges", body(ben)),
        anas_key.get("charges", customer=ben.pk),
    ):
        assert answer.status_code == 404
        assert answer.json()["detail"] == "There is no such object."
    refused = Event.objects.filter(kind="access.refused")
    assert sorted(refused.values_list("subject", flat=True)) == sorted(
        [f"charge:{bens}", f"charge:{bens}", f"customer:{ben.pk}", f"customer:{ben.pk}"]
    )


def test_an_id_that_does_not_exist_is_not_an_attempt_on_somebody_else(make_api, ana):
    answer = make_api(customer_id=ana.pk).get("charges/987654321")

    assert answer.status_code == 404
    assert not Event.objects.filter(kind="access.refused").exists()


def test_pages_follow_each_other_without_gap_or_repeat(api, ana):
    ids = [api.post("charges", body(ana, description=f"Charge {n}")).json()["id"] for n in range(5)]

    seen, cursor = [], None
    while True:
        page = api.get("charges", limit=2, **({"cursor": cursor} if cursor else {})).json()
        seen += [row["id"] for row in page["data"]]
        cursor = page["next"]
        if not cursor:
            break

    assert seen == ids[::-1]


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 101}, {"limit": "many"}, {"cursor": "nonsense"}, {"costumer": 1}]
)
def test_a_page_that_cannot_be_is_refused(api, query):
    answer = api.get("charges", **query)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == next(iter(query))


def test_a_list_costs_the_same_queries_however_long_it_is(api, ana, django_assert_max_num_queries):
    for n in range(4):
        api.post("charges", body(ana, description=f"Charge {n}"))

    with django_assert_max_num_queries(2):
        assert len(api.get("charges").json()["data"]) == 4


def test_a_charge_can_be_taken_back_once(api, ana):
    charge = api.post("charges", body(ana)).json()["id"]

    first = api.post(f"charges/{charge}/reverse", {"reason": "Wrong customer"})
    again = api.post(f"charges/{charge}/reverse", {"reason": "Wrong customer"})

    assert first.status_code == 200
    assert first.json()["reversal_reason"] == "Wrong customer"
    assert again.status_code == 409
    assert again.json()["code"] == "charge_already_reversed"


def test_without_a_valid_key_nothing_is_answered(api, ana):
    api.secret = "bd_" + "x" * 43
    answer = api.get("charges")

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="api"'
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_an_api_call_did_names_the_call_in_the_audit_trail(api, ana):
    api.post("charges", body(ana))

    event = Event.objects.get(kind="charge.added")
    assert event.actor.startswith("integration:")
    assert event.data["cause"].startswith("apicall:")
