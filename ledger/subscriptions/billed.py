"""What a subscription was billed for days that are still to come, and what of it is given back when they are not used.

What stays billed of a line is the price of its used days, rounded once; the credit is the rest. So billed less
credited is the price of what was used, line by line, to the minor unit, however often a line is cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from django.db.models import Sum

from ledger.catalogue.tariff import exact_price
from ledger.charges.basis import Basis, amount, discount_amount, from_json
from ledger.charges.models import Charge
from ledger.invoices.models import CreditNoteLine, Invoice, InvoiceLine
from ledger.invoices.tax import credited_gross, credited_tax
from ledger.money import Money, round_half_away
from ledger.periods import Period
from ledger.subscriptions import proration
from ledger.subscriptions.rating import days_in_words

FIXED = (Charge.Kind.PLAN, Charge.Kind.ADD_ON)


@dataclass(frozen=True, slots=True)
class BilledLine:
    """One line of a bill for days of a subscription: its basis, and what was credited of it.

    `cut` is what changes of the subscription gave back of it before, in the terms of the basis: without tax, or with
    tax where the price includes it. `credited`, `credited_tax` and `disputed` are gross, whoever caused them.
    """

    id: int
    invoice: str
    invoice_id: int
    description: str
    basis: Basis
    period: Period
    net: Money
    tax: Money
    rate: Decimal
    cut: Money
    credited: Money
    credited_tax: Money
    disputed: Money

    @property
    def total(self) -> Money:
        """The line with its tax."""
        return self.net + self.tax

    @property
    def whole(self) -> Period:
        """The whole period it was billed in: as long as its basis says; what is billed in advance ends with it."""
        return Period(self.period.end - timedelta(days=self.basis.of_days or self.period.days), self.period.end)


@dataclass(frozen=True, slots=True)
class Unused:
    """What is given back of a line, for the days of a period, at the line's own tax."""

    line: BilledLine
    period: Period
    net: Money
    tax: Money

    @property
    def total(self) -> Money:
        """Net and tax together: the amount of the credit note."""
        return self.net + self.tax

    @property
    def description(self) -> str:
        """How it reads on the credit note."""
        return f"{self.line.basis.name}: {days_in_words(self.period)} not used"


def source_of(subscription_id: int) -> str:
    """Return how charges, bills and credit notes of a subscription name it."""
    return f"subscription:{subscription_id}"


def lines_reaching(subscription_id: int, day: date) -> list[BilledLine]:
    """Return the lines that bill fixed prices for a day or later ones, the oldest first; two queries."""
    found = InvoiceLine.objects.filter(
        charge__source=source_of(subscription_id), charge__kind__in=FIXED, charge__period_end__gt=day
    ).exclude(invoice__state__in=[Invoice.State.VOID, Invoice.State.DRAFT])
    lines = list(found.select_related("charge", "invoice").order_by("pk"))
    notes = CreditNoteLine.objects.filter(line__in=lines).values("line_id", "note__source")
    taxes: dict[int, int] = {}
    cuts: dict[int, tuple[int, int]] = {}
    for row in notes.annotate(net=Sum("net_minor"), tax=Sum("tax_minor")):
        taxes[row["line_id"]] = taxes.get(row["line_id"], 0) + row["tax"]
        if row["note__source"].startswith(f"{source_of(subscription_id)}:"):
            net, tax = cuts.get(row["line_id"], (0, 0))
            cuts[row["line_id"]] = (net + row["net"], tax + row["tax"])
    return [_read(line, taxes.get(line.pk, 0), cuts.get(line.pk, (0, 0))) for line in lines]


def _read(line: InvoiceLine, credited_tax_minor: int, cut: tuple[int, int]) -> BilledLine:
    charge, currency = line.charge, line.currency
    if charge.period_start is None or charge.period_end is None:
        raise ValueError("a line with a period was asked for")
    basis = from_json(charge.basis)
    return BilledLine(
        id=line.pk,
        invoice=line.invoice.number,
        invoice_id=line.invoice_id,
        description=line.description,
        basis=basis,
        period=Period(charge.period_start, charge.period_end),
        net=Money(line.net_minor, currency),
        tax=Money(line.tax_minor, currency),
        rate=line.tax_rate,
        cut=Money(sum(cut) if basis.includes_tax else cut[0], currency),
        credited=Money(line.credited_minor, currency),
        credited_tax=Money(credited_tax_minor, currency),
        disputed=Money(line.disputed_minor, currency),
    )


@dataclass(frozen=True, slots=True)
class Cut:
    """Where service ends: the day and, for what is counted by the second, the moment.

    `how` says by product code how its days are counted.
    """

    on: date
    zone: str
    how: Mapping[str, proration.Basis]
    moment: datetime | None = None

    def counts(self, line: BilledLine) -> proration.Basis:
        """Return how the days of a line are counted."""
        return self.how.get(line.basis.product, proration.Basis.DAY)


def price_of_used(line: BilledLine, cut: Cut) -> Money:
    """Return what the days of a line before the cut cost, discounts in proportion, rounded once."""
    basis = line.basis
    rest = min(_part_left(line, cut), basis.part)
    if not rest:
        return amount(basis)
    used = basis.part - rest
    off = discount_amount(basis).minor * used / basis.part
    stays = round_half_away(exact_price(basis.tariff, basis.quantity) * used - off)
    return Money(max(0, min(stays, amount(basis).minor)), basis.tariff.currency)


def _part_left(line: BilledLine, cut: Cut) -> Fraction:
    """Return which part of the whole period lies in the line from the cut on."""
    if cut.on >= line.period.end:
        return Fraction(0)
    how = cut.counts(line)
    begins_with_line = cut.on < line.period.start or (cut.on == line.period.start and how != proration.Basis.SECOND)
    if begins_with_line:
        return line.basis.part
    if how == proration.Basis.NONE:
        return Fraction(0)
    left, moment = Period(cut.on, line.period.end), cut.moment
    return proration.part_with_service(line.whole, left, basis=how, zone=cut.zone, moment=moment)


def unused_of(line: BilledLine, cut: Cut) -> Unused | None:
    """Return what is given back of a line when service ends at the cut, or None when nothing is left to give back.

    A part that is in dispute is left to the decision of the dispute, and what was credited for another reason is not
    given back twice.
    """
    given = amount(line.basis) - line.cut - price_of_used(line, cut)
    left = line.total - line.credited - line.disputed
    if min(given.minor, left.minor) <= 0:
        return None
    total = min(_gross(line, given), left)
    if total.minor <= 0:
        return None
    tax = credited_tax(
        tax=line.tax,
        total=line.total,
        credited=line.credited,
        credited_tax_before=line.credited_tax,
        amount=total,
    )
    return Unused(line, Period(max(cut.on, line.period.start), line.period.end), total - tax, tax)


def _gross(line: BilledLine, given: Money) -> Money:
    if line.basis.includes_tax:
        return given
    tax_left = line.tax - line.credited_tax
    net_left = line.total - line.credited - tax_left
    if not net_left:
        return Money(0, given.currency)
    return credited_gross(
        tax=line.tax,
        total=line.total,
        credited=line.credited,
        credited_tax_before=line.credited_tax,
        net=min(given, net_left),
    )
