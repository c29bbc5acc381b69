"""A subscription on the desk: seen, changed at exactly the total that was shown, cancelled from when it was asked."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ledger.agreements.models import Agreement
from ledger.billing.operations import run_billing
from ledger.catalogue.models import AddOn, Plan, Price
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.invoices.models import CreditNote, Invoice
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.operations import start_subscription
from ledger.usage.operations import UsageReport, report_usage
from notifications.delivery.models import Message as Mail
from tests.billing_desk.workspace.conftest import NOW, SYSTEM
from tests.conftest import berlin
from tickets.conversations.models import Ticket
from verification.models import Challenge
from verification.operations import answer_challenge, start_check


def sell(kind: type, code: str, minor: int, **more: object) -> None:
    """Put something on sale at a flat monthly price with 19 % tax."""
    product = kind.objects.create(code=code, name=code.capitalize(), **more)
    price = {"currency": "EUR", "amount_minor": minor, "tax_rate": 19, "valid_from": date(2025, 1, 1)}
    Price.objects.create(product_id=product.pk, **price)


@pytest.fixture
def mia(sign_in):
    """Mia's browser."""
    return sign_in("mia")


@pytest.fixture
def shelf(db) -> None:
    """What is on sale."""
    sell(Plan, "plus", 2500, features=["Mail", "Chat"])
    sell(Plan, "basic", 1000, features=["Mail"])
    sell(AddOn, "extra", 500)


@pytest.fixture
def basic(ana, shelf) -> Subscription:
    """Basic, billed for March; today is 2 March."""
    start = start_subscription(ana.pk, plan_code="basic", started_on=date(2026, 3, 1), by=SYSTEM, at=berlin(2026, 3, 1))
    run_billing(at=berlin(2026, 3, 1, 6))
    return start


def prove(ticket: Ticket, at: datetime) -> None:
    """Let the customer of a case prove who she is, by the code in her mail."""
    conversation, customer_id = f"ticket:{ticket.pk}", int(ticket.customer_id or 0)
    start_check(customer_id=customer_id, conversation=conversation, purpose="cancel", by=SYSTEM, at=at)
    code = re.search(r"\b(\d{3}) ?(\d{3})\b", Mail.objects.filter(is_secret=True).latest("pk").body)
    assert code is not None
    token = Challenge.objects.latest("pk").token
    answer_challenge(token, answer="".join(code.groups()), by=Actor.customer(customer_id), at=at)


def shown(browser: Client, address: str, **wanted: object) -> tuple[str, dict[str, object]]:
    """Return the panel that shows what a change comes to, and what its button sends."""
    page = browser.get(address, {"go": 1, **wanted}, headers={"HX-Request": "true"}).content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    fields.pop("csrfmiddlewaretoken", None)
    return page, fields


def test_the_panel_says_price_since_when_and_the_next_three_bills(mia, case, basic):
    page = mia.get(f"/desk/tickets/{case.pk}/plan", headers={"HX-Request": "true"}).content.decode()

    assert "price of" in page
    assert "1 January 2025" in page
    assert page.count('class="bill"') == 3
    assert "€11.90" in page  # 10.00 and 19 %
    assert "Verify the customer first (v)." in page
    assert 'data-key="1"' not in page


def test_use_so_far_is_shown_with_the_steps_of_its_price(mia, case, ana):
    tiers = [
        {"up_to": "1000", "unit_minor": "0"},
        {"up_to": "10000", "unit_minor": "1.23"},
        {"up_to": None, "unit_minor": "0.85"},
    ]
    plan = Plan.objects.create(code="meter", name="Meter", meter="calls", unit="calls")
    Price.objects.create(
        product_id=plan.pk, currency="EUR", model="graduated", tiers=tiers, tax_rate=19, valid_from=date(2024, 1, 1)
    )
    start_subscription(ana.pk, plan_code="meter", started_on=date(2026, 3, 1), by=SYSTEM, at=berlin(2026, 3, 1))
    report_usage([UsageReport(ana.pk, "calls", Decimal(12500), berlin(2026, 3, 2, 8), "k")], by=SYSTEM, at=NOW)

    panel = mia.get(f"/desk/tickets/{case.pk}/plan", headers={"HX-Request": "true"}).content.decode()

    assert "€131.95" in panel  # 0 + 9,000 × 0.0123 + 2,500 × 0.0085 = 110.70 + 21.25
    assert "€110.70" in panel
    assert "€21.25" in panel
    assert "12,500 calls used since" in panel


def test_a_bigger_plan_is_billed_at_exactly_the_total_that_was_shown(mia, verified, basic):
    address = f"/desk/subscriptions/{basic.pk}/plan"
    page, sent = shown(mia, address, ticket=verified.pk, plan="plus", when="")
    answer = mia.post(address, sent)

    # 30 of 31 days: 24.19 + 4.60 tax = 28.79, less 9.68 + 1.84 = 11.52 that is not used
    assert sent["expected"] == str(2879 - 1152)
    assert "€17.27" in page
    assert "given back from INV-" in page
    assert answer.url == f"/desk/tickets/{verified.pk}/"
    assert Invoice.objects.latest("pk").total_minor == 2879
    assert Subscription.objects.get().plan.code == "plus"
    line = verified.messages.filter(kind="event", about=f"subscription:{basic.pk}").get()
    assert line.text == "Plan, Plus instead of Basic: made, from 2 March 2026 by Mia."


