"""Use reported after its period was billed: the rest is billed on its own line, what was too much is credited.

What a period's use costs is always the price of all of it together, so the late line is that price less what was billed
for the period before, to the minor unit, whatever steps the price has.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import connection

from ledger.billing.bills import Correction
from ledger.catalogue.queries import PriceBook
from ledger.catalogue.tariff import Model, Tariff, Tier, price_of
from ledger.charges.basis import Basis, amount, from_json, list_amount
from ledger.charges.models import Charge
from ledger.invoices.models import CreditNote, Invoice
from ledger.money import Money, exact_number
from ledger.periods import Period
from ledger.subscriptions import rating
from ledger.subscriptions.agreed import agreed_tariff, terms_for
from ledger.subscriptions.facts import midnight, wanted_use
from ledger.subscriptions.rating import Facts, Item, Rated
from ledger.usage.queries import quantities

#: Reports of use longer ago than this are left to a person: the bill is settled and forgotten.
LOOK_BACK = timedelta(days=400)

# Days, where the customer lives, whose use was reported after midnight of the first day that is not billed yet.
_LATE_DAYS = """
SELECT DISTINCT w.place, w.meter, (e.happened_at AT TIME ZONE w.zone)::date
FROM unnest(%s::int[], %s::bigint[], %s::bigint[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::text[])
     AS w (place, customer, subscription, meter, since, before, zone)
JOIN ledger_usageevent e ON e.customer_id = w.customer AND e.meter = w.meter
     AND e.happened_at >= w.since AND e.happened_at < w.before AND e.received_at >= w.before
     AND (e.subscription_id IS NULL OR e.subscription_id = w.subscription)
"""


@dataclass(slots=True)
class LateUse:
    """What late reports change for one subscription."""

    lines: list[Rated] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    #: Why it cannot be said; the subscription is not billed then.
    problem: Exception | None = None

    def __bool__(self) -> bool:
        return bool(self.lines or self.corrections or self.problem)


@dataclass(frozen=True, slots=True)
class _Billed:
    """What was billed for one product's use of some days, and what was credited of it because of late reports."""

    charges: tuple[Charge, ...] = ()
    notes: tuple[CreditNote, ...] = ()

    @property
    def quantity(self) -> Fraction:
        """How much is billed: what was counted last by a correction, and what was charged since."""
        counted, charges = Fraction(0), self.charges
        if self.notes:
            last = max(self.notes, key=lambda note: note.pk)
            counted = Fraction(last.source.rpartition(":")[2])
            charges = tuple(charge for charge in charges if charge.added_at > last.issued_at)
        charged = (from_json(charge.basis).quantity for charge in charges)
        return counted + sum(charged, Fraction(0))

    def minor(self, tariff: Tariff) -> int:
        """What is billed before discounts, less what was credited."""
        billed = sum(list_amount(from_json(charge.basis)).minor for charge in self.charges)
        return billed - sum(_credited_minor(note) for note in self.notes)

    def left(self, charge: Charge) -> int:
        """What of a charge's price before discounts was not credited yet."""
        credited = sum(_credited_minor(note) for note in self.notes if _corrected(note) == charge.pk)
        return list_amount(from_json(charge.basis)).minor - credited


def _corrected(note: CreditNote) -> int:
    return int(note.source.split(":")[1])


def _credited_minor(note: CreditNote) -> int:
    return int(note.source.split(":")[2])


Place = tuple[int, str, Period]


def find_late_use(all_facts: Sequence[Facts], prices: PriceBook) -> dict[int, LateUse]:
    """Return what late reports change, by subscription; at most four queries, whatever their number."""
    metered = [facts for facts in all_facts if facts.meters]
    days = _late_days(metered) if metered else []
    if not days:
        return {}
    charges = _charged([facts.subscription_id for facts, _, _ in days])
    spans = {
        (facts.subscription_id, item.product.code, span): (facts, item)
        for facts, meter, day in days
        for item in facts.items
        if item.product.meter == meter and (span := _span_of(facts, item, day, charges)) is not None
    }
    notes = _credited([charge.pk for found in charges.values() for charge in found])
    asked = [wanted_use(facts, place[2])[item.product.meter] for place, (facts, item) in spans.items()]
    found: dict[int, LateUse] = {}
    for (place, (facts, item)), total in zip(spans.items(), quantities(asked), strict=True):
        own = tuple(charge for charge in charges.get(place[:2], ()) if _period(charge) == place[2])
        billed = _Billed(own, tuple(note for charge in own for note in notes.get(charge.pk, ())))
        late = found.setdefault(place[0], LateUse())
        try:
            _settle(late, facts, item, place[2], total, billed, prices)
        except Exception as cause:
            late.problem = cause
    return {key: late for key, late in found.items() if late}


def _late_days(metered: Sequence[Facts]) -> list[tuple[Facts, str, date]]:
    asked = [(place, facts, meter) for place, facts in enumerate(metered) for meter in sorted(facts.meters)]
    ends = [midnight(facts, facts.metered_on) for _, facts, _ in asked]
    columns: list[Any] = [
        [place for place, _, _ in asked],
        [facts.customer_id for _, facts, _ in asked],
        [facts.subscription_id for _, facts, _ in asked],
        [meter for _, _, meter in asked],
        [end - LOOK_BACK for end in ends],
        ends,
        [facts.time_zone for _, facts, _ in asked],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_LATE_DAYS, columns)
        return sorted(
            ((metered[place], meter, day) for place, meter, day in cursor.fetchall()),
            key=lambda late: (late[0].subscription_id, late[1], late[2]),
        )


def _charged(subscription_ids: Iterable[int]) -> dict[tuple[int, str], list[Charge]]:
    """Return the standing charges for use, by subscription and product."""
    sources = {f"subscription:{pk}": pk for pk in subscription_ids}
    found: dict[tuple[int, str], list[Charge]] = {}
    charges = Charge.objects.filter(source__in=list(sources), kind=Charge.Kind.USAGE, reversed_at=None)
    standing = charges.exclude(invoice_line__invoice__state=Invoice.State.VOID).select_related("invoice_line")
    for charge in standing.order_by("pk"):
        found.setdefault((sources[charge.source], charge.basis["product"]), []).append(charge)
    return found


def _credited(charge_ids: Sequence[int]) -> dict[int, list[CreditNote]]:
    """Return the credit notes that late reports led to, by the charge they correct."""
    found: dict[int, list[CreditNote]] = {}
    notes = CreditNote.objects.filter(source__startswith="late_use:", line__charge_id__in=charge_ids)
    for note in notes.order_by("pk"):
        found.setdefault(_corrected(note), []).append(note)
    return found


def _period(charge: Charge) -> Period | None:
    if charge.period_start is None or charge.period_end is None:
        return None
    return Period(charge.period_start, charge.period_end)


def _span_of(facts: Facts, item: Item, day: date, charges: dict[tuple[int, str], list[Charge]]) -> Period | None:
    """Return the billed days that a day of use belongs to: those of its charge, else the period it lies in."""
    for charge in charges.get((facts.subscription_id, item.product.code), ()):
        period = _period(charge)
        if period is not None and day in period:
            return period
    whole = facts.series.containing(day)
    begin = min(whole.start, facts.metered_on)
    end = min(whole.end, facts.metered_on)
    return rating.served_days(facts, item, Period(begin, end)) if begin < end else None


def _settle(
    late: LateUse, facts: Facts, item: Item, span: Period, total: Decimal, billed: _Billed, prices: PriceBook
) -> None:
    """Put on the bill what the use of a span costs more than was billed for it, or what is to be credited."""
    units = max(exact_number(total), Fraction(0))
    known = from_json(billed.charges[0].basis) if billed.charges else None
    price = rating.price_in_force(facts, item, prices, span.start)
    agreed = terms_for(facts.agreed, item.product.id, span.start)
    tariff = known.tariff if known else agreed_tariff(price.tariff, agreed)
    more = price_of(tariff, units).minor - billed.minor(tariff)
    if more > 0:
        basis = Basis(
            kind="usage", product=item.product.code, name=item.product.name, tariff=tariff, cause="late_usage",
            unit=item.product.unit, price_id=known.price_id if known else price.pk,
            price_from=known.price_from if known else price.valid_from,
            includes_tax=known.includes_tax if known else price.includes_tax, days=span.days, of_days=span.days,
        )  # fmt: skip
        basis = _for_rest(basis, units - billed.quantity, billed.quantity, more)
        rate = billed.charges[0].tax_rate if known and not known.includes_tax else price.tax_rate
        counted = f"{rating.figure(basis.quantity)} {item.product.unit or item.product.meter}"
        description = f"{item.product.name}: late usage, {counted}, {rating.days_in_words(span)}"[:200]
        late.lines.append(Rated(basis, item.product, "usage", span, description, rate, item.product.tax_category))
    elif more < 0:
        late.corrections += _corrections(billed, item, span, units, -more)


def _for_rest(basis: Basis, rest: Fraction, before: Fraction, minor: int) -> Basis:
    """Return a basis that comes to what is still to be billed: the steps that are left, else the amount itself."""
    quantity = max(rest, Fraction(0))
    stepped = replace(basis, quantity=quantity, tariff=rest_of(basis.tariff, before))
    if list_amount(stepped).minor == minor:
        return stepped
    return replace(basis, quantity=quantity, tariff=Tariff(Model.FLAT, basis.tariff.currency, flat_minor=minor))


def rest_of(tariff: Tariff, used: Fraction) -> Tariff:
    """Return the steps of a graduated price that are left when some units are billed; other prices as they are."""
    if tariff.model != Model.GRADUATED or not used:
        return tariff
    left, begins = list[Tier](), Fraction(0)
    for tier in tariff.tiers:
        if tier.up_to is None or tier.up_to > used:
            left.append(
                Tier(
                    None if tier.up_to is None else tier.up_to - used,
                    tier.unit_minor,
                    0 if begins < used else tier.flat_minor,
                )
            )
        begins = tier.up_to or begins
    return replace(tariff, tiers=tuple(left))


def _corrections(billed: _Billed, item: Item, span: Period, units: Fraction, minor: int) -> list[Correction]:
    """Credit what was billed too much, the latest charge first; each names the total that was counted for it."""
    found = []
    for charge in reversed(billed.charges):
        basis = from_json(charge.basis)
        part = min(minor, billed.left(charge))
        if part <= 0:
            continue
        minor -= part
        # Of the price before discounts, the same share as was paid: what a discount took off was never paid.
        paid = amount(basis).minor * part // list_amount(basis).minor
        words = f"{item.product.name}, {rating.days_in_words(span)}: less use than billed"
        if paid:
            found.append(
                Correction(
                    line_id=charge.invoice_line.pk,
                    amount=Money(paid, charge.currency),
                    without_tax=not basis.includes_tax,
                    reason=f"{words}, {rating.figure(units)} in all"[:300],
                    source=f"late_use:{charge.pk}:{part}:{units}",
                )
            )
    return found
