"""Verify, dispute, uphold, refund, approve: through the pages, each step refused before its time."""

from __future__ import annotations

import pytest

from ledger.authority.models import Approval
from ledger.customers.models import Customer
from ledger.disputes.models import Dispute
from ledger.events.models import Event
from ledger.invoices.models import InvoiceLine
from ledger.refunds.models import Refund
from verification.models import Check


@pytest.fixture
def mia(sign_in):
    """Mia's browser: she may give 25.00 EUR back alone."""
    return sign_in("mia")


def second_line(customer: Customer) -> InvoiceLine:
    """Return the second of the two look-alike lines."""
    return InvoiceLine.objects.filter(invoice__customer=customer).latest("pk")


def test_a_dispute_is_greyed_until_the_customer_is_verified(mia, case, ana):
    page = mia.get(f"/desk/tickets/{case.pk}/dispute").content.decode()

    assert "Verify the customer first" in page


def test_a_dispute_sent_without_proof_is_refused_with_the_reason_and_on_record(mia, case, ana):
    typed = {"line": second_line(ana).pk, "amount": "40.00", "reason": "duplicate"}

    answer = mia.post(f"/desk/tickets/{case.pk}/dispute", typed)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not Dispute.objects.exists()
    assert Event.objects.filter(kind="access.refused", customer_id=ana.pk).count() == 1


def test_verifying_offers_only_contacts_on_file_and_unlocks_the_commands(mia, case, ana, enter_code):
    panel = mia.get(f"/desk/tickets/{case.pk}/verify").content.decode()
    point = ana.contact_points.get()
    sent = mia.post(
        f"/desk/tickets/{case.pk}/verify", {"contact_point": point.pk, "purpose": "request_refund"}, follow=True
    ).content.decode()
    enter_code()
    after = mia.get(f"/desk/tickets/{case.pk}/").content.decode()

    assert point.masked in panel
    assert point.value not in panel.split('id="panel"')[1].split("</section>")[0]
    assert "Code sent, not entered yet" in sent
    assert "Verified, level 2" in after
    assert f'href="/desk/tickets/{case.pk}/dispute"' in after


def test_facts_that_do_not_match_open_nothing_and_name_no_right_answer(mia, case, ana):
    typed = {"purpose": "see_balance", "customer_number": ana.number, "last_bill_amount": "1.00"}

    page = mia.post(f"/desk/tickets/{case.pk}/verify-facts", typed, follow=True).content.decode()

    assert "It does not match" in page
    assert not Check.objects.filter(state="passed").exists()


def test_the_amount_of_a_dispute_is_filled_in_and_a_wrong_one_is_kept_with_its_reason(mia, verified, ana):
    line = second_line(ana)
    panel = mia.get(f"/desk/tickets/{verified.pk}/dispute?line={line.pk}&reason=duplicate").content.decode()

    wrong = mia.post(
        f"/desk/tickets/{verified.pk}/dispute", {"line": line.pk, "amount": "4o.00", "reason": "duplicate"}
    )

    assert 'value="40.00"' in panel
    assert wrong.status_code == 422
    assert 'value="4o.00"' in wrong.content.decode()
    assert "is not an amount" in wrong.content.decode()


def test_the_whole_case_a_charge_is_disputed_upheld_refunded_and_approved_by_somebody_else(mia, sign_in, verified, ana):
    desk = f"/desk/tickets/{verified.pk}"
    line = second_line(ana)
    mia.post(f"{desk}/dispute", {"line": line.pk, "amount": "40,00", "reason": "duplicate"})
    dispute = Dispute.objects.get()
    mia.post(f"/desk/disputes/{dispute.pk}/uphold", {"explanation": "You are right."})
    panel = mia.get(f"{desk}/refund").content.decode()
    payment = ana.payments.get()
    asked = {"payment": payment.pk, "amount": "40.00", "reason": "Charged twice", "dispute": dispute.pk}
    told = mia.post(f"{desk}/refund", asked, follow=True).content.decode()
    refund = Refund.objects.get()
    own = mia.post(f"/desk/refunds/{refund.pk}/approve")
    by_noe = sign_in("noe").post(f"/desk/refunds/{refund.pk}/approve", follow=True).content.decode()

    assert 'value="40.00"' in panel
    assert "waits for approval" in told
    assert own.status_code == 403
    assert f"Refund {refund.number} of 40.00 EUR is approved" in by_noe
    assert Refund.objects.get().state in {"approved", "submitted", "paid"}
    assert Dispute.objects.get().state == "upheld"


