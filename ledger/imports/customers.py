"""Writes customers, their contacts and their credit: a constant number of statements for many rows."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.db.models.functions import Lower

from ledger.billing.bulk import draw_ids, insert_many
from ledger.books import posting_rules
from ledger.customers.models import ContactPoint, Customer
from ledger.customers.queries import normalise_contact
from ledger.errors import DomainError
from ledger.events import kinds
from ledger.events.operations import Happening, record_events
from ledger.imports.rows import CustomerRow
from ledger.imports.writing import Import, Outcome, among
from ledger.jurisdictions.vat_ids import normalise_vat_id, vat_id_problem
from ledger.money import Money

Contact = tuple[str, str]
_COLUMNS = (
    "external_id", "name", "kind", "language", "country", "region", "street", "address_more", "postal_code", "city",
    "time_zone", "currency",
)  # fmt: skip


def write_customers(rows: Sequence[CustomerRow], work: Import) -> list[Outcome]:
    """This will open the accounts of customers nobody knows yet; the others are refused, each with its reasons."""
    contacts, outcomes = _check(rows)
    good = [place for place, outcome in enumerate(outcomes) if not outcome.problems]
    ids = draw_ids(Customer, len(good))
    numbers = _numbers(ids, work)
    _insert([rows[place] for place in good], ids, numbers, work)
    _insert_contacts([(number, rows[place], contacts[place]) for place, number in zip(good, ids, strict=True)], work)
    _post_credit([(rows[place], number) for place, number in zip(good, ids, strict=True)], work)
    happened = []
    for place, customer_id, number in zip(good, ids, numbers, strict=True):
        told = {"number": number, "external_id": rows[place].external_id, "import_id": work.run_id}
        happened.append(Happening(kinds.CUSTOMER_IMPORTED, f"customer:{customer_id}", customer_id, told))
        outcomes[place] = Outcome(f"customer:{customer_id}")
    record_events(happened, by=work.by, at=work.at)
    return outcomes


def _check(rows: Sequence[CustomerRow]) -> tuple[list[list[Contact]], list[Outcome]]:
    """Return the contacts of every row as they are kept on file, and what is wrong with it."""
    known = dict(
        Customer.objects.filter(among("external_id", (row.external_id for row in rows))).values_list(
            "external_id", "number"
        )
    )
    read = [_contacts(row) for row in rows]
    addresses = {value.lower() for contacts, _ in read for kind, value in contacts if kind == "email"}
    taken = _taken(addresses)
    outcomes = []
    for row, (contacts, problems) in zip(rows, read, strict=True):
        if row.external_id in known:
            problems.append(f"id: {known[row.external_id]} has it already, and was not imported.")
        if row.vat_id and (why := vat_id_problem(row.vat_id, country=row.country)):
            problems.append(f"vat_id: {why}")
        for kind, value in contacts:
            if kind == "email" and taken.setdefault(value.lower(), f"the customer {row.external_id}") != (
                f"the customer {row.external_id}"
            ):
                problems.append(
                    f"email: {value} belongs to {taken[value.lower()]}. Leave it empty, and add it to the account."
                )
        outcomes.append(Outcome(problems=tuple(problems)))
    return [contacts for contacts, _ in read], outcomes


def _contacts(row: CustomerRow) -> tuple[list[Contact], list[str]]:
    found: list[Contact] = []
    problems: list[str] = []
    for kind, value in (("email", row.email), ("phone", row.phone)):
        if value:
            try:
                found.append((kind, normalise_contact(kind, value, row.country)))
            except DomainError as problem:
                problems.append(f"{kind}: {problem}")
    return found, problems


def _taken(addresses: set[str]) -> dict[str, str]:
    live = ContactPoint.objects.filter(kind=ContactPoint.Kind.EMAIL, removed_at=None)
    matching = live.filter(among(Lower("value"), addresses))
    return {value.lower(): number for value, number in matching.values_list("value", "customer__number")}


def _numbers(ids: Sequence[int], work: Import) -> list[str]:
    """Draw the numbers of new customers; a dry run uses up none."""
    if work.is_dry_run:
        return [f"~{customer_id}" for customer_id in ids]
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('ledger_customer_number') FROM generate_series(1, %s::integer)", [len(ids)])
        return [f"C-{int(row[0]):06d}" for row in cursor.fetchall()]


def _insert(rows: Sequence[CustomerRow], ids: Sequence[int], numbers: Sequence[str], work: Import) -> None:
    if not rows:
        return
    columns = {name: [getattr(row, name) for row in rows] for name in _COLUMNS}
    vat_ids = [normalise_vat_id(row.vat_id) for row in rows]
    insert_many(Customer, {"id": ids, "number": numbers, "vat_id": vat_ids, **columns}, {"opened_at": work.at})


def _insert_contacts(found: Sequence[tuple[int, CustomerRow, list[Contact]]], work: Import) -> None:
    points = [
        (customer_id, kind, value, row.person or row.name)
        for customer_id, row, contacts in found
        for kind, value in contacts
    ]
    if not points:
        return
    columns = zip(*points, strict=True)
    named = dict(zip(("customer_id", "kind", "value", "person"), columns, strict=True))
    insert_many(ContactPoint, named, {"right": ContactPoint.Right.OWNER.value, "added_at": work.at})


def _post_credit(found: Sequence[tuple[CustomerRow, int]], work: Import) -> None:
    entries = [
        posting_rules.opening_credit(
            Money(row.credit, row.currency), customer_id=pk, source=f"customer:{pk}", on=work.today
        )
        for row, pk in found
        if row.credit
    ]
    work.post(entries, account="customer_credit")
