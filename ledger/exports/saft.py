"""The journal as SAF-T: the Norwegian standard audit file for financial data, version 1.20.

Source of the structure: Skatteetaten, Norwegian SAF-T Financial data, schema number 1.20 of 25 November 2020 (published
as Norwegian_SAF-T_Financial_Schema_v_1.20.xsd in the repository Skatteetaten/saf-t on GitHub; namespace
urn:StandardAuditFile-Taxation-Financial:NO). A file holds one currency, because its totals are in one: what the books
hold in another is another file. Written page by page, so its length costs no memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from xml.sax.saxutils import escape

from django.conf import settings

from ledger.books.chart import CHART, nature
from ledger.books.entry import Line
from ledger.books.journal import PAGE, AccountView, accounts, journal, journal_totals, one_snapshot
from ledger.books.queries import EntryView
from ledger.customers.models import Customer
from ledger.errors import DomainError
from ledger.money import Money, exponent

NAMESPACE = "urn:StandardAuditFile-Taxation-Financial:NO"
VERSION = "1.20"
#: The longest texts the schema takes: SAFshorttextType, SAFmiddle1textType, SAFmiddle2textType, SAFlongtextType.
SHORT, MIDDLE, MIDDLE_2, LONG = 18, 35, 70, 256
#: The most digits after the decimal point that an amount of the schema has (SAFmonetaryType).
DIGITS = 2


class CurrencyDoesNotFit(DomainError):
    """The schema has no room for the smallest unit of the currency."""


def saft_lines(first: date, last: date, *, currency: str, created_on: date) -> Iterator[str]:
    """Return the file, piece by piece.

    :raises CurrencyDoesNotFit: at once, if its amounts have more digits than the schema takes
    """
    if exponent(currency) > DIGITS:
        raise CurrencyDoesNotFit(
            f"SAF-T writes amounts with {DIGITS} digits after the point; {currency} has {exponent(currency)}."
        )
    return _pieces(first, last, currency, created_on)


def _pieces(first: date, last: date, currency: str, created_on: date) -> Iterator[str]:
    with one_snapshot():
        yield f'<?xml version="1.0" encoding="UTF-8"?>\n<AuditFile xmlns="{NAMESPACE}">\n'
        yield _header(first, last, currency, created_on)
        yield "<MasterFiles>\n<GeneralLedgerAccounts>\n"
        yield from _accounts(first, last, currency)
        yield "</GeneralLedgerAccounts>\n"
        yield from _customers(first, last, currency)
        yield "</MasterFiles>\n"
        yield from _entries(first, last, currency)
        yield "</AuditFile>\n"


def _header(first: date, last: date, currency: str, created_on: date) -> str:
    seller = settings.SELLER
    return "".join(
        (
            "<Header>",
            _tag("AuditFileVersion", VERSION),
            _tag("AuditFileCountry", seller["country"]),
            _tag("AuditFileDateCreated", str(created_on)),
            _tag("SoftwareCompanyName", "Billing Desk"),
            _tag("SoftwareID", "billing-desk"),
            _tag("SoftwareVersion", "0.1.0"),
            f"<Company>{_tag('RegistrationNumber', seller['vat_id'], MIDDLE)}{_tag('Name', seller['name'], MIDDLE_2)}",
            f"<Address>{_tag('StreetName', seller['address'], MIDDLE_2)}{_tag('Country', seller['country'])}</Address>",
            # The schema wants a person; "NotUsed" says that the name beside it is whole, here that of the company.
            f"<Contact><ContactPerson>{_tag('FirstName', 'NotUsed')}{_tag('LastName', seller['name'], MIDDLE_2)}",
            f"</ContactPerson></Contact></Company>{_tag('DefaultCurrencyCode', currency)}<SelectionCriteria>",
            f"{_tag('SelectionStartDate', str(first))}{_tag('SelectionEndDate', str(last))}</SelectionCriteria>",
            f"{_tag('TaxAccountingBasis', 'A')}</Header>\n",
        )
    )


def _accounts(first: date, last: date, currency: str) -> Iterator[str]:
    """Give one account per code of the chart; customers' accounts are summed here and named one by one below."""
    held = {code: [0, 0] for code in CHART}
    for account in accounts(first, last):
        if account.opening.currency == currency:
            held[account.code][0] += account.opening.minor
            held[account.code][1] += account.closing.minor
    for code, (opening, closing) in held.items():
        yield (
            f"<Account>{_tag('AccountID', code)}{_tag('AccountDescription', nature(code).title)}"
            f"{_tag('AccountType', 'GL')}{_balances(Money(opening, currency), Money(closing, currency))}</Account>\n"
        )


