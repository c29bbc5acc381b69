"""How reading the books grows: one account with some postings beside one with ten times as many over the same days."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

from tests.benchmarks.harness import (
    Act,
    Contender,
    Figure,
    backend_of,
    crew,
    explain,
    growth,
    owner_connection,
    rounds_of,
)
from tests.benchmarks.options import Options
from tests.benchmarks.server import Server

DAYS = 1000
LAST_DAY = date(2026, 3, 31)
FIRST_DAY = LAST_DAY - timedelta(days=DAYS - 1)
SIZES = {"1x": 1, "10x": 2}
TARGET = 1.5

#: Triggers are off while we load; balances and day closings are written as the triggers and the nightly job would. The
#: last day is not closed yet.
LOAD = """
SET session_replication_role = replica;
INSERT INTO ledger_account (code, owner, currency, normal_side, buffered, floor_minor)
VALUES ('receivable', 'customer:1', 'EUR', 'debit', FALSE, NULL),
       ('receivable', 'customer:2', 'EUR', 'debit', FALSE, NULL), ('revenue', '', 'EUR', 'credit', TRUE, NULL);
INSERT INTO ledger_journalentry (id, key, content_hash, kind, customer_id, effective_on, posted_at, posting_count,
                                 source, actor, reason)
SELECT n, 'bench:' || n, sha256(n::text::bytea), 'invoice_issued', CASE WHEN n %% 11 = 0 THEN 1 ELSE 2 END, day, day, 2,
       'invoice:' || n, 'system:bench', ''
FROM generate_series(1, {entries}) n,
     LATERAL (SELECT date '{first}' + (n::bigint * {days} / ({entries} + 1))::integer) d (day);
INSERT INTO ledger_posting (entry_id, account_id, currency, amount_minor, effective_on)
SELECT e.id, a.id, 'EUR', CASE a.code WHEN 'revenue' THEN -1 ELSE 1 END * (e.id %% 97 + 1), e.effective_on
FROM ledger_journalentry e JOIN ledger_account a ON a.owner IN ('', 'customer:' || e.customer_id) ORDER BY e.id;
INSERT INTO ledger_balance (account_id, amount_minor, version)
SELECT account_id, sum(amount_minor), count(*) FROM ledger_posting GROUP BY account_id;
INSERT INTO ledger_dayclose (account_id, day, closing_minor)
SELECT account_id, effective_on, sum(sum(amount_minor)) OVER (PARTITION BY account_id ORDER BY effective_on)
FROM ledger_posting WHERE effective_on < '{last}' GROUP BY account_id, effective_on;
RESET session_replication_role;
"""


def load(url: str, postings: int) -> None:
    """Fill the books: `postings` on the small account, ten times as many on the large one."""
    words = {"entries": postings * 11, "first": FIRST_DAY, "days": DAYS, "last": LAST_DAY}
    with owner_connection(url) as owner:
        owner.execute(LOAD.format(**words).replace("%%", "%"))
        owner.execute("VACUUM ANALYZE")


def contenders(url: str) -> dict[str, Contender]:
    """Return every way of reading, on the small and on the large account."""
    from django.db import connection

    from ledger.books import queries

    backends = (backend_of(connection),)
    pages = {size: _page_keys(url, customer) for size, customer in SIZES.items()}
    draw = random.Random(7)

    def reading(what: str, size: str) -> Act:
        customer = SIZES[size]
        act: dict[str, Act] = {
            "balance": lambda: queries.balance("receivable", "EUR", customer_id=customer) and None,
            "balance on a past day": lambda: (
                queries.balance(
                    "receivable",
                    "EUR",
                    customer_id=customer,
                    as_of=FIRST_DAY + timedelta(days=draw.randrange(DAYS - 1)),
                )
                and None
            ),
            "balance today, before the day is closed": lambda: (
                queries.balance("receivable", "EUR", customer_id=customer, as_of=LAST_DAY) and None
            ),
            "first page of a statement": lambda: queries.statement(customer, "EUR") and None,
            "later page of a statement": lambda: (
                queries.statement(customer, "EUR", before=draw.choice(pages[size])) and None
            ),
        }
        return act[what]

    return {f"{what}, {size}": Contender(reading(what, size), backends) for what in WAYS for size in SIZES}


WAYS = (
    "balance",
    "balance on a past day",
    "balance today, before the day is closed",
    "first page of a statement",
    "later page of a statement",
)


def _page_keys(url: str, customer: int) -> list[tuple[date, int]]:
    """Return where later pages may begin: entries of the customer, spread over the days and within them."""
    with owner_connection(url) as owner:
        return owner.execute(
            "SELECT effective_on, id FROM ledger_journalentry WHERE customer_id = %s AND id %% 331 < 11 ORDER BY id",
            [customer],
        ).fetchall()


def measure(server: Server, options: Options) -> Iterator[Figure]:
    """Read balances and statements at ten times the postings against one time."""
    from ledger.books import reading_sql

    postings = 100_000 if options.full else 30_000
    with server.database("reading") as url:
        load(url, postings)
        with crew(contenders, url, url) as readers:
            for what in WAYS:
                stages = {size: (readers, f"{what}, {size}") for size in SIZES}
                rounds = rounds_of(stages, options.pairs, 0.1)
                yield growth(f"{what}, {postings:,} → {postings * 10:,} postings", rounds, *SIZES, TARGET)
        middle_key = _page_keys(url, 2)[5000]
        day, entry = middle_key
        given = ["receivable", "customer:2", "EUR", day, day, entry, day, entry, 50]
        options.plans["Slowest reading: later page of a statement at 10x"] = explain(
            url, reading_sql.STATEMENT_BEFORE, given
        )
