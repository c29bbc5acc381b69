"""Which tax a bill carries, and why (pure): decided from the rules in force, or refused; never guessed.

A customer in the seller's country pays its rate. In another member state a business whose VAT id is confirmed accounts
for the tax itself (reverse charge); everybody else there pays the rate of where they live, or the seller's own rate
while its sales to them stay within a threshold it has not waived. Outside, an export rule of that country says that no
tax is collected, and why. A country or a special territory without a rule blocks the bill.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ledger.jurisdictions.rules import EU, EU_MEMBERS, NoRule, Place, Rule, RuleBook
from ledger.jurisdictions.territories import OUTSIDE, territory_of
from ledger.jurisdictions.vat_ids import vat_id_problem

CONSUMER, BUSINESS = "consumer", "business"
#: The kinds of rules that `decide` asks.
TAX_KINDS = ("tax_rate", "reverse_charge", "destination_rate", "export", "special_territory", "distance_threshold")


class NoTaxRule(NoRule):
    """No reviewed rule says which tax this bill carries."""


@dataclass(frozen=True, slots=True)
class TaxSubject:
    """What the tax rules need to know of a customer.

    `vat_id_valid`: True when somebody confirmed that the id is registered, on `vat_id_checked_on`; False when they said
    it is not; None when nobody could say. The address matters where a special territory is recognised by it.
    `is_below_threshold`: this bill and all sales before it to consumers in other member states are within the limit.
    """

    country: str
    region: str = ""
    kind: str = CONSUMER
    vat_id: str = ""
    vat_id_valid: bool | None = None
    vat_id_checked_on: date | None = None
    vat_id_source: str = ""
    vat_id_check: int | None = None
    postal_code: str = ""
    city: str = ""
    is_below_threshold: bool = False


@dataclass(frozen=True, slots=True)
class TaxDecision:
    """The rate in per cent, how it came about, and what proves it.

    `wording` is the key of the sentence the document must carry (empty: none); the sentence itself, in every language
    the rule has, stands in `evidence["text"]`, so that a document says for ever what it said when it was issued.
    """

    rate: Decimal
    treatment: str
    wording: str
    rule_ids: tuple[int, ...]
    evidence: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Question:
    """One question, with the special territory the customer lives in; the rest of its country may not answer then."""

    rules: RuleBook
    subject: TaxSubject
    asked: Place
    on: date
    seller_country: str
    territory: Rule | None

    @property
    def is_outside(self) -> bool:
        """Whether it is about a territory where the rules of the country say nothing at all."""
        return self.territory is not None and self.territory.params["status"] == OUTSIDE

    def find(self, kind: str) -> Rule | None:
        """Return a rule that may answer."""
        return self.rules.find(kind, self.asked, self.on, is_own=self.is_outside)

    def rate_here(self) -> Rule:
        """Return the rate of where the customer lives."""
        is_own = self.territory is not None
        return self.rules.get("tax_rate", self.asked, self.on, is_own=is_own, refusal=NoTaxRule)

    def rate_at_home(self) -> Rule:
        """Return the seller's own rate."""
        at_home = Place(self.seller_country, "", self.subject.kind, self.asked.category)
        return self.rules.get("tax_rate", at_home, self.on, refusal=NoTaxRule)


def decide(rules: RuleBook, subject: TaxSubject, category: str, on: date, *, seller_country: str) -> TaxDecision:
    """Return the tax for a customer and a category of goods on a day.

    :raises NoTaxRule: if no rule says (unknown country, territory or category, expired rule)
    """
    territory = territory_of(rules, subject, on, category=category)
    region = territory.place.region if territory else subject.region
    asked = Place(subject.country, region, subject.kind, category)
    question = _Question(rules, subject, asked, on, seller_country, territory)
    facts = _facts(question)
    if subject.country == seller_country and not question.is_outside:
        return _at_rate([], question.rate_here(), facts)
    reverse = question.find("reverse_charge") if seller_country in EU_MEMBERS else None
    if reverse is not None:
        why_not = _not_reversed(subject, reverse, on)
        if not why_not:
            return _without_tax(reverse, "reverse_charge", facts)
        facts["why"] = why_not
    export = question.find("export")
    if export is not None:
        return _without_tax(export, "export", facts)
    return _at_destination(question, facts)


