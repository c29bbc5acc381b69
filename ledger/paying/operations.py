"""choose_payment_method and undo_payment_method: with which card or account a customer pays what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from ledger.customers.choosing import UNDO_WITHIN, lock_chooser, put_aside, put_back
from ledger.customers.models import Customer
from ledger.errors import DomainError, NotFound
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.invoices.models import Invoice
from ledger.invoices.operations import NoSuchInvoice
from ledger.paying.next_charge import EVERYTHING, Scope, next_charge
from ledger.payments.attempt_models import Attempt
from ledger.payments.choice_models import MethodChoice
from ledger.payments.models import PaymentMethod
from ledger.payments.on_file import get_payment_method
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.telling import NoSuchSubscription

State = MethodChoice.State


class CannotPayThisWay(DomainError):
    """The card or account cannot pay what it is chosen for."""


class AlreadyChosen(DomainError):
    """It is what pays already."""


class NoSuchChoice(NotFound):
    """There is no such choice, or it is somebody else's."""


class ChoiceIsUsed(DomainError):
    """It was charged since, replaced, or is too old to be taken back."""


@transaction.atomic
def choose_payment_method(
    customer_id: int,
    *,
    method_id: int | None,
    scope: Scope = EVERYTHING,
    conversation: str = "",
    by: Actor,
    at: datetime,
) -> MethodChoice:
    """This will pay a plan, a bill, or everything else with a card or account from now on; None ends a choice.

    Planned tries of a bill that failed are made with it too. It can be taken back until it is used, 14 days at most.

    :raises NoSuchPaymentMethod: if it is not on file; CannotPayThisWay: if it is a transfer, or has expired by then
    :raises NoSuchSubscription, NoSuchInvoice: if that is not this customer's
    :raises AlreadyChosen: if nothing would change
    """
    customer = lock_chooser(customer_id, by)
    _check_scope(customer_id, scope)
    method = check_method(customer, method_id, scope, at=at) if method_id is not None else None
    before = _in_force(customer_id, scope)
    if (before.method_id if before else None) == method_id:
        raise AlreadyChosen(f"{method} pays this already." if method else "Nothing is chosen for it as it is.")
    put_aside(before, by=by, at=at)
    choice = MethodChoice.objects.create(
        customer=customer,
        subscription_id=scope.subscription_id,
        invoice_id=scope.invoice_id,
        method=method,
        before=before,
        conversation=conversation,
        chosen_by=str(by),
        chosen_at=at,
        undo_until=at + UNDO_WITHIN,
    )
    _record(kinds.PAYMENT_METHOD_CHOSEN, choice, before, by=by, at=at)
    return choice


def _check_scope(customer_id: int, scope: Scope) -> None:
    if scope.subscription_id is not None:
        own = Subscription.objects.filter(pk=scope.subscription_id, customer_id=customer_id)
        if not own.exclude(state=Subscription.State.CANCELLED).exists():
            raise NoSuchSubscription("There is no such plan running on this account.")
    if scope.invoice_id is not None:
        bills = Invoice.objects.filter(pk=scope.invoice_id, customer_id=customer_id)
        if not bills.filter(state=Invoice.State.OPEN).exists():
            raise NoSuchInvoice("There is no such open bill on this account.")


def check_method(customer: Customer, method_id: int, scope: Scope, *, at: datetime) -> PaymentMethod:
    """Return a method that can be chosen: on file, charged by us, and valid when it is used next.

    :raises NoSuchPaymentMethod: if it is not on file; CannotPayThisWay: if it cannot pay
    """
    method = get_payment_method(method_id, customer_id=customer.pk)
    if method.kind == PaymentMethod.Kind.TRANSFER:
        raise CannotPayThisWay("You transfer money yourself; only a card or an account we charge can be chosen.")
    charge = next_charge(customer.pk, scope, at=at)
    needed = charge.on if charge else customer.local_day(at)
    if method.expires_on is not None and method.expires_on < needed:
        raise CannotPayThisWay(f"{method} has expired before the next payment on {needed.isoformat()}.")
    return method


def _in_force(customer_id: int, scope: Scope) -> MethodChoice | None:
    same: dict[str, Any] = {"subscription_id": scope.subscription_id, "invoice_id": scope.invoice_id}
    return MethodChoice.objects.filter(customer_id=customer_id, state=State.IN_FORCE, **same).first()


@transaction.atomic
def undo_payment_method(choice_id: int, *, customer_id: int, by: Actor, at: datetime) -> MethodChoice:
    """This will take a choice back: what it took the place of pays again.

    :raises NoSuchChoice: if there is none
    :raises ChoiceIsUsed: if it was charged since, is not in force, or its fourteen days are over
    """
    lock_chooser(customer_id, by)
    rows = MethodChoice.objects.select_for_update(of=("self",)).select_related("before")
    choice = rows.filter(pk=choice_id, customer_id=customer_id).first()
    if choice is None:
        raise NoSuchChoice("There is no such choice.")
    why_not = why_not_undo(choice, at=at)
    if why_not:
        raise ChoiceIsUsed(why_not)
    put_back(choice, by=by, at=at)
    again = _in_force(customer_id, Scope(choice.subscription_id, choice.invoice_id))
    _record(kinds.PAYMENT_METHOD_CHOICE_UNDONE, choice, again, by=by, at=at)
    return choice


def why_not_undo(choice: MethodChoice, *, at: datetime) -> str:
    """Return why a choice cannot be taken back; empty when it can."""
    if choice.state != State.IN_FORCE:
        return "Something else was chosen since."
    if at >= choice.undo_until:
        return "It was chosen more than 14 days ago; choose another one instead."
    used = Attempt.objects.filter(customer_id=choice.customer_id, method_id=choice.method_id)
    if used.filter(trigger=Attempt.Trigger.SCHEDULE, started_at__gte=choice.chosen_at).exists():
        return f"{choice.method} was charged since; choose another one instead."
    return ""


def _record(kind: str, choice: MethodChoice, before: MethodChoice | None, *, by: Actor, at: datetime) -> None:
    """Write the event with all that its message says: what it is for, with what it is paid now, and from when."""
    scope = Scope(choice.subscription_id, choice.invoice_id)
    charge = next_charge(choice.customer_id, scope, at=at)
    coming: dict[str, Any] = {"next_on": None}
    if charge is not None:
        coming = {
            "next_on": charge.on.isoformat(), "next_minor": charge.amount.minor, "currency": charge.amount.currency,
            "next_what": charge.what, "is_exact": charge.is_exact,
        }  # fmt: skip
    record_event(
        kind,
        subject=choice,
        customer_id=choice.customer_id,
        by=by,
        at=at,
        scope=choice.scope,
        plan=choice.subscription.plan.name if choice.subscription else "",
        number=choice.invoice.number if choice.invoice else "",
        method=str(choice.method or ""),
        method_before=str(before.method or "") if before else "",
        undo_until=choice.undo_until.isoformat(),
        conversation=choice.conversation,
        **coming,
    )
