"""The daily work of billing: renewals by the product's own run, money that comes, comes late, or does not come, and
what the schedule of a running installation does about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from decimal import Decimal

from billing_desk.demo.company.chance import fraction, pick
from billing_desk.demo.company.world import BERLIN, PROVIDER, SHOP, Person, World
from ledger.agreements.offering import keep_agreements
from ledger.billing.operations import run_billing
from ledger.charges.operations import add_charge
from ledger.collections.dunning import run_dunning
from ledger.collections.promises import settle_due_promises
from ledger.disputes.watching import watch_disputes
from ledger.entitlements.operations import review_due_access
from ledger.instalments.keeping import keep_plans
from ledger.invoices.operations import issue_invoice
from ledger.models import Invoice
from ledger.money import Money
from ledger.payments.operations import record_failure, record_payment
from ledger.payments.recovery import run_due_retries
from notifications.notices.renewal import send_renewal_notices
from tickets.casework.dispute_material import acknowledge_told_disputes
from tickets.conversations.operations import close_stale_tickets
from tickets.promises.operations import break_overdue_promises
from tickets.sla.operations import escalate_overdue
from verification.operations import expire_checks

#: Per cent of card payments that fail at first, and of those that succeed three days later.
FAILING, SAVED = 4, 75
CODES = ("insufficient_funds", "expired_card", "do_not_honor", "authentication_required", "processing_error")
#: Whoever is not saved pays weeks later; only bills younger than this are still open.
LATE_AT_MOST = timedelta(days=60)
#: Per cent of transfers that are rounded up by the customer: the rest becomes credit.
ROUNDED_UP = 6
#: Renewal notices are looked for on every third day: the window is a month wide.
NOTICES_EVERY = 3
#: So many days before today cases, plans and promises are looked after, the ladders climbed, and access reviewed.
CASES_DAYS, LADDER_DAYS, ACCESS_EVERY = 130, 20, 4
GERMAN_TAX = Decimal(19)


def plan_days(world: World) -> None:
    """Write every day's billing into the diary."""
    day = world.first_day
    while day <= world.today:
        world.diary.plan(datetime.combine(day, time(10, 30), tzinfo=BERLIN), _bill(world))
        if (world.today - day).days % NOTICES_EVERY == 0:
            world.diary.plan(datetime.combine(day, time(11), tzinfo=BERLIN), _give_notice)
        if (world.today - day).days <= CASES_DAYS:
            world.diary.plan(datetime.combine(day, time(17, 45), tzinfo=BERLIN), _look_after_the_day)
        if (world.today - day).days <= LADDER_DAYS:
            world.diary.plan(datetime.combine(day, time(9, 15), tzinfo=BERLIN), _climb_ladders(world))
        day += timedelta(days=1)


def one_bill(
    world: World, person: Person, amount: Money, what: str, tax_rate: Decimal = Decimal(0), *, at: datetime
) -> Invoice:
    """Bill somebody once, and expect no money by habit."""
    charge = add_charge(person.customer_id, amount=amount, description=what, tax_rate=tax_rate, by=SHOP, at=at)
    invoice = issue_invoice(person.customer_id, charge_ids=[charge.pk], by=SHOP, at=at)
    world.unpaid.add(invoice.pk)
    return invoice


def _bill(world: World) -> Callable[[datetime], None]:
    def bill(at: datetime) -> None:
        run_billing(at=at)
        for invoice in Invoice.objects.filter(pk__gt=world.last_invoice_seen).order_by("pk"):
            world.last_invoice_seen = invoice.pk
            if invoice.pk not in world.unpaid:
                _expect_money(world, invoice, at=at)

    return bill


def _give_notice(at: datetime) -> None:
    send_renewal_notices(as_of=at.astimezone(BERLIN).date(), at=at)


def look_after_cases(at: datetime) -> None:
    """Do what the schedule does for cases in a running installation; refunds are paid in their stories."""
    escalate_overdue(at=at)
    break_overdue_promises(at=at)
    close_stale_tickets(at=at)
    expire_checks(at=at)
    settle_due_promises(at=at)
    keep_plans(at=at)
    keep_agreements(at=at)
    run_due_retries(at=at)
    watch_disputes(at=at)


def _look_after_the_day(at: datetime) -> None:
    look_after_cases(at)
    acknowledge_told_disputes(at=at)


def _climb_ladders(world: World) -> Callable[[datetime], None]:
    def climb(at: datetime) -> None:
        run_dunning(at=at)
        if (world.now - at).days % ACCESS_EVERY == 0:
            review_due_access(at=at)

    return climb


def _expect_money(world: World, invoice: Invoice, *, at: datetime) -> None:
    person = world.by_id[invoice.customer_id]
    habit = person.habit
    if habit.stops_on is not None and invoice.issued_on >= habit.stops_on:
        return
    # Money of one day arrives together, an hour after that day's bills.
    pays_at = at + timedelta(days=habit.days, hours=1)
    if habit.method == "card" and fraction("fails", invoice.number) * 100 < FAILING:
        world.diary.plan(pays_at, lambda moment: _fail(person, invoice, moment))
        if fraction("saved", invoice.number) * 100 < SAVED:
            pays_at += timedelta(days=3)
        elif invoice.issued_on < world.today - LATE_AT_MOST:
            pays_at += timedelta(days=24)
        else:
            return
    world.diary.plan(pays_at, lambda moment: _pay(person, invoice, moment))


def _fail(person: Person, invoice: Invoice, at: datetime) -> None:
    record_failure(
        person.customer_id,
        amount=invoice.open_amount,
        code=pick(CODES, invoice.number),
        method_id=person.method_id,
        external_id=f"failed-{invoice.number}",
        by=PROVIDER,
        at=at,
    )


def _pay(person: Person, invoice: Invoice, at: datetime) -> None:
    due = Invoice.objects.get(pk=invoice.pk).due_amount
    if due.minor <= 0:
        return
    if person.habit.method == "transfer" and fraction("round", invoice.number) * 100 < ROUNDED_UP:
        due = Money(-(-due.minor // 500) * 500, due.currency)
    record_payment(
        person.customer_id,
        amount=due,
        method_id=person.method_id,
        gateway_reference=f"ch-{invoice.number}" if person.method_id else None,
        external_id=f"paid-{invoice.number}",
        invoice_id=invoice.pk,
        by=PROVIDER,
        at=at,
    )
