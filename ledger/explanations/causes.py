"""A difference between two bills in words (pure): a headline, then one sentence per cause."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from ledger.catalogue.explaining import display_number, display_unit_price
from ledger.explanations.cause_words import SHORT, TEXT, WHY
from ledger.invoices.difference import Cause, Difference
from ledger.invoices.wording import day, joined, percent, written_in
from ledger.money import Money

#: Families of causes: several kinds told together, because there were too many.
FAMILIES = {"use", "prices", "account"}


class CauseWords:
    """Writes causes in one language."""

    def __init__(self, currency: str, language: str) -> None:
        self.currency, self.language = currency, language
        first = written_in(language)
        self.short_words, self.why_words, self.text = SHORT[first], WHY[first], TEXT[first]

    def money(self, minor: int) -> str:
        """Return an amount without its sign."""
        return Money(abs(minor), self.currency).display(self.language)

    def headline(self, found: Difference, *, is_first: bool, is_expected: bool) -> str:
        """Return what happened in one sentence: the difference and what it is made of."""
        total, listed = found.total.minor, self._list(found)
        if is_first and not is_expected:
            return self.text["first"].format(total=self.money(total), list=listed) if listed else ""
        if not total:
            key = "same" if found.causes else "as_expected" if is_expected else "unchanged"
            return self.text[key].format(list=listed)
        key = ("rose" if total > 0 else "fell") + ("_expected" if is_expected else "")
        return self.text[key].format(total=self.money(total), list=listed)

    def _list(self, found: Difference) -> str:
        """Put what goes with the difference first, then what goes against it."""
        up = found.total.minor >= 0
        causes = sorted(found.causes, key=lambda cause: (cause.minor < 0) == up)
        said = []
        for place, cause in enumerate(causes):
            name = self.short(cause)
            if cause.minor < 0:
                said.append(self.text["less"].format(amount=self.money(cause.minor), name=name))
            elif place and not up:
                said.append(self.text["plus"].format(amount=self.money(cause.minor), name=name))
            else:
                said.append(f"{self.money(cause.minor)} {name}")
        return ", ".join(said)

    def short(self, cause: Cause) -> str:
        """Return a cause as a name that follows an amount."""
        if cause.parts and cause.kind in self.short_words and cause.kind not in FAMILIES | {"other"}:
            return joined(list(dict.fromkeys(self.short(part) for part in cause.parts)), self.language)
        key = cause.kind
        if key == "discount":
            key = f"discount_{cause.facts.get('what', 'changed')}"
        if key == "tax" and cause.facts.get("before") == cause.facts.get("after"):
            key = "tax_treatment"
        return self.short_words[key].format_map(self._values(cause))

    def sentence(self, cause: Cause) -> str:
        """Return a cause as a sentence: by how much, and why."""
        key = "more" if cause.minor > 0 else "fewer" if cause.minor < 0 else "none"
        return self.text[key].format(amount=self.money(cause.minor), why=self.why(cause))

    def why(self, cause: Cause) -> str:
        """Return why, as a clause."""
        if cause.parts:
            parts = "; ".join(f"{self._signed(part.minor)} {self.why(part)}" for part in cause.parts)
            return self.why_words["other"].format(parts=parts) if cause.kind == "other" else parts
        return self.why_words[_why_key(cause)].format_map(self._values(cause))

    def _signed(self, minor: int) -> str:
        return ("−" if minor < 0 else "+") + self.money(minor)

    def _values(self, cause: Cause) -> Mapping[str, str]:
        facts = cause.facts
        return {
            "name": cause.subject,
            "of": f"× {facts['unit']} {cause.subject}" if facts.get("unit") else cause.subject,
            "unit": str(facts.get("unit") or ""),
            "number": str(facts.get("number", "")),
            "reason": str(facts.get("reason", "")).rstrip("."),
            "day": self._day(facts.get("day")),
            **self._days(facts),
            **self._before_and_after(cause.kind, facts),
        }

    def _days(self, facts: Mapping[str, Any]) -> dict[str, str]:
        count, of = facts.get("days"), facts.get("of_days")
        is_part = bool(count and of and count != of)
        short = self.text["for_day" if count == 1 else "for_days"].format(days=count) if is_part else ""
        return {
            "days": short,
            "days_of": self.text["days_of"].format(days=count, of=of) if is_part else "",
            "days_now": self._span(count, of, facts.get("after")),
            "days_before": self._span(facts.get("days_before"), facts.get("of_days_before"), facts.get("before")),
        }

    def _span(self, count: int | None, of: int | None, part: object) -> str:
        if part is not None and Fraction(str(part)) == 1:
            return self.text["whole"]
        return self.text["some_days"].format(days=count, of=of) if count and of else self.text["a_part"]

    def _before_and_after(self, kind: str, facts: Mapping[str, Any]) -> dict[str, str]:
        if kind == "price":
            currency = str(facts.get("currency", self.currency))
            prices = [Fraction(facts[name]) for name in ("before_minor", "after_minor")]
            before, after = (display_unit_price(price, currency, self.language) for price in prices)
            since = self.text["since"].format(day=self._day(facts["price_from"])) if facts.get("price_from") else ""
            return {"unit_before": before, "unit_after": after, "since": since, "before": before, "after": after}
        if "before" not in facts or kind == "part":
            return {"before": "", "after": ""}
        write = percent if kind == "tax" else display_number
        return {name: write(Fraction(str(facts[name])), self.language) for name in ("before", "after")}

    def _day(self, iso: object) -> str:
        return day(date.fromisoformat(str(iso)), self.language) if iso else ""


def _why_key(cause: Cause) -> str:
    facts = cause.facts
    if cause.kind == "added":
        return str(facts["reason"])
    if cause.kind == "removed":
        return f"gone_{facts['reason']}"
    if cause.kind == "discount":
        return f"discount_{facts['what']}"
    if cause.kind == "price" and facts["model"] in ("graduated", "volume"):
        return "price_steps"
    if cause.kind == "tax":
        return _tax_key(str(facts.get("treatment_before")), str(facts.get("treatment")))
    if cause.minor < 0 and cause.kind in ("one_off", "late_fee", "fee"):
        return "gone_once" if cause.kind == "one_off" else "gone_ended"
    return cause.kind


def _tax_key(before: str, after: str) -> str:
    if "reverse_charge" in (before, after) and before != after:
        return "reverse_charge_began" if after == "reverse_charge" else "reverse_charge_ended"
    return "tax"


def derived_figures(found: Difference, language: str) -> set[str]:
    """Return what the attribution came to, and the prices it compared, as the language writes them."""
    words = CauseWords(found.total.currency, language)
    figures = {words.money(found.total.minor)}
    for group in (*found.causes, *found.details):
        for cause in (group, *group.parts):
            figures.add(words.money(cause.minor))
            if cause.kind == "price" and "before_minor" in cause.facts:
                currency = str(cause.facts.get("currency", words.currency))
                for name in ("before_minor", "after_minor"):
                    figures.add(display_unit_price(Fraction(cause.facts[name]), currency, language))
    return figures
