"""Settlement files against the books: three formats, each break, and files that lie, repeat or never end."""

from __future__ import annotations

import io
from datetime import date

import psycopg
import pytest

from ledger.books.proof import first_break
from ledger.books.queries import balance
from ledger.errors import InvalidInput
from ledger.events.models import Event
from ledger.models import Break, SettlementFile, SettlementLine
from ledger.payments.operations import add_payment_method, record_failure, record_payment
from ledger.reconciliation.operations import BreakNotOpen, StillNotBooked, resolve_break, take_settlement_file
from ledger.reconciliation.reading_camt import read_camt053
from ledger.reconciliation.reading_csv import read_csv
from ledger.reconciliation.reading_mt940 import read_mt940
from ledger.reconciliation.statement import Control, ControlTotalsDiffer, InvalidSettlementFile, StatementLine
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana

HEAD = "line_ref,type,reference,amount,fee,currency,booked_on,text\n"

CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>S-1</Id>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{closing}</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Ntry><Amt Ccy="EUR">49.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-03-03</Dt></BookgDt><AcctSvcrRef>BANK-1</AcctSvcrRef>
<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>
<RmtInf><Ustrd>Rechnung {bill} vielen Dank</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">30.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-03</Dt></BookgDt>
<AcctSvcrRef>BANK-2</AcctSvcrRef><NtryDtls>
<TxDtls><Refs><AcctSvcrRef>BANK-2a</AcctSvcrRef><EndToEndId>E1</EndToEndId></Refs><Amt Ccy="EUR">10.00</Amt></TxDtls>
<TxDtls><Refs><AcctSvcrRef>BANK-2b</AcctSvcrRef><EndToEndId>E2</EndToEndId></Refs><Amt Ccy="EUR">20.00</Amt></TxDtls>
</NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">10.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><RvslInd>true</RvslInd><Sts>BOOK</Sts>
<BookgDt><Dt>2026-03-04</Dt></BookgDt><AcctSvcrRef>BANK-3</AcctSvcrRef></Ntry>
<Ntry><Amt Ccy="EUR">999.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>PDNG</Sts><BookgDt><Dt>2026-03-05</Dt></BookgDt></Ntry>
</Stmt></BkToCstmrStmt></Document>"""

MT940 = """:20:STMT-1
:25:12345678/0001234567
:28C:1/1
:60F:C260301EUR100,00
:61:2603030303C49,00NTRFNONREF//BANK-1
:86:166?00GUTSCHRIFT?20EREF+P-2026-000001?21SVWZ+Danke
:61:2603040304RC10,00NTRFNONREF//BANK-2
:86:Rueckbuchung
:61:2603040304D5,50NMSCNONREF//BANK-3
:86:Entgelt
:62F:C260304EUR133,50
-
"""


def lines_of(reader, text: str) -> list[StatementLine]:
    return list(Control().check(reader(io.BytesIO(text.encode()))))


def shape(line: StatementLine) -> tuple:
    return line.line_ref, line.kind, line.reference, line.amount.minor, line.is_reversal


def test_a_bank_statement_in_camt053_is_read_entry_by_entry_its_bundles_and_reversals_too():
    lines = lines_of(read_camt053, CAMT.format(closing="169.00", bill="2026-000001"))

    assert [shape(line) for line in lines] == [
        ("BANK-1", "payment", "", 4900, False),
        ("BANK-2a", "payment", "E1", 1000, False),
        ("BANK-2b", "payment", "E2", 2000, False),
        ("BANK-3", "payment", "", -1000, True),
    ]  # 100.00 + 49.00 + 30.00 - 10.00 = 169.00; what is only pending is left out
    assert lines[0].booked_on == date(2026, 3, 3)
    assert "2026-000001" in lines[0].text


def test_a_bank_statement_in_mt940_gives_a_reversal_its_side():
    lines = lines_of(read_mt940, MT940)

    assert [shape(line) for line in lines] == [
        ("BANK-1", "payment", "P-2026-000001", 4900, False),
        ("BANK-2", "payment", "", -1000, True),
        ("BANK-3", "refund", "", -550, False),
    ]  # 100.00 + 49.00 - 10.00 - 5.50 = 133.50


def test_a_provider_file_is_read_with_its_own_columns_or_stripes():
    ours = lines_of(
        read_csv, HEAD + "L1,payment,tx-1,49.00,1.72,EUR,2026-03-03,x\nL2,payment,tx-1,-49.00,0,EUR,2026-03-04,\n"
    )
    stripes = lines_of(
        read_csv,
        "balance_transaction_id;created_utc;reporting_category;gross;fee;currency;source_id\n"
        "txn_1;2026-03-03 11:00:00;charge;49,00;1,72;eur;ch_1\n",
    )

    assert [shape(line) for line in ours] == [
        ("L1", "payment", "tx-1", 4900, False),
        ("L2", "payment", "tx-1", -4900, True),
    ]
    assert (shape(stripes[0]), stripes[0].fee_minor) == (("txn_1", "payment", "ch_1", 4900, False), 172)


@pytest.mark.parametrize(
    ("reader", "text", "words"),
    [
        (read_csv, "", "missing: line_ref"),
        (read_csv, HEAD + "L1,payment,t,forty,0,EUR,2026-03-03,\n", "Line 2: 'forty' is no amount"),
        (read_csv, HEAD + "L1,payment,t,1.005,0,EUR,2026-03-03,\n", "no amount in EUR"),
        (read_csv, HEAD + "L1,payment,t,NaN,0,EUR,2026-03-03,\n", "no amount"),
        (read_csv, HEAD + "L1,payment,t,1.00,0,XXQ,2026-03-03,\n", "no currency we know"),
        (read_csv, HEAD + "L1,payment,t,1.00,0,EUR,03/04/2026,\n", "is no day"),
        (read_camt053, "<a/>", "no statement"),
        (read_camt053, "no xml", "no XML"),
        (read_camt053, '<!DOCTYPE a [<!ENTITY x "y">]><a><Stmt><Id>&x;</Id></Stmt></a>', "DOCTYPE"),
        (read_mt940, "hello", "no statement"),
        (read_mt940, ":20:A\n:25:1\n:28C:1\n:60F:C260231EUR1,00\n:61:2602310231C1,00NTRFX//Y\n", "no MT940"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(reader, text, words):
    with pytest.raises(InvalidSettlementFile, match=words):
        lines_of(reader, text)


def test_a_statement_that_does_not_add_up_is_refused_whole():
    with pytest.raises(ControlTotalsDiffer, match=r"closes with 170\.00 EUR, but its lines come to 169\.00 EUR"):
        lines_of(read_camt053, CAMT.format(closing="170.00", bill="x"))
    with pytest.raises(ControlTotalsDiffer):
        lines_of(read_mt940, MT940.replace("133,50", "133,51"))


class CountedFile(io.RawIOBase):
    """A file in a hundred parts that counts how many of them were read."""

    def __init__(self, head: bytes, part: bytes, end: bytes) -> None:
        self.parts, self.read_parts = iter([head, *[part] * 100, end]), 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        self.read_parts += 1
        return next(self.parts, b"")

    def readinto(self, buffer) -> int:
        part = self.read()
        buffer[: len(part)] = part
        return len(part)

    read1 = read


ENTRY = (
    b'<Ntry><Amt Ccy="EUR">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>'
    b"<BookgDt><Dt>2026-03-03</Dt></BookgDt></Ntry>"
)


@pytest.mark.parametrize(
    ("reader", "file"),
    [
        (read_camt053, (b"<Document><Stmt><Id>S</Id>", ENTRY * 20, b"</Stmt></Document>")),
        (read_csv, (HEAD.encode(), b"L1,payment,tx,1.00,0,EUR,2026-03-03,x\n" * 200, b"")),
    ],
)
def test_a_huge_file_is_read_piece_by_piece(reader, file):
    counted = CountedFile(*file)
    lines = reader(counted)

    next(lines)
    assert counted.read_parts < 40  # the first line is there before half of the file was read
    assert sum(1 for _ in lines) > 1900


# With the database from here on.


@pytest.fixture
def ana(db):
    return open_ana()


def take(text: str, *, format: str = "csv", account: str = "sandbox", name: str = "march.csv") -> SettlementFile:
    return take_settlement_file(io.BytesIO(text.encode()), name=name, format=format, account=account, by=SYSTEM, at=NOW)


def received(customer, minor: int, reference: str | None, **more):
    return record_payment(
        customer.pk, amount=eur(minor), gateway_reference=reference, received_on=date(2026, 3, 3), by=SYSTEM, at=NOW,
        **more,
    )  # fmt: skip


def breaks() -> list[tuple]:
    rows = Break.objects.order_by("kind", "in_books_minor", "in_file_minor").values_list(
        "kind", "in_books_minor", "in_file_minor", "state"
    )
    return list(rows)


def test_what_agrees_is_matched_and_the_fees_are_booked_once(ana):
    bill(ana, 4900)
    payment = received(ana, 4900, "tx-1")
    text = HEAD + "L1,payment,tx-1,49.00,1.72,EUR,2026-03-03,\n"

    first = take(text)
    assert take(text).pk == first.pk  # the same content again
    take(text + "\n", name="march again.csv")  # the same line in a file of other content

    assert breaks() == []
    assert SettlementLine.objects.get().payment == payment
    assert first.totals == {"EUR": {"lines": 1, "in_minor": 4900, "out_minor": 0, "fees_minor": 172}}
    assert list(SettlementFile.objects.order_by("pk").values_list("lines_count", "known_before")) == [(1, 0), (1, 1)]
    assert balance("processor_fees", "EUR") == eur(172)
    assert balance("cash", "EUR") == eur(4728)  # 49.00 - 1.72
    assert first_break() is None


def test_each_kind_of_difference_becomes_a_row(ana):
    received(ana, 1000, "less")
    received(ana, 2000, "not-there")
    received(ana, 3000, "dollars")
    received(ana, 4000, "back")
    record_failure(ana.pk, amount=eur(5000), code="do_not_honor", external_id="failed-here", by=SYSTEM, at=NOW)

    take(
        HEAD
        + "L1,payment,less,9.00,0,EUR,2026-03-03,\n"
        + "L2,payment,dollars,30.00,0,USD,2026-03-03,\n"
        + "L3,payment,back,40.00,0,EUR,2026-03-03,\n"
        + "L4,payment,back,-40.00,0,EUR,2026-03-04,\n"
        + "L5,payment,unknown,7.00,0,EUR,2026-03-04,\n"
        + "L6,payment,failed-here,50.00,0,EUR,2026-03-04,\n"
        + "L7,payout,po_1,-99.00,0,EUR,2026-03-04,\n"
    )

    assert breaks() == [
        ("amount_differs", 1000, 900, "open"),
        ("currency_differs", 3000, 3000, "open"),
        ("missing_in_books", None, 700, "open"),
        ("missing_in_books", None, 5000, "open"),
        ("missing_in_file", 2000, None, "open"),
        ("reversed", 4000, -4000, "open"),
    ]
    assert Event.objects.get(kind="settlement_file.taken").data["breaks"]["missing_in_books"] == 2


def test_the_same_payment_settled_twice_shows(ana):
    received(ana, 1000, "tx-1")

    take(HEAD + "L1,payment,tx-1,10.00,0,EUR,2026-03-03,\nL2,payment,tx-1,10.00,0,EUR,2026-03-03,\n")

    assert [(kind, books, file) for kind, books, file, _ in breaks()] == [("amount_differs", 1000, 2000)] * 2


def test_time_answers_what_a_later_file_or_a_later_booking_brings(ana):
    received(ana, 2000, "late")
    take(HEAD + "L1,payment,unknown,7.00,0,EUR,2026-03-03,\n")
    assert [row[0] for row in breaks()] == ["missing_in_books", "missing_in_file"]

    received(ana, 700, "unknown")
    take(HEAD + "L2,payment,late,20.00,0,EUR,2026-03-04,\n")

    assert list(Break.objects.order_by("kind").values_list("state", "how")) == [
        ("resolved", "booked"),
        ("resolved", "timing"),
    ]


def test_a_transfer_is_found_by_the_bill_it_names(ana):
    invoice = bill(ana, 4900)
    method = add_payment_method(ana.pk, kind="transfer", token="iban", by=SYSTEM, at=NOW)
    payment = received(ana, 4900, None, method_id=method.pk)
    unnamed = received(ana, 800, None, method_id=method.pk)

    take(CAMT.format(closing="169.00", bill=invoice.number), format="camt053", account="DE89", name="c53.xml")

    assert SettlementLine.objects.get(line_ref="BANK-1").payment == payment
    assert Break.objects.get(kind="missing_in_file").payment == unnamed


def test_a_break_is_closed_once_with_what_it_was(ana, olg):
    take(HEAD + "L1,payment,unknown,7.00,0,EUR,2026-03-03,\n")
    gap = Break.objects.get()

    with pytest.raises(StillNotBooked, match="do not have it yet"):
        resolve_break(gap.pk, how="booked", by=olg, at=NOW)
    with pytest.raises(InvalidInput, match="why it may be closed"):
        resolve_break(gap.pk, how="accepted", note=" ", by=olg, at=NOW)
    received(ana, 700, "unknown")
    closed = resolve_break(gap.pk, how="booked", by=olg, at=NOW)

    assert (closed.state, closed.how, closed.resolved_by) == ("resolved", "booked", "agent:4")
    with pytest.raises(BreakNotOpen):
        resolve_break(gap.pk, how="accepted", note="again", by=olg, at=NOW)


def test_a_file_whose_lines_share_a_reference_leaves_nothing_behind(ana):
    with pytest.raises(InvalidSettlementFile, match="same reference"):
        take(HEAD + "L1,payment,a,7.00,0,EUR,2026-03-03,\nL1,payment,b,9.00,0,EUR,2026-03-03,\n")

    assert not SettlementFile.objects.exists()
    assert not SettlementLine.objects.exists()


def test_the_database_keeps_what_the_sender_said(ana, owner, transactional_db):
    take(HEAD + "L1,payment,unknown,7.00,0,EUR,2026-03-03,\n")

    for change in (
        "UPDATE ledger_settlementline SET amount_minor = 1",
        "UPDATE ledger_settlementfile SET lines_count = 9",
        "UPDATE ledger_break SET state = 'resolved'",
    ):
        with pytest.raises((psycopg.errors.RestrictViolation, psycopg.errors.CheckViolation)):
            owner.execute(change)
