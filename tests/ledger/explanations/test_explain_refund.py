"""explain_refund: which payment, why, where it stands; in every state, in two languages."""

from __future__ import annotations

import pytest

from ledger.explanations.refunds import explain_refund
from ledger.invoices.crediting import issue_credit_note
from ledger.refunds.operations import approve_refund, cancel_refund, decline_refund, request_refund
from ledger.refunds.paying import pay_refund
from ledger.refunds.queries import NoSuchRefund, get_refund
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def refund(mia):
    """9.00 of 25.00, which a credit note gave back, asked for by an agent whose limit covers it not."""
    ana = open_ana()
    line = bill(ana, 10000).lines.get()
    payment = pay(ana, 10000)
    issue_credit_note(line.pk, amount=eur(9000), reason="Outage", by=SYSTEM, at=NOW)
    return request_refund(payment.pk, amount=eur(9000), reason="Outage in March", proof=prove(ana), by=mia, at=NOW)


def text(refund, language: str = "en") -> str:
    explanation = explain_refund(refund.pk, language)
    explanation.check(explanation.text)
    return explanation.text.replace("\u00a0", " ")


def test_a_refund_that_waits_says_so(refund):
    assert text(refund) == (
        f"Refund {refund.number} gives back €90.00 of the €100.00 you paid on 2 March 2026 with the card ending in "
        "4242. It was asked for on 2 March 2026: Outage in March. It is paid out of the credit that your account had. "
        "It waits for approval; nothing has been sent yet."
    )


def test_a_paid_refund_names_its_reference_and_when_a_bank_shows_it(refund, olg):
    approve_refund(refund.pk, by=olg, at=NOW)
    pay_refund(refund.pk, at=NOW)

    reference = get_refund(refund.pk).gateway_reference
    assert reference
    assert f"It was sent on 2 March 2026 under the reference {reference};" in text(refund)
    assert "your bank should show it by 16 March 2026." in text(refund)
    assert "bis zum 16. März 2026 sollte Ihre Bank sie anzeigen." in text(refund, "de")


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (
            lambda pk, by: decline_refund(pk, reason="Paid back already", by=by, at=NOW),
            "declined on 2 March 2026: Paid",
        ),
        (lambda pk, by: cancel_refund(pk, by=by, at=NOW), "called off on 2 March 2026"),
    ],
)
def test_one_that_is_not_paid_says_why(refund, olg, end, words):
    end(refund.pk, olg)

    assert words in text(refund)


def test_each_sentence_leads_to_the_entries_of_payment_or_refund(refund):
    explanation = explain_refund(refund.pk, "en")

    assert explanation.sentences[0].entries
    assert set(explanation.sentences[2].entries) < set(explanation.entry_ids)


def test_somebody_elses_refund_is_not_there(refund):
    with pytest.raises(NoSuchRefund):
        explain_refund(refund.pk, "en", customer_id=open_ana(email="bo@example.com").pk)
