"""The sweep after a wrong tax: a rate that was not in force is found, its tax credited alone, told, and taken back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledger.adjustments.correcting import Mistake, approve_corrections, draft_corrections, request_corrections, total_of
from ledger.adjustments.correction_models import CorrectionBatch
from ledger.adjustments.running import reverse_corrections, run_corrections
from ledger.adjustments.wrong_tax import WrongTax
from ledger.authority.operations import ApproverIsRequester
from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.catalogue.tariff import Model, Tariff
from ledger.charges.basis import Basis
from ledger.charges.operations import add_charge
from ledger.customers.operations import open_customer
from ledger.invoices.models import CreditNote, Invoice
from ledger.invoices.operations import issue_invoice
from ledger.jurisdictions.operations import RuleSpec, approve_rule, propose_rule
from ledger.periods import Period
from notifications.delivery.models import Message
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, eur, open_ana

pytestmark = pytest.mark.django_db
FIRST, LAST, TODAY = date(2026, 3, 1), date(2026, 3, 31), date(2026, 3, 2)
SAID = {"what": "VAT of 19 % was charged.", "why": "A new rate was entered late.", "fixed": "Rates are compared daily."}
MISTAKE = Mistake("The lower rate of 2026-03-01 was entered on 2026-03-02", {"en": SAID, "de": SAID})
MARCH = Period(FIRST, date(2026, 4, 1))


def flat(minor: int) -> Tariff:
    return Tariff(Model.FLAT, "EUR", flat_minor=minor)


def billed(customer, *minor: int, includes_tax: bool = False) -> Invoice:
    """Bill amounts whose tax the rules decide."""
    charges = [
        add_charge(
            customer.pk, amount=eur(amount), description="Plus", kind="plan", tax_rate=None, period=MARCH,
            basis=Basis("plan", "plus", "Plus", flat(amount), includes_tax=includes_tax),
            by=SYSTEM, at=NOW,
        )
        for amount in minor
    ]  # fmt: skip
    return issue_invoice(customer.pk, charge_ids=[charge.pk for charge in charges], issued_on=TODAY, by=SYSTEM, at=NOW)


def german_rate(rate: str, pia, olg) -> None:
    """Two people enter, late, that another rate has been in force since 1 March."""
    params = {"rate": rate, "treatment": "standard", "name": "USt"}
    spec = RuleSpec("tax_rate", params, FIRST, "§ 12 UStG", "Finance", country="DE", category="standard")
    approve_rule(propose_rule(spec, by=pia, at=NOW).pk, by=olg, at=NOW)


def found(by) -> CorrectionBatch:
    return draft_corrections(WrongTax(FIRST, LAST), currency="EUR", mistake=MISTAKE, by=by, at=NOW)


def amounts(batch: CorrectionBatch) -> list[int]:
    return list(batch.items.order_by("line_id").values_list("amount_minor", flat=True))


def corrected(by, other) -> CorrectionBatch:
    batch = found(by)
    request_corrections(batch.pk, by=by, at=NOW)
    approve_corrections(batch.pk, by=other, at=NOW)
    run_corrections(at=NOW)
    return CorrectionBatch.objects.get(pk=batch.pk)


def test_the_dry_run_lists_what_each_line_was_taxed_too_much_and_credits_nobody(pia, olg):
    ana = open_ana()
    billed(ana, 99, 99, 99)
    billed(open_customer(name="Zoé", country="FR", currency="EUR", by=SYSTEM, at=NOW), 10000)
    assert amounts(found(olg)) == []
    german_rate("16", pia, olg)

    batch = found(olg)

    # 2.97 at 19 % is 0.5643, as 0.19 0.19 0.18; at 16 % it is 0.4752, as 0.16 0.16 0.16
    assert amounts(batch) == [3, 3, 2]
    assert {(item.right_tax_rate, item.right_tax_treatment) for item in batch.items.all()} == {(16, "standard")}
    assert total_of(batch) == eur(8)
    assert not CreditNote.objects.exists()


def test_two_people_later_the_tax_is_credited_alone_and_the_customer_is_told_once(pia, olg, run_reactions):
    ana = open_ana()
    billed(ana, 10000)
    german_rate("16", pia, olg)
    batch = found(olg)
    request_corrections(batch.pk, by=olg, at=NOW)
    with pytest.raises(ApproverIsRequester):
        approve_corrections(batch.pk, by=olg, at=NOW)
    approve_corrections(batch.pk, by=pia, at=NOW)

    assert (run_corrections(at=NOW), run_corrections(at=NOW)) == (1, 0)

    note = CreditNote.objects.get()
    assert (note.net_minor, note.tax_minor) == (0, 300)
    assert note.lines.get().right_tax_rate == Decimal(16)
    assert balance("tax_payable", "EUR") == eur(1600)
    assert balance("revenue", "EUR") == eur(10000)
    run_reactions()
    told = Message.objects.filter(template__startswith="correction_made")
    assert told.count() == 1
    assert "VAT of 19 % was charged." in told.get().body
    assert amounts(found(olg)) == []  # the same finding again corrects nobody
    assert first_break() is None


def test_the_whole_batch_is_taken_back_and_the_line_is_taxed_as_it_was(pia, olg):
    ana = open_ana()
    billed(ana, 10000)
    german_rate("16", pia, olg)
    batch = corrected(olg, pia)

    reverse_corrections(batch.pk, reason="19 % was right after all", by=pia, at=NOW)
    run_corrections(at=NOW)
    again = issue_invoice(ana.pk, issued_on=TODAY, by=SYSTEM, at=NOW)

    assert CorrectionBatch.objects.get().state == "reversed"
    assert (again.net_minor, again.tax_minor) == (10000, 1900)
    assert again.lines.get().charge.period_start == FIRST
    assert balance("receivable", "EUR", customer_id=ana.pk) == eur(11900)
    assert balance("tax_payable", "EUR") == eur(1900)
    assert first_break() is None


def test_a_price_that_was_agreed_with_its_tax_is_listed_and_passed_over(pia, olg):
    billed(open_ana(), 11900, includes_tax=True)
    german_rate("16", pia, olg)

    batch = found(olg)

    # 119.00 holds 19.00 at 19 % and 16.41 at 16 %
    item = batch.items.get()
    assert (item.state, item.skipped_because, item.amount) == ("skipped", "inclusive", eur(259))


def test_a_rate_that_was_too_low_is_no_hit(pia, olg):
    billed(open_ana(), 10000)
    german_rate("20", pia, olg)

    assert amounts(found(olg)) == []
