"""An invoice or credit note as a sheet (pure): everything said in the reader's language."""

from __future__ import annotations

from fractions import Fraction

from ledger.catalogue.tariff import Model, Step, steps
from ledger.charges.basis import Basis
from ledger.documents.contact import ContactBlock
from ledger.documents.facts import Bill, Line, TaxGroup
from ledger.documents.figures import (
    say_amount,
    say_day,
    say_period,
    say_quantity,
    say_rate,
    say_share,
    say_short_day,
    say_unit_price,
)
from ledger.documents.letters import shell, spaced_iban
from ledger.documents.sheet import Block, Column, Sheet, cell, lead, note, rows, totals
from ledger.documents.words import language_of, say
from ledger.money import Money

#: Categories whose document must say why no tax is charged. Source: EN 16931-1, BR-AE-10, BR-E-10, BR-G-10.
EXPLAINED = {"AE": "reverse_charge", "G": "export", "E": "exempt"}


def bill_sheet(bill: Bill, contact: ContactBlock) -> Sheet:
    """Return the sheet of an invoice, or of a credit note when it corrects one."""
    kind = "credit_note" if bill.corrects else "invoice"
    return shell(
        kind,
        language=bill.language,
        number=bill.number,
        seller=bill.seller,
        buyer=bill.buyer,
        contact=contact,
        facts=_facts(bill),
        blocks=(_lead(bill), _rows(bill), _totals(bill), *_notes(bill)),
    )


def _facts(bill: Bill) -> list[tuple[str, str]]:
    tag = bill.language
    found = [
        (say("number", tag), bill.number),
        (say("date", tag), say_day(bill.issued_on, tag)),
        (say("due", tag), say_day(bill.due_on, tag) if bill.due_on else ""),
        (say("period", tag), say_period(bill.period, tag) if bill.period else ""),
        (say("corrects", tag), bill.corrects),
        (say("customer_number", tag), bill.buyer.number),
        (say("your_vat_id", tag), bill.buyer.vat_id),
    ]
    return [(label, value) for label, value in found if value]


def _lead(bill: Bill) -> Block:
    tag = bill.language
    if bill.corrects:
        reason = f"{say('reason', tag)}: {bill.reason}"
        return lead(say("credited", tag), say_amount(bill.total, tag), [reason, say("credit_used_for", tag)])
    return lead(say("to_pay", tag), say_amount(bill.payable, tag), _how_to_pay(bill))


def _how_to_pay(bill: Bill) -> list[str]:
    if not bill.payable or bill.due_on is None:
        return [say("nothing_to_pay", bill.language)]
    return [
        say("pay_by", bill.language, say_day(bill.due_on, bill.language)),
        *ways_to_pay(bill.seller.party.name, bill.seller.iban, bill.seller.account_url, bill.number, bill.language),
    ]


def ways_to_pay(name: str, iban: str, account_url: str, number: str, language: str) -> list[str]:
    """Return how a customer pays: by transfer where the seller has named an account, and in the portal."""
    transfer = [say("pay_to", language, name=name, iban=spaced_iban(iban), number=number)] if iban else []
    return [*transfer, say("pay_online", language, account_url)]


def _rows(bill: Bill) -> Block:
    tag = bill.language
    columns = (
        Column(say("description", tag), grows=True),
        Column(say("quantity", tag), right=True),
        Column(say("price", tag), right=True),
        Column(say("tax_rate", tag), right=True),
        Column(say("amount", tag), right=True),
    )
    return rows(columns, [_row(line, tag) for line in bill.lines])


def _row(line: Line, tag: str) -> list[Block | str]:
    quantity, price = _quantity_and_price(line, tag)
    return [
        cell(line.description, _details(line, tag)),
        quantity,
        price,
        say_rate(line.rate, tag),
        say_amount(line.net, tag),
    ]


