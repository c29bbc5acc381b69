"""When which case happens, and to whom. Where the present interrupts a story decides the state it is found in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from billing_desk.demo.company import arrears_stories, desk_stories, dispute_stories, money_stories
from billing_desk.demo.company.case import Case
from billing_desk.demo.company.casting import debtor, somebody
from billing_desk.demo.company.chance import between
from billing_desk.demo.company.everyday import asked, asked_and_answered, question_of
from billing_desk.demo.company.world import Person, World
from tickets.models import BusinessHours
from tickets.sla.business_time import BusinessCalendar, business_time_between
from tickets.sla.hours import calendar_of

Telling = Callable[[Case], Iterator[timedelta]]
#: Everyday questions answered; on how many of the past weekdays, and how many of them in the last days.
EVERYDAY, EVERYDAY_DAYS, RECENT = 32, 70, 9


@dataclass(frozen=True)
class Planned:
    """A story, how many weekdays ago and at which hour it begins, and who it happens to.

    `who` is a nickname; without one somebody fitting is found when it begins.
    """

    telling: Telling
    days: int
    hour: int
    who: str = ""
    language: str = ""
    currency: str = ""
    at_least: int = 0
    at_most: int = 60_00

    @property
    def fits(self) -> dict[str, Any]:
        """What is asked of somebody nobody named; a story about money has its customer for itself."""
        module = self.telling.__module__
        alone = module in (money_stories.__name__, dispute_stories.__name__)
        size = {"at_least": self.at_least, "at_most": self.at_most}
        by_card = module != dispute_stories.__name__
        return {"language": self.language, "currency": self.currency, **size, "alone": alone, "by_card": by_card}


MONEY = (
    Planned(money_stories.upheld_and_paid, 40, 10, language="de", currency="EUR"),
    Planned(money_stories.upheld_and_paid, 4, 15, language="de", currency="EUR"),
    Planned(money_stories.rejected, 30, 11, language="en"),
    Planned(money_stories.frozen, 22, 18, language="de", currency="EUR"),
    Planned(money_stories.cancelled, 18, 10, language="en", at_least=26_00),
    Planned(money_stories.declined, 15, 14, language="fr", at_least=26_00),
    Planned(money_stories.withdrawn, 13, 9, language="nl"),
    Planned(money_stories.appealed, 12, 9, language="en"),
    Planned(money_stories.credited, 11, 10, language="fr", currency="EUR"),
    Planned(money_stories.failed, 9, 10, language="de", currency="EUR"),
    Planned(money_stories.in_review, 3, 11, language="en"),
    Planned(money_stories.opened, 1, 10, language="de"),
    Planned(money_stories.waits_for_approval, 1, 13, language="en", at_least=26_00),
    Planned(
        money_stories.large_waits_for_approval, 1, 15, language="de", currency="EUR", at_least=260_00, at_most=300_00
    ),
)
DISPUTES = (
    Planned(dispute_stories.appeal_granted, 19, 10, language="de"),
    Planned(dispute_stories.partly_upheld, 10, 14, language="de"),
    Planned(dispute_stories.credit_ends, 7, 11, language="de"),
    Planned(dispute_stories.credited_meanwhile, 5, 13, language="de"),
)
ARREARS = (
    Planned(arrears_stories.plan_broken, 52, 9),
    Planned(arrears_stories.plan_kept, 45, 10),
    Planned(arrears_stories.promise_made, 36, 9),
    Planned(arrears_stories.promise_kept, 33, 10),
    Planned(arrears_stories.hardship_over, 31, 11),
    Planned(arrears_stories.card_recovered, 28, 12),
    Planned(arrears_stories.plan_made_good, 26, 9),
    Planned(arrears_stories.plan_missed, 17, 10),
    Planned(arrears_stories.promise_made, 15, 11),
    Planned(arrears_stories.plan_above_limit, 14, 12),
    Planned(arrears_stories.card_declined, 12, 14),
)
DESK = (
    Planned(desk_stories.in_the_portal, 8, 12, language="en"),
    Planned(desk_stories.gil_was_promised, 7, 10, who="gil"),
    Planned(desk_stories.newsletter_robot, 6, 9, who="del"),
    Planned(desk_stories.guesser, 5, 15, language="de"),
    Planned(arrears_stories.emi_cannot_pay, 4, 9, who="emi"),
    Planned(desk_stories.stranger, 3, 16, who="del"),
    Planned(desk_stories.away, 2, 11, language="nl"),
    Planned(desk_stories.calls, 1, 9, who="ana"),
    Planned(desk_stories.bo_answers_the_notice, 1, 16, who="bo"),
    Planned(desk_stories.chi_in_japanese, 1, 11, who="chi"),
    Planned(desk_stories.card_number, 1, 14, language="en"),
    Planned(desk_stories.fem_sends_files, 1, 12, who="del"),
)
#: Business minutes ago for questions nobody has taken: of the four hours promised, these are left, or exceeded.
WAITING = (5, 35, 80, 130, 185, 222, 236, 300, 610)


def plan_stories(world: World, *, everyday: int = EVERYDAY) -> None:
    """Write all cases into the diary."""
    for planned in (*MONEY, *DISPUTES, *ARREARS, *DESK):
        begins = world.on(world.workday(planned.days), planned.hour, between(0, 50, planned.telling.__name__))
        _plan(world, begins, planned)
    for number in range(everyday):
        back = 1 + number % 4 if number < RECENT else between(5, EVERYDAY_DAYS, "everyday", number)
        begins = world.on(world.workday(back), 9 + number % 7, number)
        _plan(world, begins, Planned(asked_and_answered(number), 0, 0, language=question_of(number).language))
    just_now = Planned(money_stories.approved_just_now, 0, 0, language="en", at_least=26_00)
    _plan(world, world.now - timedelta(minutes=34), just_now)
    _plan(world, world.now - timedelta(minutes=26), Planned(dispute_stories.just_opened, 0, 0, language="de"))
    _plan_waiting(world)


def _plan_waiting(world: World) -> None:
    calendar = calendar_of(BusinessHours.objects.get(name="Billing desk hours"), around=world.now)
    for number, minutes in enumerate(WAITING):
        begins = _business_ago(calendar, world.now, minutes) + timedelta(seconds=number)
        _plan(world, begins, Planned(asked(number), 0, 0, language=question_of(number).language))
    ana = Planned(desk_stories.ana_charged_twice, 0, 0, who="ana")
    _plan(world, _business_ago(calendar, world.now, 50), ana)


def _business_ago(calendar: BusinessCalendar, now: datetime, minutes: int) -> datetime:
    """Return a moment so many business minutes before now: the latest full five minutes that are at least that far."""
    wanted, moment = timedelta(minutes=minutes), now - timedelta(minutes=minutes)
    while business_time_between(calendar, moment, now) < wanted:
        moment -= timedelta(minutes=5)
    return moment


def _plan(world: World, begins: datetime, planned: Planned) -> None:
    """Find who it happens to when it begins, and tell it step by step."""

    def begin(at: datetime) -> None:
        person = _cast(world, planned, at)
        if person is None:
            return
        case = Case(world, person)
        world.diary.tell(at, lambda: planned.telling(case), set_moment=lambda moment: setattr(case, "at", moment))

    world.diary.plan(begins, begin)


def _cast(world: World, planned: Planned, at: datetime) -> Person | None:
    if planned.who:
        return world.named.get(planned.who)
    if planned.telling.__module__ == arrears_stories.__name__:
        return debtor(world, at=at)
    return somebody(world, **planned.fits, at=at)
