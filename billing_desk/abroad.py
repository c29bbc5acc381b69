"""What a bill says to somebody abroad: price, tax, exchange and the name on the card statement, in four lines."""

from __future__ import annotations

from dataclasses import dataclass

from babel.numbers import get_territory_currencies
from django.conf import settings

from ledger.errors import DomainError, InvalidInput
from ledger.fx.breakdown import Breakdown, break_down, card_lines, explain_fee
from ledger.fx.queries import rate_for
from ledger.fx.rates import Rate
from ledger.invoices.explain_words import NO_TAX
from ledger.invoices.models import Invoice
from ledger.invoices.wording import written_in
from ledger.money import Money

#: Why there is no tax of ours, for who is abroad.
NO_TAX_ABROAD = ("reverse_charge", "export")


@dataclass(frozen=True)
class Abroad:
    """The four lines, each label and amount, and a sentence on tax that is not ours to charge."""

    lines: tuple[tuple[str, str], ...]
    tax_words: str = ""

    @property
    def text(self) -> str:
        """The card as words for a letter."""
        lines = [f"{label}: {amount}" for label, amount in self.lines]
        return "\n".join([*lines, self.tax_words] if self.tax_words else lines)


def abroad_card(invoice: Invoice, language: str = "en") -> Abroad | None:
    """Return the card of a bill in another currency or to another country than ours; None for a bill at home."""
    parts = parts_of(invoice)
    if parts is None:
        return None
    treatments = {line.tax_treatment for line in invoice.lines.all()}
    found = next((treatment for treatment in NO_TAX_ABROAD if treatment in treatments), "")
    words = NO_TAX[written_in(language)].get(found, "") if found else ""
    return Abroad(tuple(card_lines(parts, language)), words)


def parts_of(invoice: Invoice) -> Breakdown | None:
    """Return the parts of a bill that goes abroad, in the currency in which it is charged."""
    at_home = invoice.currency == settings.BOOK_CURRENCY and invoice.customer.country == settings.SELLER_COUNTRY
    rates = {line.tax_rate for line in invoice.lines.all()}
    if at_home or not rates or invoice.net_minor < 0:
        return None
    return break_down(
        Money(invoice.net_minor, invoice.currency),
        Money(invoice.tax_minor, invoice.currency),
        tax_rate=rates.pop() if len(rates) == 1 else None,
        descriptor=settings.COMPANY["name"],
        bank_rate=_bank_rate(invoice),
    )


def fee_words(invoice: Invoice, typed: str, language: str = "en") -> str:
    """Return whose a fee is that the customer found on their statement, typed as an amount of the bill's currency.

    :raises InvalidInput: if it is no amount above zero, or the bill is not to somebody abroad
    """
    parts = parts_of(invoice)
    fee = Money.parse(typed.strip().replace(",", "."), invoice.currency)
    if parts is None or fee.minor <= 0:
        raise InvalidInput("Type the fee on the statement as an amount above zero, for a bill to another country.")
    return explain_fee(fee, parts, language)


def _bank_rate(invoice: Invoice) -> Rate | None:
    """Return what the bill's currency was on its day in that of the customer's country, where we know it."""
    used = get_territory_currencies(invoice.customer.country, start_date=invoice.issued_on, tender=True)
    if not used or invoice.currency in used:
        return None
    try:
        return rate_for(invoice.currency, to=used[0], on=invoice.issued_on)
    except DomainError:
        # Without a rate the line says only that the bank exchanges; the bill itself needs none.
        return None
