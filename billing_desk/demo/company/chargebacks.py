"""What customers' banks took back: at every stage, with deadlines near and far, answered, won, lost and accepted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from billing_desk.demo.company.world import PROVIDER, World
from ledger.disputes.chargebacks import Report, accept_chargeback, lose_chargeback, report_chargeback, win_chargeback
from ledger.disputes.packs import submit_pack
from ledger.models import Payment

#: In minor units, of whatever currency; and from how many customers on there are enough for everything.
SMALL, MANY = 20_00, 90
REASONS = ("fraudulent", "product_not_received", "duplicate")


@dataclass(frozen=True, slots=True)
class Taken:
    """One chargeback: how many days ago it came, at which stage, and how many days from now an answer is due.

    `ending` is told so many `after` days: the network's word, or ours; a `later` stage comes with its own deadline.
    """

    days: int
    stage: str = "chargeback"
    due_in: int | None = None
    ending: str = ""
    after: int = 20
    later: str = ""


TAKEN = (
    Taken(70, ending="win"),
    Taken(62, ending="lose", after=21),
    Taken(48, ending="win", after=23),
    Taken(40, ending="accept", after=2),
    Taken(34, due_in=-20, later="pre_arbitration", after=31),
    Taken(9, due_in=5, ending="answer", after=2),
    Taken(6, due_in=2),
    Taken(3, due_in=12),
    Taken(2, stage="inquiry", due_in=6),
)


def plan_chargebacks(world: World) -> None:
    """Write into the diary which payments banks take back, and what becomes of it."""
    for number, taken in enumerate(TAKEN):
        begins = world.on(world.today - timedelta(days=taken.days), 13, 10)
        world.diary.plan(begins, _take_back(world, number, taken))


def _take_back(world: World, number: int, taken: Taken) -> Callable[[datetime], None]:
    def take_back(at: datetime) -> None:
        payment = _some_payment(world, at)
        if payment is None:
            return
        world.busy.add(payment.customer_id)
        world.taken_back.add(payment.customer_id)
        due_at = world.now + timedelta(days=taken.due_in) if taken.due_in is not None else None
        reason = REASONS[number % len(REASONS)]
        report = Report(f"cb-{1000 + number}", payment.amount, reason, stage=taken.stage, due_at=due_at)
        report_chargeback(payment.pk, report=report, by=PROVIDER, at=at)
        if taken.ending or taken.later:
            later = at + timedelta(days=taken.after)
            world.diary.plan(later, lambda moment: _go_on(world, payment, report, taken, moment))

    return take_back


def _some_payment(world: World, at: datetime) -> Payment | None:
    """Return the newest payment by card of somebody in no story; in a small company of one who has done so before."""
    paid = Payment.objects.filter(state=Payment.State.SUCCEEDED, refunded_minor=0, chargebacks=None)
    paid = paid.exclude(card_last4="").filter(received_on__lt=at.date()).order_by("-received_on", "-pk")
    taken = {person.customer_id for person in world.named.values()} | world.busy
    free = paid.exclude(customer_id__in=taken)
    if len(world.people) < MANY:
        # Small amounts, so that the larger ones are left for the stories.
        free = free.filter(amount_minor__lt=SMALL)
    return free.first() or paid.filter(customer_id__in=world.taken_back).first()


def _go_on(world: World, payment: Payment, report: Report, taken: Taken, at: datetime) -> None:
    chargeback_id = payment.chargebacks.get(external_id=report.external_id).pk
    if taken.later:
        again = Report(
            report.external_id, report.amount, report.reason, stage=taken.later, due_at=world.now + timedelta(days=9)
        )
        report_chargeback(payment.pk, report=again, by=PROVIDER, at=at)
    elif taken.ending == "win":
        win_chargeback(chargeback_id, by=PROVIDER, at=at)
    elif taken.ending == "lose":
        lose_chargeback(chargeback_id, by=PROVIDER, at=at)
    elif taken.ending == "accept":
        why = "The charge was ours to begin with: the customer had cancelled."
        accept_chargeback(chargeback_id, why=why, by=world.staff["olg"], at=at)
    else:
        submit_pack(chargeback_id, by=world.staff["olg"], at=at)
