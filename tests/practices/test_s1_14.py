"""S1-14: charges, refunds and changes explained only from the books; every amount in the text has its entry."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection

from ledger.books.operations import reverse_entry
from ledger.catalogue.tariff import Model, Tariff, Tier, price_of, steps
from ledger.charges.basis import AppliedDiscount, Basis, amount, from_json, list_amount
from ledger.charges.operations import add_charge
from ledger.customers.models import Customer
from ledger.explanations.changes import explain_change
from ledger.explanations.making import explain_charge
from ledger.explanations.operations import give_explanation, renew_explanations
from ledger.explanations.refunds import explain_refund
from ledger.explanations.telling import ClaimWithoutSource
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.explain import explain_lines, sentences
from ledger.invoices.models import InvoiceLine
from ledger.invoices.operations import issue_invoice
from ledger.money import exponent
from ledger.periods import Period
from ledger.refunds.models import Refund
from ledger.refunds.operations import request_refund
from tests.conftest import NOW, berlin
from tests.ledger.explanations.worlds import ana_upgrades
from tests.ledger.worlds import SYSTEM, eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db
EXPLANATIONS = 500
#: The third has English words with French figures.
LANGUAGES = ("en", "de-DE", "fr-FR")
MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))


def random_basis(dice: random.Random) -> Basis:
    """Return how a random charge came about: flat, per unit or in steps, for all or a part of March."""
    kind = dice.choice(["plan", "add_on", "usage", "one_off", "late_fee", "fee", "other"])
    unit = Fraction(dice.randrange(1, 400_000), 100)
    tiers = (Tier(Fraction(10), Fraction(0)), Tier(Fraction(100), unit, dice.choice([0, 99])), Tier(None, unit / 2))
    tariff = dice.choice(
        [
            Tariff(Model.FLAT, "EUR", flat_minor=dice.randrange(100, 90_000)),
            Tariff(Model.PER_UNIT, "EUR", unit_minor=unit),
            Tariff(Model.GRADUATED, "EUR", tiers=tiers),
            Tariff(Model.VOLUME, "EUR", tiers=tiers),
        ]
    )
    days = dice.choice([31, 31, dice.randrange(1, 31)])
    basis = Basis(kind, "thing", "Thing", tariff, Fraction(dice.randrange(11, 500)), Fraction(days, 31), days, 31)
    listed = list_amount(basis).minor
    taken = (AppliedDiscount("LOYAL-10", listed // 10, Fraction(10)), AppliedDiscount("SORRY-5", min(5, listed // 2)))
    return Basis(
        **{name: getattr(basis, name) for name in ("kind", "product", "name", "tariff", "quantity", "part", "days")},
        of_days=31,
        cause=dice.choice(["start", "renewal", "change", "usage", "one_off", "manual"]),
        price_from=date(2026, 1, 1),
        includes_tax=dice.random() < 0.3,
        discounts=dice.choice([(), taken[:1], taken]),
    )


def random_lines(customer: Customer, dice: random.Random, *, count: int) -> list[InvoiceLine]:
    """Charge and bill random things, ten to a bill."""
    charges = []
    for _ in range(count):
        basis = random_basis(dice)
        rate = dice.choice([Decimal(0), Decimal("8.25"), Decimal(19)])
        if amount(basis).minor:
            charges.append(
                add_charge(
                    customer.pk, amount=amount(basis), description="Thing", kind=basis.kind, basis=basis, tax_rate=rate,
                    period=MARCH, by=SYSTEM, at=NOW,
                )
            )  # fmt: skip
    for first in range(0, len(charges), 10):
        ids = [charge.pk for charge in charges[first : first + 10]]
        issue_invoice(customer.pk, charge_ids=ids, by=SYSTEM, at=NOW)
    return list(InvoiceLine.objects.select_related("charge").order_by("pk"))


def figures_in(text: str) -> set[str]:
    """Return what a text says in euros, as plain decimals: read by this test alone; English, German, French."""
    english = {found.replace(",", "") for found in re.findall(r"€(\d[\d,]*(?:\.\d+)?)", text)}
    german = {
        re.sub("[.\u202f]", "", found).replace(",", ".")
        for found in re.findall(r"(\d[\d.\u202f]*(?:,\d+)?)[\u00a0\u202f ]€", text)
    }
    return {str(Decimal(figure).normalize()) for figure in english | german}


def decimals(minors: Iterable[int | Fraction]) -> set[str]:
    return {
        str((Decimal(minor.numerator) / Decimal(minor.denominator)).scaleb(-exponent("EUR")).normalize())
        for minor in (Fraction(minor) for minor in minors)
    }


def posted(entry_ids: Iterable[int]) -> dict[int, set[str]]:
    """Return the amounts of journal entries, read from the postings."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT entry_id, amount_minor FROM ledger_posting WHERE entry_id = ANY (%s)", [list(entry_ids)])
        found: dict[int, set[str]] = {}
        for entry_id, minor in cursor.fetchall():
            found.setdefault(entry_id, set()).update(decimals([abs(int(minor))]))
        return found


