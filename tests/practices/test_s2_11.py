"""S2-11, setting up payment plans: a customer does it alone in the portal, agrees to its words, and pays early."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from ledger.charges.operations import add_charge
from ledger.documents.models import Document
from ledger.events.actor import Actor
from ledger.instalments.acceptance import PlanAcceptance
from ledger.instalments.deciding import decline_plan
from ledger.instalments.models import PaymentPlan
from ledger.invoices.operations import issue_invoice
from ledger.money import Money
from ledger.payments.operations import record_payment
from notifications.models import Message
from tests.conftest import NOW
from tests.practices.conftest import told
from tests.tickets.worlds import BEN, SYSTEM, open_ben

FIRST = date(2026, 3, 16)


@pytest.fixture
def overdue(ana):
    """100.00 EUR Ana has not paid since February."""
    charge = add_charge(
        ana.pk, amount=Money(100_00, "EUR"), description="Plus", tax_rate=Decimal(0), charged_on=date(2026, 2, 1),
        by=SYSTEM, at=NOW - timedelta(days=29),
    )  # fmt: skip
    return issue_invoice(
        ana.pk, charge_ids=[charge.pk], issued_on=date(2026, 2, 1), due_on=date(2026, 2, 15), by=SYSTEM,
        at=NOW - timedelta(days=29),
    )  # fmt: skip


def asked(invoice, **more) -> dict[str, str]:
    return {"bills": str(invoice.pk), "monthly": "40", "count": "3", "first_on": FIRST.isoformat(), **more}


def test_a_customer_sees_the_days_agrees_and_has_the_agreement_as_a_document(ana, overdue, portal, work):
    browser = portal()

    shown = browser.post("/account/payment-plans/new", asked(overdue, show="1")).content.decode()
    assert all(figure in shown for figure in ("€33.34", "€33.33"))
    assert PaymentPlan.objects.count() == 0
    browser.post("/account/payment-plans/new", asked(overdue, propose="1"))
    plan = PaymentPlan.objects.get()
    page = browser.get(f"/account/payment-plans/{plan.pk}/").content.decode()
    assert "no fee, no interest" in page
    browser.post(f"/account/payment-plans/{plan.pk}/", {"answer": "agree", "wording_hash": plan.wording_hash})
    work()

    assert PaymentPlan.objects.get().state == "active"
    assert PlanAcceptance.objects.get().wording_hash == plan.wording_hash
    agreement = Document.objects.get(kind="plan_agreement")
    sent = told("payment_plan_agreed")[-1]
    assert (sent.document_id, "in 3 instalments" in sent.subject) == (agreement.pk, True)
    pdf = browser.get(f"/account/payment-plans/{plan.pk}/pdf")
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")


def test_paying_early_closes_the_plan_and_says_thank_you(ana, overdue, portal, work):
    browser = portal()
    browser.post("/account/payment-plans/new", asked(overdue, propose="1"))
    plan = PaymentPlan.objects.get()
    browser.post(f"/account/payment-plans/{plan.pk}/", {"answer": "agree", "wording_hash": plan.wording_hash})

    record_payment(ana.pk, amount=Money(100_00, "EUR"), by=SYSTEM, at=NOW)
    work()

    assert PaymentPlan.objects.get().state == "settled_early"
    assert "You paid €100.00 in all" in told("payment_plan_settled_early")[-1].body


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"count": "37"}, "A plan has 2 to 36 instalments."),
        ({"count": "1"}, "A plan has 2 to 36 instalments."),
        ({"monthly": "20"}, "With 5 monthly instalments it fits."),
        ({"monthly": ""}, "Please say what you can pay a month."),
        ({"first_on": "2026-03-01"}, "not before today"),
    ],
)
def test_what_cannot_be_is_said_beside_the_form_and_nothing_is_written(ana, overdue, portal, more, sentence):
    answer = portal().post("/account/payment-plans/new", asked(overdue, propose="1") | more)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert PaymentPlan.objects.count() == 0


def test_another_customers_plan_is_not_there(ana, overdue, portal):
    browser = portal()
    browser.post("/account/payment-plans/new", asked(overdue, propose="1"))
    plan = PaymentPlan.objects.get()
    open_ben()

    stranger = portal(BEN)

    assert stranger.get(f"/account/payment-plans/{plan.pk}/").status_code == 404
    assert stranger.get(f"/account/payment-plans/{plan.pk}/pdf").status_code == 404


def test_an_agent_proposes_a_plan_in_the_case_and_the_customer_is_told_where_to_agree(
    ana, overdue, post_mail, staff, work
):
    ticket = post_mail(text="I cannot pay all of it at once")
    mia = staff("mia", "agent")

    panel = mia.get(f"/desk/tickets/{ticket.pk}/payment-plan").content.decode()
    assert "100.00 EUR" in panel
    form = {
        "bills": str(overdue.pk), "monthly": "25", "count": "", "first_on": FIRST.isoformat(), "charged": "on",
        "reason": "Lost her job",
    }  # fmt: skip
    mia.post(f"/desk/tickets/{ticket.pk}/payment-plan", form)
    work()

    plan = PaymentPlan.objects.get()
    assert [part.amount_minor for part in plan.instalments.order_by("position")] == [25_00] * 4
    assert f"/account/payment-plans/{plan.pk}/" in told("payment_plan_offered")[-1].body
    assert Message.objects.filter(template__startswith="payment_plan_offered.").count() == 1
    refused = mia.post(f"/desk/tickets/{ticket.pk}/plan-agreed", {"plan": plan.pk, "was_read": "on"})
    assert "verify the customer first" in refused.content.decode().lower()


def test_a_plan_the_customer_asked_for_and_nobody_approved_is_told_with_the_reason(ana, overdue, portal, staff, work):
    large = Money(600_00, "EUR")
    charge = add_charge(
        ana.pk, amount=large, description="Plus", tax_rate=Decimal(0), charged_on=date(2026, 2, 1), by=SYSTEM, at=NOW
    )
    invoice = issue_invoice(ana.pk, charge_ids=[charge.pk], by=SYSTEM, at=NOW)
    portal().post("/account/payment-plans/new", asked(invoice, propose="1", monthly="60", count="12"))
    plan = PaymentPlan.objects.get()
    assert plan.state == "waiting_approval"

    decline_plan(plan.pk, reason="Please call us first.", by=Actor.agent(3, roles=frozenset({"supervisor"})), at=NOW)
    work()

    assert "Please call us first." in told("payment_plan_declined")[-1].body
