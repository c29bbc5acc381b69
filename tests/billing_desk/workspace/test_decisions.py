"""The page that compares decisions of disputes: who may see it, and that small groups have no rate."""

from __future__ import annotations

import pytest

from ledger.disputes.operations import reject_dispute
from tests.conftest import NOW
from tests.ledger.disputes.worlds import MIA, dispute
from tests.ledger.worlds import bill, open_ana

pytestmark = pytest.mark.django_db


def test_it_is_for_supervisors_and_finance_and_says_when_there_is_nothing(sign_in):
    assert "Nothing was decided yet" in sign_in("pia").get("/desk/decisions/").content.decode()
    assert sign_in("mia").get("/desk/decisions/").status_code == 403


def test_a_few_decisions_have_a_count_and_no_rate(sign_in):
    for number in range(2):
        ana = open_ana(email=f"{number}@example.com")
        reject_dispute(dispute(ana, bill(ana, 3000), 3000).pk, explanation="No.", by=MIA, at=NOW)

    page = sign_in("pia").get("/desk/decisions/").content.decode()

    assert "Country: DE" in page
    assert "too few" in page
    assert "%</td>" not in page
    assert "nothing stands out" in page
