"""give_explanation: kept word for word, superseded when the facts move, never rewritten, never made up."""

from __future__ import annotations

import psycopg
import pytest
from django.db import DatabaseError, transaction

from ledger.books.operations import reverse_entry
from ledger.books.queries import entries_of
from ledger.events.models import Event
from ledger.explanations.making import UnknownSubject, explain_charge, explain_subject
from ledger.explanations.models import GivenExplanation
from ledger.explanations.operations import give_explanation, renew_explanations
from ledger.explanations.telling import ClaimWithoutSource
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.voiding import void_invoice
from tests.conftest import NOW, berlin
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana

pytestmark = pytest.mark.django_db
LATER = berlin(2026, 3, 5, 9)


@pytest.fixture
def line():
    return bill(open_ana(), 2500, tax=19).lines.get()


def test_what_was_given_is_kept_with_the_entries_it_rests_on(line, mia):
    given = give_explanation(explain_charge(line.pk, "en"), by=mia, at=NOW)

    assert given.text.startswith("Plus 1 was charged as a single item.")
    assert given.entry_ids == [
        entry.id for entry in (*entries_of(f"charge:{line.charge_id}"), *entries_of(f"invoice:{line.invoice_id}"))
    ]
    assert given.line_ids == [line.pk]
    assert given.stands
    event = Event.objects.get(kind="explanation.given")
    assert (event.data["explains"], event.data["hash"]) == (f"invoiceline:{line.pk}", given.hash)


def test_the_same_text_again_is_the_same_row(line, mia):
    first = give_explanation(explain_charge(line.pk, "en"), by=mia, at=NOW)

    assert give_explanation(explain_charge(line.pk, "en"), by=mia, at=LATER) == first


def test_an_amount_nobody_can_show_is_refused(line, mia):
    explanation = explain_charge(line.pk, "en")

    with pytest.raises(ClaimWithoutSource, match=r"€3\.00"):
        give_explanation(explanation, text="Plus is €25.00, of which €3.00 are for the outage.", by=mia, at=NOW)
    given = give_explanation(explanation, text="Plus is €25.00, with tax €29.75.", by=mia, at=NOW)

    assert given.text == "Plus is €25.00, with tax €29.75."
    assert GivenExplanation.objects.count() == 1


def test_when_an_entry_is_reversed_the_explanation_is_made_anew_and_the_old_one_superseded(line, mia, olg):
    old = give_explanation(explain_charge(line.pk, "en"), by=mia, at=NOW)
    entry = old.entry_ids[0]
    reverse_entry(entry, reason="Charged to the wrong customer", by=olg, at=LATER)

    (renewed,) = renew_explanations(line.invoice.customer_id, at=LATER)

    old.refresh_from_db()
    assert (old.superseded_at, old.superseded_by) == (LATER, renewed)
    assert f"Entry {entry} behind this line was reversed on 5 March 2026." in renewed.text
    assert renew_explanations(line.invoice.customer_id, at=LATER) == []


def test_a_void_bill_renews_what_was_said_of_it_by_itself(line, mia, run_reactions):
    give_explanation(explain_charge(line.pk, "en"), by=mia, at=NOW)
    void_invoice(line.invoice_id, reason="Wrong address", by=SYSTEM, at=LATER)

    run_reactions(LATER)

    standing = GivenExplanation.objects.get(superseded_at=None)
    assert "This bill was withdrawn" in standing.text
    assert GivenExplanation.objects.exclude(superseded_at=None).count() == 1
    assert Event.objects.filter(kind="explanation.superseded").count() == 1


def test_words_of_an_agent_stand_until_the_facts_move(line, mia):
    worded = give_explanation(explain_charge(line.pk, "en"), text="It is your plan, €29.75.", by=mia, at=NOW)
    assert renew_explanations(line.invoice.customer_id, at=LATER) == []

    issue_credit_note(line.pk, amount=eur(500), reason="Outage", by=SYSTEM, at=LATER)

    (renewed,) = renew_explanations(line.invoice.customer_id, at=LATER)
    worded.refresh_from_db()
    assert worded.superseded_by == renewed
    assert "gave back €5.00" in renewed.text


@pytest.mark.parametrize("change", [{"text": "Something else"}, {"superseded_at": None, "hash": "0" * 64}])
def test_what_was_given_cannot_be_rewritten(line, mia, change):
    given = give_explanation(explain_charge(line.pk, "en"), by=mia, at=NOW)

    with pytest.raises(DatabaseError), transaction.atomic():
        GivenExplanation.objects.filter(pk=given.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        given.delete()


@pytest.mark.django_db(transaction=True)
def test_not_even_the_owner_of_the_tables_rewrites_it(mia, owner):
    line = bill(open_ana(), 2500).lines.get()
    give_explanation(explain_charge(line.pk, "en"), by=mia, at=NOW)

    for statement in ("UPDATE ledger_givenexplanation SET text = 'x'", "DELETE FROM ledger_givenexplanation"):
        with pytest.raises(psycopg.errors.RestrictViolation):
            owner.execute(statement)


@pytest.mark.parametrize("subject", ["customer:1", "invoice:x", "refund"])
def test_there_is_no_explanation_for_everything(subject):
    with pytest.raises(UnknownSubject):
        explain_subject(subject, "en")
