"""S2-13, advice on obligations: what is coming, what can be done, help for those who cannot pay; never a sale."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from ledger.charges.operations import add_charge
from ledger.customers.operations import open_customer
from ledger.hardship.models import HardshipCase
from ledger.hardship.queries import is_protected
from ledger.hardship.reviewing import note_reviews_due
from ledger.holds.queries import is_stopped
from ledger.instalments.ahead import obligations
from ledger.instalments.models import PaymentPlan
from ledger.instalments.options import Situation, rank_options
from ledger.invoices.operations import issue_invoice
from ledger.money import Money
from tests.conftest import NOW, berlin
from tests.ledger.subscriptions.worlds import sell_all, subscribed
from tests.practices.conftest import told
from tests.tickets.worlds import SYSTEM
from tickets.models import Message, Ticket

EMI = "emi@example.fr"


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


@pytest.fixture
def emi(desk):
    """Emi in France, on Plus since 1 March (29.75 a month with tax), with 60.00 overdue since February."""
    sell_all()
    customer = open_customer(
        name="Emi Petit", country="FR", currency="EUR", language="en", email=EMI, time_zone="Europe/Paris", by=SYSTEM,
        at=NOW - timedelta(days=90),
    )  # fmt: skip
    charge = add_charge(
        customer.pk, amount=eur(60_00), description="Setup", tax_rate=Decimal(0), charged_on=date(2026, 2, 1),
        by=SYSTEM, at=NOW - timedelta(days=29),
    )  # fmt: skip
    issue_invoice(
        customer.pk, charge_ids=[charge.pk], issued_on=date(2026, 2, 1), due_on=date(2026, 2, 15), by=SYSTEM,
        at=NOW - timedelta(days=29),
    )  # fmt: skip
    return customer


def test_the_next_60_days_name_each_amount_and_what_it_comes_to(emi, portal):
    subscribed("plus", customer=emi, at=berlin(2026, 3, 1, 6))

    ahead = obligations(emi.pk, at=NOW)
    page = portal(EMI).get("/account/next-60-days").content.decode()

    # 60.00 overdue; the bill of March (25.00 and 19 % tax), due 14 days later; the renewal of April.
    assert [(item.on, item.kind, item.amount.minor) for item in ahead.items] == [
        (date(2026, 3, 2), "bill", 60_00),
        (date(2026, 3, 15), "bill", 29_75),
        (date(2026, 4, 1), "coming", 29_75),
        (date(2026, 5, 1), "coming", 29_75),
    ]
    assert ahead.overdue == eur(60_00)
    assert [amount.minor for _, amount in ahead.needed_by()] == [60_00, 89_75, 119_50, 149_25]
    assert all(words in page for words in ("€149.25", "1 April", "Pay in instalments", "Pause your plan"))
    assert "not legal, tax or financial advice" in page


def test_what_helps_most_stands_first_and_nothing_dearer_is_among_it():
    ranked = rank_options(
        Situation(
            eur(60_00), cheaper_saves=eur(17_85), cheaper_name="Basic", coming=eur(59_50), can_pause=True,
            can_move_day=True, subscription_id=1,
        )
    )  # fmt: skip

    # Four of six instalments of 10.00 fall later; the pause spares two renewals of 29.75.
    assert [(option.name, option.relief.minor) for option in ranked] == [
        ("pause", 59_50),
        ("instalments", 40_00),
        ("plan", 17_85),
        ("billing_day", 0),
        ("hardship", 0),
    ]


def test_cannot_pay_stops_fees_names_free_advice_in_france_and_no_plan_is_above_what_she_can_pay(emi, portal, work):
    browser = portal(EMI)

    browser.post("/account/cannot-pay", {"words": "I lost my job", "monthly": "20"})
    work()

    assert is_protected(emi.pk, at=NOW)
    assert is_stopped(emi.pk, "fees", at=NOW)
    page = browser.get("/account/cannot-pay").content.decode()
    assert "Points conseil budget" in page
    mail = told("hardship_started")[-1].body
    assert "https://www.mesquestionsdargent.fr" in mail
    assert "not legal, tax or financial advice" in mail
    bill = str(emi.invoices.get().pk)
    form = {"bills": bill, "monthly": "20", "count": "", "first_on": "2026-03-16", "propose": "1"}
    browser.post("/account/payment-plans/new", form)
    assert [part.amount_minor for part in PaymentPlan.objects.get().instalments.all()] == [20_00] * 3


def test_while_she_is_helped_only_cheaper_plans_are_shown(emi, portal):
    subscription = subscribed("plus", customer=emi, at=berlin(2026, 3, 1, 6))
    basic = subscribed("basic", customer=emi, at=berlin(2026, 3, 1, 7))
    browser = portal(EMI)
    browser.post("/account/cannot-pay", {"words": "I lost my job"})

    cheaper = browser.get(f"/account/subscriptions/{subscription.pk}/plan").content.decode()
    dearer = browser.get(f"/account/subscriptions/{basic.pk}/plan").content.decode()

    assert 'value="basic"' in cheaper
    assert 'value="plus"' not in dearer


def test_an_adviser_says_she_is_insolvent_and_everything_stops(emi, post_mail, staff):
    ticket = post_mail(sender=EMI, text="I am her adviser. She is insolvent.")

    staff("mia", "agent").post(
        f"/desk/tickets/{ticket.pk}/hardship",
        {"words": "She is insolvent", "is_insolvent": "on", "said_by": "M. Roux, adviser"},
    )

    case = HardshipCase.objects.get()
    assert (case.cause, case.said_by) == ("insolvency", "M. Roux, adviser")
    assert all(is_stopped(emi.pk, stop, at=NOW) for stop in ("collection", "reminders", "fees", "restriction"))


def test_what_she_said_in_the_portal_and_the_day_of_the_next_look_are_somebodys_task(emi, portal, work):
    portal(EMI).post("/account/cannot-pay", {"words": "I lost my job"})
    work()
    ticket = Ticket.objects.get(customer_id=emi.pk)
    assert "within what they can pay" in Message.objects.get(ticket=ticket, about__startswith="hardshipcase:").text

    # Thirty days after 2 March is 1 April.
    assert note_reviews_due(at=berlin(2026, 3, 31, 12)) == 0
    assert [note_reviews_due(at=berlin(2026, 4, 1, hour)) for hour in (7, 8)] == [1, 0]
