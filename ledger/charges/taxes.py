"""Which tax a charge bears where it names no rate: what the tax rules say of its customer, category and day."""

from __future__ import annotations

from datetime import date

from ledger.customers.models import Customer
from ledger.jurisdictions.queries import TaxRules, decide_tax, tax_subject
from ledger.jurisdictions.tax import TaxDecision, TaxSubject


def subject_of(customer: Customer) -> TaxSubject:
    """Return what the tax rules need to know of a customer, with the last check of the VAT id on file."""
    return tax_subject(
        customer.pk,
        country=customer.country,
        region=customer.region,
        kind=customer.kind,
        vat_id=customer.vat_id,
        postal_code=customer.postal_code,
        city=customer.city,
    )


def decided_tax(
    customer: Customer,
    category: str,
    on: date,
    *,
    rules: TaxRules | None = None,
    subject: TaxSubject | None = None,
) -> TaxDecision:
    """Return what the rules in force on a day say; `rules` and `subject` spare the queries where many are asked.

    :raises NoTaxRule: if no rule covers the country, the category or the day: nothing is guessed
    """
    subject = subject or subject_of(customer)
    return rules.decide(subject, category) if rules else decide_tax(subject, category, on)
