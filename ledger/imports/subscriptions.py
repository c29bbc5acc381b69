"""Writes running subscriptions: they go on from their next billing day; what is billed is not billed again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ledger.billing.bulk import draw_ids, insert_many
from ledger.catalogue.models import Product
from ledger.catalogue.queries import PriceBook, interval_of
from ledger.events import kinds
from ledger.events.operations import Happening, record_events
from ledger.imports.models import ImportedRecord, ImportRun
from ledger.imports.rows import SubscriptionRow
from ledger.imports.writing import Holder, Import, Outcome, among, holder_problem, holders
from ledger.periods import Series
from ledger.subscriptions.models import Subscription, SubscriptionAddOn


@dataclass(frozen=True, slots=True)
class Ready:
    """A subscription as it will stand: every reference found, every moment turned into a day."""

    row: SubscriptionRow
    holder: Holder
    plan: Product
    add_ons: tuple[tuple[Product, int], ...]
    renews_on: date
    anchor_on: date
    priced_on: date
    ends_on: date | None


def write_subscriptions(rows: Sequence[SubscriptionRow], work: Import) -> list[Outcome]:
    """This will start subscriptions where another system stops billing them; each wrong one is refused."""
    known = set(
        Subscription.objects.filter(among("external_id", (row.external_id for row in rows))).values_list(
            "external_id", flat=True
        )
    )
    customers = holders(row.customer for row in rows)
    sold = _products({code for row in rows for code in (row.plan, *(name for name, _ in row.add_ons))})
    work.prices = work.prices or PriceBook.load()
    ready: list[Ready] = []
    outcomes: list[Outcome] = []
    for row in rows:
        problems = _problems(row, customers.get(row.customer), sold, known)
        if not problems:
            one = _ready(row, customers[row.customer], sold)
            problems = _day_problems(one, work) + _price_problems(one, work.prices)
        outcomes.append(Outcome(problems=tuple(problems)))
        if not problems:
            ready.append(one)
    ids = draw_ids(Subscription, len(ready))
    _insert(ready, ids, work)
    subjects = iter(ids)
    return [one if one.problems else Outcome(f"subscription:{next(subjects)}") for one in outcomes]


def _products(codes: set[str]) -> dict[str, Product]:
    """Return what is sold by our code, or by the id of the price it was imported from."""
    recorded = ImportedRecord.objects.filter(kind=ImportRun.Kind.PRICES, external_id__in=codes)
    by_id = {external_id: int(subject.partition(":")[2]) for external_id, subject in
             recorded.values_list("external_id", "subject")}  # fmt: skip
    imported = Product.objects.in_bulk(by_id.values())
    found = {product.code: product for product in Product.objects.filter(code__in=codes)}
    return found | {external_id: imported[pk] for external_id, pk in by_id.items()}


def _problems(
    row: SubscriptionRow, holder: Holder | None, sold: Mapping[str, Product], known: set[str | None]
) -> list[str]:
    """Return which references are wrong."""
    found = [why] if (why := holder_problem(holder, row.customer)) else []
    if row.external_id in known:
        found.append("id: there is a subscription with it already, and it was not imported.")
    plan = sold.get(row.plan)
    if plan is None or plan.kind != Product.Kind.PLAN:
        found.append(f"plan: {row.plan!r} is no plan we know; import prices first.")
    for code, _ in row.add_ons:
        add_on = sold.get(code)
        if add_on is None or add_on.kind != Product.Kind.ADD_ON:
            found.append(f"add_ons: {code!r} is no add-on we know; a subscription here has one plan, and add-ons.")
        elif plan is not None and add_on.interval != plan.interval:
            found.append(f"add_ons: {code!r} is not billed in the interval of {row.plan!r}.")
    return found


def _ready(row: SubscriptionRow, holder: Holder, sold: Mapping[str, Product]) -> Ready:
    renews_on, plan = holder.day(row.next_billing_on), sold[row.plan]
    anchor_on = holder.day(row.anchor_on) if row.anchor_on and row.state != "trial" else renews_on
    if isinstance(row.anchor_on, datetime) and not _is_billing_day(plan, anchor_on, renews_on):
        # A moment near midnight falls on another day in summer than in winter: the next bill decides.
        anchor_on = renews_on
    return Ready(
        row=row,
        holder=holder,
        plan=plan,
        add_ons=tuple((sold[code], quantity) for code, quantity in row.add_ons),
        renews_on=renews_on,
        anchor_on=anchor_on,
        priced_on=min(holder.day(row.started_on), renews_on) if row.started_on else renews_on,
        ends_on=holder.day(row.ends_on) if row.ends_on else None,
    )


def _is_billing_day(plan: Product, anchor_on: date, day: date) -> bool:
    return Series(anchor_on, interval_of(plan)).containing(day).start == day


def _day_problems(one: Ready, work: Import) -> list[str]:
    today = one.holder.local_day(work.at)
    found = []
    if one.renews_on < today and not (one.row.state == "paused" or (one.ends_on and one.ends_on <= one.renews_on)):
        found.append(
            f"next_billing_on: {one.renews_on} is over. Bill that period where it was, and give the next billing day."
        )
    if one.ends_on and one.ends_on <= today:
        found.append(f"ends_on: {one.ends_on} is over; nothing is left to import.")
    if not _is_billing_day(one.plan, one.anchor_on, one.renews_on):
        found.append(f"anchor_on: counted from {one.anchor_on}, {one.renews_on} is no billing day.")
    return found


def _price_problems(one: Ready, prices: PriceBook) -> list[str]:
    return [
        f"plan: {product.code!r} has no price in {one.holder.currency} on {one.renews_on}."
        for product in (one.plan, *(add_on for add_on, _ in one.add_ons))
        if prices.price(product.pk, one.holder.currency, on=one.renews_on, held_since=one.priced_on) is None
    ]


def _insert(ready: Sequence[Ready], ids: Sequence[int], work: Import) -> None:
    if not ready:
        return
    in_trial = [one.row.state == Subscription.State.TRIAL for one in ready]
    insert_many(
        Subscription,
        {
            "id": ids,
            "customer_id": [one.holder.id for one in ready],
            "plan_id": [one.plan.pk for one in ready],
            "currency": [one.holder.currency for one in ready],
            "state": [one.row.state for one in ready],
            "quantity": [one.row.quantity for one in ready],
            "anchor_on": [one.anchor_on for one in ready],
            "renews_on": [one.renews_on for one in ready],
            "priced_on": [one.priced_on for one in ready],
            "metered_on": [one.holder.day(one.row.metered_on or one.renews_on) for one in ready],
            "trial_ends_on": [one.renews_on if trial else None for one, trial in zip(ready, in_trial, strict=True)],
            "ends_on": [one.ends_on for one in ready],
            "started_at": [one.holder.begin(one.row.started_on) if one.row.started_on else work.at for one in ready],
            "paused_at": [work.at if one.row.state == "paused" else None for one in ready],
            "cancelled_at": [work.at if one.ends_on else None for one in ready],
            "external_id": [one.row.external_id for one in ready],
        },
        {},
    )
    _insert_add_ons(ready, ids)
    happened = []
    for one, pk in zip(ready, ids, strict=True):
        told = {"plan": one.plan.name, "quantity": one.row.quantity, "renews_on": one.renews_on.isoformat()}
        told |= {"external_id": one.row.external_id, "import_id": work.run_id}
        happened.append(Happening(kinds.SUBSCRIPTION_IMPORTED, f"subscription:{pk}", one.holder.id, told))
    record_events(happened, by=work.by, at=work.at)


def _insert_add_ons(ready: Sequence[Ready], ids: Sequence[int]) -> None:
    """Insert the add-ons that are taken."""
    SubscriptionAddOn.objects.bulk_create(
        SubscriptionAddOn(
            subscription_id=pk, product_id=add_on.pk, quantity=quantity, since=one.priced_on, priced_on=one.priced_on
        )
        for one, pk in zip(ready, ids, strict=True)
        for add_on, quantity in one.add_ons
    )