def _quantity_and_price(line: Line, tag: str) -> tuple[str, str]:
    """Return quantity and price of one; steps have several prices, which stand below the description."""
    if line.basis is None:
        return "1", say_amount(line.listed, tag)
    quantity = say_quantity(line.basis.quantity, tag)
    unit = f"{quantity} {line.basis.unit}".strip()
    tariff = line.basis.tariff
    if tariff.model is Model.FLAT:
        return unit, say_unit_price(Fraction(tariff.flat_minor), tariff.currency, tag)
    if tariff.model is Model.PER_UNIT:
        return unit, say_unit_price(tariff.unit_minor, tariff.currency, tag)
    return unit, ""


def _details(line: Line, tag: str) -> list[str]:
    details = [say_period(line.period, tag)] if line.period else []
    if line.basis is None:
        return details
    basis = line.basis
    if basis.part != 1 and basis.days is not None and basis.of_days:
        details.append(say("days", tag, say_quantity(Fraction(basis.days), tag), str(basis.of_days)))
    if basis.tariff.model in (Model.GRADUATED, Model.VOLUME):
        details += [
            _step(step, basis, tag) for step in steps(basis.tariff, basis.quantity) if step.units or step.flat_minor
        ]
    if basis.includes_tax:
        details.append(say("price_with_tax", tag))
    if line.discount:
        details.append(say("list_price", tag, say_amount(line.listed, tag)))
        details.append(say("discount", tag, _discount_names(basis, tag), say_amount(line.discount, tag)))
    return details


def _discount_names(basis: Basis, tag: str) -> str:
    named = []
    for discount in basis.discounts:
        percent = f" {say_share(discount.percent, tag)}" if discount.percent is not None else ""
        named.append(f"{discount.name}{percent}")
    return ", ".join(named)


def _step(step: Step, basis: Basis, tag: str) -> str:
    price = say_unit_price(step.unit_minor, basis.tariff.currency, tag)
    said = f"{say_quantity(step.units, tag)} × {price}"
    if not step.flat_minor:
        return said
    fixed = say_amount(Money(step.flat_minor, basis.tariff.currency), tag)
    return f"{said}, {say('fixed', tag, fixed)}"


def _totals(bill: Bill) -> Block:
    tag = bill.language
    content = [(say("net", tag), say_amount(bill.net, tag), False)]
    content += [
        (
            say("tax_of", tag, rate=say_rate(group.rate, tag), net=say_amount(group.net, tag)),
            say_amount(group.tax, tag),
            False,
        )
        for group in bill.groups
    ]
    content.append((say("total", tag), say_amount(bill.total, tag), not bill.credit_used))
    if bill.credit_used:
        content.append((say("credit_used", tag), say_amount(-bill.credit_used, tag), False))
        content.append((say("to_pay", tag), say_amount(bill.payable, tag), True))
    return totals(content)


def _notes(bill: Bill) -> list[Block]:
    tag = bill.language
    said = [text for group in bill.groups for text in [tax_sentence(group, tag)] if text]
    if any(group.category == "AE" for group in bill.groups):
        said.append(say("seller_and_buyer_vat", tag, seller=bill.seller.party.vat_id, buyer=bill.buyer.vat_id))
    if bill.book_tax is not None:
        booked = bill.book_tax
        said.append(
            say(
                "tax_in_book",
                tag,
                currency=booked.amount.currency,
                amount=say_amount(booked.amount, tag),
                from_currency=bill.currency,
                rate=say_quantity(Fraction(booked.rate), tag),
                source=booked.source,
                on=say_short_day(booked.on, tag),
            )
        )
    return [note(say("tax_note", tag), list(dict.fromkeys(said)))] if said else []


def tax_sentence(group: TaxGroup, tag: str) -> str:
    """Return why no tax is charged: the rule's own sentence where it has one, else the plain one; empty where taxed."""
    if group.category not in EXPLAINED:
        return ""
    first = language_of(tag)
    return group.wording.get(tag) or group.wording.get(first) or say(EXPLAINED[group.category], tag)
