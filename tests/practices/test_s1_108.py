"""S1-108: how refunds, disputes and payment plans go is read off the code and the limits, for agents and customers."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client

from billing_desk.workflows import INTERNAL, WORDS, undescribed, workflow
from ledger.authority.models import ApprovalRule, AuthorityLimit

pytestmark = pytest.mark.django_db


def text_of(answer) -> str:
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_every_move_the_database_allows_stands_on_the_page_and_no_other(staff):
    page = staff("mia", "agent").get("/desk/guide/").content.decode()
    listed = re.findall(r"<tr><td>(\w+)</td><td>[\w ]+</td><td>(\w+)</td><td>([^<]*)</td></tr>", page)

    for model in (*WORDS, *INTERNAL):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tgargs FROM pg_trigger WHERE tgname = 'guard_state' AND tgrelid = %s::regclass",
                [model._meta.db_table],
            )
            guarded = {part.decode() for part in bytes(cursor.fetchone()[0]).split(b"\0") if part}
        drawn = {f"{move.source}>{move.target}" for move in workflow(model).moves}
        assert drawn == guarded, model
        assert guarded <= {f"{source}>{target}" for source, target, _ in listed}
    assert all(does for _, _, does in listed)


def test_every_state_a_customer_meets_has_a_sentence_and_no_sentence_is_left_over():
    assert undescribed() == []


def test_a_limit_changed_in_the_admin_changes_the_page(staff):
    pia = staff("pia", "supervisor")
    limit = AuthorityLimit.objects.get(role="agent", act="refund", currency="EUR")
    before = text_of(pia.get("/desk/guide/"))
    assert "agent €25.00" in before

    body = {"role": "agent", "act": "refund", "currency": "EUR", "amount_minor": "3100", "window_hours": "24"}
    assert pia.post(f"/admin/ledger/authoritylimit/{limit.pk}/change/", body).status_code == 302
    ApprovalRule.objects.create(act="refund", currency="EUR", above_minor=70_000, approvers=2)

    after = text_of(pia.get("/desk/guide/"))
    assert "agent €31.00" in after
    assert "Above €700.00 2 different people have to agree." in after


def test_customers_read_the_steps_in_their_words_and_learn_no_limit(staff):
    page = text_of(Client().get("/account/how-it-works"))

    assert "The amount is held from that moment: nobody asks you for it." in page
    assert "You can appeal once, with something new." in page
    assert "€25.00" not in page
    assert "chargeback" not in page.lower()
