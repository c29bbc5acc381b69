"""explain_line: what, which period, how much, why, and what became of it; every kind of charge."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.catalogue.tariff import Model, Tariff, Tier
from ledger.charges.basis import AppliedDiscount, Basis, amount
from ledger.charges.models import Charge
from ledger.charges.operations import add_charge
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.explain import NoSuchLine, explain_invoice, explain_line, get_line, sentences
from ledger.invoices.models import Invoice
from ledger.invoices.operations import NoSuchInvoice, issue_invoice
from ledger.invoices.sources import amounts_in, without_source
from ledger.invoices.voiding import void_invoice
from ledger.periods import Period
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, eur, open_ana

pytestmark = pytest.mark.django_db
MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))


@pytest.fixture
def ana():
    return open_ana()


def billed(customer, *bases: Basis, tax: str = "19", period: Period | None = MARCH) -> Invoice:
    """Charge each basis and bill them together."""
    charges = [
        add_charge(
            customer.pk,
            amount=amount(basis),
            description=f"{basis.name}, March",
            kind=basis.kind,
            basis=basis,
            tax_rate=Decimal(tax),
            period=period,
            by=SYSTEM,
            at=NOW,
        )
        for basis in bases
    ]
    return issue_invoice(customer.pk, charge_ids=[charge.pk for charge in charges], by=SYSTEM, at=NOW)


def flat(minor: int = 2500, **more: object) -> Basis:
    fields = {"kind": "plan", "product": "plus", "name": "Plus", "cause": "renewal", **more}
    return Basis(tariff=Tariff(Model.FLAT, "EUR", flat_minor=minor), **fields)


def said(invoice: Invoice, language: str = "en") -> list[str]:
    (line,) = explain_invoice(invoice.pk, language).lines
    return [sentence.text.replace("\u00a0", " ") for sentence in sentences(line, language)]


def test_a_part_of_a_period_is_told_with_its_days_and_the_price_of_the_whole(ana):
    rest = Period(date(2026, 3, 16), date(2026, 4, 1))
    basis = flat(part=Fraction(16, 31), days=16, of_days=31, cause="change", price_from=date(2026, 1, 1))

    assert said(billed(ana, basis, period=rest)) == [
        "Plus is your plan, from 16 to 31 March 2026: 16 of 31 days, first and last day included.",
        "The price is €25.00.",
        "That is the price of all 31 days; for 16 of them it is €12.90.",
        "Tax of 19% adds €2.45.",
        "The line comes to €15.35.",
        "It is billed because the plan was changed during the period; it covers the days from the change on.",
        "This price applies since 1 January 2026.",
    ]


def test_the_steps_of_a_price_add_up(ana):
    tiers = (Tier(Fraction(1000), Fraction(0)), Tier(Fraction(10000), Fraction("1.23")), Tier(None, Fraction("0.85")))
    meter = Basis(
        "usage", "meter", "Meter", Tariff(Model.GRADUATED, "EUR", tiers=tiers), Fraction(12500), cause="usage"
    )

    invoice = billed(ana, meter, tax="0")
    (line,) = explain_invoice(invoice.pk, "en").lines

    assert [step.amount.minor for step in line.steps] == [0, 11070, 2125]
    assert line.whole == eur(13195)
    assert said(invoice)[1] == (
        "12,500 units are priced in steps: 1,000 at €0.00 each are €0.00, 9,000 at €0.0123 each are €110.70 and "
        "2,500 at €0.0085 each are €21.25; together €131.95."
    )


def test_discounts_are_named_with_what_they_take_off(ana):
    basis = flat(
        discounts=(AppliedDiscount("LOYAL-10", 250, Fraction(10)), AppliedDiscount("Sorry for the outage", 500))
    )

    text = said(billed(ana, basis, tax="0"), "de")

    assert text[2:5] == [
        "LOYAL-10 (10 %) nimmt 2,50 € weg.",
        "Sorry for the outage nimmt 5,00 € weg.",
        "Es bleiben 17,50 €.",
    ]


def test_a_price_that_includes_tax_says_what_of_it_is_tax(ana):
    text = said(billed(ana, flat(1190, includes_tax=True)))

    assert "The price includes €1.90 of tax at 19%; without it, it is €10.00." in text
    assert "The line comes to €11.90." in text


@pytest.mark.parametrize("kind", Charge.Kind.values)
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_kind_of_charge_has_words_of_its_own(ana, kind, language):
    first = said(billed(ana, flat(kind=kind, name="Engineer visit"), tax="0"), language)[0]

    assert first.startswith("Engineer visit ")
    assert "misc" not in first.lower()
    assert len(first) > len("Engineer visit .")


def test_a_line_leads_to_its_entries_and_each_sentence_to_those_it_rests_on(ana):
    invoice = billed(ana, flat())
    (line,) = explain_invoice(invoice.pk, "en").lines

    assert [entry.kind for entry in line.entries] == ["charge_added", "invoice_issued"]
    for sentence in sentences(line, "en"):
        assert sentence.entries
        assert set(sentence.entries) <= {entry.id for entry in line.entries}
        assert sentence.lines == (line.line_id,)


def test_what_was_credited_and_what_is_void_is_said(ana):
    credited, void = billed(ana, flat()), billed(ana, flat(product="other"))
    issue_credit_note(credited.lines.get().pk, amount=eur(500), reason="Outage", by=SYSTEM, at=NOW)
    void_invoice(void.pk, reason="Wrong customer", by=SYSTEM, at=NOW)

    assert said(credited)[-1] == "On 2 March 2026 credit note CN-2026-000001 gave back €5.00: Outage."
    assert "This bill was withdrawn; nothing on it is owed." in said(void)
    assert "was reversed on 2 March 2026" in said(void)[-1]


def test_a_charge_from_before_bases_were_kept_is_explained_by_its_amount(ana):
    invoice = billed(ana, flat())
    Charge.objects.update(basis={}, description="Plus, 2026-03-01 to 2026-03-31")

    assert said(invoice)[:2] == [
        "Plus, 2026-03-01 to 2026-03-31 is your plan, from 1 to 31 March 2026: 31 days.",
        "The price is €25.00.",
    ]


def test_a_bill_of_twenty_lines_takes_no_more_queries_than_one_of_two(ana):
    few, many = (billed(ana, *[flat(name=f"Item {n}", product=f"i{n}") for n in range(count)]) for count in (2, 20))

    def queries(invoice: Invoice) -> int:
        with CaptureQueriesContext(
            connection,
        ) as counted:
            explain_invoice(invoice.pk, "en")
        return len(counted)

    assert queries(few) == queries(many) <= 6


def test_somebody_elses_line_is_not_there(ana):
    bo, invoice = open_ana(email="bo@example.com"), billed(ana, flat())

    with pytest.raises(NoSuchLine):
        get_line(invoice.lines.get().pk, customer_id=bo.pk)
    with pytest.raises(NoSuchInvoice):
        explain_invoice(invoice.pk, "en", customer_id=bo.pk)


def test_explaining_one_line_says_the_anchor_where_it_is_known(ana):
    line = get_line(billed(ana, flat()).lines.get().pk)

    texts = [sentence.text for sentence in sentences(explain_line(line, anchor=date(2025, 1, 31)), "en")]

    assert "Billing periods count from 31 January 2025, by the calendar days of Europe/Berlin." in texts


def test_amounts_are_found_in_a_text_however_they_are_written():
    text = "€12.90, -€5.16, 1.234,50\u00a0€, USD\u00a03.00, ¥1,000 on 16 March 2026 for 12 units of INV-2026-000001"

    assert amounts_in(text) == ["€12.90", "€5.16", "1.234,50\u00a0€", "USD\u00a03.00", "¥1,000"]
    assert without_source("Only €5.00, then €6.00.", ["€5.00"]) == ["€6.00"]
