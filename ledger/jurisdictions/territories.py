"""Special territories (pure): parts of a country to which its tax rules do not apply as they are.

A territory is recognised by the region or the postal address on file. It is `outside` the tax territory of its country
(Article 6 of Directive 2006/112/EC: only rules written for it apply) or `inside` with a rate of its own (only the rate
has to be its own). Where such a rule is missing nothing is decided: nobody guesses.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ledger.jurisdictions.rules import Rule, RuleBook

if TYPE_CHECKING:
    from datetime import date

    from ledger.jurisdictions.tax import TaxSubject

KIND = "special_territory"
OUTSIDE, INSIDE = "outside", "inside"


def territory_of(rules: RuleBook, subject: TaxSubject, on: date, *, category: str = "") -> Rule | None:
    """Return the special territory a customer lives in, if any; with a category, only one that matters for it."""
    there = rules.of(KIND, subject.country, on)
    if not there:
        return None
    code = "".join(filter(str.isalnum, subject.postal_code.upper())).removeprefix(subject.country)
    city = subject.city.strip().casefold()
    for rule in there:
        if category and rule.place.category not in ("", category):
            continue
        if _is_there(rule, subject.region, code, city):
            return rule
    return None


def placed(rules: RuleBook, subject: TaxSubject, on: date) -> TaxSubject:
    """Return the customer with the code of their special territory as region, and without the rest of the address.

    Customers who live under the same rules become equal, so that a bill that many have alike is computed once.
    """
    territory = territory_of(rules, subject, on)
    if territory is None and not subject.postal_code and not subject.city:
        return subject
    region = territory.place.region if territory else subject.region
    return replace(subject, region=region, postal_code="", city="")


def _is_there(rule: Rule, region: str, code: str, city: str) -> bool:
    said = rule.params
    if region and (region == rule.place.region or region in said.get("regions", ())):
        return True
    if code and code.startswith(tuple(said.get("postal_codes", ()))):
        return True
    return bool(city) and any(city == known.casefold() for known in said.get("cities", ()))
