"""Which tax a bill carries, and why (pure): decided from the rules in force, or refused; never guessed.

A customer in the seller's country pays its rate. In another member state a business whose VAT id is confirmed accounts
for the tax itself (reverse charge); everybody else there pays the rate of where they live. Outside, an export rule of
that country says that no tax is collected, and why. A country without a rule blocks the bill.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ledger.jurisdictions.rules import EU_MEMBERS, NoRule, Place, Rule, RuleBook
from ledger.jurisdictions.vat_ids import vat_id_problem

CONSUMER, BUSINESS = "consumer", "business"
#: The kinds of rules that `decide` asks.
TAX_KINDS = ("tax_rate", "reverse_charge", "destination_rate", "export")


class NoTaxRule(NoRule):
    """No reviewed rule says which tax this bill carries."""


@dataclass(frozen=True, slots=True)
class TaxSubject:
    """What the tax rules need to know of a customer.

    `vat_id_valid`: True when somebody confirmed that the id is registered, on `vat_id_checked_on`; False when they said
    it is not; None when nobody could say.
    """

    country: str
    region: str = ""
    kind: str = CONSUMER
    vat_id: str = ""
    vat_id_valid: bool | None = None
    vat_id_checked_on: date | None = None
    vat_id_source: str = ""
    vat_id_check: int | None = None


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


def decide(rules: RuleBook, subject: TaxSubject, category: str, on: date, *, seller_country: str) -> TaxDecision:
    """Return the tax for a customer and a category of goods on a day.

    :raises NoTaxRule: if no rule says (unknown country or category, expired rule)
    """
    asked = Place(subject.country, subject.region, subject.kind, category)
    facts = _facts(subject, category, on, seller_country)
    if subject.country == seller_country:
        return _at_rate([], rules.get("tax_rate", asked, on, refusal=NoTaxRule), facts)
    reverse = rules.find("reverse_charge", asked, on) if seller_country in EU_MEMBERS else None
    if reverse is not None:
        why_not = _not_reversed(subject, reverse, on)
        if not why_not:
            return _without_tax(reverse, "reverse_charge", facts)
        facts["why"] = why_not
    export = rules.find("export", asked, on)
    if export is not None:
        return _without_tax(export, "export", facts)
    destination = rules.get("destination_rate", asked, on, refusal=NoTaxRule)
    return _at_rate([destination], rules.get("tax_rate", asked, on, refusal=NoTaxRule), facts)


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


def _facts(subject: TaxSubject, category: str, on: date, seller_country: str) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "on": on.isoformat(),
        "category": category,
        "seller_country": seller_country,
        "country": subject.country,
        "region": subject.region,
        "customer_type": subject.kind,
    }
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
