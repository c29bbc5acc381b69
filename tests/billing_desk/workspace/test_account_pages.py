"""The account page, bills, journal entries, search, calls, files."""

from __future__ import annotations

import pytest

from tests.billing_desk.workspace.conftest import NOW
from tickets.channels.phone import receive_call
from tickets.conversations.models import Attachment


@pytest.fixture
def mia(sign_in):
    """Mia's browser."""
    return sign_in("mia")


def test_the_statement_shows_each_entry_with_the_balance_after_it(mia, ana):
    page = mia.get(f"/desk/customers/{ana.pk}/").content.decode()

    assert "+€80.00" in page
    assert "\u2212€80.00" in page
    assert page.index("\u2212€80.00") < page.index("+€80.00")


def test_every_line_of_the_statement_leads_to_its_journal_entries(mia, ana):
    bill = ana.invoices.get()
    statement = mia.get(f"/desk/customers/{ana.pk}/").content.decode()

    entries = mia.get(f"/desk/entries/invoice:{bill.pk}").content.decode()

    assert f'href="/desk/entries/invoice:{bill.pk}"' in statement
    assert "receivable" in entries
    assert entries.count("€80.00") == 2


@pytest.mark.parametrize(
    ("view", "shown"),
    [("bills", "Bills"), ("payments", "card 4242"), ("timeline", "Invoice issued"), ("nonsense", "Statement")],
)
def test_the_other_views_of_an_account(mia, ana, view, shown):
    assert shown in mia.get(f"/desk/customers/{ana.pk}/?view={view}").content.decode()


def test_a_bill_shows_each_line(mia, ana):
    page = mia.get(f"/desk/invoices/{ana.invoices.get().pk}/").content.decode()

    assert page.count("<summary>Plus monthly</summary>") == 2
    assert "€80.00" in page


@pytest.mark.parametrize("what", ["ticket", "bill", "payment"])
def test_a_number_that_fits_one_thing_opens_it(mia, ana, case, what):
    words = {"ticket": f"#{case.pk}", "bill": ana.invoices.get().number, "payment": ana.payments.get().number.lower()}

    answer = mia.get("/desk/search", {"q": words[what]})

    places = {
        "ticket": f"/desk/tickets/{case.pk}/",
        "bill": f"/desk/invoices/{ana.invoices.get().pk}/",
        "payment": f"/desk/customers/{ana.pk}/?view=payments",
    }
    assert answer.url == places[what]


def test_a_customer_is_found_by_name_number_and_address_but_not_by_a_part_of_an_address(mia, ana):
    for words in ("berger", ana.number, "ana@mail.example"):
        assert "Ana Berger" in mia.get("/desk/search", {"q": words}).content.decode()

    assert "Nothing fits" in mia.get("/desk/search", {"q": "@mail.example"}).content.decode()


def test_a_call_names_candidates_and_never_a_balance(mia, ana, owner):
    receive_call(external_id="c1", caller="withheld", line="+4930901820", at=NOW)

    page = mia.get("/desk/calls/").content.decode()

    assert "Number withheld" in page
    assert "€" not in page


def test_a_file_is_downloaded_and_never_runs_as_a_page(mia, case):
    message = case.messages.get(kind="in")
    harmless = Attachment.objects.create(
        message=message, name="bill.txt", media_type="text/plain", size=2, content=b"hi"
    )
    refused = Attachment.objects.create(message=message, name="x.html", size=2, refused_because="HTML is not accepted")

    answer = mia.get(f"/desk/files/{harmless.pk}")
    page = mia.get(f"/desk/tickets/{case.pk}/").content.decode()

    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert mia.get(f"/desk/files/{refused.pk}").status_code == 404
    assert "refused: HTML is not accepted" in page
