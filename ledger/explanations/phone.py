"""Three sentences to say on the phone: for a statement, one per currency, and for a bill."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ledger.books.queries import entries_of_all
from ledger.explanations.differences import explain_difference
from ledger.explanations.telling import Explanation
from ledger.invoices.explain import basis_of
from ledger.invoices.models import Invoice
from ledger.invoices.queries import get_invoice
from ledger.invoices.sentences import Sentence
from ledger.invoices.sources import amounts_of, written
from ledger.invoices.statements import Statement, statements_of
from ledger.invoices.wording import day, joined, written_in
from ledger.money import Money

TEXT: Mapping[str, Mapping[str, str]] = {
    "en": {
        "owed": "At the start of {first} you owed us {amount}.",
        "credit": "At the start of {first} we had {amount} of yours.",
        "nothing": "At the start of {first} nothing was owed on either side.",
        "moved": "Up to {last} there came {movements}.",
        "still": "Up to {last} nothing happened.",
        "closing_owed": "So at the end of {last} you owe us {amount}{parts}.",
        "closing_credit": "So at the end of {last} we have {amount} of yours{parts}.",
        "closing_nothing": "So at the end of {last} nothing is owed on either side{parts}.",
        "disputed": ", of which {amount} is in dispute and not asked for",
        "one": "{name} of {amount}",
        "many": "{count} {name} of {amount} together",
        "bill": "Your bill {number} of {day} comes to {amount}, for {what}.",
        "due": "Of it {amount} is open and due on {by}.",
        "paid": "It is paid; nothing is open.",
        "void": "It was withdrawn; nothing is to be paid.",
        "given_up": "We no longer expect {amount} of it.",
        "held": "Of it {amount} is in dispute and not asked for meanwhile.",
        "same": "It is the first of its kind, so there is none to compare it with.",
    },
    "de": {
        "owed": "Zu Beginn des {first} waren {amount} offen.",
        "credit": "Zu Beginn des {first} hatten wir {amount} von Ihnen.",
        "nothing": "Zu Beginn des {first} war auf keiner Seite etwas offen.",
        "moved": "Bis zum {last} kamen {movements}.",
        "still": "Bis zum {last} ist nichts geschehen.",
        "closing_owed": "Am Ende des {last} sind also {amount} offen{parts}.",
        "closing_credit": "Am Ende des {last} haben wir also {amount} von Ihnen{parts}.",
        "closing_nothing": "Am Ende des {last} ist also auf keiner Seite etwas offen{parts}.",
        "disputed": ", davon {amount} beanstandet und nicht verlangt",
        "one": "{name} über {amount}",
        "many": "{count} {name} über zusammen {amount}",
        "bill": "Ihre Rechnung {number} vom {day} beträgt {amount}, für {what}.",
        "due": "Davon sind {amount} offen, fällig am {by}.",
        "paid": "Sie ist bezahlt; es ist nichts offen.",
        "void": "Sie wurde zurückgezogen; es ist nichts zu zahlen.",
        "given_up": "Wir erwarten {amount} davon nicht mehr.",
        "held": "Davon sind {amount} beanstandet und werden so lange nicht verlangt.",
        "same": "Sie ist die erste ihrer Art; es gibt keine, mit der man sie vergleichen könnte.",
    },
}

#: What moves a statement, one and many, by the kind of its journal entry; what is not listed is "another booking".
MOVEMENTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "en": {
        "invoice_issued": ("a bill", "bills"),
        "payment_received": ("a payment", "payments"),
        "credit_note_issued": ("a credit note", "credit notes"),
        "refund_paid": ("a refund", "refunds"),
        "refund_failed": ("a refund that came back", "refunds that came back"),
        "refund_approved": ("a gift of ours", "gifts of ours"),
        "write_off": ("an amount we gave up", "amounts we gave up"),
        "reversal": ("a correction", "corrections"),
        "": ("another booking", "other bookings"),
    },
    "de": {
        "invoice_issued": ("eine Rechnung", "Rechnungen"),
        "payment_received": ("eine Zahlung", "Zahlungen"),
        "credit_note_issued": ("eine Gutschrift", "Gutschriften"),
        "refund_paid": ("eine Erstattung", "Erstattungen"),
        "refund_failed": ("eine zurückgekommene Erstattung", "zurückgekommene Erstattungen"),
        "refund_approved": ("eine Kulanz", "Kulanzbeträge"),
        "write_off": ("ein ausgebuchter Betrag", "ausgebuchte Beträge"),
        "reversal": ("eine Korrektur", "Korrekturen"),
        "": ("eine andere Buchung", "andere Buchungen"),
    },
}


def statement_scripts(customer_id: int, first: date, last: date, language: str) -> list[Explanation]:
    """Return three sentences for a customer's statement: opening, movements, closing; one script per currency.

    Amounts of two currencies are never put together: an account that changed its currency has two scripts.

    :raises NoSuchCustomer: if there is none
    :raises StatementUnreadable: if the last day is before the first
    """
    return [_statement_script(found, language) for found in statements_of(customer_id, first, last)]


def _statement_script(found: Statement, language: str) -> Explanation:
    words = TEXT[written_in(language)]
    entries = tuple(moved.entry_id for moved in found.movements)
    sums = _sums(found)
    movements = joined([_movement(kind, many, language) for kind, many in sums.items()], language)
    first, last = day(found.first, language), day(found.last, language)
    parts = words["disputed"].format(amount=found.disputed.display(language)) if found.disputed else ""
    said = (
        words[_side(found.opening)].format(first=first, amount=_size(found.opening).display(language)),
        words["moved" if sums else "still"].format(last=last, movements=movements),
        words[f"closing_{_side(found.closing)}"].format(
            last=last, amount=_size(found.closing).display(language), parts=parts
        ),
    )
    totals = [sum(many[1:], many[0]) for many in sums.values()]
    return Explanation(
        subject=f"statement:{found.customer_id}",
        customer_id=found.customer_id,
        language=language,
        sentences=tuple(Sentence(text, entries) for text in said),
        figures=frozenset(written([found.opening, found.closing, found.disputed, *totals], language)),
    )


def _sums(found: Statement) -> dict[str, list[Money]]:
    sums: dict[str, list[Money]] = {}
    known = MOVEMENTS["en"]
    for moved in found.movements:
        sums.setdefault(moved.kind if moved.kind in known else "", []).append(moved.amount)
    return sums


def _movement(kind: str, amounts: list[Money], language: str) -> str:
    words, (one, many) = TEXT[written_in(language)], MOVEMENTS[written_in(language)][kind]
    total = _size(sum(amounts[1:], amounts[0])).display(language)
    if len(amounts) == 1:
        return words["one"].format(name=one, amount=total)
    return words["many"].format(count=len(amounts), name=many, amount=total)


def _side(amount: Money) -> str:
    return "owed" if amount.minor > 0 else "credit" if amount.minor < 0 else "nothing"


def _size(amount: Money) -> Money:
    return Money(abs(amount.minor), amount.currency)


def bill_script(invoice_id: int, language: str, *, customer_id: int | None = None) -> Explanation:
    """Return three sentences for a bill: what it is, why it differs from the last one, and what is open.

    :raises NoSuchInvoice: if there is none, or it is another customer's
    """
    invoice = get_invoice(invoice_id, customer_id=customer_id)
    words = TEXT[written_in(language)]
    difference = explain_difference(invoice_id, language, customer_id=customer_id)
    names = list(dict.fromkeys(basis_of(line.charge).name for line in invoice.lines.all()))
    entries = entries_of_all([f"invoice:{invoice.pk}"])[f"invoice:{invoice.pk}"]
    ids = tuple(entry.id for entry in entries)
    total = invoice.total.display(language)
    what = words["bill"].format(
        number=invoice.number, day=day(invoice.issued_on, language), amount=total, what=joined(names, language)
    )
    compared = difference.explanation.sentences[0] if difference.old is not None else Sentence(words["same"], ids)
    shown = [invoice.total, invoice.due_amount, invoice.written_off, *amounts_of(entries)]
    shown.append(Money(invoice.disputed_minor, invoice.currency))
    return Explanation(
        subject=f"phone:{invoice.pk}",
        customer_id=invoice.customer_id,
        language=language,
        sentences=(Sentence(what, ids), compared, Sentence(_open(invoice, language), ids)),
        figures=difference.explanation.figures | frozenset(written(shown, language)),
    )


def _open(invoice: Invoice, language: str) -> str:
    words = TEXT[written_in(language)]
    if invoice.state == Invoice.State.VOID:
        return words["void"]
    if invoice.state == Invoice.State.UNCOLLECTIBLE:
        return words["given_up"].format(amount=invoice.written_off.display(language))
    if invoice.due_amount.minor:
        by = day(invoice.due_on, language)
        return words["due"].format(amount=invoice.due_amount.display(language), by=by)
    if invoice.disputed_minor:
        return words["held"].format(amount=Money(invoice.disputed_minor, invoice.currency).display(language))
    return words["paid"]
