"""The sweep after a mistake of ours: one complains, everybody it hit is corrected, nobody twice."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import psycopg
import pytest

from ledger.adjustments.correcting import (
    BatchNotInState,
    Mistake,
    NobodyToCorrect,
    approve_corrections,
    cancel_corrections,
    decline_corrections,
    draft_corrections,
    request_corrections,
    total_of,
)
from ledger.adjustments.correction_models import CorrectionBatch, CorrectionItem
from ledger.adjustments.findings import ChargedTwice, WrongPrice
from ledger.adjustments.overcharge import overcharge
from ledger.adjustments.running import reverse_corrections, run_corrections
from ledger.authority.operations import ApproverIsRequester
from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.catalogue.models import Plan, Price
from ledger.catalogue.tariff import tariff_of
from ledger.charges.basis import Basis
from ledger.charges.operations import add_charge
from ledger.customers.models import Customer
from ledger.errors import InvalidInput
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.models import CreditNote
from ledger.invoices.operations import issue_invoice
from ledger.periods import Period
from notifications.delivery.models import Message
from tests import plugin
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, eur, open_ana, pay

MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
SAID = {
    "what": "Plus was billed at 15.00 instead of 10.00.",
    "why": "An old price list was loaded.",
    "fixed": "Two people compare.",
}
MISTAKE = Mistake("Price list of 2024 loaded", {"en": SAID, "de": {**SAID, "what": "Plus war mit 15,00 berechnet."}})


@pytest.fixture
def plus(db):
    plan = Plan.objects.create(code="plus", name="Plus")
    wrong, right = (
        Price.objects.create(product=plan, currency="EUR", amount_minor=minor, valid_from=date(2026, 1, day))
        for minor, day in ((1500, 2), (1000, 1))
    )
    return wrong, right


def hit(customer, price, *, at=NOW):
    """Bill a month of Plus at a price."""
    basis = Basis(kind="plan", product="plus", name="Plus", tariff=price.tariff, price_id=price.pk)
    charge = add_charge(
        customer.pk, amount=price.amount, description="Plus", kind="plan", basis=basis, period=MARCH, by=SYSTEM, at=at
    )
    return issue_invoice(customer.pk, charge_ids=[charge.pk], issued_on=date(2026, 3, 2), by=SYSTEM, at=at)


def people(count):
    return [open_ana(email=f"ana{number}@example.com") for number in range(count)]


def found(plus, by, mistake=MISTAKE):
    finding = WrongPrice(plus[0].pk, plus[1].pk, FIRST, LAST)
    return draft_corrections(finding, currency="EUR", mistake=mistake, by=by, at=NOW)


def states(batch):
    return sorted(batch.items.values_list("state", "skipped_because"))


def test_an_overcharge_is_the_same_share_of_the_line_with_discount_and_tax():
    wrong, right = (tariff_of(model="flat", currency="EUR", amount_minor=minor) for minor in (1500, 1000))
    basis = Basis(kind="plan", product="plus", name="Plus", tariff=wrong, quantity=Fraction(2), part=Fraction(1, 2))

    assert overcharge(basis, eur(1785), right=right) == eur(595)  # 15.00 + 19 % = 17.85; 10.00 + 19 % = 11.90
    assert overcharge(basis, eur(1607), right=right) == eur(536)  # 16.07 less 10.71 (two thirds of it, rounded once)
    assert overcharge(basis, eur(1500), right=wrong) == eur(0)


def test_one_complains_and_all_thirty_eight_are_credited_once_and_told(plus, pia, olg, run_reactions):
    customers = people(38)
    for customer in customers:
        hit(customer, plus[0])
    hit(open_ana(email="fine@example.com"), plus[1])

    batch = found(plus, olg)
    assert (batch.items.count(), total_of(batch)) == (38, eur(38 * 500))
    assert not CreditNote.objects.exists()  # a dry run
    request_corrections(batch.pk, by=olg, at=NOW)
    with pytest.raises(ApproverIsRequester):
        approve_corrections(batch.pk, by=olg, at=NOW)
    approve_corrections(batch.pk, by=pia, at=NOW)

    assert run_corrections(at=NOW, limit=20) == 20  # the worker dies here, another goes on
    assert run_corrections(at=NOW) == 18
    assert run_corrections(at=NOW) == 0

    batch = CorrectionBatch.objects.get(pk=batch.pk)
    assert (batch.state, batch.found, CreditNote.objects.count()) == ("done", 38, 38)
    assert balance("receivable", "EUR", customer_id=customers[0].pk) == eur(1000)
    assert found(plus, olg).items.count() == 0  # the same finding again corrects nobody
    run_reactions()
    told = Message.objects.filter(template__startswith="correction_made")
    assert told.count() == 38
    assert "37 weitere Kunden" in told.first().body
    assert "Plus war mit 15,00 berechnet." in told.first().body
    assert not Message.objects.filter(template__startswith="credit_note").exists()
    assert first_break() is None


def test_who_was_credited_before_is_closed_or_disputes_is_passed_over_and_listed(plus, pia, olg):
    credited, closed_before, closed_midway, fine = people(4)
    invoices = {customer.pk: hit(customer, plus[0]) for customer in (credited, closed_before, closed_midway, fine)}
    issue_credit_note(invoices[credited.pk].lines.get().pk, amount=eur(500), reason="Sorry", by=SYSTEM, at=NOW)
    Customer.objects.filter(pk=closed_before.pk).update(closed_at=NOW)
    batch = found(plus, olg)
    request_corrections(batch.pk, by=olg, at=NOW)
    approve_corrections(batch.pk, by=pia, at=NOW)
    Customer.objects.filter(pk=closed_midway.pk).update(closed_at=NOW)

    run_corrections(at=NOW)

    assert states(batch) == [("corrected", ""), ("skipped", "closed"), ("skipped", "closed"), ("skipped", "credited")]
    assert CreditNote.objects.filter(source__startswith="correctionitem:").count() == 1
    assert CorrectionBatch.objects.get().state == "done"
    assert first_break() is None


def test_a_paid_line_becomes_credit_and_the_batch_is_taken_back_as_a_whole(plus, pia, olg, noe, run_reactions):
    (ana,) = people(1)
    hit(ana, plus[0])
    pay(ana, 1500)
    batch = found(plus, olg)
    request_corrections(batch.pk, by=olg, at=NOW)
    approve_corrections(batch.pk, by=pia, at=NOW)
    run_corrections(at=NOW)
    assert balance("customer_credit", "EUR", customer_id=ana.pk) == eur(500)

    with pytest.raises(ApproverIsRequester):
        reverse_corrections(batch.pk, reason="It was the agreed price", by=olg, at=NOW)
    reverse_corrections(batch.pk, reason="It was the agreed price", by=pia, at=NOW)
    run_corrections(at=NOW)

    batch = CorrectionBatch.objects.get()
    assert (batch.state, batch.items.get().state) == ("reversed", "reversed")
    assert balance("unbilled", "EUR", customer_id=ana.pk) == eur(500)
    run_reactions()
    assert Message.objects.filter(template__startswith="correction_taken_back").count() == 1
    assert first_break() is None


def test_two_batches_of_one_finding_never_hold_the_same_line(plus, pia, olg):
    hit(people(1)[0], plus[0])
    first = found(plus, olg)

    assert found(plus, pia).items.count() == 0
    with pytest.raises(NobodyToCorrect):
        request_corrections(CorrectionBatch.objects.latest("pk").pk, by=pia, at=NOW)
    cancel_corrections(first.pk, reason="Wrong span", by=olg, at=NOW)
    assert found(plus, olg).items.count() == 1
    with pytest.raises(BatchNotInState):
        approve_corrections(first.pk, by=pia, at=NOW)


def test_a_declined_batch_credits_nobody(plus, pia, olg):
    hit(people(1)[0], plus[0])
    batch = found(plus, olg)
    request_corrections(batch.pk, by=olg, at=NOW)

    decline_corrections(batch.pk, reason="Not wrong", by=pia, at=NOW)

    assert run_corrections(at=NOW) == 0
    assert states(batch) == [("skipped", "dropped")]


def test_a_month_charged_twice_is_found_and_a_second_person_of_the_same_name_is_not(plus, pia, olg):
    ana, bob = people(2)
    once, again = hit(ana, plus[1]), hit(ana, plus[1])
    hit(bob, plus[1])

    batch = draft_corrections(ChargedTwice(FIRST, LAST), currency="EUR", mistake=MISTAKE, by=olg, at=NOW)

    item = batch.items.get()
    assert (item.line.invoice_id, item.amount) == (again.pk, eur(1000))
    assert once.pk < again.pk


def test_a_batch_without_words_for_the_customers_is_refused(plus, olg):
    with pytest.raises(InvalidInput, match="all three"):
        found(plus, olg, Mistake("x", {"en": {"what": "x"}}))
    with pytest.raises(InvalidInput, match="English"):
        found(plus, olg, Mistake("x", {"de": SAID}))


def test_the_database_keeps_the_terms_and_the_moves(plus, olg, transactional_db):
    hit(people(1)[0], plus[0])
    found(plus, olg)

    with psycopg.connect(plugin.database_url(), autocommit=True) as direct:
        with pytest.raises(psycopg.errors.RestrictViolation):
            direct.execute("UPDATE ledger_correctionitem SET amount_minor = 999999")
        with pytest.raises(psycopg.errors.CheckViolation, match="may not go from drafted to running"):
            direct.execute("UPDATE ledger_correctionbatch SET state = 'running', approved_by = 'x'")
        with pytest.raises(psycopg.errors.UniqueViolation, match="one_correction_per_finding_and_line"):
            direct.execute(
                "INSERT INTO ledger_correctionitem (batch_id, finding, line_id, customer_id, amount_minor, currency, "
                "state, skipped_because, right_tax_treatment) SELECT batch_id, finding, line_id, customer_id, "
                "amount_minor, currency, 'pending', '', '' FROM ledger_correctionitem"
            )
    assert CorrectionItem.objects.count() == 1
