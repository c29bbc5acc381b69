"""Finds customers for the stories: who pays what the story is about, and is in no other story."""

from __future__ import annotations

from datetime import datetime, timedelta

from billing_desk.demo.company.chance import pick
from billing_desk.demo.company.world import Person, World
from ledger.books.queries import balance
from ledger.models import Customer, InvoiceLine, Payment

#: A one-time code goes only to a contact that has been on file for a week.
ON_FILE_FOR = timedelta(days=8)


def somebody(
    world: World,
    language: str = "",
    *,
    currency: str = "",
    at_least: int = 0,
    at_most: int = 60_00,
    alone: bool = False,
    by_card: bool = True,
    at: datetime,
) -> Person | None:
    """Return a customer who paid a bill (by card), between so many minor units, that is not disputed or credited.

    One who speaks the language is preferred; the currency is needed if one is named. `alone` keeps the customer for
    this story. None: the company is too small for it.
    """
    fits = {"disputed_minor": 0, "credited_minor": 0, "invoice__state": "paid"}
    lines = InvoiceLine.objects.filter(**fits, invoice__paid_minor__range=(at_least, at_most))
    lines = lines.filter(invoice__customer__opened_at__lt=at - ON_FILE_FOR)
    if currency:
        lines = lines.filter(currency=currency)
    ids = lines.order_by("invoice__customer_id").values_list("invoice__customer_id", flat=True).distinct()
    named = {person.customer_id for person in world.named.values()}
    fitting = [
        world.by_id[pk] for pk in ids if pk not in named | world.busy and bool(world.by_id[pk].card_last4) == by_card
    ]
    speaking = [person for person in fitting if person.language.startswith(language)]
    if not fitting:
        return None
    person = pick(speaking or fitting, language, at)
    if alone:
        world.busy.add(person.customer_id)
    return person


def payers(world: World, currency: str, *, at: datetime) -> list[Person]:
    """Return customers of a currency in no story yet who have been here for a while, those without a card first."""
    known = Customer.objects.filter(opened_at__lt=at - ON_FILE_FOR, currency=currency).values_list("pk", flat=True)
    named = {person.customer_id for person in world.named.values()}
    taken = named | world.busy | world.owing
    found = [world.by_id[pk] for pk in known.order_by("pk") if pk in world.by_id and pk not in taken]
    return sorted(found, key=lambda person: bool(person.card_last4))


def debtor(world: World, *, at: datetime) -> Person | None:
    """Return somebody without credit who will owe us something in euros, and keep them for this story."""
    for person in payers(world, "EUR", at=at):
        credit = balance("customer_credit", person.currency, customer_id=person.customer_id)
        if person.language.startswith("de") and not credit.minor:
            world.owing.add(person.customer_id)
            return person
    return None


def last_line(person: Person) -> InvoiceLine:
    """Return the newest line of a bill that is paid and in no dispute."""
    lines = InvoiceLine.objects.filter(invoice__customer_id=person.customer_id, disputed_minor=0, credited_minor=0)
    return lines.filter(invoice__state="paid").latest("pk")


def payment_of(line: InvoiceLine) -> Payment:
    """Return the payment that settled a line's bill."""
    return Payment.objects.filter(allocations__invoice_id=line.invoice_id).latest("pk")
