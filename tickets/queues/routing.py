"""Which queue a new ticket goes to, and how urgent it is (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One line of the routing table; an empty condition always holds."""

    position: int
    queue_id: int
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    only_business_customers: bool = False
    priority: int = 2


def choose_queue(rules: Iterable[Rule], topic: str, language: str, is_business: bool) -> tuple[int, int] | None:
    """Return (queue, priority) of the first rule by position whose conditions all hold; None when none does.

    A language condition "de" holds for "de" and "de-AT"; a condition "de-AT" for that alone.
    """
    for rule in sorted(rules, key=lambda each: each.position):
        if rule.topics and topic not in rule.topics:
            continue
        if rule.languages and not _speaks(language, rule.languages):
            continue
        if rule.only_business_customers and not is_business:
            continue
        return rule.queue_id, rule.priority
    return None


def _speaks(language: str, wanted: tuple[str, ...]) -> bool:
    tag = language.lower()
    return tag in {each.lower() for each in wanted} or tag.partition("-")[0] in {each.lower() for each in wanted}
