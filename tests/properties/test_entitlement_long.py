"""Whatever a customer changes: what is billed less what is credited is the price of the days they were served."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from ledger.billing.operations import run_billing
from ledger.books.proof import first_break
from ledger.catalogue.models import Price
from ledger.catalogue.queries import PriceBook
from ledger.charges.basis import amount as amount_of
from ledger.errors import DomainError
from ledger.invoices.models import CreditNote, Invoice
from ledger.periods import MONTHLY, QUARTERLY, WEEKLY, YEARLY, Period, Series
from ledger.subscriptions.changes import apply_change, preview_change
from ledger.subscriptions.proration import Basis as CountedBy
from ledger.subscriptions.rating import Facts, Item, Sold, rate_period
from ledger.subscriptions.terms import Change, UnusedPart, What, When, with_plan
from tests.ledger.subscriptions.worlds import again, days_billed, net_billed, sell_all, subscribed
from tests.ledger.worlds import SYSTEM, open_ana

PRICES = {"basic": 1000, "plus": 2500, "extra": 500}
ZONES = ["Europe/Berlin", "Pacific/Apia", "Pacific/Honolulu"]  # UTC+13 and UTC-10 among them
STARTS = [date(2026, 1, 31), date(2026, 3, 1), date(2026, 2, 15), date(2028, 2, 29), date(2026, 10, 20)]
NOW = When.NOW
LONGEST_PAUSE = timedelta(days=92)
COUNTED = [CountedBy.DAY, CountedBy.DAY, CountedBy.THIRTY_DAY_MONTH, CountedBy.SECOND]

CHANGES = {
    "basic": Change(What.PLAN, plan="basic", when=NOW),
    "plus": Change(What.PLAN, plan="plus", when=NOW),
    "one": Change(What.QUANTITY, quantity=1, when=NOW),
    "three": Change(What.QUANTITY, quantity=3, when=NOW),
    "take": Change(What.TAKE_ADD_ON, add_on="extra", when=NOW),
    "take two": Change(What.TAKE_ADD_ON, add_on="extra", quantity=2, when=NOW),
    "drop": Change(What.DROP_ADD_ON, add_on="extra", when=NOW),
    "15th": Change(What.BILLING_DAY, bill_day=15),
    "31st": Change(What.BILLING_DAY, bill_day=31),
    "pause": Change(What.PAUSE, when=NOW),
    "resume": Change(What.RESUME),
    "cancel": Change(What.CANCEL, when=NOW, unused=UnusedPart.CREDITED),
}
steps = st.tuples(st.sampled_from(list(CHANGES)), st.integers(0, 40))


@dataclass
class Run:
    """So many of something, on days that follow each other, since one act made it so."""

    product: str
    quantity: int
    days: list[date] = field(default_factory=list)


@dataclass
class Diary:
    """What a customer is entitled to, kept day by day and by nothing but what was asked for."""

    taken: dict[str, int]
    bill_days: list[tuple[date, int]]
    runs: dict[str, Run] = field(default_factory=dict)
    done: list[Run] = field(default_factory=list)
    is_served: bool = True
    resumes_on: date | None = None

    def note(self, name: str, renews_on: date, today: date) -> None:
        """Take down one change that was made."""
        change = CHANGES[name]
        if change.what == What.PLAN:
            (old,) = set(self.taken) - {"extra"}
            self.taken[change.plan] = self.taken.pop(old)
            self._close(old)
        elif change.what == What.QUANTITY:
            (plan,) = set(self.taken) - {"extra"}
            self.taken[plan] = change.quantity or 1
            self._close(plan)
        elif change.what == What.TAKE_ADD_ON:
            self._close("extra")
            self.taken["extra"] = change.quantity or 1
        elif change.what == What.DROP_ADD_ON:
            self._close("extra")
            del self.taken["extra"]
        elif change.what == What.BILLING_DAY:
            self.bill_days.append((renews_on, change.bill_day or 1))
        else:
            self._stop_or_go_on(change, today)

    def _stop_or_go_on(self, change: Change, today: date) -> None:
        self.is_served = change.what == What.RESUME
        self.resumes_on = today + LONGEST_PAUSE if change.what == What.PAUSE else None
        if self.is_served:
            # A pause ends the period it falls into: a billing day that was moved counts from the return on.
            self.bill_days = [(min(since, today), day) for since, day in self.bill_days]
        for product in list(self.runs):
            self._close(product)

    def _close(self, product: str) -> None:
        if product in self.runs:
            self.done.append(self.runs.pop(product))

    def live(self, day: date) -> None:
        """Take down one day; the longest pause ends by itself."""
        if day == self.resumes_on:
            self._stop_or_go_on(CHANGES["resume"], day)
        for product, quantity in self.taken.items() if self.is_served else ():
            self.runs.setdefault(product, Run(product, quantity)).days.append(day)

    def whole(self, day: date) -> tuple[date, date]:
        """Return the first day of the period a day is billed in, and the first after it, by looking day by day."""
        _, bill_day = [entry for entry in self.bill_days if entry[0] <= day][-1]
        first, end = day, day + timedelta(days=1)
        while not _is_bill_day(first, bill_day):
            first -= timedelta(days=1)
        while not _is_bill_day(end, bill_day):
            end += timedelta(days=1)
        return first, end

    def worth(self, before: date) -> int:
        """Return what the days before a day cost: each run within each period, rounded once."""
        total = 0
        for run in [*self.done, *self.runs.values()]:
            parts: defaultdict[tuple[date, date, date], int] = defaultdict(int)
            for day in run.days:
                if day < before:
                    since = [entry[0] for entry in self.bill_days if entry[0] <= day][-1]
                    parts[(*self.whole(day), since)] += 1
            for (first, end, _), days in parts.items():
                exact = Fraction(PRICES[run.product] * run.quantity * days, (end - first).days)
                total += int(exact + Fraction(1, 2))  # half a cent goes up
        return total


def _is_bill_day(day: date, bill_day: int) -> bool:
    last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return day.day == min(bill_day, last.day)


def _price(product: int, minor: int) -> Price:
    return Price(pk=product, product_id=product, currency="EUR", amount_minor=minor, valid_from=date(1990, 1, 1))


def test_in_ten_thousand_sequences_of_changes_the_days_in_lines_are_the_days_of_the_period():
    draw, prices = Random(17), PriceBook([_price(1, 999), _price(2, 2501)])
    anchors = [date(2024, 2, 29), date(2025, 1, 31), date(2025, 8, 31), date(2026, 3, 1), date(2025, 12, 30)]
    for _ in range(10_000):
        interval, anchor = draw.choice([WEEKLY, MONTHLY, QUARTERLY, YEARLY]), draw.choice(anchors)
        plans = [Sold(n, f"plan-{n}", "Plan", interval, proration=draw.choice(COUNTED)) for n in (1, 2)]
        whole = Series(anchor, interval).period(draw.randrange(-5, 60))
        facts = Facts(1, 1, "EUR", "Europe/Berlin", anchor, whole.start, whole.start, (Item(plans[0], 1, anchor),))
        cuts = sorted(whole.start + timedelta(draw.randrange(whole.days)) for _ in range(draw.randrange(5)))
        lines, begin = [], whole.start
        for number, end in enumerate([*cuts, whole.end]):
            if end > begin:
                lines += rate_period(facts, Period(begin, end), cause="change", prices=prices)
            facts, begin = with_plan(facts, plans[(number + 1) % 2], quantity=1, on=end), end

        assert sum(line.basis.days for line in lines) == whole.days
        assert {line.basis.of_days for line in lines} == {whole.days}
        assert [line.period.end for line in lines[:-1]] == [line.period.start for line in lines[1:]]
        if len({plan.proration for plan in plans}) == 1:
            assert sum(line.basis.part for line in lines) == 1
        assert all(line.amount == amount_of(line.basis) for line in lines)


class Entitlement(TestCase):
    """A year in the life of a subscription, with changes at any hour of any day."""

    @settings(max_examples=300, deadline=None)
    @given(
        st.sampled_from(STARTS),
        st.sampled_from(ZONES),
        st.lists(steps, max_size=7),
        st.integers(0, 23),
    )
    @example(date(2026, 3, 1), "Europe/Berlin", [("plus", 15), ("basic", 0), ("plus", 0), ("15th", 3), ("three", 5)], 0)
    @example(date(2026, 1, 31), "Europe/Berlin", [("pause", 22), ("cancel", 5)], 0)
    @example(date(2028, 2, 29), "Pacific/Apia", [("31st", 0), ("pause", 31), ("resume", 40), ("cancel", 12)], 23)
    def test_billed_less_credited_is_the_price_of_the_days_served(self, start, zone, history, hour):
        self.zone, self.hour, self.day = ZoneInfo(zone), hour, start
        sell_all(tax=0)
        ana = open_ana(at=self.moment())
        ana.time_zone = zone
        ana.save()
        self.subscription = subscribed("basic", customer=ana, at=self.moment())
        self.diary = Diary({"basic": 1}, [(date.min, start.day)])

        for name, days in history:
            self.pass_days(days)
            self.change(name)
        self.pass_days(45)

        self.check()

    def moment(self) -> datetime:
        """The hour of the day by the customer's clocks."""
        return datetime.combine(self.day, time(self.hour), self.zone)

    def pass_days(self, days: int) -> None:
        """Live through days; the run is made once in a while, and always before a change."""
        for _ in range(days):
            self.diary.live(self.day)
            self.day += timedelta(days=1)
        run_billing(at=self.moment())

    def change(self, name: str) -> None:
        """Ask for a change, see what it comes to, make it, and find exactly that issued."""
        subscription = again(self.subscription)
        issued = [set(model.objects.values_list("pk", flat=True)) for model in (Invoice, CreditNote)]
        try:
            preview = preview_change(subscription.pk, CHANGES[name], at=self.moment())
        except DomainError:
            return
        apply_change(subscription.pk, CHANGES[name], expected_total=preview.total, by=SYSTEM, at=self.moment())
        bills = Invoice.objects.exclude(pk__in=issued[0])
        notes = CreditNote.objects.exclude(pk__in=issued[1])
        assert preview.total.minor == sum(bill.total_minor for bill in bills) - sum(note.total.minor for note in notes)
        self.diary.note(name, subscription.renews_on, self.day)

    def check(self) -> None:
        """Compare the bills with the diary, in cents and in days."""
        subscription = again(self.subscription)
        billed_to = subscription.renews_on if subscription.state == "active" else self.day
        while self.day < billed_to:
            self.diary.live(self.day)
            self.day += timedelta(days=1)
        assert net_billed(subscription) == self.diary.worth(billed_to)
        runs = [run for run in [*self.diary.done, *self.diary.runs.values()] if run.product != "extra"]
        served = Counter(day for run in runs for day in run.days if day < billed_to)
        billed = Counter[date]()
        for product, times in days_billed(subscription).items():
            billed.update(times if product != "extra" else {})
        assert billed == served
        assert max(billed.values(), default=1) == 1
        assert first_break() is None
