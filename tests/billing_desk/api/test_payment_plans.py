"""Payment plans and hardship over the API: to read, each customer's own, without what was said in confidence."""

from __future__ import annotations

import time_machine

from ledger.hardship.operations import start_hardship
from ledger.models import Event
from ledger.money import Money
from tests.conftest import NOW
from tests.ledger.instalments.worlds import MIA, agreed, proposed
from tests.ledger.worlds import bill, pay


def money(minor):
    return {"amount_minor": minor, "currency": "EUR"}


def test_a_plan_is_read_with_its_instalments_its_bills_its_words_and_who_agreed(api, ana):
    invoice = bill(ana, 100_00)
    plan = agreed(invoice)
    pay(ana, 33_34)

    with time_machine.travel(NOW, tick=False):
        shown = api.get(f"payment_plans/{plan.pk}").json()

    assert (shown["state"], shown["agreed"], shown["covered"]) == ("active", money(100_00), money(100_00))
    assert [part["amount"] for part in shown["instalments"]] == [money(33_34), money(33_33), money(33_33)]
    assert [part["due_on"] for part in shown["instalments"]] == ["2026-04-01", "2026-05-04", "2026-06-01"]
    assert shown["bills"] == [{"invoice_id": invoice.pk, "covered": money(100_00)}]
    assert shown["acceptance"]["channel"] == "portal"
    assert shown["acceptance"]["wording_hash"] == shown["wording_hash"] == plan.wording_hash
    assert plan.number in shown["wording"]


def test_a_page_of_plans_takes_one_query_and_shows_a_bound_key_only_its_own(
    api, make_api, ana, ben, django_assert_num_queries
):
    anas, bens = proposed(bill(ana, 90_00)), proposed(bill(ben, 80_00))
    bound = make_api("payment_plans:read", customer_id=ana.pk)
    bound.get("payment_plans")

    with django_assert_num_queries(2):  # the key, the page
        page = bound.get("payment_plans").json()
    first = api.get("payment_plans", limit=1).json()
    second = api.get("payment_plans", limit=1, cursor=first["next"]).json()

    assert [each["number"] for each in page["data"]] == [anas.number]
    assert [first["data"][0]["id"], second["data"][0]["id"], second["next"]] == [bens.pk, anas.pk, None]
    assert bound.get(f"payment_plans/{bens.pk}").status_code == 404
    assert Event.objects.filter(kind="access.refused", subject=f"paymentplan:{bens.pk}").count() == 1
    assert api.post("payment_plans", {}).status_code == 405


def test_hardship_says_that_somebody_is_helped_never_what_they_said(api, make_api, ana):
    case = start_hardship(ana.pk, words="My mother died", can_pay_monthly=Money(20_00, "EUR"), by=MIA, at=NOW)

    answer = api.get(f"hardship_cases/{case.pk}")

    assert (answer.json()["cause"], answer.json()["state"]) == ("cannot_pay", "opened")
    assert "mother" not in answer.content.decode()
    assert api.get("hardship_cases", customer=ana.pk, state="ended").json()["data"] == []
    assert make_api("customers:read").get("hardship_cases").status_code == 403
