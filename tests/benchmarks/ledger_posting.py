"""How fast `post_entry` and `post_entries` write the books, against the fastest hand-written SQL.

Two limits stand beside our operation, both one statement per commit (or batch) through psycopg, server-side binding, a
cursor that is kept, accounts already looked up, entries of two postings, one of them on a hot account of the company:

  bare   a CTE into twin tables with the same columns and indexes, append-only, with one set-based check per statement:
         every posting names an entry and an account in its currency, and the postings of an entry add up to zero. That
         is the cheapest way we found to keep these guarantees: foreign keys and a deferred check per entry take up to
         a fifth more of the server for one entry, and half as much again for a batch. It is the limit of the targets
  laws   a CTE into our own tables as their owner: every law of the books is kept by its triggers

Our figure includes building the entry by its posting rule, which the limits do not have.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from tests.benchmarks.harness import Act, Contender, Figure, backend_of, crew, owner_connection, rounds_of, share
from tests.benchmarks.options import Options
from tests.benchmarks.server import Server

ON = date(2026, 4, 1)
CUSTOMERS = 200
BATCH = 1000
WRITERS = 8

TWINS = """
CREATE TABLE bench_entry (LIKE ledger_journalentry INCLUDING ALL,
    FOREIGN KEY (reverses_id) REFERENCES bench_entry (id));
CREATE TABLE bench_posting (LIKE ledger_posting INCLUDING ALL);
CREATE FUNCTION bench_keeps() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (SELECT FROM added p LEFT JOIN bench_entry e ON e.id = p.entry_id
               LEFT JOIN ledger_account a ON a.id = p.account_id AND a.currency = p.currency
               WHERE e.id IS NULL OR a.id IS NULL)
       OR EXISTS (SELECT FROM added GROUP BY entry_id, currency HAVING sum(amount_minor) <> 0) THEN
        RAISE EXCEPTION 'not in the books, or unbalanced';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER keeps AFTER INSERT ON bench_posting REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION bench_keeps();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON bench_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON bench_posting
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
"""

ONE = """
WITH e AS (
    INSERT INTO {entry} (key, content_hash, kind, customer_id, effective_on, posted_at, posting_count, source, actor,
                         reason)
    VALUES (%s, sha256(convert_to(%s, 'UTF8')), 'charge_added', %s, %s, %s, 2, %s, 'system:bench', '')
    ON CONFLICT (key) DO NOTHING RETURNING id
)
INSERT INTO {posting} (entry_id, account_id, currency, amount_minor, effective_on)
SELECT e.id, l.account, 'EUR', l.amount, %s::date
FROM e, (VALUES (%s::bigint, %s::bigint), (%s::bigint, -%s::bigint)) AS l (account, amount)
"""

MANY = """
WITH e AS (
    INSERT INTO {entry} (id, key, content_hash, kind, customer_id, effective_on, posted_at, posting_count, source,
                         actor, reason)
    SELECT w.id, w.key, sha256(convert_to(w.key, 'UTF8')), 'charge_added', w.customer, %s, %s, 2, w.key,
           'system:bench', ''
    FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) AS w (id, key, customer)
    ON CONFLICT (key) DO NOTHING
)
INSERT INTO {posting} (entry_id, account_id, currency, amount_minor, effective_on)
SELECT l.entry, l.account, 'EUR', l.amount, %s
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS l (entry, account, amount)
"""

TABLES = {"laws": ("ledger_journalentry", "ledger_posting"), "bare": ("bench_entry", "bench_posting")}


class Writer:
    """One process's contenders: our operation through Django, the limits through psycopg as the owner."""

    def __init__(self, number: int, url: str) -> None:
        from django.db import connection

        from ledger.books import operations, posting_rules
        from ledger.events.actor import Actor
        from ledger.money import Money

        self.rules, self.operations, self.Money = posting_rules, operations, Money
        self.by, self.at = Actor.system("bench"), datetime.now(UTC)
        self.first = 1_000_000 * (number + 1)
        self.run, self.number = secrets.token_hex(4), 0
        self.raw = owner_connection(url)
        self.cursor = self.raw.cursor()
        self.open_accounts()
        self.ours_backend, self.raw_backend = (backend_of(connection),), (backend_of(self.raw),)

    def open_accounts(self) -> None:
        """Post once for every customer, so that no contender pays for opening accounts."""
        self.operations.post_entries([self.charge(n) for n in range(CUSTOMERS)], by=self.by, at=self.at)
        found = self.raw.execute(
            "SELECT code, owner, id FROM ledger_account WHERE currency = 'EUR' AND owner IN "
            "(SELECT 'customer:' || n FROM generate_series(%s::bigint, %s::bigint) n) OR code = 'revenue'",
            [self.first, self.first + CUSTOMERS],
        ).fetchall()
        self.accounts = {owner: account for code, owner, account in found if code in {"unbilled", "revenue"}}

    def charge(self, n: int) -> Any:
        """Return the next charge of one customer as an entry."""
        self.number += 1
        ref = f"charge:{self.run}{self.number}"
        return self.rules.charge_added(
            self.Money(1990, "EUR"), customer_id=self.first + n % CUSTOMERS, charge=ref, on=ON
        )

    def ours(self) -> None:
        self.operations.post_entry(self.charge(self.number), by=self.by, at=self.at)

    def ours_batch(self) -> int:
        entries = [self.charge(n) for n in range(BATCH)]
        return len(self.operations.post_entries(entries, by=self.by, at=self.at))

    def limit(self, entry: str, posting: str) -> Act:
        sql = ONE.format(entry=entry, posting=posting)
        revenue = self.accounts[""]

        def act() -> None:
            self.number += 1
            key, customer = f"raw:{self.run}{self.number}", self.first + self.number % CUSTOMERS
            unbilled = self.accounts[f"customer:{customer}"]
            self.cursor.execute(
                sql, [key, key, customer, ON, self.at, key, ON, unbilled, 1990, revenue, 1990], prepare=True
            )

        return act

    def limit_batch(self, entry: str, posting: str) -> Act:
        sql = MANY.format(entry=entry, posting=posting)
        ids = f"SELECT nextval('{entry}_id_seq') FROM generate_series(1, {BATCH})"
        revenue = self.accounts[""]

        def act() -> int:
            drawn = [row[0] for row in self.raw.execute(ids)]
            customers = [self.first + n % CUSTOMERS for n in range(BATCH)]
            unbilled = [self.accounts[f"customer:{customer}"] for customer in customers]
            self.number += 1
            keys = [f"raw:{self.run}{self.number}/{n}" for n in range(BATCH)]
            amounts = [1990] * BATCH + [-1990] * BATCH
            given = [ON, self.at, drawn, keys, customers, ON, drawn * 2, unbilled + [revenue] * BATCH, amounts]
            self.raw.execute(sql, given, prepare=True)
            return BATCH

        return act


