"""Bank statements as CAMT.053, read with lxml entry by entry: any length takes the memory of one entry (pure).

The elements are those of ISO 20022 camt.053 from version 2 on; names are read without their namespace, so every version
is understood. An entry that bundles several transactions gives one line for each, if their amounts come to its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from lxml import etree

from ledger.money import Money
from ledger.reconciliation import statement
from ledger.reconciliation.statement import Balance, InvalidSettlementFile, Item, StatementLine, read_day, read_money

OPENING, CLOSING = frozenset({"OPBD", "PRCD"}), frozenset({"CLBD"})
NOTHING = frozenset({"", "NOTPROVIDED", "NONREF"})


def read_camt053(stream: BinaryIO) -> Iterator[Item]:
    """Give the balances and the booked entries of every statement in a file.

    :raises InvalidSettlementFile: if it is no CAMT.053, or carries a DOCTYPE, which no bank sends
    """
    parsed = etree.iterparse(
        stream, events=("end",), tag=("{*}Ntry", "{*}Bal", "{*}Stmt"), resolve_entities=False, no_network=True,
        load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    statements, closing, name, entries = 0, list[Balance](), "", 0
    try:
        for _, element in parsed:
            _refuse_doctype(element)
            tag = etree.QName(element).localname
            if tag == "Stmt":
                statements += 1
                yield from closing
                closing, entries = [], 0
            elif tag == "Bal":
                balance = _balance(element)
                if balance is not None and balance.is_closing:
                    closing.append(balance)
                elif balance is not None:
                    yield balance
            else:
                name = _statement_name(element)
                entries += 1
                yield from _lines(element, f"{name}/{entries}")
            _forget(element)
    except etree.XMLSyntaxError as problem:
        raise InvalidSettlementFile(f"The file is no XML: {problem.msg}.") from problem
    if not statements:
        raise InvalidSettlementFile("There is no statement (Stmt) in the file.")


def _refuse_doctype(element: Any) -> None:
    if element.getprevious() is None and element.getroottree().docinfo.internalDTD is not None:
        raise InvalidSettlementFile("The file has a DOCTYPE; it is not read.")


def _forget(element: Any) -> None:
    """Free what was read; what is kept of a statement are its few words before the entries."""
    if etree.QName(element).localname == "Bal":
        return
    element.clear()
    while element.getprevious() is not None and etree.QName(element.getprevious()).localname == "Ntry":
        del element.getparent()[element.getparent().index(element) - 1]


def _text(element: Any, *path: str) -> str:
    """Return the text at a path of element names, whatever their namespace; empty where there is none."""
    found = element.find("/".join(f"{{*}}{name}" for name in path))
    return (found.text or "").strip() if found is not None else ""


def _statement_name(entry: Any) -> str:
    parent = entry.getparent()
    return _text(parent, "Id") or _text(parent, "ElctrncSeqNb") or "statement"


def _signed(element: Any, *, where: str) -> Money:
    amount = element.find("{*}Amt")
    if amount is None:
        raise InvalidSettlementFile(f"{where} has no amount.")
    money = read_money(amount.text or "", amount.get("Ccy", ""), where=where)
    return -money if _text(element, "CdtDbtInd") == "DBIT" else money


def _balance(element: Any) -> Balance | None:
    code = _text(element, "Tp", "CdOrPrtry", "Cd")
    if code not in OPENING | CLOSING:
        return None
    return Balance(code in CLOSING, _signed(element, where=f"The balance {code}"))


def _lines(entry: Any, where: str) -> Iterator[StatementLine]:
    status = _text(entry, "Sts", "Cd") or _text(entry, "Sts")
    if status != "BOOK":
        return
    whole = _signed(entry, where=f"The entry {where}")
    parts = entry.findall("{*}NtryDtls/{*}TxDtls")
    amounts = [_part_amount(part, entry, where=where) for part in parts]
    if len(parts) > 1 and all(amounts) and sum(each.minor for each in amounts if each) == whole.minor:
        for number, (part, amount) in enumerate(zip(parts, amounts, strict=True), start=1):
            yield _line(entry, part, amount or whole, f"{where}.{number}", is_part=True)
    else:
        yield _line(entry, parts[0] if len(parts) == 1 else None, whole, where, is_part=False)


def _part_amount(part: Any, entry: Any, *, where: str) -> Money | None:
    found = part.find("{*}Amt")
    if found is None:
        found = part.find("{*}AmtDtls/{*}TxAmt/{*}Amt")
    if found is None:
        return None
    money = read_money(found.text or "", found.get("Ccy", ""), where=f"The entry {where}")
    side = _text(part, "CdtDbtInd") or _text(entry, "CdtDbtInd")
    return -money if side == "DBIT" else money


def _line(entry: Any, part: Any, amount: Money, where: str, *, is_part: bool) -> StatementLine:
    source = entry if part is None else part
    named = [_text(source, "Refs", name) for name in ("EndToEndId", "TxId", "InstrId", "PmtInfId")]
    unstructured = [(each.text or "").strip() for each in source.findall("{*}RmtInf/{*}Ustrd")]
    structured = _text(source, "RmtInf", "Strd", "CdtrRefInf", "Ref")
    reference = next((each for each in (*named, structured) if each.upper() not in NOTHING), "")
    own = _text(source, "Refs", "AcctSvcrRef") if is_part else _text(entry, "AcctSvcrRef")
    is_reversal = _text(entry, "RvslInd") in ("true", "1")
    fee = sum(
        read_money(each.text or "", each.get("Ccy", ""), where=where).minor
        for each in entry.findall("{*}Chrgs/{*}Rcrd/{*}Amt")
        if not is_part and each.get("Ccy") == amount.currency
    )
    came_in = amount.minor > 0
    return StatementLine(
        line_ref=(own or where)[:120],
        kind=statement.PAYMENT if came_in is not is_reversal else statement.REFUND,
        reference=reference[:140],
        amount=amount,
        booked_on=read_day(
            _text(entry, "BookgDt", "Dt") or _text(entry, "BookgDt", "DtTm") or _text(entry, "ValDt", "Dt"),
            where=f"The entry {where}",
        ),
        fee_minor=fee,
        is_reversal=is_reversal,
        text=" ".join([structured, *unstructured, _text(entry, "AddtlNtryInf")]).strip()[:500],
    )
