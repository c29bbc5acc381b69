"""Writes rated bills: charges, bills, lines, journal entries, events, renewals; a constant number of statements.

The block of numbers is drawn as late as it can be, because whoever else issues a bill waits for it from then on.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db import connection

from ledger.billing.bills import Bill, Item, Numbered
from ledger.billing.bulk import draw_ids, insert_many
from ledger.billing.follow_up import correct_use, follow_up
from ledger.books import posting_rules
from ledger.books.entry import Entry
from ledger.books.operations import LARGEST_BATCH, post_entries
from ledger.books.wire import plain_array
from ledger.charges.distance import crossed_in
from ledger.charges.models import Charge
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import Happening, record_events
from ledger.invoices.models import Invoice, InvoiceLine
from ledger.invoices.numbering import next_numbers

# A trial that is billed is over; use is billed up to the first day of the period.
_RENEW = """
UPDATE ledger_subscription s SET renews_on = w.renews_on, metered_on = w.metered_on,
       state = CASE s.state WHEN 'trial' THEN 'active' ELSE s.state END
FROM unnest(%s::bigint[], %s::date[], %s::date[]) AS w (id, renews_on, metered_on) WHERE s.id = w.id
"""


@dataclass(frozen=True, slots=True)
class Written:
    """The bills of one step as they stand in the database now."""

    periods: int
    invoice_ids: tuple[int, ...]
    first_number: str
    last_number: str


def write_bills(bills: Sequence[Bill], *, by: Actor, at: datetime) -> Written:
    """This will write the bills of one step in the caller's transaction, and move each subscription to its next day."""
    _renew(bills)
    correct_use(bills, by=by, at=at)
    asked = [bill for bill in bills if bill.items]
    charge_ids = draw_ids(Charge, sum(len(bill.items) for bill in asked))
    _insert_charges(asked, charge_ids, by=by, at=at)
    numbered = _number(asked, charge_ids)
    _insert_invoices(numbered, at=at)
    _insert_lines(numbered)
    _post([entry for one in numbered for entry in _entries(one)], by=by, at=at)
    _record(bills, numbered, by=by, at=at)
    follow_up(numbered, by=by, at=at)
    numbers = [one.number for one in numbered]
    return Written(
        sum(1 for bill in bills if bill.items or not bill.is_last),
        tuple(one.invoice_id for one in numbered),
        numbers[0] if numbers else "",
        numbers[-1] if numbers else "",
    )


def _renew(bills: Sequence[Bill]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _RENEW,
            [
                plain_array(bill.subscription_id for bill in bills),
                plain_array(bill.renews_on for bill in bills),
                plain_array(bill.metered_on for bill in bills),
            ],
        )


def _insert_charges(bills: Sequence[Bill], ids: Sequence[int], *, by: Actor, at: datetime) -> None:
    if not ids:
        return
    items = [(bill, item) for bill in bills for item in bill.items]
    insert_many(
        Charge,
        {
            "id": ids,
            "customer_id": [bill.customer_id for bill, _ in items],
            "description": [item.description for _, item in items],
            "kind": [item.kind for _, item in items],
            "amount_minor": [item.net for _, item in items],
            "currency": [bill.currency for bill, _ in items],
            "basis": [item.basis for _, item in items],
            "discount_minor": [item.discount for _, item in items],
            "tax_rate": [item.rate_given for _, item in items],
            "tax_category": [item.category for _, item in items],
            "tax_treatment": ["" if item.included_tax is None else item.treatment for _, item in items],
            "included_tax_minor": [item.included_tax for _, item in items],
            "charged_on": [bill.issued_on for bill, _ in items],
            "period_start": [item.period.start for _, item in items],
            "period_end": [item.period.end for _, item in items],
            "source": [bill.subject for bill, _ in items],
            "external_id": [bill.key(place) for bill in bills for place in range(1, len(bill.items) + 1)],
        },
        {"added_by": str(by), "added_at": at},
    )


def _number(bills: Sequence[Bill], charge_ids: Sequence[int]) -> list[Numbered]:
    """Give each bill its id and its number: one block per year of issue, in the order of the bills."""
    if not bills:
        return []
    charges = iter(charge_ids)
    charged = [(bill, [next(charges) for _ in bill.items]) for bill in bills]
    charged.sort(key=lambda one: one[0].issued_on.year)
    numbers: list[str] = []
    for year, of_year in groupby(charged, key=lambda one: one[0].issued_on.year):
        numbers += next_numbers("INV", year, len(list(of_year)))
    ids = draw_ids(Invoice, len(bills))
    return [
        Numbered(bill, invoice_id, number, own)
        for (bill, own), invoice_id, number in zip(charged, ids, numbers, strict=True)
    ]


