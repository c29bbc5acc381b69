"""bill_of: the one place that says what a bill comes to, for bills, drafts, previews and the billing run alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from ledger.charges import basis as amounts
from ledger.charges.amounts import tax_inside
from ledger.charges.basis import Basis
from ledger.charges.distance import Counted, choose, is_asked
from ledger.charges.models import Charge
from ledger.charges.taxes import decided_tax, subject_of
from ledger.customers.models import Customer
from ledger.errors import InvalidInput
from ledger.invoices.tax import tax_on_lines
from ledger.jurisdictions.queries import TaxRules
from ledger.jurisdictions.tax import TaxDecision, TaxSubject
from ledger.money import Money

__all__ = ["Bill", "BillLine", "BillPart", "bill_of", "part_of_charge", "subject_of"]


@dataclass(frozen=True, slots=True)
class BillPart:
    """One amount to bill: what a basis comes to, or an amount without tax.

    Without a `tax_rate` the tax rules decide by `tax_category`. `included_tax` is tax that was taken out of a price
    already: `amount` is the rest, the rate is not applied again, and `treatment` is what the rules said then.
    """

    basis: Basis | None = None
    amount: Money | None = None
    tax_rate: Decimal | None = None
    tax_category: str = "standard"
    included_tax: Money | None = None
    treatment: str = ""

    @property
    def price(self) -> Money:
        """The amount, with tax inside where the basis says so.

        :raises InvalidInput: if there is neither a basis nor an amount
        """
        if self.amount is not None:
            return self.amount
        if self.basis is None:
            raise InvalidInput("A part of a bill has a basis or an amount.")
        return amounts.amount(self.basis)

    @property
    def takes_tax_out(self) -> bool:
        """Whether the customer was told a price with the tax inside."""
        still_inside = self.amount is None and self.basis is not None and self.basis.includes_tax
        return still_inside or self.included_tax is not None


@dataclass(frozen=True, slots=True)
class BillLine:
    """What one part comes to; `treatment` says which rule taxed it, empty where a rate was given."""

    net: Money
    tax: Money
    rate: Decimal
    treatment: str = ""
    includes_tax: bool = False

    @property
    def total(self) -> Money:
        """Net and tax together."""
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class Bill:
    """What a bill comes to; `evidence` says why this tax, as JSON."""

    lines: tuple[BillLine, ...]
    net: Money
    tax: Money
    evidence: dict[str, Any] = field(default_factory=dict)

    @property
    def total(self) -> Money:
        """What the customer is asked for."""
        return self.net + self.tax


def part_of_charge(charge: Charge) -> BillPart:
    """Return a stored charge as a part of a bill."""
    included = charge.included_tax_minor
    return BillPart(
        amount=charge.amount,
        tax_rate=charge.tax_rate,
        tax_category=charge.tax_category,
        included_tax=None if included is None else Money(included, charge.currency),
        treatment=charge.tax_treatment,
    )


def bill_of(
    customer: Customer,
    parts: Sequence[BillPart],
    on: date,
    *,
    rules: TaxRules | None = None,
    subject: TaxSubject | None = None,
    counted: Counted | None = None,
) -> Bill:
    """Return what these parts come to on one bill: tax per rate, rounded once, shared out to the lines.

    A price that includes tax has it taken out line by line, so that what the customer saw is what they pay, exactly.
    `rules`, a snapshot of the tax rules of the day, and `subject` spare the queries where many bills are made;
    `counted` remembers between them what was sold to consumers in other member states.

    :raises NoTaxRule: if a part names no rate and no rule covers it
    """
    decisions = _decisions(customer, parts, on, rules=rules, subject=subject, counted=counted)
    lines = _lines(parts, decisions)
    nothing = Money(0, parts[0].price.currency if parts else customer.currency)
    net, tax = sum((line.net for line in lines), nothing), sum((line.tax for line in lines), nothing)
    return Bill(lines, net, tax, _evidence(decisions, on))


def _decisions(
    customer: Customer,
    parts: Sequence[BillPart],
    on: date,
    *,
    rules: TaxRules | None,
    subject: TaxSubject | None,
    counted: Counted | None,
) -> dict[str, TaxDecision]:
    """Return which tax each category bears; where it depends on what was sold before, this bill is counted too."""
    asked = sorted({part.tax_category for part in parts if part.tax_rate is None or part.treatment})
    if not asked:
        return {}
    of = subject or subject_of(customer)
    found = {category: decided_tax(customer, category, on, rules=rules, subject=of) for category in asked}
    if not any(is_asked(decision) for decision in found.values()):
        return found
    below = replace(of, is_below_threshold=True)
    at_home = {category: decided_tax(customer, category, on, rules=rules, subject=below) for category in asked}
    net = sum((line.net for line in _lines(parts, at_home)), Money(0, parts[0].price.currency))
    return choose(found, at_home, net, on, counted=counted or Counted())


def _lines(parts: Sequence[BillPart], decisions: Mapping[str, TaxDecision]) -> tuple[BillLine, ...]:
    rates = [part.tax_rate if part.tax_rate is not None else decisions[part.tax_category].rate for part in parts]
    return tuple(
        BillLine(net, tax, rate, _treatment(part, decisions), includes_tax=part.takes_tax_out)
        for part, rate, (net, tax) in zip(parts, rates, _nets_and_taxes(parts, rates), strict=True)
    )


def _nets_and_taxes(parts: Sequence[BillPart], rates: Sequence[Decimal]) -> list[tuple[Money, Money]]:
    """Return net and tax of each part: taken out of prices that include it, added to the others per rate."""
    found = [_taken_out(part, rate) for part, rate in zip(parts, rates, strict=True)]
    places = [place for place, pair in enumerate(found) if pair is None]
    added = tax_on_lines([(parts[place].price, rates[place]) for place in places])
    taxes = dict(zip(places, added, strict=True))
    return [pair or (parts[place].price, taxes[place]) for place, pair in enumerate(found)]


def _treatment(part: BillPart, decisions: Mapping[str, TaxDecision]) -> str:
    return part.treatment if part.tax_rate is not None else str(decisions[part.tax_category].treatment)


def _taken_out(part: BillPart, rate: Decimal) -> tuple[Money, Money] | None:
    if part.included_tax is not None:
        return part.price, part.included_tax
    if part.takes_tax_out:
        tax = tax_inside(part.price, rate)
        return part.price - tax, tax
    return None


def _evidence(decisions: Mapping[str, TaxDecision], on: date) -> dict[str, Any]:
    """Say why this tax, by category: rate, treatment, wording, rules, and what was known of the customer."""
    if not decisions:
        return {}
    return {
        "on": on.isoformat(),
        "decisions": {
            category: {
                "rate": str(decision.rate),
                "treatment": str(decision.treatment),
                "wording": decision.wording,
                "rule_ids": list(decision.rule_ids),
                "evidence": decision.evidence,
            }
            for category, decision in decisions.items()
        },
    }
