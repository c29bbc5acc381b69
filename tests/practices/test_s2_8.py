"""S2-7, S2-8: a dispute on the telephone: noted and read back when the line drops, open with the clock of the call."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ledger.collections.dunning import run_dunning
from ledger.collections.models import DunningStep
from ledger.customers.queries import get_customer
from ledger.disputes.models import DisputeDraft
from ledger.models import Dispute, Invoice
from tests.conftest import NOW
from tests.ledger.worlds import bill
from tests.practices.conftest import told
from tests.practices.test_s1_30 import verify
from tests.tickets.worlds import open_ana
from tickets.channels.models import CallLog

CALLED_AT = NOW - timedelta(minutes=10)


@pytest.fixture
def on_the_phone(ana, post_mail, staff):
    """Ana has called ten minutes ago about a bill of 25.00 that is overdue."""
    invoice = bill(get_customer(ana.pk), 2500, at=NOW - timedelta(days=60))
    Invoice.objects.update(due_on=(NOW - timedelta(days=30)).date())
    ticket = post_mail()
    CallLog.objects.create(external_id="call-1", ticket=ticket, started_at=CALLED_AT)
    return ticket, invoice, staff("mia", "agent")


def typed(invoice, amount: str = "25.00") -> dict[str, object]:
    return {"line": invoice.lines.get().pk, "amount": amount, "reason": "not_recognised", "words": "Never ordered it."}


def test_when_the_line_drops_the_note_stays_is_read_back_and_reminders_due_in_ten_minutes_stop(on_the_phone, clock):
    ticket, invoice, mia = on_the_phone
    ben = open_ana(at=NOW - timedelta(days=90), email="ben@example.com")
    other = bill(ben, 2500, at=NOW - timedelta(days=60))
    Invoice.objects.filter(pk=other.pk).update(due_on=(NOW - timedelta(days=30)).date())

    panel = mia.get(f"/desk/tickets/{ticket.pk}/dispute").content.decode()
    done = mia.post(f"/desk/tickets/{ticket.pk}/note-dispute", typed(invoice), follow=True).content.decode()
    run_dunning(at=NOW + timedelta(minutes=10))

    assert f'href="/desk/tickets/{ticket.pk}/note-dispute"' in panel  # she is not verified, so it can only be noted
    assert f"I have noted: of bill {invoice.number}" in done
    assert "noted, not opened" in done
    taken = DunningStep.objects.filter(state="taken").values_list("invoice_id", flat=True)
    assert set(taken) == {other.pk}


def test_the_whole_call_takes_few_steps_and_is_confirmed_in_writing_with_the_time_of_the_call(on_the_phone, work):
    ticket, invoice, mia = on_the_phone

    mia.post(f"/desk/tickets/{ticket.pk}/note-dispute", typed(invoice))
    draft = DisputeDraft.objects.get()
    early = mia.post(f"/desk/tickets/{ticket.pk}/drafts/{draft.pk}/open", follow=True)
    verify(ticket, mia)
    mia.post(f"/desk/tickets/{ticket.pk}/drafts/{draft.pk}/open")
    dispute = Dispute.objects.get()
    mia.get(f"/desk/disputes/{dispute.pk}/part?ticket={ticket.pk}")
    mia.post(
        f"/desk/disputes/{dispute.pk}/part?ticket={ticket.pk}",
        {"amount": "10.00", "explanation": "10.00 of it was not ordered."},
    )
    work()  # seven steps: note, open (refused), send the code, answer it, open, look, decide

    assert "verify the customer" in early.content.decode().lower()
    assert (dispute.received_at, dispute.due_at) == (CALLED_AT, CALLED_AT + timedelta(days=14))
    assert [each.about for each in told("dispute_partly_upheld")] == [f"dispute:{dispute.pk}"]
    assert Invoice.objects.get(pk=invoice.pk).due_amount.minor == 1500  # 25.00 - 10.00: right in part


def test_a_draft_of_another_customer_cannot_be_opened_from_this_case(on_the_phone, staff):
    ticket, _, mia = on_the_phone
    ben = open_ana(at=NOW - timedelta(days=90), email="ben@example.com")
    theirs = bill(ben, 900)

    refused = mia.post(f"/desk/tickets/{ticket.pk}/note-dispute", typed(theirs, "9.00"))

    assert refused.status_code == 422
    assert not DisputeDraft.objects.exists()
