"""Everything that is not a bill, as a sheet (pure): statement, reminder, agreement, price notice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ledger.customers.addresses import Address, format_address
from ledger.documents.contact import ContactBlock
from ledger.documents.facts import Party, Seller
from ledger.documents.figures import say_amount, say_day, say_period, say_short_day
from ledger.documents.sheet import Block, Column, Sheet, heading, lead, note, paragraph, rows, totals
from ledger.documents.words import language_of, say
from ledger.money import Money
from ledger.periods import Period


@dataclass(frozen=True, slots=True)
class Moved:
    """One line of a statement: `word` is its key in words.WORDS, `reference` a number the reader knows."""

    on: date
    word: str
    reference: str
    amount: Money
    balance: Money


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """A customer's account over a period: opening + movements = closing; `parts` say what the closing consists of."""

    number: str
    period: Period
    opening: Money
    movements: tuple[Moved, ...]
    closing: Money
    parts: tuple[tuple[str, Money], ...] = ()


@dataclass(frozen=True, slots=True)
class Overdue:
    """One bill past its day, with what is left of it."""

    number: str
    due_on: date
    left: Money


@dataclass(frozen=True, slots=True)
class Reminder:
    """What is overdue on a day."""

    number: str
    on: date
    bills: tuple[Overdue, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A document in ready words: an agreement, a notice. `terms` are shown as label and value, in reading order."""

    kind: str
    number: str
    on: date
    paragraphs: tuple[str, ...]
    terms: tuple[tuple[str, str], ...] = ()
    amount_label: str = ""
    amount: Money | None = None
    amount_text: tuple[str, ...] = ()
    schedule: tuple[tuple[str, date, Money], ...] = ()
    title: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """To whom a letter goes, in which language, and whom they may call."""

    seller: Seller
    party: Party
    language: str
    contact: ContactBlock


def shell(
    kind: str,
    *,
    language: str,
    number: str,
    seller: Seller,
    buyer: Party,
    contact: ContactBlock,
    facts: Sequence[tuple[str, str]],
    blocks: Sequence[Block],
    title: str = "",
) -> Sheet:
    """Return a sheet with what every document has."""
    words, party = language_of(language), seller.party
    place = Address(buyer.street, buyer.more, buyer.postal_code, buyer.city, buyer.region, buyer.country)
    title = title or f"{say(kind, language)} {number}".strip()
    home = " ".join(part for part in (party.postal_code, party.city) if part)
    return Sheet(
        language=language if words == language.partition("-")[0].lower() else words,
        country=buyer.country,
        title=title,
        document_title=f"{party.name}: {title}",
        number=number,
        page_words=say("page", language),
        seller_name=party.name,
        sender_line=" · ".join(part for part in (party.name, party.street, home) if part),
        address=tuple(format_address(buyer.name, place, from_country=party.country, language=words)),
        contact_label=say("billing_line", language),
        contact=contact,
        facts=tuple(facts),
        blocks=tuple(blocks),
        footer=_footer(seller, language),
    )


def _footer(seller: Seller, language: str) -> tuple[tuple[str, ...], ...]:
    party = seller.party
    home = ", ".join(part for part in (party.street, f"{party.postal_code} {party.city}".strip()) if part)
    columns = (
        (party.name, home),
        (say("vat_id", language, party.vat_id) if party.vat_id else "", seller.register),
        (f"IBAN\u00a0{spaced_iban(seller.iban)}" if seller.iban else "", f"BIC {seller.bic}" if seller.bic else ""),
    )
    kept = [tuple(part for part in column if part) for column in columns]
    return tuple(column for column in kept if column)


def spaced_iban(iban: str) -> str:
    """Return an IBAN in groups of four that stay on one line."""
    return "\u00a0".join(iban[at : at + 4] for at in range(0, len(iban), 4))


def _letter_shell(
    kind: str, reader: Reader, number: str, facts: Sequence[tuple[str, str]], blocks: Sequence[Block], title: str = ""
) -> Sheet:
    tag = reader.language
    return shell(
        kind,
        language=tag,
        number=number,
        seller=reader.seller,
        buyer=reader.party,
        contact=reader.contact,
        facts=[*facts, (say("customer_number", tag), reader.party.number)],
        blocks=blocks,
        title=title,
    )


def statement_sheet(statement: StatementFacts, reader: Reader) -> Sheet:
    """Return the sheet of a statement of account."""
    tag, owed = reader.language, statement.closing
    columns = (
        Column(say("date", tag)),
        Column(say("description", tag), grows=True),
        Column(say("amount", tag), right=True),
        Column(say("balance", tag), right=True),
    )
    first = [say_short_day(statement.period.start, tag), say("opening", tag), "", say_amount(statement.opening, tag)]
    moves = [
        [
            say_short_day(move.on, tag),
            f"{say(move.word, tag)} {move.reference}".strip(),
            say_amount(move.amount, tag),
            say_amount(move.balance, tag),
        ]
        for move in statement.movements
    ]
    parts = [(say(word, tag), say_amount(part, tag), False) for word, part in statement.parts if part]
    facts = [(say("period", tag), say_period(statement.period, tag))]
    blocks = (
        lead(say("you_owe", tag), say_amount(owed, tag), [f"{say('as_of', tag)} {say_period(statement.period, tag)}"]),
        rows(columns, [first, *moves]),
        totals([*parts, (say("closing", tag), say_amount(owed, tag), True)]),
    )
    title = f"{say('statement', tag)} {say_period(statement.period, tag)}"
    return _letter_shell("statement", reader, statement.number, facts, blocks, title=title)


def reminder_sheet(reminder: Reminder, reader: Reader, *, ways_to_pay: Sequence[str]) -> Sheet:
    """Return the sheet of a reminder: what is overdue, since when, how to pay, and what to do if one cannot."""
    tag = reader.language
    total = reminder.bills[0].left
    for bill in reminder.bills[1:]:
        total = total + bill.left
    columns = (
        Column(say("invoice", tag), grows=True),
        Column(say("due", tag), right=True),
        Column(say("late_since", tag), right=True),
        Column(say("amount", tag), right=True),
    )
    content = [
        [
            bill.number,
            say_short_day(bill.due_on, tag),
            say("days_overdue", tag, str((reminder.on - bill.due_on).days)),
            say_amount(bill.left, tag),
        ]
        for bill in reminder.bills
    ]
    blocks = (
        paragraph(say("reminder_text", tag)),
        lead(say("overdue", tag), say_amount(total, tag), ways_to_pay),
        rows(columns, content),
        note("", [say("cannot_pay", tag)]),
    )
    return _letter_shell("reminder", reader, reminder.number, [(say("date", tag), say_day(reminder.on, tag))], blocks)


def letter_sheet(letter: Letter, reader: Reader) -> Sheet:
    """Return the sheet of an agreement or a notice."""
    tag = reader.language
    blocks: list[Block] = [paragraph(text) for text in letter.paragraphs]
    if letter.amount is not None:
        blocks.append(lead(letter.amount_label, say_amount(letter.amount, tag), letter.amount_text))
    if letter.terms:
        blocks.append(rows((Column(""), Column("", grows=True)), [[label, value] for label, value in letter.terms]))
    if letter.schedule:
        columns = (
            Column(say("description", tag), grows=True),
            Column(say("due", tag), right=True),
            Column(say("amount", tag), right=True),
        )
        parts = [[label, say_day(on, tag), say_amount(part, tag)] for label, on, part in letter.schedule]
        blocks += [heading(say("to_pay", tag)), rows(columns, parts)]
    if letter.notes:
        blocks.append(note("", letter.notes))
    facts = [(say("number", tag), letter.number), (say("date", tag), say_day(letter.on, tag))]
    return _letter_shell(letter.kind, reader, letter.number, facts, blocks, title=letter.title)
