"""What the makers of the demo company share: the moment it is, the staff, the customers, the diary."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from billing_desk.demo.company.diary import Diary
from ledger.events.actor import Actor

BERLIN = ZoneInfo("Europe/Berlin")
#: Who enters what the shop and the payment provider of the demo company report.
SHOP, PROVIDER = Actor.system("shop"), Actor.system("payment_provider")


@dataclass(frozen=True)
class Habit:
    """How a customer pays: by what, how many days after the bill, and from which day on no longer."""

    method: str
    days: int
    stops_on: date | None = None


@dataclass(frozen=True)
class Person:
    """A customer of the demo company, as the makers know them."""

    customer_id: int
    name: str
    email: str
    currency: str
    language: str
    habit: Habit
    method_id: int | None = None
    card_last4: str = ""


@dataclass
class World:
    """The company between its first day and now."""

    first_day: date
    now: datetime
    diary: Diary
    staff: dict[str, Actor] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)
    named: dict[str, Person] = field(default_factory=dict)
    #: Invoices whose money does not come by habit, and the last one the cashier has seen.
    unpaid: set[int] = field(default_factory=set)
    last_invoice_seen: int = 0
    #: Who is in a story already, who in one about a bill they cannot pay, and whose bank took a payment back.
    busy: set[int] = field(default_factory=set)
    owing: set[int] = field(default_factory=set)
    taken_back: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.by_id: dict[int, Person] = {}

    def add(self, person: Person, nickname: str = "") -> None:
        """Remember a customer; nicknames are those of the stories."""
        self.people.append(person)
        self.by_id[person.customer_id] = person
        if nickname:
            self.named[nickname] = person

    @property
    def today(self) -> date:
        """The company's day."""
        return self.now.astimezone(BERLIN).date()

    def on(self, day: date, hour: int, minute: int = 0) -> datetime:
        """Return a moment of a day by the company's clocks."""
        return datetime.combine(day, time(hour, minute), tzinfo=BERLIN)

    def workday(self, back: int) -> date:
        """Return the weekday `back` weekdays before today; 0 is today, or the Friday before."""
        day = self.today
        while True:
            if day.weekday() < 5:
                if back == 0:
                    return day
                back -= 1
            day -= timedelta(days=1)
