"""check_month: what stands in the way of closing a month, computed from the books themselves.

Higher layers have a say in it too: the settings name their functions (MONTH_CHECKS), so that this one knows none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from ledger.books import claims, proof
from ledger.closing import checklist_sql as sql
from ledger.closing.months import next_month
from ledger.closing.recognition import charges_to_recognise

OK, WARN, BLOCKING = "ok", "warn", "blocking"
#: After so many days without a movement, credit that no bill asked for is looked at.
AGED_AFTER_DAYS = 30
#: So many findings of one kind are named.
NAMED = 10


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the checklist: fine, worth a look, or in the way; how often, and the first findings in words."""

    key: str
    title: str
    level: str
    count: int
    findings: tuple[str, ...]
    link: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as it is kept with the close."""
        return {**asdict(self), "findings": list(self.findings)}


#: Key, title, level when something is found, and the statement that finds it.
_QUESTIONS = (
    ("trial_balance", "Debits equal credits in every currency", BLOCKING, sql.UNBALANCED),
    ("tax", "Tax owed is the tax of bills less credit notes", BLOCKING, sql.TAX),
    ("seals", "Every entry is sealed", BLOCKING, sql.NOT_SEALED),
    ("day_closings", "Every day with entries has its closing balances", BLOCKING, sql.DAYS_NOT_CLOSED),
    ("billing_exceptions", "Every subscription that was due is billed", BLOCKING, sql.NOT_BILLED),
    ("unallocated", "No customer's credit lies untouched for long", WARN, sql.UNALLOCATED),
    ("book_rates", "Every bill in another currency has a rate", WARN, sql.WITHOUT_RATE),
    ("drafts", "No draft is left", WARN, sql.DRAFTS),
    ("unbilled", "Every charge is on a bill", WARN, sql.UNBILLED),
)


def check_month(month: date) -> list[Item]:
    """Return every line of a month's checklist; nothing is changed.

    :raises NotAMonth: if `month` is no first day
    """
    after = next_month(month)
    aged = after - timedelta(days=AGED_AFTER_DAYS)
    asked = {"first": month, "next": after, "aged": aged, "book": settings.BOOK_CURRENCY}
    found = [item(key, title, level, _findings(text, asked)) for key, title, level, text in _QUESTIONS]
    missing = charges_to_recognise(month)
    found.append(item("recognition", "Revenue of later months is set aside", BLOCKING, missing))
    return [*_of_the_books(), *found, *_of_others(month)]


def _of_the_books() -> list[Item]:
    """Return what the books say of themselves: the proof, and each account beside the papers it stands for."""
    broken = proof.first_break()
    items = [item("proof", "The books prove themselves", BLOCKING, [broken] if broken else [])]
    for number, (sentence, text) in enumerate(claims.CLAIMS, start=1):
        items.append(item(f"claim_{number}", sentence.rstrip("."), BLOCKING, _findings(text, {})))
    return items


def _of_others(month: date) -> list[Item]:
    """Return what layers above this one say of a month."""
    items: list[Item] = []
    for name in settings.MONTH_CHECKS:
        check: Callable[..., list[Item]] = import_string(name)
        items += check(month, zone=settings.TIME_ZONE)
    return items


def item(key: str, title: str, level: str, findings: Iterable[str], *, link: str = "") -> Item:
    """Return a line of the checklist, of that level when something was found; at `link` it is put right."""
    named = list(findings)
    return Item(key, title, level if named else OK, len(named), tuple(named[:NAMED]), link)


def _findings(text: str, asked: Mapping[str, Any]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(text, asked or None)
        return [", ".join(str(value) for value in row) for row in cursor.fetchall()]
