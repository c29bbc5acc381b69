"""What finance and supervisors do beside the cases: imports, settlement files, corrections, agreements, a freeze."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import QuerySet

from billing_desk.demo.company.billing import GERMAN_TAX
from billing_desk.demo.company.casting import payers
from billing_desk.demo.company.world import SHOP, Person, World
from ledger.adjustments.correcting import Mistake, approve_corrections, draft_corrections, request_corrections
from ledger.adjustments.findings import ChargedTwice
from ledger.adjustments.running import run_corrections
from ledger.agreements.models import Agreement
from ledger.agreements.offering import accept_agreement, offer_agreement
from ledger.agreements.operations import propose_amendment
from ledger.agreements.terms import Proposal
from ledger.charges.operations import add_charge
from ledger.customers.acceptance import Acceptance
from ledger.events.actor import Actor
from ledger.fx.operations import add_rates
from ledger.fx.rates import Rate
from ledger.imports.operations import Order, import_file
from ledger.invoices.operations import issue_invoice
from ledger.models import Break, Payment, Subscription
from ledger.money import Money
from ledger.periods import Period
from ledger.reconciliation.operations import resolve_break, take_settlement_file
from ledger.subscriptions.operations import start_subscription
from ledger.usage.operations import UsageReport, report_usage

#: The customers of a shop that Nordlicht took over; the last row has an address nobody can have.
OLD_CUSTOMERS = """\
id,name,country,currency,email,credit
kontor-1,Kontor am Fleet,DE,EUR,kasse@kontor.example,12.50
kontor-2,Teehaus Lüders,DE,EUR,tee@lueders.example,
kontor-3,Ohne Adresse,DE,EUR,nobody-at-all,
"""
SAID = {
    "en": {
        "what": "Your training was billed twice.",
        "why": "Our shop sent the same order a second time after a time-out.",
        "fixed": "The shop now names each order, so a repeated one is recognised.",
    },
    "de": {
        "what": "Ihre Schulung wurde zweimal berechnet.",
        "why": "Unser Shop hat dieselbe Bestellung nach einer Störung ein zweites Mal gesendet.",
        "fixed": "Der Shop nennt jede Bestellung nun beim Namen, sodass eine wiederholte erkannt wird.",
    },
}
SETTLED_HEAD = "line_ref,type,reference,amount,fee,currency,booked_on,text\n"
#: The account at the bank, in Germany's bank code for tests of software.
BANK = "10010010/0000123456"
USAGE_EVERY = 7
#: What one unit of a currency is in euros on the first day, and what is added each time: invented for the demo.
RATES_EVERY = 5
RATES = {"GBP": ("1.1520", "0.0003"), "USD": ("0.9140", "-0.0004"), "JPY": ("0.00612", "0.000002")}


def plan_books_work(world: World) -> None:
    """Write into the diary what is done in the back office."""
    today, diary = world.today, world.diary
    for number in range((today - world.first_day).days // RATES_EVERY + 1):
        on = world.first_day + timedelta(days=number * RATES_EVERY)
        diary.plan(world.on(on, 16, 15), lambda at, on=on, number=number: _quote(world, on, number, at))
    diary.plan(world.on(world.first_day + timedelta(days=2), 9, 20), lambda at: _take_over(world, at))
    diary.plan(world.on(world.first_day + timedelta(days=6), 11, 30), lambda at: _sell_by_use(world, at))
    for currency, days in (("EUR", 34), ("GBP", 9)):
        moment = world.on(today - timedelta(days=days), 15, 40)
        diary.plan(moment, lambda at, currency=currency: _order_twice(world, currency, at))
    diary.plan(world.on(today - timedelta(days=29), 16, 20), lambda at: _correct(world, "EUR", at))
    diary.plan(world.on(today - timedelta(days=2), 16, 20), lambda at: _correct(world, "GBP", at, approved=False))
    diary.plan(world.on(today - timedelta(days=5), 8, 40), lambda at: _settle(world, at))
    diary.plan(world.on(today - timedelta(days=4), 8, 50), lambda at: _read_statement(world, at))
    for who, days, state in (("noe", 23, "accepted"), ("noe", 3, "offered"), ("mia", 1, "waiting")):
        moment = world.on(today - timedelta(days=days), 12, 40)
        diary.plan(moment, lambda at, who=who, state=state: _bargain(world, who, state, at))


def _quote(world: World, on: date, number: int, at: datetime) -> None:
    """Finance writes down the exchange rates, which recurring revenue in several currencies is told with."""
    rates = [
        Rate(Decimal(first) + number * Decimal(step), "invented for the demo", on, currency, "EUR")
        for currency, (first, step) in RATES.items()
    ]
    add_rates(rates, by=world.staff["olg"], at=at)


def _take_over(world: World, at: datetime) -> None:
    """Import customers of another system: tried first, then for good; one row cannot be."""
    content = OLD_CUSTOMERS.encode()
    for is_dry_run in (True, False):
        order = Order("customers", "csv", "kontor_customers.csv", is_dry_run=is_dry_run)
        import_file(lambda: io.BytesIO(content), order=order, by=world.staff["olg"], at=at)


def _sell_by_use(world: World, at: datetime) -> None:
    """Let Delta subscribe to what is billed by use; its calls are reported week by week."""
    delta = world.named.get("del")
    if delta is None:
        return
    by = Actor.customer(delta.customer_id, name=delta.name)
    start_subscription(delta.customer_id, plan_code="calls", by=by, at=at)
    moment = at + timedelta(days=USAGE_EVERY)
    while moment <= world.now:
        world.diary.plan(moment, lambda then: _report_calls(delta, then))
        moment += timedelta(days=USAGE_EVERY)


def _report_calls(person: Person, at: datetime) -> None:
    reports = [
        UsageReport(
            person.customer_id, "calls", Decimal(150 + 37 * ((at - timedelta(days=back)).day % 9)),
            at - timedelta(days=back, hours=1), f"calls-{person.customer_id}-{(at - timedelta(days=back)).date()}",
        )
        for back in range(USAGE_EVERY)
    ]  # fmt: skip
    report_usage(reports, by=SHOP, at=at)


def _order_twice(world: World, currency: str, at: datetime) -> None:
    """Bill a training, and again: the shop has sent the order a second time."""
    for person in payers(world, currency, at=at)[:3]:
        period = Period(at.date(), at.date() + timedelta(days=1))
        for time in ("first", "again"):
            charge = add_charge(
                person.customer_id, amount=Money(35_00, currency), description="Training, half a day",
                tax_rate=GERMAN_TAX if currency == "EUR" else Decimal(0), period=period,
                external_id=f"training-{person.customer_id}-{time}", by=SHOP, at=at,
            )  # fmt: skip
            issue_invoice(person.customer_id, charge_ids=[charge.pk], by=SHOP, at=at)


def _correct(world: World, currency: str, at: datetime, *, approved: bool = True) -> None:
    """Find everybody who was billed twice; Olg asks, and Pia agrees to it."""
    olg = world.staff["olg"]
    finding = ChargedTwice(at.date() - timedelta(days=9), at.date() - timedelta(days=1))
    mistake = Mistake("The shop repeated orders after a time-out", SAID)
    batch = draft_corrections(finding, currency=currency, mistake=mistake, by=olg, at=at)
    if not batch.items.filter(state="pending").exists():
        return
    request_corrections(batch.pk, by=olg, at=at)
    if approved:
        approve_corrections(batch.pk, by=world.staff["pia"], at=at)
        run_corrections(at=at)


def _settle(world: World, at: datetime) -> None:
    """Read the provider's file of a month: one payment is left out, one is short, and one nobody knows."""
    last = at.date() - timedelta(days=3)
    paid = _came(last - timedelta(days=30), last).filter(gateway_reference__isnull=False)
    rows = [_settled(f"L{number}", payment, short=number == 0) for number, payment in enumerate(paid[1:])]
    rows.append(f"L-x,payment,ch-unknown,19.00,0.60,EUR,{last},No such order\n")
    file = take_settlement_file(
        io.BytesIO((SETTLED_HEAD + "".join(rows)).encode()), name=f"settlement_{last}.csv", format="csv",
        account="sandbox", by=world.staff["olg"], at=at,
    )  # fmt: skip
    gap = Break.objects.filter(file=file, kind=Break.Kind.MISSING_IN_FILE, state="open").first()
    if gap is not None:
        note = "The provider pays it out with the next file; confirmed by telephone."
        resolve_break(gap.pk, how=Break.How.TIMING, note=note, by=world.staff["olg"], at=at)


