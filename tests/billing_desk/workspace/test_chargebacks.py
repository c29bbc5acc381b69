"""The board of chargebacks: soonest first, by key; answering and accepting; who may."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ledger.disputes.chargebacks import Report, report_chargeback
from ledger.disputes.models import Chargeback, ChargebackPack
from ledger.events.actor import Actor
from tests.conftest import NOW
from tests.ledger.worlds import eur, open_ana, pay

pytestmark = pytest.mark.django_db
BANK = Actor.system("payment gateway")


def chargeback(days: float | None, name: str = "cb-1", stage: str = "chargeback") -> Chargeback:
    payment = pay(open_ana(email=f"{name}@example.com"), 3000)
    due = NOW + timedelta(days=days) if days is not None else None
    said = Report(name, eur(3000), "fraudulent", stage, due_at=due)
    return report_chargeback(payment.pk, report=said, by=BANK, at=NOW)


def test_the_board_is_empty_says_so_and_is_for_those_who_answer(sign_in):
    assert "No bank waits for an answer" in sign_in("olg").get("/desk/chargebacks/").content.decode()
    assert sign_in("mia").get("/desk/chargebacks/").status_code == 403


def test_the_soonest_deadline_stands_first_with_words_for_how_near_it_is(sign_in, django_assert_max_num_queries):
    for number, days in enumerate((9, 0.5, None, 2, -1)):
        chargeback(days, f"cb-{number}", "inquiry" if number == 0 else "chargeback")
    browser = sign_in("pia")

    with django_assert_max_num_queries(14):
        page = browser.get("/desk/chargebacks/").content.decode()

    words = ["past", "within a day", "within 3 days", "later", "no deadline"]
    places = [page.index(f">{word}</span>") for word in words]
    assert places == sorted(places)
    assert page.count(">not moved<") == 1


def test_pages_go_on_by_key(sign_in, monkeypatch):
    monkeypatch.setattr("billing_desk.workspace.chargebacks.PAGE", 2)
    for number, days in enumerate((1, 2, None)):
        chargeback(days, f"cb-{number}")
    browser = sign_in("olg")

    first = browser.get("/desk/chargebacks/")
    rest = browser.get("/desk/chargebacks/" + first.context["next_url"])

    assert [each["row"].chargeback.external_id for each in rest.context["rows"]] == ["cb-2"]
    assert rest.context["next_url"] == ""
    assert browser.get("/desk/chargebacks/?after=nonsense~x").status_code == 200


def test_an_answer_is_looked_at_frozen_once_and_saved_as_it_was(sign_in):
    found, browser = chargeback(2), sign_in("olg")
    address = f"/desk/chargebacks/{found.pk}/"

    preview = browser.get(f"{address}pack")
    assert (preview.status_code, preview["Content-Type"]) == (200, "application/zip")
    assert not ChargebackPack.objects.exists()
    done = browser.post(f"{address}submit", follow=True).content.decode()
    again = browser.post(f"{address}submit", follow=True).content.decode()

    pack = ChargebackPack.objects.get()
    assert "The answer is frozen" in done
    assert "the network reads one answer" in again
    assert pack.sha256 in done
    assert browser.get(f"{address}packs/{pack.pk}").content == bytes(pack.content)


def test_accepting_asks_why_and_says_what_follows(sign_in):
    found, browser = chargeback(2), sign_in("pia")

    empty = browser.post(f"/desk/chargebacks/{found.pk}/accept", {"why": " "}, follow=True).content.decode()
    done = browser.post(f"/desk/chargebacks/{found.pk}/accept", {"why": "Too small"}, follow=True).content.decode()

    assert "Say why we do not answer" in empty
    assert "The bank keeps what it took" in done
    assert Chargeback.objects.get().state == "accepted"
    assert browser.get("/desk/chargebacks/99/").status_code == 404