def _balances(opening: Money, closing: Money) -> str:
    parts = []
    for word, amount in (("Opening", opening), ("Closing", closing)):
        side = "Credit" if amount.minor < 0 else "Debit"
        parts.append(_tag(f"{word}{side}Balance", str(abs(amount.decimal()))))
    return "".join(parts)


def _customers(first: date, last: date, currency: str) -> Iterator[str]:
    begun = False
    receivables = (one for one in accounts(first, last) if (one.code, one.opening.currency) == ("receivable", currency))
    while page := list(islice(receivables, PAGE)):
        if not begun:
            begun = True
            yield "<Customers>\n"
        yield from _customers_of(page)
    if begun:
        yield "</Customers>\n"


def _customers_of(page: Sequence[AccountView]) -> Iterator[str]:
    known = Customer.objects.only("number", "name", "country").in_bulk([one.customer_id for one in page])
    for account in page:
        customer = known[account.customer_id or 0]
        yield (
            f"<Customer>{_tag('Name', customer.name, MIDDLE_2)}<Address>{_tag('Country', customer.country)}</Address>"
            f"{_tag('CustomerID', customer.number, MIDDLE)}{_tag('AccountID', 'receivable')}"
            f"{_balances(account.opening, account.closing)}</Customer>\n"
        )


def _entries(first: date, last: date, currency: str) -> Iterator[str]:
    entries, total = journal_totals(first, last, currency)
    yield (
        f"<GeneralLedgerEntries>{_tag('NumberOfEntries', str(entries))}{_tag('TotalDebit', str(total.decimal()))}"
        f"{_tag('TotalCredit', str(total.decimal()))}\n<Journal>{_tag('JournalID', 'GL')}"
        f"{_tag('Description', 'General ledger')}{_tag('Type', 'GL')}\n"
    )
    entries_left = journal(first, last, currency=currency)
    while page := list(islice(entries_left, PAGE)):
        numbers = dict(Customer.objects.filter(pk__in={one.customer_id for one in page}).values_list("pk", "number"))
        for entry in page:
            yield _transaction(entry, numbers.get(entry.customer_id or 0, ""))
    yield "</Journal>\n</GeneralLedgerEntries>\n"


def _transaction(entry: EntryView, customer: str) -> str:
    day, posted = entry.effective_on, str(entry.posted_at.date())
    head = (
        _tag("TransactionID", str(entry.id)),
        _tag("Period", str(day.month)),
        _tag("PeriodYear", str(day.year)),
        _tag("TransactionDate", str(day)),
        _tag("SourceID", entry.actor, MIDDLE),
        _tag("Description", entry.reason or f"{entry.kind} {entry.source}", LONG),
        _tag("SystemEntryDate", posted),
        _tag("GLPostingDate", posted),
        _tag("SystemID", str(entry.id), SHORT),
    )
    lines = (_line(entry, place, line, customer) for place, line in enumerate(entry.lines, start=1))
    return f"<Transaction>{''.join(head)}{''.join(lines)}</Transaction>\n"


def _line(entry: EntryView, place: int, line: Line, customer: str) -> str:
    side = "DebitAmount" if line.amount.minor > 0 else "CreditAmount"
    whose = _tag("CustomerID", customer, MIDDLE) if line.account == "receivable" else ""
    return (
        f"<Line>{_tag('RecordID', str(place))}{_tag('AccountID', line.account)}"
        f"{_tag('SourceDocumentID', entry.source, MIDDLE)}{whose}{_tag('Description', entry.kind)}"
        f"<{side}>{_tag('Amount', str(abs(line.amount.decimal())))}</{side}></Line>"
    )


def _tag(name: str, text: str, longest: int = LONG) -> str:
    # Characters that XML 1.0 has no way to write are left out. Source: XML 1.0, fifth edition, section 2.2 "Char".
    plain = "".join(letter for letter in text if letter >= " " and letter not in "\ufffe\uffff")[:longest]
    return f"<{name}>{escape(plain)}</{name}>"