def _insert_invoices(numbered: Sequence[Numbered], *, at: datetime) -> None:
    if not numbered:
        return
    bills = [one.bill for one in numbered]
    insert_many(
        Invoice,
        {
            "id": [one.invoice_id for one in numbered],
            "number": [one.number for one in numbered],
            "customer_id": [bill.customer_id for bill in bills],
            "currency": [bill.currency for bill in bills],
            "source": [bill.source for bill in bills],
            "period_start": [bill.period.start for bill in bills],
            "period_end": [bill.period.end for bill in bills],
            "issued_on": [bill.issued_on for bill in bills],
            "due_on": [bill.due_on for bill in bills],
            "net_minor": [bill.sums.net for bill in bills],
            "tax_minor": [bill.sums.tax for bill in bills],
            "total_minor": [bill.total for bill in bills],
            "tax_evidence": [bill.sums.evidence for bill in bills],
            "book_rate": [bill.rate.value for bill in bills],
            "book_rate_source": [bill.rate.source for bill in bills],
            "book_rate_on": [bill.rate.on for bill in bills],
        },
        {"state": Invoice.State.OPEN.value, "issued_at": at},
    )


def _insert_lines(numbered: Sequence[Numbered]) -> None:
    lines: list[tuple[Numbered, int, Item, int]] = [
        (one, place, item, charge_id)
        for one in numbered
        for place, (item, charge_id) in enumerate(zip(one.bill.items, one.charge_ids, strict=True), start=1)
    ]
    if not lines:
        return
    insert_many(
        InvoiceLine,
        {
            "invoice_id": [one.invoice_id for one, _, _, _ in lines],
            "charge_id": [charge_id for _, _, _, charge_id in lines],
            "position": [place for _, place, _, _ in lines],
            "description": [item.description for _, _, item, _ in lines],
            "currency": [one.bill.currency for one, _, _, _ in lines],
            "net_minor": [item.net for _, _, item, _ in lines],
            "tax_rate": [item.rate for _, _, item, _ in lines],
            "tax_treatment": [item.treatment for _, _, item, _ in lines],
            "tax_minor": [item.tax for _, _, item, _ in lines],
        },
        {},
    )


def _entries(one: Numbered) -> list[Entry]:
    bill = one.bill
    entries = [
        posting_rules.charge_added(
            bill.money(item.net), customer_id=bill.customer_id, charge=f"charge:{charge_id}", on=bill.issued_on
        )
        for item, charge_id in zip(bill.items, one.charge_ids, strict=True)
        if item.net
    ]
    if bill.total:
        entries.append(
            posting_rules.invoice_issued(
                bill.money(bill.sums.net),
                bill.money(bill.sums.tax),
                customer_id=bill.customer_id,
                invoice=f"invoice:{one.invoice_id}",
                on=bill.issued_on,
            )
        )
    return entries


def _post(entries: Sequence[Entry], *, by: Actor, at: datetime) -> None:
    for begin in range(0, len(entries), LARGEST_BATCH):
        post_entries(entries[begin : begin + LARGEST_BATCH], by=by, at=at)


def _record(bills: Sequence[Bill], numbered: Sequence[Numbered], *, by: Actor, at: datetime) -> None:
    happened: list[Happening] = []
    issued = {one.bill.subscription_id: one for one in numbered}
    for bill in bills:
        one = issued.get(bill.subscription_id)
        if one is not None:
            happened += _of_bill(one)
        if bill.is_last:
            continue
        if bill.ends_trial:
            told = {"plan": bill.plan, "renews_on": bill.period.start.isoformat()}
            happened.append(Happening(kinds.SUBSCRIPTION_TRIAL_ENDED, bill.subject, bill.customer_id, told))
        data = {
            "plan": bill.plan,
            "invoice_id": one.invoice_id if one else None,
            "period_start": bill.period.start.isoformat(),
            "period_end": bill.period.end.isoformat(),
        }
        happened.append(Happening(kinds.SUBSCRIPTION_RENEWED, bill.subject, bill.customer_id, data))
    record_events(happened, by=by, at=at)


def _of_bill(one: Numbered) -> list[Happening]:
    bill = one.bill
    charged = [
        Happening(
            kinds.CHARGE_ADDED,
            f"charge:{charge_id}",
            bill.customer_id,
            {
                "amount_minor": item.net,
                "currency": bill.currency,
                "description": item.description,
                "charge_kind": item.kind,
            },
        )
        for item, charge_id in zip(bill.items, one.charge_ids, strict=True)
    ]
    data = {
        "number": one.number,
        "amount_minor": bill.total,
        "currency": bill.currency,
        "due_on": bill.due_on.isoformat(),
    }
    return [
        *charged,
        Happening(kinds.INVOICE_ISSUED, f"invoice:{one.invoice_id}", bill.customer_id, data),
        *_crossed(one),
    ]


def _crossed(one: Numbered) -> list[Happening]:
    """Say that a bill crossed the threshold of sales to other member states; hardly any does, so few are read."""
    evidence = one.bill.sums.evidence
    year = crossed_in(json.loads(evidence)) if '"crossed_in"' in evidence else None
    told = {"invoice": one.number}
    return [Happening(kinds.DISTANCE_THRESHOLD_CROSSED, f"distance_threshold:{year}", None, told)] if year else []