def _came(first: date, last: date, currency: str = "EUR") -> QuerySet[Payment]:
    paid = Payment.objects.filter(state="succeeded", currency=currency, received_on__range=(first, last))
    return paid.select_related("method").order_by("pk")


def _settled(reference: str, payment: Payment, *, short: bool) -> str:
    amount = Decimal(payment.amount_minor - (100 if short else 0)) / 100
    fee = (amount * Decimal("0.014")).quantize(Decimal("0.01"))
    return f"{reference},payment,{payment.gateway_reference},{amount:.2f},{fee},EUR,{payment.received_on},Charge\n"


def _read_statement(world: World, at: datetime) -> None:
    """Read the bank's statement of three weeks: transfers are found by the bill they name, and one names nothing."""
    last = at.date() - timedelta(days=1)
    came = _came(last - timedelta(days=20), last).filter(gateway_reference=None)
    entries: list[tuple[date, int, str]] = []
    for payment in came.prefetch_related("allocations__invoice")[:30]:
        part = next(iter(payment.allocations.all()), None)
        if part is not None:
            entries.append((payment.received_on, payment.amount_minor, f"Rechnung {part.invoice.number}"))
    entries.append((last, 31_00, "Danke"))
    take_settlement_file(
        io.BytesIO(_mt940(sorted(entries), opening=1_000_00).encode()), name=f"statement_{last}.sta", format="mt940",
        account=BANK, by=world.staff["olg"], at=at,
    )  # fmt: skip


