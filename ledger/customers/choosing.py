"""What a customer chose and can take back for a while: how they pay, how their bills come."""

from __future__ import annotations

from datetime import datetime, timedelta

from ledger.customers.choice_models import Choice
from ledger.customers.models import Customer
from ledger.customers.operations import refuse_own_account
from ledger.customers.queries import NoSuchCustomer
from ledger.events.actor import Actor

#: For so long a choice can be taken back, if nothing came of it yet.
UNDO_WITHIN = timedelta(days=14)


def lock_chooser(customer_id: int, by: Actor) -> Customer:
    """Return the customer, locked: one choice at a time.

    :raises OwnAccount: if staff would choose for themselves
    :raises NoSuchCustomer: if there is none
    """
    refuse_own_account(by, customer_id)
    customer = Customer.objects.select_for_update(no_key=True).filter(pk=customer_id).first()
    if customer is None:
        raise NoSuchCustomer("We have no such customer.")
    return customer


def put_aside(before: Choice | None, *, by: Actor, at: datetime) -> None:
    """This will end the choice that a new one takes the place of, where there was one."""
    if before is not None:
        before.replace(by=str(by), at=at)
        before.save()


def put_back(choice: Choice, *, by: Actor, at: datetime) -> None:
    """This will take a locked choice back: what it took the place of holds again."""
    choice.take_back(by=str(by), at=at)
    choice.save()
    if choice.before is not None:
        choice.before.come_back()
        choice.before.save()
