"""The ticket page: what stands on it, replies, notes, live updates, handing over; and how many queries it takes."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.customers.operations import open_customer
from notifications.delivery.models import Message as Mail
from tests.billing_desk.workspace.conftest import NOW, SYSTEM
from tickets.conversations.models import Message, Ticket
from tickets.conversations.operations import add_event_line, add_note
from tickets.queues.models import Queue
from tickets.replies.models import ReplyTemplate

HTMX = {"HX-Request": "true"}


@pytest.fixture
def mia(sign_in):
    """Mia's browser."""
    return sign_in("mia")


def test_the_page_shows_the_words_the_balance_and_both_look_alike_charges(mia, case):
    page = mia.get(f"/desk/tickets/{case.pk}/").content.decode()

    assert "you charged me twice" in page
    assert "Look-alike charges" in page
    assert page.count("€40.00") >= 2
    assert "Dispute this one" in page
    assert "Not verified" in page


def test_next_takes_the_ticket_assigns_it_and_opens_it(mia, case, staff):
    answer = mia.post("/desk/tickets/next")

    assert answer.url == f"/desk/tickets/{case.pk}/?pane=case"
    assert Ticket.objects.get(pk=case.pk).assignee_id == staff["mia"].pk


def test_next_with_an_empty_queue_says_so(mia):
    page = mia.post("/desk/tickets/next", follow=True).content.decode()

    assert "Nothing is waiting in your queues" in page


def test_a_card_number_is_masked_and_the_page_says_that_it_was(mia, ana, write_in):
    ticket = write_in(text="My card is 4242 4242 4242 4242, you took it twice.")

    page = mia.get(f"/desk/tickets/{ticket.pk}/").content.decode()

    assert "4242 4242 4242 4242" not in page
    assert "card number masked" in page


def test_what_a_customer_writes_is_text_and_never_a_page(mia, ana, write_in):
    ticket = write_in(text="<script>alert(1)</script> <b>twice</b>", subject="<img src=x onerror=alert(1)>")

    page = mia.get(f"/desk/tickets/{ticket.pk}/").content.decode()

    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_bill_the_customer_names_is_a_link_in_their_words(mia, ana, write_in):
    bill = ana.invoices.get()
    ticket = write_in(text=f"Please look at {bill.number}, it is wrong.")

    page = mia.get(f"/desk/tickets/{ticket.pk}/").content.decode()

    assert f'href="/desk/invoices/{bill.pk}/"' in page


def test_a_stranger_on_a_case_shows_no_account_until_somebody_says_whose_case_it_is(mia, ana, write_in):
    ticket = write_in(sender="stranger@elsewhere.example", name="Somebody", message_id="second")

    before = mia.get(f"/desk/tickets/{ticket.pk}/").content.decode()
    answer = mia.post(
        f"/desk/tickets/{ticket.pk}/link-customer",
        {"words": ana.number, "because": "She called from her number"},
        follow=True,
    ).content.decode()

    assert "Whose case is this?" in before
    assert "€" not in before
    assert "Linked to Ana Berger" in answer
    assert "Balance" in answer


def test_linking_to_a_name_that_fits_two_customers_asks_for_the_number(mia, ana, write_in):
    open_customer(name="Ana Bergmann", country="DE", currency="EUR", by=SYSTEM, at=NOW)
    ticket = write_in(sender="stranger@elsewhere.example", name="Somebody", message_id="second")

    answer = mia.post(f"/desk/tickets/{ticket.pk}/link-customer", {"words": "Ana Berg", "because": "She said so"})

    assert answer.status_code == 422
    assert "Several customers fit" in answer.content.decode()
    assert "She said so" in answer.content.decode()


def test_a_reply_is_stored_once_sent_once_and_leaves_the_next_word_to_the_customer(mia, case):
    typed = {"text": "We are looking into it.", "version": "99", "key": "abc"}
    for _ in range(2):
        answer = mia.post(f"/desk/tickets/{case.pk}/reply", typed)

    assert answer.status_code == 303
    assert Message.objects.filter(ticket=case, kind="out").count() == 1
    assert Mail.objects.filter(conversation=f"ticket:{case.pk}", is_automatic=False).count() == 1
    assert Ticket.objects.get(pk=case.pk).state == "waiting"


def test_send_and_resolve_ends_the_case(mia, case):
    mia.post(f"/desk/tickets/{case.pk}/reply", {"text": "Done.", "resolve": "1", "key": "abc"})

    assert Ticket.objects.get(pk=case.pk).state == "resolved"


