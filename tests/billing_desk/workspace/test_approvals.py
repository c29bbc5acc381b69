"""The approvals page: everything that waits with its evidence, its entry and its message; decided once, by who may."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta

import pytest

from ledger.adjustments.correcting import Mistake, draft_corrections, request_corrections
from ledger.adjustments.findings import WrongPrice
from ledger.adjustments.models import AdjustmentReason
from ledger.adjustments.operations import Gift, give_adjustment
from ledger.authority.models import Approval, ApprovalRule
from ledger.catalogue.models import Plan, Price
from ledger.charges.basis import Basis
from ledger.charges.operations import add_charge
from ledger.customers.proof import IdentityProof
from ledger.discounts.operations import grant_discount
from ledger.discounts.terms import DiscountTerms
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.invoices.operations import issue_invoice
from ledger.invoices.writing_off import give_up_invoice
from ledger.money import Money
from ledger.payments.models import Payment
from ledger.refunds.models import Refund
from ledger.refunds.operations import request_refund
from ledger.refunds.paying import pay_refund
from ledger.refunds.settling import settle_refund
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, prove
from tickets.conversations.models import Ticket
from tickets.queues.models import Queue

pytestmark = pytest.mark.django_db


def eur(minor):
    return Money(minor, "EUR")


def actor(user, role):
    return Actor.agent(user.pk, name=user.first_name, roles=frozenset({role}))


@pytest.fixture
def mia(staff):
    return actor(staff["mia"], "agent")


def ask(mia, minor=2600):
    payment = Payment.objects.get()
    proof: IdentityProof = prove(payment.customer)
    return request_refund(
        payment.pk, amount=eur(minor), reason="Charged twice", proof=proof, is_goodwill=True, conversation="ticket:7",
        by=mia, at=NOW,
    )  # fmt: skip


def text(client, address="/desk/approvals/"):
    page = html.unescape(client.get(address).content.decode())
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ")


def post(client, what, decision, **data):
    approval = Approval.objects.get(subject=what)
    return client.post(f"/desk/approvals/{approval.pk}/{decision}", data)


def one_of_everything(ana, mia, staff):
    """Let a refund, a write-off, a discount, a gift and a correction wait."""
    ask(mia)
    add_charge(ana.pk, amount=eur(9900), description="Plus", charged_on=date(2026, 2, 2), by=SYSTEM, at=NOW)
    owed = issue_invoice(ana.pk, issued_on=date(2026, 2, 2), due_on=date(2026, 2, 20), by=SYSTEM, at=NOW)
    give_up_invoice(owed.pk, reason="Moved away", by=mia, at=NOW)
    grant_discount(ana.pk, terms=DiscountTerms("Loyal", amount=eur(3000)), reason="Ten years", by=mia, at=NOW)
    AdjustmentReason.objects.create(code="SORRY-30", title="Sorry for the outage", kind="credit", cause="service")
    give_adjustment(ana.pk, gift=Gift("SORRY-30", eur(3000), "Two days down"), by=mia, at=NOW)
    plan = Plan.objects.create(code="plus", name="Plus")
    wrong, right = (
        Price.objects.create(product=plan, currency="EUR", amount_minor=minor, valid_from=date(2026, 1, day))
        for minor, day in ((1500, 2), (1000, 1))
    )
    basis = Basis(kind="plan", product="plus", name="Plus", tariff=wrong.tariff, price_id=wrong.pk)
    add_charge(ana.pk, amount=eur(1500), description="Plus", kind="plan", basis=basis, by=SYSTEM, at=NOW)
    issue_invoice(ana.pk, by=SYSTEM, at=NOW)
    words = {"what": "Plus was billed too high.", "why": "An old list.", "fixed": "We compare."}
    batch = draft_corrections(
        WrongPrice(wrong.pk, right.pk, date(2026, 1, 1), date(2026, 12, 31)), currency="EUR",
        mistake=Mistake("Old list", {"en": words}), by=actor(staff["olg"], "finance"), at=NOW,
    )  # fmt: skip
    request_corrections(batch.pk, by=actor(staff["olg"], "finance"), at=NOW)
    return batch


def test_everything_that_waits_shows_evidence_entry_and_message(ana, mia, staff, sign_in):
    batch = one_of_everything(ana, mia, staff)

    seen = text(sign_in("pia"))

    for title in ("Refund R-2026", "Write-off of INV-2026", "Discount Loyal", "Goodwill credit ADJ-2026", batch.number):
        assert title in seen, title
    assert "Given without being owed €26.00 Refunds approved and not yet paid €26.00" in seen
    assert "Written off as not collectable €99.00 Invoiced and not yet paid €99.00" in seen
    assert "We expect it to be with you: Mar 9 – 16, 2026" in seen  # the very message
    assert "1 customer, 5.00 EUR in all" in seen
    assert "Nobody else was affected." in seen
    assert text(sign_in("pia"), f"/desk/corrections/{batch.pk}/").count("Plus") >= 1


def test_yes_is_said_once_and_a_second_click_is_harmless(ana, mia, sign_in):
    refund, noe = ask(mia), sign_in("noe")
    subject = f"refund:{refund.pk}"

    assert post(noe, subject, "approve").status_code == 303
    assert post(noe, subject, "approve").status_code == 303
    late = post(sign_in("pia"), subject, "decline", reason="no")

    assert late.status_code == 422
    assert "it cannot be declined" in html.unescape(late.content.decode())
    assert Refund.objects.get().state == "approved"
    assert Event.objects.filter(kind="refund.approved").count() == 1


def test_who_asked_and_who_may_not_see_the_button_greyed_with_the_reason(ana, mia, sign_in, staff):
    ask(mia)

    assert "is not part of your role" in text(sign_in("mia"))
    staff["noe"].customer_id = ana.pk
    staff["noe"].save()
    assert "This is your own account" in text(sign_in("noe"))
    assert "You have agreed" not in text(sign_in("pia"))
    refused = sign_in("mia").post(f"/desk/approvals/{Approval.objects.get().pk}/approve")
    assert refused.status_code == 403


def test_of_two_who_must_agree_the_page_shows_who_did(ana, mia, sign_in):
    ApprovalRule.objects.filter(act="refund").delete()
    ApprovalRule.objects.create(act="refund", currency="EUR", above_minor=2500, approvers=2)
    refund = ask(mia)
    subject = f"refund:{refund.pk}"

    post(sign_in("noe"), subject, "approve")
    assert "1 of 2 agreed" in text(sign_in("pia"))
    assert "You have agreed to this already" in text(sign_in("noe"))
    post(sign_in("noe"), subject, "approve")
    assert Refund.objects.get().state == "requested"
    post(sign_in("pia"), subject, "approve")
    assert Refund.objects.get().state == "approved"


def test_a_freeze_from_the_page_greys_every_refund_at_once_and_is_lifted_there(ana, mia, sign_in):
    ask(mia)
    pia = sign_in("pia")

    assert sign_in("noe").post("/desk/freezes/", {"why": "x"}).status_code == 403
    pia.post("/desk/freezes/", {"why": "Somebody prints money"})
    assert "Refunds are frozen at the moment: Somebody prints money" in text(sign_in("noe"))
    assert post(sign_in("noe"), f"refund:{Refund.objects.get().pk}", "approve").status_code == 422

    pia.post(re.search(r"/desk/freezes/\d+/lift", pia.get("/desk/approvals/").content.decode())[0])
    assert post(sign_in("noe"), f"refund:{Refund.objects.get().pk}", "approve").status_code == 303
    assert Event.objects.filter(kind__startswith="freeze.").count() == 2


def test_a_reason_used_up_is_greyed_with_the_day_it_is_possible_again(ana, sign_in):
    AdjustmentReason.objects.create(code="SORRY-5", title="Sorry", kind="credit", cause="company_error", per_year=1)
    mia, address = sign_in("mia"), f"/desk/customers/{ana.pk}/give"

    given = mia.post(address, {"reason": "SORRY-5", "amount": "5,00", "why": "Wrong bill"})

    assert given.status_code == 303
    assert "possible again on 2 March 2027" in text(mia, address)
    again = mia.post(address, {"reason": "SORRY-5", "amount": "5,00", "why": "Wrong bill"})
    assert again.status_code == 422
    assert sign_in("qui").get(address).status_code == 403


def test_a_correction_is_drafted_looked_at_and_asked_for_on_the_desk(ana, mia, staff, sign_in):
    one_of_everything(ana, mia, staff)
    olg = sign_in("olg")
    wrong, right = Price.objects.order_by("-amount_minor").values_list("pk", flat=True)
    form = {
        "finding": "price", "wrong_price": wrong, "right_price": right, "first": "2026-01-01", "last": "2026-12-31",
        "currency": "EUR", "root_cause": "Old list", "what": "Too high.", "why": "Old list.", "fixed": "We compare.",
    }  # fmt: skip

    assert olg.post("/desk/corrections/", {**form, "right_price": ""}).status_code == 422
    made = olg.post("/desk/corrections/", form)
    assert made.status_code == 303
    refused = olg.post(f"{made.url}ask", follow=True)  # the line is in the other batch already
    assert "No line is left to correct" in html.unescape(refused.content.decode())
    assert sign_in("mia").get("/desk/corrections/").status_code == 403


def test_the_supervisor_sees_kept_promises_questions_and_what_was_by_hand(ana, mia, staff, sign_in):
    refund = ask(mia, 2500)  # within her limit
    pay_refund(refund.pk, at=NOW - timedelta(days=10))
    settle_refund(refund.pk, on=date(2026, 3, 1), by=SYSTEM, at=NOW)
    for days, topic in ((9, "refund_request"), (20, "refund_request"), (9, "general")):
        Ticket.objects.create(
            customer=ana, subject="Where is it?", topic=topic, opened_at=NOW - timedelta(days=days),
            sort_at=NOW, last_message_at=NOW, token=f"{days}-{topic}", queue=Queue.objects.first(),
        )  # fmt: skip

    seen = text(sign_in("pia"))

    assert "There by the promised day 100 % of 1" in seen
    assert "“Where is my refund?” 1, 100.0 for each 100 refunds" in seen  # the one before it was sent does not count
    assert "Where is my refund" not in text(sign_in("mia"))
