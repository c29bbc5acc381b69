"""S1-82: the journal leaves the program: read and checked by another one, with the totals of our trial balance."""

from __future__ import annotations

import shutil
import subprocess
import tracemalloc
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command

from ledger.books import chart, posting_rules
from ledger.books.operations import post_entries
from ledger.books.queries import trial_balance
from ledger.exports.beancount import ROOTS
from ledger.exports.saft import NAMESPACE, saft_lines
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay

MARCH = ("--from", "2026-03-01", "--to", "2026-03-31")
#: The elements of the schema we write, in the order it asks for.
ORDER = {
    "AuditFile": ["Header", "MasterFiles", "GeneralLedgerEntries"],
    "Header": [
        "AuditFileVersion", "AuditFileCountry", "AuditFileDateCreated", "SoftwareCompanyName", "SoftwareID",
        "SoftwareVersion", "Company", "DefaultCurrencyCode", "SelectionCriteria", "TaxAccountingBasis",
    ],
    "Company": ["RegistrationNumber", "Name", "Address", "Contact"],
    "ContactPerson": ["FirstName", "LastName"],
    "MasterFiles": ["GeneralLedgerAccounts", "Customers"],
    "Account": ["AccountID", "AccountDescription", "AccountType", "Opening", "Closing"],
    "Customer": ["Name", "Address", "CustomerID", "AccountID", "Opening", "Closing"],
    "GeneralLedgerEntries": ["NumberOfEntries", "TotalDebit", "TotalCredit", "Journal"],
    "Transaction": [
        "TransactionID", "Period", "PeriodYear", "TransactionDate", "SourceID", "Description", "SystemEntryDate",
        "GLPostingDate", "SystemID", "Line",
    ],
    "Line": [
        "RecordID", "AccountID", "SourceDocumentID", "CustomerID", "Description", "DebitAmount", "CreditAmount",
    ],
}  # fmt: skip

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    """Ana "the <b>est" & Berg, with a bill of 119.00 of which 100.00 are paid."""
    customer = open_ana()
    bill(customer, 10000, tax=19)
    pay(customer, 10000)
    return customer


def exported(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def checked(text: str, tmp_path: Path) -> subprocess.CompletedProcess:
    """Let Beancount read a file."""
    file = tmp_path / "books.beancount"
    file.write_text(text, encoding="utf-8")
    program = shutil.which("bean-check") or str(Path(__import__("sys").executable).with_name("bean-check"))
    return subprocess.run([program, "--no-cache", str(file)], capture_output=True, text=True, check=False)


def test_another_program_reads_the_journal_and_finds_our_trial_balance(ana, tmp_path):
    text = exported("export_beancount", *MARCH)

    assert "2026-04-01 balance Assets:Receivable  19.00 ~ 0 EUR" in text
    assert f"Assets:Receivable:C{ana.pk}  119.00 EUR" in text
    found = checked(text, tmp_path)
    assert (found.returncode, found.stderr) == (0, "")


def test_a_journal_with_one_changed_cent_is_refused_by_the_other_program(ana, tmp_path):
    text = exported("export_beancount", *MARCH).replace("balance Assets:Cash  100.00", "balance Assets:Cash  100.01")

    assert checked(text, tmp_path).returncode != 0


def test_what_was_held_before_opens_a_later_journal(ana, tmp_path):
    text = exported("export_beancount", "--from", "2026-04-01", "--to", "2026-04-30")

    assert '2026-04-01 * "Opening balances"' in text
    assert checked(text, tmp_path).returncode == 0


def test_every_account_of_the_chart_has_its_place():
    assert set(ROOTS) == set(chart.CHART)


def test_the_audit_file_has_the_schemas_order_and_the_totals_of_the_trial_balance(ana):
    root = ElementTree.fromstring(exported("export_saft", *MARCH).encode())

    for element in root.iter():
        order = ORDER.get(plain(element))
        if order:
            places = [order.index(short(child)) for child in element]
            assert places == sorted(places), plain(element)
    debits = sum(Decimal(one.text) for one in root.iter(f"{{{NAMESPACE}}}Amount") if one is not None) / 2
    totals = [root.find(f".//{{{NAMESPACE}}}{name}").text for name in ("TotalDebit", "TotalCredit")]
    assert totals == [str(debits), str(debits)] == ["319.00", "319.00"]  # 100 charged, 119 billed, 100 paid
    closing = {account[0].text: signed(account[-1]) for account in root.iter(f"{{{NAMESPACE}}}Account")}
    held = {row.account: (row.debit - row.credit).decimal() for row in trial_balance()}
    assert {code: minor for code, minor in closing.items() if minor} == {code: one for code, one in held.items() if one}


def test_the_audit_file_has_what_the_schema_cannot_do_without_and_no_text_that_is_too_long(ana):
    type(ana).objects.filter(pk=ana.pk).update(name="N" * 100)

    root = ElementTree.fromstring(exported("export_saft", *MARCH).encode())

    def texts(path: str) -> list[str]:
        return [one.text or "" for one in root.iterfind("/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/")))]

    assert texts("Header/AuditFileVersion") == ["1.20"]
    # CompanyHeaderStructure: at least one Contact, a person with both names.
    assert texts("Header/Company/Contact/ContactPerson/FirstName") == ["NotUsed"]
    assert len(texts("Header/Company/Contact/ContactPerson/LastName")[0]) in range(1, 71)
    assert texts("MasterFiles/Customers/Customer/Name") == ["N" * 70]  # SAFmiddle2textType
    # Every line of a customer's account names the customer of the list.
    assert set(texts("GeneralLedgerEntries/Journal/Transaction/Line/CustomerID")) == {ana.number}


def test_a_currency_whose_amounts_do_not_fit_is_refused_in_words(ana):
    with pytest.raises(CommandError, match="2 digits after the point; KWD has 3"):
        exported("export_saft", *MARCH, "--currency", "KWD")


def signed(balance: ElementTree.Element) -> Decimal:
    return Decimal(balance.text) * (-1 if "Credit" in balance.tag else 1)


def plain(element: ElementTree.Element) -> str:
    return element.tag.removeprefix(f"{{{NAMESPACE}}}")


def short(element: ElementTree.Element) -> str:
    """Return a name; of the choice between debit and credit balances, which of the two it is."""
    name = plain(element)
    return name[:7] if name.endswith("Balance") else name


def test_names_that_look_like_markup_stay_names(ana):
    type(ana).objects.filter(pk=ana.pk).update(name='A & <b>"B"\x07')

    root = ElementTree.fromstring(exported("export_saft", *MARCH).encode())

    assert root.find(f".//{{{NAMESPACE}}}Customer/{{{NAMESPACE}}}Name").text == 'A & <b>"B"'


def test_a_long_journal_costs_no_more_memory_than_a_page_of_it(ana):
    day = date(2026, 3, 3)
    entries = [
        posting_rules.processor_fee(eur(1), customer_id=ana.pk, payment=f"payment:{number}", on=day)
        for number in range(6000)
    ]
    post_entries(entries, by=SYSTEM, at=NOW)
    del entries

    tracemalloc.start()
    pieces = sum(1 for _ in saft_lines(date(2026, 3, 1), date(2026, 3, 31), currency="EUR", created_on=day))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert pieces > 6000
    assert peak < 12_000_000  # a page of 1000 entries; the whole file is about 5 MB, the entries in memory far more


def test_a_span_without_days_is_refused(ana):
    with pytest.raises(CommandError, match="not before its first"):
        exported("export_saft", "--from", "2026-04-01", "--to", "2026-03-01")
