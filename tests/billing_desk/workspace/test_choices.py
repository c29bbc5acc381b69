"""On the desk: how a customer pays and gets bills, letters to print, and contacts about charges nobody expected."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ledger.charges.operations import add_charge
from ledger.customers.address_book import change_address
from ledger.events.models import Event
from ledger.invoices.operations import issue_invoice
from ledger.models import Letter, MethodChoice, PrintBatch
from ledger.money import Money
from ledger.payments.operations import add_payment_method
from ledger.printing.delivery import choose_delivery
from ledger.printing.operations import queue_letter
from ledger.printing.queries import gets_paper
from tests.billing_desk.workspace.conftest import NOW, SYSTEM
from tests.billing_desk.workspace.test_subscriptions import prove
from tests.conftest import berlin
from tickets.conversations.models import Message, Ticket
from tickets.insight.surprises import surprises

LETTERS = "/desk/billing/letters"


@pytest.fixture
def card(ana):
    return add_payment_method(ana.pk, kind="card", brand="Visa", last4="1111", token="sandbox:ok", by=SYSTEM, at=NOW)


@pytest.fixture
def posted(ana):
    """Ana wants her bills on paper."""
    change_address(ana.pk, street="Lindenweg 4", postal_code="10115", city="Berlin", by=SYSTEM, at=NOW)
    return choose_delivery(ana.pk, way="paper", by=SYSTEM, at=NOW)


def billed(customer, minor: int = 1000, *, on: date = date(2026, 3, 2)):
    add_charge(
        customer.pk, amount=Money(minor, "EUR"), description="Extra", tax_rate=0, charged_on=on, by=SYSTEM, at=NOW
    )
    return issue_invoice(customer.pk, issued_on=on, due_on=on + timedelta(14), by=SYSTEM, at=NOW)


def test_an_agent_changes_card_and_delivery_only_for_who_proved_themselves(sign_in, ana, case, card):
    change_address(ana.pk, street="Lindenweg 4", postal_code="10115", city="Berlin", by=SYSTEM, at=NOW)
    mia, home = sign_in("mia"), f"/desk/customers/{ana.pk}/paying"
    asked = {"ticket": case.pk, "for": "everything", "method": card.pk}

    page = mia.get(home, {"ticket": case.pk}).content.decode()
    mia.post(f"{home}/card", asked)
    assert "Verify the customer first (v)." in page
    assert not MethodChoice.objects.exists()
    assert Event.objects.filter(kind="access.refused", subject=f"customer:{ana.pk}").exists()

    prove(case, NOW)
    seen = mia.get(f"{home}/card", asked).content.decode()
    mia.post(f"{home}/card", asked)
    mia.post(f"{home}/bills/paper", {"ticket": case.pk})

    assert "nothing is planned" in seen
    choice = MethodChoice.objects.get()
    assert (choice.method, choice.conversation) == (card, f"ticket:{case.pk}")
    assert gets_paper(ana.pk)
    lines = " ".join(Message.objects.filter(ticket=case, kind="event").values_list("text", flat=True))
    assert "paid with Visa 1111 from now on, by Mia" in lines
    assert "Bills come on paper from now on, by Mia" in lines
    mia.post(f"{home}/card/{choice.pk}/undo", {"ticket": case.pk})
    assert MethodChoice.objects.get().state == "taken_back"


def test_finance_takes_the_letters_as_one_pdf_and_says_when_they_are_posted(sign_in, ana, posted):
    queue_letter(billed(ana), None, by=SYSTEM, at=NOW)  # typesetting had trouble then
    olg, mia = sign_in("olg"), sign_in("mia")

    assert "1 letter waiting" in olg.get(LETTERS).content.decode()
    assert mia.post(f"{LETTERS}/take").status_code == 403
    olg.post(f"{LETTERS}/take")
    batch = PrintBatch.objects.get()
    files = [olg.get(f"{LETTERS}/{batch.pk}.pdf") for _ in range(2)]
    olg.post(f"{LETTERS}/{batch.pk}/printed")
    again = olg.post(f"{LETTERS}/{batch.pk}/printed", follow=True).content.decode()

    assert files[0].content[:5] == b"%PDF-"
    assert files[0]["Content-Type"] == "application/pdf"
    assert Event.objects.filter(kind="letters.fetched").count() == 2
    assert Letter.objects.get().state == "posted"
    assert "printed and posted already" in again
    assert "0 letters waiting" in again


def contacts(topic: str, *days: date) -> None:
    """Open cases about a topic, one on each day."""
    queue = Ticket.objects.first().queue
    Ticket.objects.bulk_create(
        Ticket(
            requester="a@example.com", subject="?", channel="email", topic=topic, queue=queue, token=f"{topic}-{n}",
            sort_at=berlin(day.year, day.month, day.day), opened_at=berlin(day.year, day.month, day.day, 9),
            last_message_at=berlin(day.year, day.month, day.day, 9),
        )
        for n, day in enumerate(days)
    )  # fmt: skip


@pytest.fixture
def asked_about(ana, case):
    """January: 2 bills, 1 contact. February: 1 bill (the fixture's) and 1 more. March: 2 bills and none about them."""
    for on in (date(2026, 1, 5), date(2026, 1, 31), date(2026, 2, 10), date(2026, 3, 1), date(2026, 3, 2)):
        billed(ana, on=on)
    contacts("higher_bill", date(2026, 1, 31))
    contacts("renewal", date(2026, 2, 1), date(2026, 2, 28))
    contacts("refund_request", date(2026, 3, 1))


def test_contacts_for_a_thousand_bills_by_month_and_on_both_sides_of_a_day(asked_about, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = surprises(date(2026, 1, 1), date(2026, 3, 3), since=date(2026, 2, 10))

    assert [(month.month, rate.bills, rate.contacts, str(rate.per_thousand)) for month, rate in found.months] == [
        (1, 2, 1, "500.0"),
        (2, 2, 2, "1000.0"),
        (3, 2, 0, "0.0"),
    ]
    assert (found.before.bills, found.before.contacts) == (3, 2)  # bills of 5 and 31 January and 2 February
    assert (found.after.bills, found.after.contacts, str(found.after.per_thousand)) == (3, 1, "333.3")
    empty = surprises(date(2020, 1, 1), date(2020, 3, 1), since=date(2020, 2, 1))
    assert ([rate.per_thousand for _, rate in empty.months], empty.before.per_thousand) == ([None, None], None)


def test_the_page_draws_them_with_the_figures_and_says_what_a_wrong_day_is(sign_in, asked_about):
    olg = sign_in("olg")

    page = olg.get("/desk/billing/surprises", {"since": "2026-02-10"}).content.decode()
    wrong = olg.get("/desk/billing/surprises", {"since": "2031-01-01"}).content.decode()

    assert page.count("<rect class") == 12
    assert "50 % less than before" in page  # 333.3 after 666.7
    assert "February 2026" in page
    assert "1000.0" in page
    assert "Choose a day from" in wrong
    assert sign_in("mia").get("/desk/billing/surprises").status_code == 403


def test_without_any_bill_there_is_nothing_to_compare(sign_in):
    page = sign_in("olg").get("/desk/billing/surprises").content.decode()

    assert "Nothing to compare yet" in page


def test_a_mail_that_cancels_is_about_cancelling_and_counts_from_when_it_came(sign_in, ana, write_in):
    english = write_in(subject="Hello", text="I cancel. Ana", message_id="c1")
    german = write_in(subject="Mein Vertrag", text="Hiermit kündige ich. Ana", message_id="c2")
    kept = write_in(subject="My plan", text="I do not want to cancel. Ana", message_id="c3")

    assert (english.topic, german.topic, kept.topic != "cancel") == ("cancel", "cancel", True)
    assert english.messages.get(kind="in").written_at == NOW
