"""Ana's disputes, opened through the product's own operations."""

from __future__ import annotations

from datetime import datetime

from ledger.books.queries import balance
from ledger.customers.models import Customer
from ledger.disputes.models import Dispute
from ledger.disputes.operations import open_dispute
from ledger.events.actor import Actor
from ledger.invoices.models import Invoice
from tests.conftest import NOW
from tests.ledger.worlds import eur, prove

MIA = Actor.agent(1, name="Mia", roles=frozenset({"agent"}))
NOE = Actor.agent(2, name="Noe", roles=frozenset({"senior_agent"}))


def dispute(
    customer: Customer, invoice: Invoice, minor: int, *, line: int = 1, by: Actor = MIA, at: datetime = NOW, **more
) -> Dispute:
    """Dispute so many cents of one line of a bill."""
    found = invoice.lines.get(position=line)
    more = {"reason": "duplicate", **more}
    return open_dispute(found.pk, amount=eur(minor), proof=prove(customer, at=at), by=by, at=at, **more)


def account(customer: Customer, name: str) -> int:
    """Return the balance of one of the customer's accounts in cents."""
    return balance(name, "EUR", customer_id=customer.pk).minor