def kept_with(line: InvoiceLine) -> set[str]:
    """Return every amount of a line and of the basis its charge keeps."""
    basis = from_json(line.charge.basis)
    done = steps(basis.tariff, basis.quantity)
    # A step is shown in whole cents, next to its exact amount; that they add up is checked by itself.
    near = {int(step.exact_minor) + more for step in done for more in (0, 1)}
    prices = {one.unit_minor for one in done} | {one.flat_minor for one in done}
    sums = {line.net_minor, line.tax_minor, line.net_minor + line.tax_minor}
    sums |= {price_of(basis.tariff, basis.quantity).minor, list_amount(basis).minor}
    return decimals(near | prices | sums | {discount.minor for discount in basis.discounts})


def test_every_amount_in_five_hundred_explanations_occurs_in_what_they_cite():
    lines = random_lines(open_ana(), random.Random(20260302), count=EXPLANATIONS // 6 + 4)
    told = check_all(lines)
    for line in lines[::4]:
        issue_credit_note(line.pk, amount=eur(line.total.minor // 3 + 1), reason="Outage", by=SYSTEM, at=NOW)
    told += check_all(lines)

    assert len(told) >= EXPLANATIONS
    assert any("in steps" in text for text in told)
    assert any("credit note" in text for text in told)


def check_all(lines: list[InvoiceLine]) -> list[str]:
    """Explain every line in every language; hold each sentence against what it cites, and return the texts."""
    explained = explain_lines(list(InvoiceLine.objects.select_related("charge", "invoice__customer").order_by("pk")))
    amounts = posted({entry.id for one in explained for entry in one.entries})
    kept = {line.pk: kept_with(line) for line in lines}
    texts = []
    for one in explained:
        for language in LANGUAGES:
            said = sentences(one, language)
            for sentence in said:
                backed = set().union(*(amounts[pk] for pk in sentence.entries), *(kept[pk] for pk in sentence.lines))
                assert sentence.entries
                assert figures_in(sentence.text) <= backed, sentence
            texts.append(" ".join(sentence.text for sentence in said))
            assert figures_in(texts[-1])
            check_steps(texts[-1])
    return texts


def check_steps(text: str) -> None:
    """Steps that are shown add up to the sum that is shown beside them."""
    for shown, together in re.findall(r"in steps: (.*); together €([\d,.]+)\.", text):
        parts = [Decimal(one.replace(",", "")) for one in re.findall(r"are €([\d,]+\.\d\d)", shown)]
        assert sum(parts) == Decimal(together.replace(",", ""))


def test_refunds_and_changes_name_only_amounts_of_their_entries(mia):
    subscription, change, _ = ana_upgrades()
    ana = subscription.customer
    payment = pay(ana, 5000, at=berlin(2026, 3, 17))
    request_refund(
        payment.pk, amount=eur(1000), reason="Paid too much", proof=prove(ana, at=berlin(2026, 3, 17)), by=mia,
        at=berlin(2026, 3, 17),
    )  # fmt: skip

    for language in LANGUAGES:
        refund = explain_refund(Refund.objects.get().pk, language)
        assert figures_in(refund.text) == {"1E+1", "5E+1"}
        assert figures_in(refund.text) <= set().union(*posted(refund.entry_ids).values())
        changed = explain_change(change.pk, language)
        told = figures_in(changed.text)
        # 5.16 back and 12.90 charged are entries; their balance and the next bill are what was shown and confirmed.
        shown = {change.figures["total_minor"], change.figures["next_bill_minor"]}
        assert told == {"5.16", "12.9"} | decimals(shown)
        assert {"5.16", "12.9"} <= set().union(*posted(changed.entry_ids).values())


def test_a_claim_without_a_source_is_not_given(mia):
    (line,) = random_lines(open_ana(), random.Random(3), count=1)

    with pytest.raises(ClaimWithoutSource):
        give_explanation(explain_charge(line.pk, "en"), text="You will get €1,000.00 back.", by=mia, at=NOW)


def test_when_an_entry_is_reversed_the_explanation_is_superseded(mia, olg):
    (line,) = random_lines(open_ana(), random.Random(3), count=1)[:1]
    given = give_explanation(explain_charge(line.pk, "en"), by=mia, at=NOW)
    reverse_entry(given.entry_ids[0], reason="Charged to the wrong customer", by=olg, at=berlin(2026, 3, 5))

    (renewed,) = renew_explanations(given.customer_id, at=berlin(2026, 3, 5))

    given.refresh_from_db()
    assert not given.stands
    assert given.superseded_by == renewed
    assert "was reversed on 5 March 2026" in renewed.text
