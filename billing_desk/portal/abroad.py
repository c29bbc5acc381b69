"""What a bill says to somebody abroad: price, tax, exchange and the name on the card statement, in four lines."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from ledger.fx.breakdown import break_down, card_lines
from ledger.invoices.explain_words import NO_TAX
from ledger.invoices.models import Invoice
from ledger.money import Money

#: Why there is no tax of ours, for who is abroad.
ABROAD = ("reverse_charge", "export")


@dataclass(frozen=True)
class Abroad:
    """The four lines, each label and amount, and a sentence on tax that is not ours to charge."""

    lines: tuple[tuple[str, str], ...]
    tax_words: str = ""


def abroad_card(invoice: Invoice, language: str = "en") -> Abroad | None:
    """Return the card of an international bill; None for a bill at home in the currency of our books."""
    lines = list(invoice.lines.all())
    found = next((treatment for treatment in ABROAD if any(line.tax_treatment == treatment for line in lines)), "")
    if invoice.currency == settings.BOOK_CURRENCY and not found:
        return None
    rates = {line.tax_rate for line in lines}
    if len(rates) != 1:
        return None
    parts = break_down(
        Money(invoice.net_minor, invoice.currency),
        Money(invoice.tax_minor, invoice.currency),
        tax_rate=rates.pop(),
        descriptor=settings.COMPANY["name"],
    )
    return Abroad(tuple(card_lines(parts, language)), NO_TAX["en"].get(found, "") if found else "")
