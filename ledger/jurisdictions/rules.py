"""What a rule is, and which of several applies (pure): the most specific one that is in force on the day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ledger.errors import DomainError

#: Member states of the European Union since 2020-02-01. Source: Treaty on European Union, Article 52; the withdrawal
#: agreement with the United Kingdom (OJ 2020 L 29).
EU_MEMBERS = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())
#: As a rule's country: every member state. Source: ISO 3166-1, "EU" is reserved for the Union.
EU = "EU"


@dataclass(frozen=True, slots=True)
class Place:
    """Whom a question is about: a country, its region if it matters, and what kind of customer; empty: unknown."""

    country: str
    region: str = ""
    customer_type: str = ""
    category: str = ""

    def __str__(self) -> str:
        words = [self.region or self.country or "every country", self.customer_type, self.category]
        return ", ".join(word for word in words if word)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: for whom it is, what it says, and from which day to which (`valid_to` is the first day without it)."""

    id: int
    kind: str
    place: Place
    params: Mapping[str, Any]
    valid_from: date
    valid_to: date | None = None
    source: str = ""
    wording: Mapping[str, str] = field(default_factory=dict)

    def in_force(self, on: date) -> bool:
        """Return whether it holds on a day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)

    def rank(self, asked: Place) -> tuple[int, ...] | None:
        """Return how specific it is to a place; None where it does not apply. An empty part of a rule means any."""
        mine = self.place
        if mine.country == asked.country and mine.country:
            near = 2
        elif mine.country == EU and asked.country in EU_MEMBERS:
            near = 1
        elif mine.country:
            return None
        else:
            near = 0
        others = (
            (mine.region, asked.region),
            (mine.customer_type, asked.customer_type),
            (mine.category, asked.category),
        )
        if any(own and own != theirs for own, theirs in others):
            return None
        return (near, *(int(bool(own)) for own, _ in others))


class NoRule(DomainError):
    """No reviewed rule answers the question; nobody guesses. `missing` names the gap: kind, place and day."""

    def __init__(self, message: str, *, kind: str = "", place: Place | None = None, on: date | None = None) -> None:
        super().__init__(message)
        self.kind, self.place, self.on = kind, place or Place(""), on

    @property
    def missing(self) -> str:
        """The gap as a reference that stays the same from day to day: `tax_rate/BR//consumer/standard`."""
        place = self.place
        return "/".join([self.kind, place.country, place.region, place.customer_type, place.category])


class RuleBook:
    """Rules ready to be asked, whatever the day."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._of: dict[tuple[str, str], list[Rule]] = {}
        for rule in rules:
            self._of.setdefault((rule.kind, rule.place.country), []).append(rule)

    def find(self, kind: str, place: Place, on: date, *, is_own: bool = False) -> Rule | None:
        """Return the most specific rule in force; None where there is none. `is_own`: only one of that very region."""
        ranked = [(rank, rule) for rank, rule in self._applying(kind, place, is_own=is_own) if rule.in_force(on)]
        return max(ranked, key=lambda pair: pair[0])[1] if ranked else None

    def get(self, kind: str, place: Place, on: date, *, is_own: bool = False, refusal: type[NoRule] = NoRule) -> Rule:
        """Return the most specific rule in force.

        :raises NoRule: (or `refusal`) naming what is missing, and when the last such rule ended
        """
        rule = self.find(kind, place, on, is_own=is_own)
        if rule is not None:
            return rule
        known = [old for _, old in self._applying(kind, place, is_own=is_own)]
        ended = [old.valid_to for old in known if old.valid_to and old.valid_to <= on]
        words = f"We have no {kind.replace('_', ' ')} rule for {place} on {on}"
        why = f": the last one ended on {max(ended)}" if ended else ""
        raise refusal(f"{words}{why}. A supervisor has to add it first.", kind=kind, place=place, on=on)

    def all_for(self, kind: str, place: Place, on: date) -> list[Rule]:
        """Return every rule in force that applies, the most specific first."""
        ranked = [(rank, rule) for rank, rule in self._applying(kind, place) if rule.in_force(on)]
        return [rule for _, rule in sorted(ranked, key=lambda pair: pair[0], reverse=True)]

    def of(self, kind: str, country: str, on: date) -> list[Rule]:
        """Return every rule of a kind that is in force in a country, for whatever part of it."""
        return [rule for rule in self._of.get((kind, country), ()) if rule.in_force(on)]

    def _applying(self, kind: str, place: Place, *, is_own: bool = False) -> list[tuple[tuple[int, ...], Rule]]:
        countries = dict.fromkeys((place.country, EU, ""))
        found = [rule for country in countries for rule in self._of.get((kind, country), ())]
        ranked = [(rule.rank(place), rule) for rule in found if not is_own or rule.place.region == place.region]
        return [(rank, rule) for rank, rule in ranked if rank is not None]
