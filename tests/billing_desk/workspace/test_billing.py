"""Billing for supervisors and finance: receivables, recurring revenue, months, and what leaves the house."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from billing_desk.workspace import receivables
from billing_desk.workspace.chart import movement_chart
from ledger.billing.operations import run_billing
from ledger.catalogue.models import Plan, Price
from ledger.charges.operations import add_charge
from ledger.closing.operations import prepare_month
from ledger.customers.operations import open_customer
from ledger.events.models import Event
from ledger.invoices.operations import issue_invoice
from ledger.money import Money
from ledger.revenue.movements import Movement
from ledger.subscriptions.operations import start_subscription
from tests.billing_desk.workspace.conftest import NOW, SYSTEM
from tests.conftest import berlin


@pytest.fixture
def olg(sign_in):
    """Olg's browser: finance."""
    return sign_in("olg")


@pytest.fixture
def owed(ana) -> None:
    """Ana owes 52.00 EUR since 1 January: 60 days on 2 March."""
    made = add_charge(
        ana.pk, amount=Money(5200, "EUR"), description="Extra", tax_rate=Decimal(0), charged_on=date(2026, 1, 1),
        by=SYSTEM, at=NOW,
    )  # fmt: skip
    issue_invoice(ana.pk, charge_ids=[made.pk], issued_on=date(2026, 1, 1), due_on=date(2026, 1, 1), by=SYSTEM, at=NOW)


def text(answer) -> str:
    """Return what a streamed file holds."""
    return b"".join(answer.streaming_content).decode()


def test_receivables_are_aged_and_their_totals_are_those_of_the_books(olg, ana, owed):
    page = olg.get("/desk/billing/receivables?totals=1").content.decode()
    after = olg.get(f"/desk/billing/receivables?after={ana.pk}").content.decode()

    assert page.count("€52.00") == 4  # 31 to 60 days and due, of the customer and all together
    assert "agrees with the books" in page
    assert "Ana Berger" in page
    assert "Nobody owes anything" in after


def test_the_list_goes_on_after_the_last_customer_shown(olg, ana, owed, monkeypatch):
    bea = open_customer(name="Bea Kim", country="DE", currency="EUR", email="b@mail.example", by=SYSTEM, at=NOW)
    made = add_charge(
        bea.pk, amount=Money(700, "EUR"), description="Extra", tax_rate=Decimal(0), charged_on=date(2026, 3, 2),
        by=SYSTEM, at=NOW,
    )  # fmt: skip
    issue_invoice(bea.pk, charge_ids=[made.pk], by=SYSTEM, at=NOW)
    monkeypatch.setattr(receivables, "PAGE", 1)

    first = olg.get("/desk/billing/receivables").content.decode()
    second = olg.get(f"/desk/billing/receivables?after={ana.pk}").content.decode()

    assert f"?as_of=2026-03-02&amp;after={ana.pk}" in first
    assert "Bea Kim" not in first
    assert "Bea Kim" in second
    assert "Show more" not in second


@pytest.mark.parametrize("asked", ["as_of=2999-01-01", "as_of=nonsense", "after=-1", "after=" + "9" * 40])
def test_a_page_asked_for_nonsense_shows_todays_figures(olg, owed, asked):
    assert "€52.00" in olg.get(f"/desk/billing/receivables?{asked}").content.decode()


def test_the_list_leaves_the_house_as_csv_and_that_is_on_record(olg, sign_in, ana, owed):
    rows = text(olg.get("/desk/billing/receivables.csv")).splitlines()

    assert rows[1] == f"{ana.number},EUR,0.00,0.00,52.00,0.00,0.00,0.00,52.00,0.00"
    assert Event.objects.get(kind="books.exported").data["what"] == "receivables"
    assert sign_in("mia").get("/desk/billing/receivables.csv").status_code == 403


@pytest.mark.parametrize(("form", "sign"), [("beancount", "open "), ("saft", "<AuditFile")])
def test_the_journal_is_taken_out_in_the_formats_of_others(olg, owed, form, sign):
    assert sign in text(olg.get(f"/desk/billing/journal?format={form}"))


@pytest.mark.parametrize(
    "asked", ["format=word", "format=saft&first=soon", "format=saft&first=2026-02-02&last=2026-02-01"]
)
def test_a_journal_that_cannot_be_is_refused_in_words(olg, owed, asked):
    answer = olg.get(f"/desk/billing/journal?{asked}", follow=True)

    assert 'role="alert"' in answer.content.decode()
    assert not Event.objects.filter(kind="books.exported").exists()


def test_a_prepared_month_shows_what_stands_in_the_way(olg, owed):
    prepare_month(date(2026, 2, 1), by=SYSTEM, at=NOW)

    page = olg.get("/desk/billing/").content.decode()

    assert "February 2026" in page
    assert "Debits equal credits in every currency" in page
    assert "/admin/ledger/monthclose/" in page


def test_agents_have_no_billing_area_and_do_not_see_its_tab(sign_in, case):
    mia = sign_in("mia")

    assert mia.get("/desk/billing/").status_code == 403
    assert 'href="/desk/billing/"' not in mia.get("/desk/").content.decode()
    assert 'href="/desk/billing/"' in sign_in("pia").get("/desk/").content.decode()


def movement(month: int, **minor: int) -> Movement:
    """Return one month of 2026 in EUR; what is not named is zero."""
    names = ("opening", "new", "reactivation", "expansion", "contraction", "churn", "fx", "closing")
    return Movement(date(2026, month, 1), **{name: Money(minor.get(name, 0), "EUR") for name in names})


def test_gains_stand_above_the_line_losses_below_each_as_high_as_its_amount():
    chart = movement_chart([movement(1, new=3000, expansion=1000), movement(2, contraction=500, churn=1500)])

    assert chart is not None
    high = {piece.name: piece.height for piece in chart.pieces}
    assert high["new"] == pytest.approx(3 * high["expansion"], abs=0.2)
    assert high["churn"] == pytest.approx(high["new"] / 2, abs=0.2)
    above = [piece for piece in chart.pieces if piece.name in ("new", "expansion")]
    assert all(piece.y + piece.height <= chart.zero + 0.2 for piece in above)
    assert all(piece.y >= chart.zero - 0.2 for piece in chart.pieces if piece not in above)
    assert [mark.text for mark in chart.lines] == ["-€20.00", "€0.00", "€20.00", "€40.00"]


def test_months_without_any_movement_can_still_be_drawn():
    chart = movement_chart([movement(1, opening=1000, closing=1000)])

    assert chart is not None
    assert chart.pieces == ()


def test_recurring_revenue_is_drawn_with_its_figures_beside_it(olg, ana):
    product = Plan.objects.create(code="plus", name="Plus")
    Price.objects.create(
        product_id=product.pk, currency="EUR", amount_minor=2500, tax_rate=0, valid_from=date(2025, 1, 1)
    )
    start_subscription(ana.pk, plan_code="plus", started_on=date(2026, 3, 1), by=SYSTEM, at=berlin(2026, 3, 1))
    run_billing(at=berlin(2026, 3, 1, 6))

    page = olg.get("/desk/billing/revenue").content.decode()

    assert "March 2026, new: €25.00" in page
    assert page.count('class="new"') == 2  # the column and its legend
    assert re.search(r"March 2026.*?€25\.00.*?€25\.00", page)


def test_nothing_billed_yet_says_so(olg):
    assert "No recurring revenue yet" in olg.get("/desk/billing/revenue").content.decode()