def test_a_reply_typed_while_the_customer_wrote_again_is_kept_and_not_sent(mia, case, write_in):
    version = case.version
    raw = {"subject": f"Re: I was charged twice [#{case.pk}]", "text": "One more thing.", "message_id": "second"}
    write_in(**raw)

    answer = mia.post(
        f"/desk/tickets/{case.pk}/reply", {"text": "My careful answer", "version": version, "key": "k"}, headers=HTMX
    )
    page = answer.content.decode()

    assert answer.status_code == 422
    assert "The customer wrote again while you were typing" in page
    assert "My careful answer" in page
    assert Message.objects.filter(ticket=case, kind="out").count() == 0


def test_an_empty_reply_is_refused_in_place(mia, case):
    answer = mia.post(f"/desk/tickets/{case.pk}/reply", {"text": "  "})

    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def test_a_note_is_for_the_team_only(mia, case):
    mia.post(f"/desk/tickets/{case.pk}/note", {"text": "Both charges are ours."})

    page = mia.get(f"/desk/tickets/{case.pk}/").content.decode()
    assert "note to the team" in page
    assert not Mail.objects.filter(is_automatic=False).exists()


def test_a_template_fills_itself_below_what_is_typed(mia, case):
    template = ReplyTemplate.objects.create(name="Sorry", shortcut="sorry", body="We are sorry.")

    page = mia.post(
        f"/desk/tickets/{case.pk}/template", {"template": template.pk, "text": "Hello Ana,"}, headers=HTMX
    ).content.decode()

    assert "Hello Ana,\n\nWe are sorry." in page


def test_an_amount_that_is_nowhere_on_the_account_is_pointed_out_while_typing(mia, case):
    def check(text: str) -> str:
        return mia.post(f"/desk/tickets/{case.pk}/check", {"text": text}, headers=HTMX).content.decode()

    assert "77.00" in check("We send 77.00 EUR back.")
    assert "The amounts agree with the account" in check("We charged 40.00 EUR twice.")


def test_handing_over_moves_the_ticket_with_its_reason(mia, case):
    finance = Queue.objects.get(slug="finance")

    answer = mia.post(
        f"/desk/tickets/{case.pk}/hand-over", {"to_queue": finance.pk, "reason": "Bank file missing"}, headers=HTMX
    )

    assert json.loads(answer.headers["HX-Location"])["path"] == f"/desk/tickets/{case.pk}/"
    assert Ticket.objects.get(pk=case.pk).queue == finance
    assert "Bank file missing" in mia.get(f"/desk/tickets/{case.pk}/").content.decode()


def test_an_event_line_carries_the_number_of_its_object_as_a_link(mia, case):
    add_event_line(case.pk, key="k", text="Dispute D-2026-000007 opened", about="dispute:7", at=NOW)

    page = mia.get(f"/desk/tickets/{case.pk}/").content.decode()

    assert '<a href="/desk/entries/dispute:7">D-2026-000007</a>' in page


def test_the_page_asks_for_news_cheaply_and_gets_it_when_there_is_some(mia, case, noe, django_assert_max_num_queries):
    quiet = Ticket.objects.get(pk=case.pk).version
    with django_assert_max_num_queries(6):
        nothing = mia.get(f"/desk/tickets/{case.pk}/news?v={quiet}", headers=HTMX)
    add_note(case.pk, text="Noe looked at it", by=noe, at=NOW)

    something = mia.get(f"/desk/tickets/{case.pk}/news?v={quiet}", headers=HTMX)

    assert nothing.status_code == 204
    assert "Noe looked at it" in something.content.decode()


def test_the_number_of_queries_does_not_grow_with_the_case(mia, case, noe, write_in, django_assert_num_queries):
    address = f"/desk/tickets/{case.pk}/"
    mia.get("/desk/?view=team")
    mia.get(address)
    with CaptureQueriesContext(connection) as small:
        mia.get(address)
    for number in range(12):
        add_note(case.pk, text=f"Note {number}", by=noe, at=NOW)
        write_in(subject=f"Another question {number}", message_id=f"more-{number}", text="Why?")

    with django_assert_num_queries(len(small)):
        page = mia.get(address)

    assert page.content.decode().count("note to the team ·") == 12
    assert len(small) <= 40


def test_the_queue_takes_the_same_few_queries_for_one_ticket_or_thirty(
    mia, case, write_in, django_assert_max_num_queries
):
    for number in range(30):
        write_in(subject=f"Question {number}", message_id=f"q-{number}", text="Why?")

    with django_assert_max_num_queries(14):
        page = mia.get("/desk/?view=team")

    assert page.content.decode().count('class="tick"') == 31