def _at_destination(question: _Question, facts: dict[str, Any]) -> TaxDecision:
    rules, subject, on, seller = question.rules, question.subject, question.on, question.seller_country
    is_own = question.is_outside
    destination = rules.get("destination_rate", question.asked, on, is_own=is_own, refusal=NoTaxRule)
    limit = None if is_own else threshold_for(rules, subject.country, on, seller_country=seller)
    if limit is not None:
        facts["threshold"] = {"limit_minor": limit.params["threshold_minor"], "currency": limit.params["currency"]}
        if subject.is_below_threshold:
            return _at_rate([limit], question.rate_at_home(), facts)
    return _at_rate([destination], question.rate_here(), facts)


def threshold_for(rules: RuleBook, country: str, on: date, *, seller_country: str) -> Rule | None:
    """Return the threshold below which a sale to a consumer there bears the seller's own rate; None where it is none.

    There is none outside the Union, at home, and for a seller who waived it.
    """
    if country == seller_country or not {country, seller_country} <= EU_MEMBERS:
        return None
    rule = rules.find("distance_threshold", Place(EU), on)
    return None if rule is None or rule.params["is_waived"] else rule


def sentence(evidence: Mapping[str, Any], language: str) -> str:
    """Return the sentence a document carries about its tax, in the language or else in English; empty: none."""
    texts: Mapping[str, str] = evidence.get("text") or {}
    return texts.get(language) or texts.get(language.partition("-")[0]) or texts.get("en", "")


def _not_reversed(subject: TaxSubject, rule: Rule, on: date) -> str:
    """Return why the seller has to charge the tax; empty when the customer accounts for it."""
    if subject.kind != BUSINESS or not subject.vat_id:
        return "The customer has given no VAT id."
    problem = vat_id_problem(subject.vat_id, country=subject.country)
    if problem:
        return problem
    if rule.params["accept"] == "format_valid":
        return ""
    if not subject.vat_id_valid or subject.vat_id_checked_on is None:
        return "Nobody has confirmed that the VAT id is registered."
    longest = int(rule.params["check_max_days"])
    if (on - subject.vat_id_checked_on).days > longest:
        return f"The VAT id was last confirmed on {subject.vat_id_checked_on}, more than {longest} days ago."
    return ""


def _facts(question: _Question) -> dict[str, Any]:
    subject, territory = question.subject, question.territory
    facts: dict[str, Any] = {
        "on": question.on.isoformat(),
        "category": question.asked.category,
        "seller_country": question.seller_country,
        "country": subject.country,
        "region": question.asked.region,
        "customer_type": subject.kind,
    }
    if territory is not None:
        facts["territory"] = {"id": territory.id, "name": territory.params["name"], "source": territory.source}
    if subject.vat_id:
        facts["vat_id"] = subject.vat_id
        checked = subject.vat_id_checked_on
        facts["vat_id_check"] = {
            "id": subject.vat_id_check,
            "registered": subject.vat_id_valid,
            "source": subject.vat_id_source,
            "checked_on": checked.isoformat() if checked else None,
        }
    return facts


def _at_rate(more: list[Rule], rate: Rule, facts: dict[str, Any]) -> TaxDecision:
    treatment = str(rate.params["treatment"])
    wording = "exempt" if treatment == "exempt" else ""
    return _decision(Decimal(rate.params["rate"]), treatment, wording, [*more, rate], rate, facts)


def _without_tax(rule: Rule, treatment: str, facts: dict[str, Any]) -> TaxDecision:
    if treatment == "export":
        return _decision(Decimal(0), treatment, "outside_scope", [rule], rule, {**facts, "why": rule.params["why"]})
    return _decision(Decimal(0), treatment, treatment, [rule], rule, facts)


def _decision(
    rate: Decimal, treatment: str, wording: str, rules: list[Rule], said: Rule, facts: dict[str, Any]
) -> TaxDecision:
    used = [
        {"id": rule.id, "kind": rule.kind, "country": rule.place.country, "source": rule.source,
         "valid_from": rule.valid_from.isoformat()}
        for rule in rules
    ]  # fmt: skip
    evidence = {**facts, "rate": str(rate), "treatment": treatment, "rules": used, "text": dict(said.wording)}
    return TaxDecision(rate, treatment, wording, tuple(rule.id for rule in rules), evidence)