def _mt940(entries: Sequence[tuple[date, int, str]], *, opening: int) -> str:
    lines = [":20:NORDLICHT", f":25:{BANK}", ":28C:1/1", f":60F:C{entries[0][0]:%y%m%d}EUR{_comma(opening)}"]
    for number, (day, minor, words) in enumerate(entries, start=1):
        lines += [f":61:{day:%y%m%d}{day:%m%d}C{_comma(minor)}NTRFNONREF//BANK-{number}", f":86:{words}"]
    closing = opening + sum(minor for _, minor, _ in entries)
    return "\n".join([*lines, f":62F:C{entries[-1][0]:%y%m%d}EUR{_comma(closing)}", "-", ""])


def _comma(minor: int) -> str:
    return f"{minor // 100},{minor % 100:02d}"


def _bargain(world: World, who: str, state: str, at: datetime) -> None:
    """Propose ten per cent less for a year; it is accepted, waits for the customer, or for an approval."""
    taken = Agreement.objects.values("subscription_id")
    named = [person.customer_id for person in world.named.values()]
    running = Subscription.objects.filter(state="active", currency="EUR", plan__code="plus", ends_on=None)
    found = running.exclude(pk__in=taken).exclude(customer_id__in=named).order_by("pk").first()
    if found is None:
        return
    wanted = Proposal(percent=Decimal(10), term_months=12)
    made = propose_amendment(found.pk, proposal=wanted, reason="Wants to stay, for less", by=world.staff[who], at=at)
    if state == "waiting" or made.state != Agreement.State.PROPOSED:
        return
    offer_agreement(made.pk, by=world.staff[who], at=at)
    if state == "accepted":
        by = Actor.customer(found.customer_id, name=world.by_id[found.customer_id].name)
        accept_agreement(made.pk, acceptance=Acceptance(made.wording_hash), by=by, at=at + timedelta(minutes=9))
