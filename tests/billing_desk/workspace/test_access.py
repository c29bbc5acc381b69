"""Who may open what: sign-in, roles, permission by URL, one's own account."""

from __future__ import annotations

import pytest
from django.test import Client

from ledger.events.models import Event
from tickets.conversations.models import Ticket


def refusals() -> list[Event]:
    """Return the refused accesses on record."""
    return list(Event.objects.filter(kind="access.refused").order_by("pk"))


@pytest.mark.parametrize("page", ["/desk/", "/desk/approvals/", "/desk/calls/", "/desk/search?q=ana", "/desk/security"])
@pytest.mark.django_db
def test_a_stranger_is_asked_to_sign_in_and_comes_back_to_the_page_they_wanted(page):
    answer = Client().get(page)

    assert answer.status_code == 302
    assert answer.url.startswith("/desk/sign-in?next=/desk/")


@pytest.mark.django_db
def test_a_stranger_learns_nothing_about_a_ticket(case):
    answer = Client().get(f"/desk/tickets/{case.pk}/")

    assert answer.status_code == 302
    assert b"Ana" not in answer.content


def test_a_panel_asked_for_after_the_session_ended_sends_the_browser_to_the_sign_in_page(case):
    answer = Client().get(f"/desk/tickets/{case.pk}/verify", headers={"HX-Request": "true"})

    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == "/desk/sign-in?next=/desk/"


def test_a_trainee_reads_a_case_but_every_command_is_greyed_with_the_reason(sign_in, case):
    page = sign_in("qui").get(f"/desk/tickets/{case.pk}/").content.decode()

    assert "you charged me twice" in page
    assert "is not part of your role" in page
    assert 'name="text"' not in page
    assert f'href="/desk/tickets/{case.pk}/verify"' not in page


@pytest.mark.parametrize(
    "act", ["reply", "note", "resolve", "take", "verify", "verify-facts", "dispute", "refund", "hand-over", "assign"]
)
def test_a_trainee_who_types_an_address_is_refused_with_403_and_it_is_on_record(sign_in, case, act):
    answer = sign_in("qui").post(f"/desk/tickets/{case.pk}/{act}", {"text": "Hello"})

    assert answer.status_code == 403
    assert "This is not yours to open" in answer.content.decode()
    assert [event.subject for event in refusals()] == [f"page:/desk/tickets/{case.pk}/{act}"]
    assert case.messages.exclude(kind="in").count() == 0


def test_an_agent_cannot_approve_by_typing_the_address(sign_in, staff):
    answer = sign_in("mia").post("/desk/refunds/1/approve")

    assert answer.status_code == 403
    assert "senior agent, supervisor, finance" in answer.content.decode()
    assert len(refusals()) == 1


@pytest.mark.parametrize(
    "page", ["/desk/tickets/{case}/", "/desk/customers/{customer}/", "/desk/entries/invoice:{bill}"]
)
def test_an_agent_who_is_a_customer_too_cannot_open_their_own_account(sign_in, staff, ana, case, page):
    staff["mia"].customer_id = ana.pk
    staff["mia"].save()

    answer = sign_in("mia").get(page.format(case=case.pk, customer=ana.pk, bill=ana.invoices.get().pk))

    assert answer.status_code == 403
    assert "your own customer account" in answer.content.decode()
    assert [event.customer_id for event in refusals()] == [ana.pk]


def test_a_page_that_does_not_exist_is_a_designed_404(sign_in):
    answer = sign_in("mia").get("/desk/tickets/999/")

    assert answer.status_code == 404
    assert "There is nothing here for you" in answer.content.decode()


def test_a_change_without_a_csrf_token_is_refused(staff, case):
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff["mia"], backend="django.contrib.auth.backends.ModelBackend")

    answer = client.post(f"/desk/tickets/{case.pk}/resolve")

    assert answer.status_code == 403
    assert "Nothing was changed" in answer.content.decode()
    assert Ticket.objects.get(pk=case.pk).state == "open"


def test_opening_an_account_is_on_record_once_an_hour(sign_in, case, ana):
    mia = sign_in("mia")
    for _ in range(3):
        mia.get(f"/desk/tickets/{case.pk}/")

    seen = Event.objects.filter(kind="account.viewed", customer_id=ana.pk)

    assert [event.data["what"] for event in seen] == [f"ticket:{case.pk}"]
