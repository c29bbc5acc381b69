"""Giving from the budget of one's team: whose it is and what is left stands on the page."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest

from ledger.adjustments.models import Adjustment, AdjustmentReason, TeamBudget
from tickets.queues.models import Membership, Queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(ana):
    AdjustmentReason.objects.create(code="SORRY-5", title="Sorry", kind="credit", cause="company_error")
    return f"/desk/customers/{ana.pk}/give"


def budget(team: str, minor: int, **more: object) -> TeamBudget:
    return TeamBudget.objects.create(team=team, currency="EUR", month=date(2026, 3, 1), amount_minor=minor, **more)


def join(staff, name: str, team: str) -> None:
    queue, _ = Queue.objects.get_or_create(slug=team.lower(), defaults={"name": team})
    Membership.objects.create(queue=queue, user_id=staff[name].pk)


def text(answer) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def ask(minor: str, **more: str) -> dict[str, str]:
    return {"reason": "SORRY-5", "amount": minor, "why": "Wrong bill", **more}


def test_the_page_names_the_team_and_what_its_budget_has_left_and_a_gift_takes_from_it(staff, sign_in, address):
    join(staff, "mia", "Billing")
    team, everybody = budget("Billing", 2000, spent_minor=500), budget("", 100_000)
    mia = sign_in("mia")

    before = text(mia.get(address))
    given = mia.post(address, ask("12.00", team="Billing"))
    refused = mia.post(address, ask("3.01", team="Billing"))

    assert "Billing: €15.00 of €20.00 left in March 2026" in before
    assert "budget of everybody" not in before
    assert given.status_code == 303
    assert "The budget of Billing for March 2026 has 3.00 EUR left." in text(refused)
    assert "Sorry · Billing" in text(mia.get(address))
    team.refresh_from_db()
    everybody.refresh_from_db()
    assert (team.spent_minor, everybody.spent_minor) == (1700, 0)


def test_who_works_for_two_teams_says_whose_budget_and_never_a_third_one(staff, sign_in, address):
    for team in ("Billing", "Retention"):
        join(staff, "mia", team)
        budget(team, 1000)
    rich = budget("Finance", 1_000_000)
    mia = sign_in("mia")

    shown = text(mia.get(address))
    answers = [mia.post(address, ask("5.00", team=team)) for team in ("Finance", "", "Retention")]

    assert "Billing: €10.00 of €10.00 left in March 2026 Retention: €10.00" in shown
    assert [answer.status_code for answer in answers] == [422, 422, 303]
    assert Adjustment.objects.get().team == "Retention"
    rich.refresh_from_db()
    assert rich.spent_minor == 0


def test_a_team_without_a_budget_gives_from_everybodys_and_reads_what_that_has_left(staff, sign_in, address):
    join(staff, "mia", "Billing")
    budget("Finance", 1000)
    everybody = budget("", 3000, spent_minor=1000)
    mia = sign_in("mia")

    assert "The budget of everybody for March 2026 has €20.00 of €30.00 left." in text(mia.get(address))
    mia.post(address, ask("5.00"))
    everybody.refresh_from_db()
    assert everybody.spent_minor == 1500
