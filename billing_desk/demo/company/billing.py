"""The daily work of billing: renewals by the product's own run, and money that comes, comes late, or does not come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

from billing_desk.demo.company.chance import fraction, pick
from billing_desk.demo.company.world import BERLIN, PROVIDER, Person, World
from ledger.billing.operations import run_billing
from ledger.disputes.chargebacks import lose_chargeback, record_chargeback, win_chargeback
from ledger.models import Invoice, Payment
from ledger.money import Money
from ledger.payments.operations import record_failure, record_payment
from notifications.notices.renewal import send_renewal_notices
from tickets.conversations.operations import close_stale_tickets
from tickets.promises.operations import break_overdue_promises
from tickets.sla.operations import escalate_overdue
from verification.operations import expire_checks

#: Per cent of card payments that fail at first, and of those that succeed three days later.
FAILING, SAVED = 4, 75
CODES = ("insufficient_funds", "expired_card", "do_not_honor", "authentication_required", "processing_error")
#: Per cent of transfers that are rounded up by the customer: the rest becomes credit.
ROUNDED_UP = 6
#: Renewal notices are looked for on every third day: the window is a month wide.
NOTICES_EVERY = 3
#: Cases and their promises are looked after from this many days before today on.
CASES_DAYS = 130


def plan_days(world: World) -> None:
    """Write every day's billing into the diary."""
    day = world.first_day
    while day <= world.today:
        world.diary.plan(datetime.combine(day, time(10, 30), tzinfo=BERLIN), _bill(world))
        if (world.today - day).days % NOTICES_EVERY == 0:
            world.diary.plan(datetime.combine(day, time(11), tzinfo=BERLIN), _give_notice)
        if (world.today - day).days <= CASES_DAYS:
            world.diary.plan(datetime.combine(day, time(17, 45), tzinfo=BERLIN), look_after_cases)
        day += timedelta(days=1)


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


def _expect_money(world: World, invoice: Invoice, *, at: datetime) -> None:
    person = world.by_id[invoice.customer_id]
    habit = person.habit
    if habit.stops_on is not None and invoice.issued_on >= habit.stops_on:
        return
    # Money of one day arrives together, an hour after that day's bills.
    pays_at = at + timedelta(days=habit.days, hours=1)
    if habit.method == "card" and fraction("fails", invoice.number) * 100 < FAILING:
        world.diary.plan(pays_at, lambda moment: _fail(person, invoice, moment))
        if fraction("saved", invoice.number) * 100 >= SAVED:
            return
        pays_at += timedelta(days=3)
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


def plan_chargebacks(world: World) -> None:
    """Let banks take six payments back: two are won, two lost, two still open."""
    endings = (win_chargeback, lose_chargeback, None) * 2
    for number, ending in enumerate(endings):
        back = (70, 62, 6, 48, 40, 3)[number]
        world.diary.plan(world.on(world.today - timedelta(days=back), 13, 10), _chargeback(world, number, ending))


def _chargeback(world: World, number: int, ending: Callable[..., object] | None) -> Callable[[datetime], None]:
    def take_back(at: datetime) -> None:
        named = [person.customer_id for person in world.named.values()]
        paid = Payment.objects.filter(state=Payment.State.SUCCEEDED, charged_back_minor=0, refunded_minor=0)
        paid = (
            paid.exclude(card_last4="").exclude(customer_id__in={*named, *world.busy}).filter(received_on__lt=at.date())
        )
        payment = paid.order_by("-received_on", "-pk").first()
        if payment is None:
            return
        world.busy.add(payment.customer_id)
        reason = pick(("fraudulent", "product_not_received", "duplicate"), number)
        chargeback = record_chargeback(
            payment.pk, amount=payment.amount, external_id=f"cb-{1000 + number}", reason=reason, by=PROVIDER, at=at
        )
        if ending is not None:
            later = at + timedelta(days=20 + number)
            world.diary.plan(later, lambda moment: _end(ending, chargeback.pk, moment))

    return take_back


def _end(ending: Callable[..., object], chargeback_id: int, at: datetime) -> None:
    ending(chargeback_id, by=PROVIDER, at=at)
