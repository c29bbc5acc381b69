"""The customers of the demo's stories: Ana, Bo, Chi, Delta with its three contacts, Emi and Gil."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from billing_desk.demo.company.billing import GERMAN_TAX, one_bill
from billing_desk.demo.company.customers import Newcomer
from billing_desk.demo.company.places import PLACES, Place
from billing_desk.demo.company.world import PROVIDER, SHOP, Habit, World
from ledger.charges.operations import add_charge
from ledger.customers.operations import add_contact_point
from ledger.invoices.operations import issue_invoice
from ledger.models import Charge
from ledger.money import Money
from ledger.payments.operations import record_payment
from ledger.periods import Period, add_months


def _place(country: str) -> Place:
    return next(place for place in PLACES if place.country == country)


def named(world: World) -> list[Newcomer]:
    """Return the named customers, subscribed so that today finds them where their stories begin."""
    first = world.first_day
    card, transfer = Habit("card", 0), Habit("transfer", 6)
    early = first + timedelta(days=4)
    return [
        Newcomer(
            "Ana Abendroth", _place("DE"), "ana@abendroth.example", "plus", first, card, nickname="ana",
            phone="+49 30 23125777", card_last4="4242", card_expires_on=_soon(world),
        ),
        Newcomer(
            "Bo Calloway", _place("US"), "bo@calloway.example", "plus-y", world.today - timedelta(days=325), card,
            nickname="bo", phone="+1 415 555 0177", card_last4="1881",
        ),
        Newcomer(
            "Chi Mizuno", _place("JP"), "chi@mizuno.example", "plus", early, card, nickname="chi", card_last4="0505"
        ),
        Newcomer(
            "Delta BV", _place("NL"), "dirk@delta-bv.example", "plus", early, transfer, is_business=True,
            person="Dirk de Boer", vat_id="NL004495445B01", nickname="del",
        ),
        Newcomer(
            "Émi Perrin", _place("FR"), "emi@perrin.example", "basic", early, card, nickname="emi", card_last4="7007"
        ),
        Newcomer(
            "Gilchrist & Daughters", _place("GB"), "gil@gilchrist.example", "plus", early, transfer, is_business=True,
            person="Gil Gilchrist", nickname="gil", phone="+44 20 7946 0777",
        ),
    ]  # fmt: skip


def _soon(world: World) -> date:
    """Return the last day of next month: Ana's card is about to expire."""
    return add_months(world.today.replace(day=1), 2) - timedelta(days=1)


def plan_their_year(world: World) -> None:
    """Write into the diary what makes the named customers' accounts what they are today."""
    start = world.first_day + timedelta(days=5)
    world.diary.plan(world.on(start, 11), lambda at: _delta_contacts(world, at))
    world.diary.plan(world.on(world.today - timedelta(days=75), 11), lambda at: _workshop(world, at))
    world.diary.plan(world.on(world.today - timedelta(days=59), 11), lambda at: _migration(world, at))
    anchor = world.today.replace(day=1)
    moment = world.on(anchor, 16, 5)
    if moment > world.now:
        moment = world.on(add_months(anchor, -1), 16, 5)
    world.diary.plan(moment, lambda at: _charge_ana_twice(world, at))


def _delta_contacts(world: World, at: datetime) -> None:
    delta = world.named["del"]
    for person, right in (("Fem Visser", "finance"), ("Uli Smit", "user")):
        value = f"{person.split()[0].lower()}@delta-bv.example"
        add_contact_point(delta.customer_id, kind="email", value=value, person=person, right=right, by=SHOP, at=at)


def _workshop(world: World, at: datetime) -> None:
    """Bill Émi 60.00 that she has not paid: 50.42 and 19 % tax."""
    one_bill(world, world.named["emi"], Money(5042, "EUR"), "Workshop: getting started", GERMAN_TAX, at=at)


def _migration(world: World, at: datetime) -> None:
    """Bill Gil 2,000.00, due 45 days ago."""
    one_bill(world, world.named["gil"], Money(2_000_00, "GBP"), "Migration of the customer archive", at=at)


def _charge_ana_twice(world: World, at: datetime) -> None:
    """Send the shop's charge for Ana's month a second time, under another id, and take the money from her card."""
    ana = world.named["ana"]
    once = Charge.objects.filter(customer_id=ana.customer_id).latest("pk")
    if once.period_start is None or once.period_end is None:
        return
    again = add_charge(
        ana.customer_id,
        amount=once.amount,
        description=once.description,
        tax_rate=once.tax_rate,
        charged_on=at.date(),
        period=Period(once.period_start, once.period_end),
        external_id=f"shop-retry-{once.pk}",
        by=SHOP,
        at=at,
    )
    invoice = issue_invoice(ana.customer_id, charge_ids=[again.pk], by=SHOP, at=at)
    world.unpaid.add(invoice.pk)
    record_payment(
        ana.customer_id, amount=invoice.open_amount, method_id=ana.method_id, external_id=f"retry-{invoice.number}",
        gateway_reference=f"ch-{invoice.number}", invoice_id=invoice.pk, by=PROVIDER, at=at,
    )  # fmt: skip
