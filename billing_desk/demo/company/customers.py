"""Opens the accounts of the demo company's customers: the named ones of the stories, and everybody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from billing_desk.demo.company.chance import between, fraction, pick
from billing_desk.demo.company.places import PLACES, Place
from billing_desk.demo.company.world import BERLIN, SHOP, Habit, Person, World
from ledger.customers.models import Customer
from ledger.customers.operations import open_customer
from ledger.events.actor import Actor
from ledger.payments.operations import add_payment_method
from ledger.subscriptions.operations import (
    cancel_subscription,
    pause_subscription,
    resume_subscription,
    start_subscription,
)
from notifications.preferences.operations import set_preference

#: Share of customers, in per cent.
BUSINESSES, YEARLY, PLUS, CANCELLED, PAUSED, QUIET = 18, 16, 45, 6, 4, 12
BRANDS = ("Visa", "Mastercard")


@dataclass(frozen=True)
class Newcomer:
    """Somebody who will open an account on a day and subscribe to a plan."""

    name: str
    place: Place
    email: str
    plan: str
    starts_on: date
    habit: Habit
    is_business: bool = False
    phone: str = ""
    person: str = ""
    vat_id: str = ""
    nickname: str = ""
    card_last4: str = ""
    card_expires_on: date | None = None


def plan_arrivals(world: World, newcomers: list[Newcomer]) -> None:
    """Write everybody's first day into the diary; what happens to subscriptions later follows from there."""
    for newcomer in newcomers:
        world.diary.plan(_morning(max(newcomer.starts_on, world.first_day)), _arrival(world, newcomer))


def _morning(day: date) -> datetime:
    # 10:00 in Berlin is the same day for all our customers, in California and in Japan.
    return datetime.combine(day, time(10), tzinfo=BERLIN)


def _arrival(world: World, newcomer: Newcomer) -> Callable[[datetime], None]:
    def arrive(at: datetime) -> None:
        customer = _open(newcomer, at=at)
        by = Actor.customer(customer.pk, name=newcomer.person or newcomer.name)
        method_id = None
        if newcomer.habit.method != "transfer":
            expires_on = newcomer.card_expires_on or date(world.today.year + between(1, 3, newcomer.name), 12, 31)
            is_card = newcomer.habit.method == "card"
            method_id = add_payment_method(
                customer.pk,
                kind=newcomer.habit.method,
                brand=pick(BRANDS, newcomer.name) if is_card else "",
                last4=newcomer.card_last4,
                expires_on=expires_on if is_card else None,
                token=f"tok_{customer.number}",
                by=by,
                at=at,
            ).pk
        person = Person(
            customer.pk, newcomer.name, newcomer.email, customer.currency, customer.language, newcomer.habit,
            method_id, newcomer.card_last4 if newcomer.habit.method == "card" else "",
        )  # fmt: skip
        world.add(person, newcomer.nickname)
        subscription = start_subscription(customer.pk, plan_code=newcomer.plan, by=by, at=at)
        if not newcomer.nickname:
            _plan_changes(world, subscription.pk, by, newcomer, at=at)

    return arrive


def _open(newcomer: Newcomer, *, at: datetime) -> Customer:
    place = newcomer.place
    return open_customer(
        name=newcomer.name,
        country=place.country,
        currency=place.currency,
        kind="business" if newcomer.is_business else "consumer",
        language=place.language,
        region=place.region,
        time_zone=place.zone,
        vat_id=newcomer.vat_id,
        email=newcomer.email,
        phone=newcomer.phone,
        person=newcomer.person,
        by=SHOP,
        at=at,
    )


def _plan_changes(world: World, subscription_id: int, by: Actor, newcomer: Newcomer, *, at: datetime) -> None:
    """Let some cancel or pause in the middle of their time, and some ask for quiet nights."""
    luck = fraction("change", newcomer.email) * 100
    middle = at + (world.now - at) * (0.4 + fraction("when", newcomer.email) / 2) + timedelta(minutes=13)
    if luck < CANCELLED:
        world.diary.plan(middle, lambda moment: _do(cancel_subscription, subscription_id, by, moment))
    elif luck < CANCELLED + PAUSED:
        world.diary.plan(middle, lambda moment: _do(pause_subscription, subscription_id, by, moment))
        back = middle + timedelta(days=between(20, 60, newcomer.email))
        world.diary.plan(back, lambda moment: _do(resume_subscription, subscription_id, by, moment))
    elif luck > 100 - QUIET and by.customer_id is not None:
        set_preference(by.customer_id, quiet_from=time(21), quiet_until=time(8), by=by, at=at)


def _do(operation: Callable[..., object], subscription_id: int, by: Actor, at: datetime) -> None:
    operation(subscription_id, by=by, at=at)


def everybody(world: World, *, count: int) -> list[Newcomer]:
    """Make up `count` customers, spread over the places and over the year."""
    found: list[Newcomer] = []
    for place in PLACES:
        wanted = max(1, round(count * place.share / 100))
        found += [_make_up(world, place, number) for number in range(wanted)]
    return found


def _make_up(world: World, place: Place, number: int) -> Newcomer:
    key = f"{place.country}{number}"
    firsts, lasts, firms = place.first_names.split(), place.last_names.split(), place.businesses.split(";")
    person = f"{firsts[number % len(firsts)]} {pick(lasts, 'last', key)}"
    is_business = number < len(firms) and number < 100 and fraction("business", key) * 100 < BUSINESSES * 3
    name = firms[number] if is_business else person
    habit = _habit(world, key)
    local = "".join(c for c in person.lower().replace(" ", ".") if c.isascii() and (c.isalpha() or c == "."))
    return Newcomer(
        name=name,
        place=place,
        email=f"{local}{number}@{pick(place.domains, 'domain', key)}",
        plan=_plan(key),
        starts_on=_first_day(world, key, yearly=_plan(key) == "plus-y"),
        habit=habit,
        is_business=is_business,
        phone=place.phones.format(number % 100) if place.phones and fraction("phone", key) < 0.6 else "",
        person=person,
        card_last4=f"{between(1000, 9999, 'card', key)}" if habit.method == "card" else "",
    )


def _plan(key: str) -> str:
    luck = fraction("plan", key) * 100
    return "plus-y" if luck < YEARLY else "plus" if luck < YEARLY + PLUS else "basic"


def _habit(world: World, key: str) -> Habit:
    luck = fraction("habit", key)
    stops_on = world.today - timedelta(days=between(25, 70, key)) if fraction("stops", key) < 0.04 else None
    if luck < 0.6:
        return Habit("card", 0, stops_on)
    if luck < 0.82:
        return Habit("direct_debit", 2, stops_on)
    late = 20 if luck > 0.96 else 0
    return Habit("transfer", between(3, 12, "days", key) + late, stops_on)


def _first_day(world: World, key: str, *, yearly: bool) -> date:
    days = (world.today - world.first_day).days
    luck = fraction("start", key)
    if yearly:
        # Some come up for renewal in the weeks ahead, so that notices go out.
        return world.today - timedelta(
            days=min(days - 1, between(300, 363, key) if luck < 0.4 else between(30, 300, key))
        )
    # A quarter was there from the beginning; the others came while the company grew.
    back = days - between(1, 30, key) if luck < 0.25 else between(15, max(days * 2 // 3, 16), key)
    return world.today - timedelta(days=min(back, days - 1))