@pytest.fixture
def waiting(mia, verified, ana) -> Refund:
    """A goodwill refund of 30.00 EUR that Mia asked for, above her own 25.00."""
    asked = {"payment": ana.payments.get().pk, "amount": "30.00", "reason": "Sorry", "is_goodwill": "on"}
    mia.post(f"/desk/tickets/{verified.pk}/refund", asked)
    return Refund.objects.get()


def test_the_approval_list_greys_the_button_for_who_asked_and_says_why(mia, waiting, sign_in, staff):
    staff["mia"].groups.add(*staff["noe"].groups.all())

    own = mia.get("/desk/approvals/").content.decode()
    other = sign_in("pia").get("/desk/approvals/").content.decode()

    assert waiting.number in own
    assert 'aria-disabled="true"' in own
    address = f"/desk/approvals/{Approval.objects.get().pk}/approve"
    assert f'action="{address}"' not in own
    assert f'action="{address}"' in other


def test_who_asked_cannot_approve_even_with_the_right_role_and_the_address(mia, waiting, staff):
    staff["mia"].groups.add(*staff["noe"].groups.all())

    answer = mia.post(f"/desk/refunds/{waiting.pk}/approve")

    assert answer.status_code == 422
    assert Refund.objects.get().state == "requested"


def test_declining_needs_a_reason_and_the_requester_reads_it_on_the_case(mia, waiting, sign_in, verified):
    noe = sign_in("noe")

    silent = noe.post(f"/desk/refunds/{waiting.pk}/decline", {"reason": " "})
    noe.post(f"/desk/refunds/{waiting.pk}/decline", {"reason": "Not this month"})

    assert silent.status_code == 422
    assert "Please say why" in silent.content.decode()
    assert Refund.objects.get().state == "declined"
    assert "Not this month" in mia.get(f"/desk/tickets/{verified.pk}/").content.decode()


def test_a_refund_above_the_payment_is_refused_with_everything_typed_still_there(mia, verified, ana):
    asked = {"payment": ana.payments.get().pk, "amount": "80.01", "reason": "All of it", "is_goodwill": "on"}

    answer = mia.post(f"/desk/tickets/{verified.pk}/refund", asked)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="80.01"' in page
    assert "All of it" in page
    assert not Refund.objects.exists()


def test_rejecting_a_dispute_tells_the_customer_why(mia, verified, ana):
    line = second_line(ana)
    mia.post(f"/desk/tickets/{verified.pk}/dispute", {"line": line.pk, "amount": "40.00", "reason": "duplicate"})
    dispute = Dispute.objects.get()

    said = {"explanation": "These were two different months."}
    asked = mia.post(f"/desk/disputes/{dispute.pk}/reject", said).content.decode()
    mia.post(f"/desk/disputes/{dispute.pk}/reject", {**said, "deviation": "The second is for April."})

    assert "The same charge stands twice" in asked
    rejected = Dispute.objects.get()
    assert (rejected.state, rejected.explanation) == ("rejected", "These were two different months.")


def test_a_dispute_of_another_customer_cannot_be_decided_from_this_case(mia, sign_in, verified, ana, write_in):
    line = second_line(ana)
    mia.post(f"/desk/tickets/{verified.pk}/dispute", {"line": line.pk, "amount": "40.00", "reason": "duplicate"})
    dispute = Dispute.objects.get()
    foreign = write_in(sender="stranger@elsewhere.example", name="Somebody", message_id="second")

    answer = mia.post(f"/desk/disputes/{dispute.pk}/uphold?ticket={foreign.pk}", {"explanation": "Yes"})

    assert answer.status_code == 404
    assert Dispute.objects.get().state == "opened"


def test_a_refund_can_be_called_off_before_the_money_leaves(mia, waiting, verified):
    page = mia.get(f"/desk/tickets/{verified.pk}/").content.decode()

    mia.post(f"/desk/refunds/{waiting.pk}/cancel", {"back": f"/desk/tickets/{verified.pk}/"})

    assert f'action="/desk/refunds/{waiting.pk}/cancel"' in page
    assert Refund.objects.get().state == "cancelled"


def test_going_back_after_a_decision_never_leads_to_a_foreign_address(sign_in, waiting):
    answer = sign_in("noe").post(f"/desk/refunds/{waiting.pk}/approve", {"back": "https://evil.example/"})

    assert answer.url == "/desk/approvals/"
