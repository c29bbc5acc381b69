"""S1-82: the file of a case: everything in it, checked without us, read by its people, and it stays small in memory."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest

from ledger.customers.operations import OwnAccount
from ledger.events.actor import Actor
from ledger.events.models import Event
from tests.ledger.worlds import bill, pay
from tests.tickets.casework.test_casework import dispute, verify
from tests.tickets.worlds import opened
from tickets.casefile.checking import verify_case_file
from tickets.casefile.operations import export_case_file
from tickets.casework.operations import request_refund_for_ticket, uphold_dispute_for_ticket
from tickets.conversations.models import Message
from tickets.conversations.operations import add_note

pytestmark = pytest.mark.usefixtures("desk")

CARD = "4111 1111 1111 1111"


@pytest.fixture
def case(ana, mia, pia, now):
    """Ana wrote with a card number and a file, staff noted something; a dispute was upheld, a refund asked for."""
    lines = bill(ana, 2500, 2500).lines.order_by("position")
    payment = pay(ana, 5000)
    ticket = opened(
        text=f"I was charged twice \N{SLIGHTLY SMILING FACE} with card {CARD}. Please help.",
        files=(("bill.txt", "text/plain", b"two lines of 25.00"),),
    )
    add_note(ticket.pk, text="Looks like our mistake.", by=mia, at=now)
    verify(ticket, ana, by=pia, at=now)
    about = dispute(ticket, lines.last(), mia, now)
    uphold_dispute_for_ticket(ticket.pk, about.pk, explanation="Billed twice by us.", by=pia, at=now)
    return ticket, about, payment


def taken(ticket_id: int, form: str, by: Actor, at) -> bytes:
    made = export_case_file(ticket_id, form=form, by=by, at=at)
    with made.content as content:
        return content.read()


def test_the_file_holds_what_was_said_decided_and_done_and_who_did_it(case, mia, pia, now):
    ticket, about, _ = case

    read = json.loads(taken(ticket.pk, "json", pia, now))

    assert (read["case"]["subject"], read["case"]["taken_out_by"]) == ("Charged twice", str(pia))
    messages = [piece for piece in read["pieces"] if piece["is"] == "message"]
    first, note = messages[0], next(piece for piece in messages if piece["kind"] == "note")
    assert (first["kind"], first["seen_by_customer"], first["files"][0]["name"]) == ("in", True, "bill.txt")
    # printf 'two lines of 25.00' | sha256sum
    assert first["files"][0]["sha256"].startswith("6091d5ef2b63aa98")
    assert (note["text"], note["seen_by_customer"], note["author"]) == ("Looks like our mistake.", False, str(mia))
    decided = next(piece for piece in read["pieces"] if piece["is"] == "dispute")
    assert (decided["number"], decided["outcome"], decided["decided_by"]) == (about.number, "upheld", str(pia))
    assert decided["explanation"] == "Billed twice by us."
    assert decided["opening"] == about.evidence.hash
    assert {"identity check", "event"} <= {piece["is"] for piece in read["pieces"]}
    assert {"ticket.opened", "dispute.opened"} <= {piece.get("kind") for piece in read["pieces"]}


def test_it_is_checked_without_us_and_a_changed_word_is_found(case, pia, now, tmp_path):
    content = taken(case[0].pk, "json", pia, now)
    pieces = json.loads(content)["pieces"]
    file = tmp_path / "case.json"
    file.write_bytes(content)
    command = [sys.executable, "-m", "tickets.casefile.checking", str(file)]
    told = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[3], check=False)

    shorter = json.loads(content)
    del shorter["pieces"][-1]

    assert (told.returncode, told.stdout) == (0, "Everything is as it was taken out.\n")
    assert verify_case_file(content.replace(b"our mistake", b"her mistake")) == [
        f"Piece {next(at for at, piece in enumerate(pieces, 1) if piece.get('kind') == 'note')}, or one before it, was "
        "changed, added or taken away"
    ]
    assert verify_case_file(json.dumps(shorter).encode()) == [
        f"The end is missing or was added: {len(pieces) - 1} pieces of {len(pieces)}"
    ]
    assert verify_case_file(b'{"case": 1}')[0].startswith("This is not the file of a case")


def test_the_document_reads_the_same_with_notes_marked_and_card_numbers_still_masked(case, pia, now):
    ticket, about, _ = case

    pdf, plain = taken(ticket.pk, "pdf", pia, now), taken(ticket.pk, "json", pia, now).decode()
    text = "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))

    assert "The conversation" in text
    assert "Internal" in text
    assert "Looks like our mistake." in text
    assert about.number in text
    assert "1111" in text.replace(" ", "")  # the last four digits are shown
    for shown in (text, plain):
        assert CARD not in shown
        assert "411111111111" not in shown.replace(" ", "").replace("-", "")


def test_it_is_on_record_who_took_it_out_and_nobody_takes_their_own(case, ana, pia, now):
    ticket, _, _ = case

    made = export_case_file(ticket.pk, form="json", by=pia, at=now)
    made.content.close()

    event = Event.objects.get(kind="ticket.case_file_exported")
    assert (event.subject, event.actor, event.customer_id) == (f"ticket:{ticket.pk}", str(pia), ana.pk)
    assert (event.data["form"], event.data["hash"], event.data["size"]) == ("json", made.sha256, made.size)
    herself = Actor.agent(9, roles=frozenset({"supervisor"}), customer_id=ana.pk)
    with pytest.raises(OwnAccount):
        export_case_file(ticket.pk, form="json", by=herself, at=now)
    assert Event.objects.filter(kind="ticket.case_file_exported").count() == 1


def test_a_refund_stands_in_it_with_who_asked_and_why_somebody_else_had_to_approve(case, ana, mia, pia, now):
    ticket, _, payment = case
    request_refund_for_ticket(
        ticket.pk, payment_id=payment.pk, amount=payment.amount, reason="Asked for all of it", is_goodwill=True,
        by=mia, at=now,
    )  # fmt: skip

    read = json.loads(taken(ticket.pk, "json", pia, now))

    refund = [piece for piece in read["pieces"] if piece["is"] == "refund"][-1]
    assert (refund["reason"], refund["requested_by"], refund["amount_minor"]) == ("Asked for all of it", str(mia), 5000)
    assert refund["approvals"][0]["requested_by"] == str(mia)
    assert refund["approvals"][0]["why"]


def test_thousands_of_messages_cost_no_more_memory_than_a_page_of_them(ana, pia, now):
    ticket = opened()
    words = "Please look at my bill again. " * 40
    said = (
        Message(
            ticket=ticket, kind="in", channel="portal", author="ana@example.com", text=f"{number} {words}",
            written_at=now + timedelta(seconds=number),
        )
        for number in range(2000)
    )  # fmt: skip
    Message.objects.bulk_create(said, batch_size=500)

    tracemalloc.start()
    made = export_case_file(ticket.pk, form="json", by=pia, at=now)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    with made.content as content:
        assert sum(1 for line in content if b'"is":"message"' in line) == 2001
    assert made.size > 3_000_000
    assert peak < made.size  # a page of 200 messages