def test_figures_that_moved_are_shown_anew_before_anything_is_done(mia, verified, basic):
    address = f"/desk/subscriptions/{basic.pk}/quantity"
    _, sent = shown(mia, address, ticket=verified.pk, quantity=3, when="now")
    answer = mia.post(address, {**sent, "expected": "1"}, headers={"HX-Request": "true"})
    again = answer.content.decode()

    assert answer.status_code == 422
    assert "have changed since they were shown" in again
    assert f'name="expected" value="{sent["expected"]}"' in again
    assert Subscription.objects.get().quantity == 1


def test_without_proof_nothing_changes_and_the_try_is_on_record(mia, case, basic):
    answer = mia.post(
        f"/desk/subscriptions/{basic.pk}/plan", {"ticket": case.pk, "go": 1, "plan": "plus", "expected": "1727"}
    )

    assert "Verify the customer first (v)." in answer.content.decode()
    assert Subscription.objects.get().plan.code == "basic"
    assert Event.objects.filter(kind="access.refused", subject=f"subscription:{basic.pk}").count() == 1


def test_a_cancellation_counts_from_the_mail_however_late_it_is_worked_on(sign_in, case, basic, clock):
    later = NOW + timedelta(days=31)  # the bill of 1 April has gone out meanwhile
    run_billing(at=berlin(2026, 4, 1, 6))
    clock.move_to(later)
    prove(case, later)
    mia = sign_in("mia")
    address = f"/desk/subscriptions/{basic.pk}/cancel"

    form = mia.get(address, {"ticket": case.pk}, headers={"HX-Request": "true"}).content.decode()
    page, sent = shown(
        mia, address, ticket=case.pk, request_received_at="2026-03-02T10:00", when="", unused="none", words=""
    )
    mia.post(address, sent)

    assert 'value="2026-03-02T10:00"' in form
    assert "Served until" in page
    assert "−" in page
    assert CreditNote.objects.get().total.minor == 1190  # April, asked for after the customer had left
    assert Subscription.objects.get().ends_on == date(2026, 4, 1)


def test_a_change_that_waits_for_its_day_is_taken_back(mia, verified, basic):
    address = f"/desk/subscriptions/{basic.pk}/add-ons"
    _, sent = shown(mia, address, ticket=verified.pk, add_on="extra", quantity=1)
    mia.post(address, sent)
    _, sent = shown(mia, address, ticket=verified.pk, add_on="extra", quantity=0)
    mia.post(address, sent)
    row = basic.changes.get(state="scheduled")

    panel = mia.get(f"/desk/tickets/{verified.pk}/plan", headers={"HX-Request": "true"}).content.decode()
    mia.post(f"/desk/subscriptions/{basic.pk}/changes/{row.pk}/undo", {"ticket": verified.pk})

    assert "Take back" in panel
    assert basic.changes.get(pk=row.pk).state == "withdrawn"


def test_a_case_of_somebody_else_opens_no_subscription(mia, basic, write_in):
    foreign = write_in(sender="eve@mail.example", name="Eve", message_id="other")

    answer = mia.get(f"/desk/subscriptions/{basic.pk}/", {"ticket": foreign.pk})

    assert answer.status_code == 404
    assert Event.objects.filter(kind="access.refused", subject=f"subscription:{basic.pk}").exists()


def test_finance_sees_the_plan_and_why_it_may_not_change_it(sign_in, verified, basic):
    olg = sign_in("olg")

    panel = olg.get(f"/desk/tickets/{verified.pk}/plan").content.decode()

    assert "is not part of your role" in panel
    assert olg.get(f"/desk/subscriptions/{basic.pk}/plan").status_code == 403


def test_the_panel_takes_the_same_queries_for_one_change_arranged_or_three(mia, verified, basic):
    address = f"/desk/subscriptions/{basic.pk}/"
    with CaptureQueriesContext(connection) as few:
        mia.get(address, {"ticket": verified.pk})
    for name, wanted in (("quantity", {"quantity": 2, "when": "period_end"}), ("billing-day", {"bill_day": 15})):
        place = f"/desk/subscriptions/{basic.pk}/{name}"
        mia.post(place, shown(mia, place, ticket=verified.pk, **wanted)[1])
    with CaptureQueriesContext(connection) as more:
        mia.get(address, {"ticket": verified.pk})

    assert len(few) < 90
    assert len(more) <= len(few) + 12


def test_terms_beyond_the_proposers_authority_wait_for_a_colleague_and_show_what_changes(mia, sign_in, case, basic):
    sent = {"ticket": case.pk, "plan": "basic", "price": "5.00", "reason": "Loyal for years", "term_months": 24}
    page = mia.post(f"/desk/subscriptions/{basic.pk}/propose", sent).content.decode()
    made = Agreement.objects.get()
    own = mia.post(f"/desk/agreements/{made.pk}/approve", {"ticket": case.pk})
    pia = sign_in("pia")
    pia.post(f"/desk/agreements/{made.pk}/approve", {"ticket": case.pk})
    mia.post(f"/desk/agreements/{made.pk}/offer", {"ticket": case.pk})

    # 24 periods of 10.00 for 5.00 give away 120.00; an agent's limit is 25.00
    assert "It gives away 120.00 EUR" in page
    assert "Price of a period" in page
    assert "is not part of your role" in own.content.decode()
    made = Agreement.objects.get()
    assert (made.state, made.conversation) == ("offered", f"ticket:{case.pk}")
