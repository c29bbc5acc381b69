"""Letters without a PDF get one before they are taken: documents carry the billing line, which the ledger knows not."""

from __future__ import annotations

from datetime import datetime

from billing_desk.documents import open_document
from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.printing.models import Letter
from ledger.printing.operations import MOST, give_document
from ledger.printing.queries import letters_waiting


def typeset_waiting(*, by: Actor, at: datetime) -> list[tuple[Letter, str]]:
    """This will typeset the bills of letters that wait without a PDF, and return those that cannot be, with why."""
    refused = []
    for letter in letters_waiting().filter(document=None)[:MOST]:
        try:
            found = open_document(f"invoice:{letter.invoice_id}", customer_id=letter.customer_id, by=by, at=at)
        except DomainError as refusal:
            refused.append((letter, str(refusal)))
        else:
            give_document(letter.pk, found)
    return refused
