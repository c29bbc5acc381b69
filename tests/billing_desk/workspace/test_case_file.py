"""The file of a case is taken out from its page, by those who may, and the admin leads there."""

from __future__ import annotations

import json

import pytest

from ledger.events.models import Event
from tickets.casefile.checking import verify_case_file


@pytest.mark.parametrize(("who", "may"), [("pia", True), ("olg", True), ("mia", False)])
def test_those_who_may_take_the_file_of_a_case_out_see_how(sign_in, case, who, may):
    browser = sign_in(who)

    page = browser.get(f"/desk/tickets/{case.pk}/").content.decode()
    answer = browser.get(f"/desk/tickets/{case.pk}/case.json")

    assert (f'href="/desk/tickets/{case.pk}/case.pdf"' in page) is may
    assert (answer.status_code == 200) is may
    assert Event.objects.filter(kind="ticket.case_file_exported").count() == may
    if may:
        content = b"".join(answer.streaming_content)
        assert verify_case_file(content) == []
        assert json.loads(content)["case"]["number"] == f"#{case.pk}"
        assert answer["Content-Disposition"] == f'attachment; filename="case-{case.pk}.json"'


def test_the_admin_leads_to_the_file_and_another_form_is_not_found(sign_in, case):
    browser = sign_in("pia")

    assert (
        f"/desk/tickets/{case.pk}/case.pdf" in browser.get(f"/admin/tickets/ticket/{case.pk}/change/").content.decode()
    )
    assert browser.get(f"/desk/tickets/{case.pk}/case.exe").status_code == 404
    assert browser.get(f"/desk/tickets/{case.pk + 1}/case.pdf").status_code == 404
