"""Objects of Stripe's API as rows of ours (pure). What we have no place for is refused in words, never dropped.

Source: Stripe API reference ("Customers", "Products", "Prices", "Subscriptions", "Invoices").
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from ledger.imports import csv_rows
from ledger.imports.cells import LeftOut, RowRefused
from ledger.imports.reading import Cells
from ledger.imports.rows import CustomerRow, PriceRow, ProductRow, SubscriptionRow
from ledger.imports.stripe_values import (
    Thing,
    check_object,
    currency_of,
    id_of,
    list_of,
    minor_of,
    moment_of,
    part_of,
    text_of,
    unit_minor,
    utc_day,
    whole,
)

#: Stripe's interval and count, as ours.
INTERVALS = {
    ("week", 1): "week",
    ("month", 1): "month",
    ("month", 3): "quarter",
    ("month", 12): "year",
    ("year", 1): "year",
}
#: Kinds of tax id that are VAT ids. Source: Stripe, "Customer tax IDs".
VAT_IDS = ("eu_vat", "gb_vat")
STATES = {
    "active": "active",
    "trialing": "trial",
    "past_due": "past_due",
    "unpaid": "past_due",
    "paused": "paused",
}
OVER = ("canceled", "incomplete", "incomplete_expired", "ended")


def customer_of(thing: Thing, *, country: str = "", currency: str = "") -> CustomerRow:
    """Read a customer; country and currency are those given where Stripe has none.

    :raises LeftOut: if it was deleted
    :raises RowRefused: with all that is wrong
    """
    check_object(thing, "customer")
    if thing.get("deleted") is True:
        raise LeftOut
    used = currency_of(thing, default=currency)
    balance = minor_of(thing, "balance", used)
    if balance > 0:
        raise RowRefused("balance: the customer owes this without a bill; bill it in Stripe first, then import again.")
    address, vat_id = part_of(thing, "address"), _vat_id(thing)
    languages = thing.get("preferred_locales")
    values = {
        "id": text_of(thing, "id"),
        "name": text_of(thing, "name") or text_of(thing, "description") or text_of(thing, "email"),
        "country": text_of(address, "country") or country,
        "currency": used,
        "kind": "business" if vat_id or text_of(thing, "business_name") else "consumer",
        "language": languages[0] if isinstance(languages, list) and languages and isinstance(languages[0], str) else "",
        "street": text_of(address, "line1"),
        "address_more": text_of(address, "line2"),
        "postal_code": text_of(address, "postal_code"),
        "city": text_of(address, "city"),
        "vat_id": vat_id,
        "email": text_of(thing, "email"),
        "phone": text_of(thing, "phone"),
    }
    read = csv_rows.customer_of(Cells(0, values))
    return replace(read, credit=-balance, region=_region(text_of(address, "state"), read.country))


def _region(state: str, country: str) -> str:
    """Return a state as ISO 3166-2 where it is a code already: CA of the US is US-CA; a name is not guessed at."""
    return f"{country}-{state.upper()}" if 1 <= len(state) <= 3 and state.isascii() and state.isalnum() else ""


def _vat_id(thing: Thing) -> str:
    found = [text_of(one, "value") for one in list_of(thing, "tax_ids") if one.get("type") in VAT_IDS]
    return found[0] if found else ""


def product_of(thing: Thing) -> ProductRow:
    """Read a product: its name and unit, for the prices that name it.

    :raises RowRefused: with what is wrong
    """
    check_object(thing, "product")
    name = text_of(thing, "name")
    if not name:
        raise RowRefused("name: is empty.")
    return ProductRow(
        external_id=_id(thing),
        name=name[:100],
        unit=text_of(thing, "unit_label")[:40],
        kind=_kind(thing),
        is_on_sale=thing.get("active") is not False,
    )


def _id(thing: Thing) -> str:
    found = text_of(thing, "id")
    if not 1 <= len(found) <= 100:
        raise RowRefused("id: is empty, or longer than 100 characters.")
    return found


def _kind(thing: Thing) -> str:
    """Return what it is sold as: a plan, unless its metadata say `kind: add_on`."""
    return "add_on" if text_of(part_of(thing, "metadata"), "kind") == "add_on" else "plan"


def price_of(thing: Thing) -> PriceRow:
    """Read a price; each becomes a product of its own here, because ours have one interval and one history.

    :raises RowRefused: with what is wrong
    """
    check_object(thing, "price")
    external_id, currency = _id(thing), currency_of(thing)
    if thing.get("transform_quantity") or thing.get("custom_unit_amount"):
        raise RowRefused("Quantities in packages, and prices the customer chooses, have no place here.")
    recurring = part_of(thing, "recurring")
    is_once = thing.get("type") == "one_time" or not recurring
    is_metered = text_of(recurring, "usage_type") == "metered"
    tiers = _tiers(thing, currency)
    unit = None if tiers else unit_minor(thing, "unit_amount", currency)
    if unit is None and not tiers:
        raise RowRefused("unit_amount: is empty.")
    product = thing.get("product")
    return PriceRow(
        external_id=external_id,
        code=external_id[:40],
        name=(text_of(thing, "nickname") or text_of(product if isinstance(product, dict) else {}, "name"))[:100],
        currency=currency,
        valid_from=utc_day(moment_of(thing, "created")),
        product=id_of(thing, "product"),
        kind="one_off" if is_once else _kind(thing),
        interval="month" if is_once else _interval(recurring),
        meter=external_id[:40] if is_metered else "",
        model=(text_of(thing, "tiers_mode") or "graduated") if tiers else "per_unit",
        unit_minor=unit or Decimal(0),
        tiers=tiers,
        includes_tax=thing.get("tax_behavior") == "inclusive",
        trial_days=whole(recurring, "trial_period_days") or 0,
        is_on_sale=thing.get("active") is not False,
    )


def _interval(recurring: Thing) -> str:
    every = whole(recurring, "interval_count")
    found = INTERVALS.get((text_of(recurring, "interval"), 1 if every is None else every))
    if found is None:
        raise RowRefused(
            f"recurring: every {every} {text_of(recurring, 'interval')}s; we bill every week, month, quarter or year."
        )
    return found


def _tiers(thing: Thing, currency: str) -> tuple[tuple[str | None, str, int], ...]:
    if thing.get("billing_scheme") != "tiered":
        return ()
    steps = []
    for tier in list_of(thing, "tiers"):
        up_to, unit = whole(tier, "up_to"), unit_minor(tier, "unit_amount", currency) or Decimal(0)
        steps.append((None if up_to is None else str(up_to), f"{unit:f}", minor_of(tier, "flat_amount", currency)))
    if not steps:
        raise RowRefused("tiers: are not in the file; export prices with expand[]=data.tiers.")
    return tuple(steps)


def subscription_of(thing: Thing) -> SubscriptionRow:
    """Read a subscription; of several items one is the plan, the others add-ons, as their prices were imported.

    :raises LeftOut: if it is over, or never began
    :raises RowRefused: with what is wrong
    """
    check_object(thing, "subscription")
    external_id, status = _id(thing), text_of(thing, "status")
    if status in OVER:
        raise LeftOut
    if status not in STATES:
        raise RowRefused(f"status: {status!r} is not one we know.")
    items = list_of(thing, "items")
    ends = sorted({end for item in [thing, *items] if (end := moment_of(item, "current_period_end")) is not None})
    if not items or len(ends) != 1:
        raise RowRefused("items: a subscription has at least one, and all of them the same current_period_end.")
    ends_at = _end(thing, ends[0])
    state = "cancelled" if ends_at else "paused" if part_of(thing, "pause_collection") else STATES[status]
    return SubscriptionRow(
        external_id=external_id,
        customer=id_of(thing, "customer"),
        plan=_price(items[0]),
        next_billing_on=ends[0],
        quantity=whole(items[0], "quantity") or 1,
        add_ons=tuple((_price(item), whole(item, "quantity") or 1) for item in items[1:]),
        state=state,
        started_on=moment_of(thing, "start_date"),
        anchor_on=moment_of(thing, "billing_cycle_anchor"),
        ends_on=ends_at,
    )


def _price(item: Thing) -> str:
    """Return the price of an item; old versions of the API call it a plan."""
    return id_of(item, "price") or id_of(item, "plan")


def _end(thing: Thing, period_end: datetime) -> datetime | None:
    if thing.get("cancel_at_period_end") is True:
        return period_end
    return moment_of(thing, "cancel_at")
