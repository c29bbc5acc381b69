"""Cards and accounts on file: a card of the sandbox chosen by what becomes of it, and taking a method off the file.

A card number is never typed here. On the sandbox one of its test cards is chosen; a real one is typed on the gateway's
page, which tells us its token and its last four digits.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from ledger.customers.queries import get_customer
from ledger.errors import InvalidInput, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.payments.gateways_sandbox import PREFIX, TEST_CARDS
from ledger.payments.mandates import revoke_mandate_of
from ledger.payments.models import PaymentMethod
from ledger.payments.operations import add_payment_method


class NoSuchPaymentMethod(NotFound):
    """There is no such card or account on file, or it is somebody else's."""


def get_payment_method(method_id: int, *, customer_id: int) -> PaymentMethod:
    """Return a card or account that is on file for this customer.

    :raises NoSuchPaymentMethod: if there is none
    """
    found = PaymentMethod.objects.filter(pk=method_id, customer_id=customer_id, removed_at=None).first()
    if found is None:
        raise NoSuchPaymentMethod("There is no such card or account on file.")
    return found


@transaction.atomic
def remove_payment_method(method_id: int, *, customer_id: int, by: Actor, at: datetime) -> None:
    """This will take a card or account off the file and end its mandate; what was paid with it keeps its digits.

    :raises NoSuchPaymentMethod: if it is not on file
    """
    method = get_payment_method(method_id, customer_id=customer_id)
    PaymentMethod.objects.filter(pk=method.pk).update(removed_at=at)
    record_event(
        kinds.PAYMENT_METHOD_REMOVED, subject=method, customer_id=customer_id, by=by, at=at, method=str(method)
    )
    revoke_mandate_of(method, by=by, at=at)


def add_test_card(customer_id: int, *, card: str, single_use: bool = False, by: Actor, at: datetime) -> PaymentMethod:
    """This will put one of the sandbox's test cards on file, or keep it for one payment only.

    :raises InvalidInput: if there is no such test card
    """
    if card not in TEST_CARDS:
        raise InvalidInput("Please choose one of the test cards.")
    today = get_customer(customer_id).local_day(at)
    wanted: dict[str, Any] = {
        "kind": PaymentMethod.Kind.CARD,
        "brand": "Test card",
        "last4": TEST_CARDS[card][1],
        "expires_on": date(today.year + 3, 12, 31),
        "token": PREFIX + card,
    }
    if not single_use:
        return add_payment_method(customer_id, **wanted, by=by, at=at)
    return PaymentMethod.objects.create(
        customer_id=customer_id, **wanted, added_at=at, removed_at=at, is_single_use=True
    )
