"""The stored examples of a rule, run (pure): what comes in, what has to come out.

A tax rule's example gives a customer and expects a rate and a treatment; a notice's gives the day of the change and
expects its window; a late fee's gives the base rate and what is owed. Any other kind expects its own parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from ledger.errors import DomainError
from ledger.jurisdictions import windows
from ledger.jurisdictions.kinds import InvalidRule, as_decimal
from ledger.jurisdictions.rules import Place, Rule, RuleBook
from ledger.jurisdictions.tax import TAX_KINDS, TaxSubject, decide
from ledger.money import Money

Given = Mapping[str, Any]


class ExampleFailed(DomainError):
    """A stored example of the rule does not come out as written."""


def failures(rule: Rule, examples: Any, others: Iterable[Rule]) -> list[str]:
    """Return what does not come out, one sentence per example; an empty list is what everybody wants.

    `others` are the rules in force beside it; an example may depend on them, as "no reverse charge" does on a rate.

    :raises InvalidRule: if the examples themselves cannot be read
    """
    rules = RuleBook([rule, *(other for other in others if (other.kind, other.place) != (rule.kind, rule.place))])
    found = []
    for number, (given, expected) in enumerate(_read(examples), start=1):
        got = outcome(rule, rules, given)
        wrong = {name: got.get(name) for name, value in expected.items() if got.get(name) != value}
        if wrong:
            said = ", ".join(f"{name} {value!r} instead of {expected[name]!r}" for name, value in wrong.items())
            found.append(f"Example {number}: {said}.")
    return found


def outcome(rule: Rule, rules: RuleBook, given: Given) -> dict[str, Any]:
    """Return what comes out of one example; a refusal is an outcome too.

    :raises InvalidRule: if the example lacks a part or has one that cannot be read
    """
    try:
        return _BY_KIND.get(rule.kind, _own_parts)(rule, rules, given)
    except InvalidRule:
        raise
    except DomainError as refusal:
        return {"refused": refusal.code()}
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as problem:
        raise InvalidRule(f"An example of a {rule.kind} rule cannot be read: {problem!r}.") from problem


def _read(examples: Any) -> list[tuple[Given, Given]]:
    wrong = 'Examples are a list of {"given": {...}, "expect": {...}}.'
    if not isinstance(examples, list):
        raise InvalidRule(wrong)
    pairs: list[tuple[Given, Given]] = []
    for example in examples:
        if not isinstance(example, dict) or set(example) != {"given", "expect"}:
            raise InvalidRule(wrong)
        if not isinstance(example["given"], dict) or not isinstance(example["expect"], dict) or not example["expect"]:
            raise InvalidRule(wrong)
        pairs.append((example["given"], example["expect"]))
    return pairs


def _tax(rule: Rule, rules: RuleBook, given: Given) -> dict[str, Any]:
    on = date.fromisoformat(given.get("on", rule.valid_from.isoformat()))
    subject = TaxSubject(
        given.get("country", rule.place.country),
        given.get("region", rule.place.region),
        given.get("customer_type", rule.place.customer_type or "consumer"),
        given.get("vat_id", ""),
        vat_id_valid=given.get("registered"),
        vat_id_checked_on=on if given.get("registered") is not None else None,
        postal_code=given.get("postal_code", ""),
        city=given.get("city", ""),
        is_below_threshold=given.get("below_threshold", False),
    )
    category = given.get("category", rule.place.category or "standard")
    decision = decide(rules, subject, category, on, seller_country=given.get("seller", "DE"))
    return {"rate": str(decision.rate), "treatment": decision.treatment, "wording": decision.wording}


def _window(rule: Rule, rules: RuleBook, given: Given) -> dict[str, Any]:
    change = date.fromisoformat(given["takes_effect_on"])
    window = windows.window_before(rule, change)
    sent = [day.isoformat() for day in windows.days_to_send(rule, change)]
    return {"earliest": window.earliest.isoformat(), "latest": window.latest.isoformat(), "send_on": sent}


def _late_fee(rule: Rule, rules: RuleBook, given: Given) -> dict[str, Any]:
    as_decimal(given["base_rate"])
    base = Rule(0, "base_rate", Place(rule.place.country), {"rate": given["base_rate"]}, rule.valid_from)
    fixed = windows.fixed_sum(rule, Money(given["owed_minor"], given["currency"]))
    return {"rate": str(windows.interest_rate(rule, base)), "fixed_minor": fixed.minor}


def _own_parts(rule: Rule, rules: RuleBook, given: Given) -> dict[str, Any]:
    return dict(rule.params)


_BY_KIND: Mapping[str, Callable[[Rule, RuleBook, Given], dict[str, Any]]] = {
    **dict.fromkeys(TAX_KINDS, _tax),
    "renewal_notice": _window,
    "price_change_notice": _window,
    "late_fee": _late_fee,
}