def contenders(number: int, url: str) -> dict[str, Contender]:
    """Return our operations and both limits, for one entry and for a batch."""
    writer = Writer(number, url)
    found = {"ours": Contender(writer.ours, writer.ours_backend)}
    found["ours, batch"] = Contender(writer.ours_batch, writer.ours_backend)
    for name, tables in TABLES.items():
        found[name] = Contender(writer.limit(*tables), writer.raw_backend)
        found[f"{name}, batch"] = Contender(writer.limit_batch(*tables), writer.raw_backend)
    return found


def measure(server: Server, options: Options) -> Iterator[Figure]:
    """Post single entries with one and with eight writers, and batches of a thousand."""
    with server.database("posting") as url:
        with owner_connection(url) as owner:
            owner.execute(TWINS)
        for title, members, kind in (
            ("post_entry, 1 writer", 1, ""),
            (f"post_entries, batch of {BATCH:,}", 1, ", batch"),
            (f"post_entry, {WRITERS} writers, hot account", WRITERS, ""),
        ):
            with crew(contenders, url, url, members=members) as writers:
                stages = {name: (writers, f"{name}{kind}") for name in ("ours", "laws", "bare")}
                rounds = rounds_of(stages, options.pairs)
            yield share(title, rounds, "ours", "bare", 0.60)
            yield share(f"{title}, against the same laws", rounds, "ours", "laws")
