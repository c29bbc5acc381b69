"""The workspace writes amounts as the member of staff reads them."""

from __future__ import annotations

import pytest

from billing_desk.models import User
from ledger.customers.queries import get_customer
from tests.ledger.worlds import bill


@pytest.mark.parametrize(("language", "shown"), [("en", "€1,234.50"), ("de", "1.234,50\xa0€")])
def test_amounts_are_written_in_the_language_of_who_reads_them(ana, post_mail, staff, language, shown):
    bill(get_customer(ana.pk), 123450)
    ticket, agent = post_mail(), staff("mia", "agent")
    User.objects.filter(username="mia").update(language=language)

    page = agent.get(f"/desk/tickets/{ticket.pk}/").content.decode()

    assert shown in page
