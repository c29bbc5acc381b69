"""What every kind of row shares when it is written: the context, the outcome, and finding customers and products."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db import transaction
from django.db.models import BooleanField, Expression, F, Func, TextField, Value
from django.utils import timezone

from ledger.books.entry import Entry
from ledger.books.operations import post_entries
from ledger.catalogue.queries import PriceBook
from ledger.customers.models import Customer
from ledger.events.actor import Actor
from ledger.imports.rows import Day
from ledger.imports.totals import moved_by
from ledger.invoices.book_rates import BookRate


@dataclass(slots=True)
class Import:
    """One import under way: which run, by whom, when; what was looked up is kept while it lasts."""

    run_id: int
    by: Actor
    at: datetime
    is_dry_run: bool = False
    rates: dict[str, BookRate] = field(default_factory=dict)
    prices: PriceBook | None = None
    #: Of a dry run: what the entries that were tried moved on customers' accounts, per currency.
    tried: Counter[str] = field(default_factory=Counter)

    @property
    def source(self) -> str:
        """How what is imported names where it comes from."""
        return f"import:{self.run_id}"

    @property
    def today(self) -> date:
        """The day opening balances take effect: where the seller is."""
        return timezone.localdate(self.at)

    def post(self, entries: Sequence[Entry], *, account: str) -> None:
        """This will post the entries that take rows over; a dry run takes them back at once.

        Whoever has posted holds up the seal of the books until the transaction ends, and behind it every other posting.
        That of a dry run lasts as long as the file is; undone to a savepoint, the entries hold up nobody.
        """
        if not entries:
            return
        with transaction.atomic():
            post_entries(entries, by=self.by, at=self.at)
            if self.is_dry_run:
                self.tried.update(moved_by([entry.key for entry in entries], account))
                transaction.set_rollback(True)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: what stands for it here, or why it was refused; `data` is for later files."""

    subject: str = ""
    problems: tuple[str, ...] = ()
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a subscription or a bill belongs to."""

    id: int
    currency: str
    zone: str
    is_closed: bool

    def local_day(self, at: datetime) -> date:
        """The calendar day it is for the customer."""
        return at.astimezone(ZoneInfo(self.zone)).date()

    def day(self, value: Day) -> date:
        """The calendar day of a moment, or the day itself."""
        return self.local_day(value) if isinstance(value, datetime) else value

    def begin(self, value: Day) -> datetime:
        """The moment itself, or that at which a day begins for the customer."""
        return value if isinstance(value, datetime) else datetime.combine(value, time(), ZoneInfo(self.zone))


def among(column: str | Expression, values: Iterable[str]) -> Func:
    """Return the condition that a column is one of many texts.

    It is a join: a long list is compared with every row as soon as the planner takes a growing table for a small one.
    """
    wanted = Value(sorted(set(values)), output_field=ArrayField(TextField()))
    return Func(
        F(column) if isinstance(column, str) else column,
        wanted,
        template="(%(expressions)s)))",
        arg_joiner=" IN (SELECT unnest(",
        output_field=BooleanField(),
    )


def holders(references: Iterable[str]) -> dict[str, Holder]:
    """Return customers by their external id, or by our number for them; at most two queries."""
    wanted = set(references)
    found: dict[str, Holder] = {}
    columns = ("external_id", "number", "pk", "currency", "time_zone", "closed_at")
    for name in ("external_id", "number"):
        missing = wanted - found.keys()
        for row in Customer.objects.filter(among(name, missing)).values_list(*columns) if missing else ():
            external_id, number, pk, currency, zone, closed_at = row
            named = external_id if name == "external_id" else number
            found[str(named)] = Holder(pk, currency, zone, closed_at is not None)
    return found


def holder_problem(holder: Holder | None, reference: str) -> str:
    """Return why nothing can be imported for a customer; empty when it can."""
    if holder is None:
        return f"customer: {reference[:60]!r} is not known; import customers first."
    return f"customer: the account of {reference[:60]!r} is closed." if holder.is_closed else ""
