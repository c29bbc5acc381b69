"""How fast `post_entry` writes the books, against the fastest hand-written SQL on the same database.

    python -m tests.benchmarks.ledger_posting [--pairs 20] [--slice 0.25]

Two limits stand beside our operation, both one statement per commit (or batch) through psycopg, server-side binding,
accounts already looked up, entries of two postings, one of them on a hot account of the company:

  laws   a CTE into the same tables as their owner: every law of the books is kept by the same triggers
  bare   a CTE into twin tables with the same columns and indexes, foreign keys, append-only and the sum check,
         but without seal, periods, floors and balances: the definition in docs/performance.md

Contenders take turns in slices; the figure is the median of the paired ratios, with the 10th and 90th percentile.
With DATABASE_URL that server is used (its database gets the tables); else an own one with flush to disk is started.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

ON = date(2026, 4, 1)
CUSTOMERS = 200
BATCH = 1000
Act = Callable[[], None]

TWINS = """
CREATE TABLE IF NOT EXISTS bench_entry (LIKE ledger_journalentry INCLUDING ALL);
CREATE TABLE IF NOT EXISTS bench_posting (LIKE ledger_posting INCLUDING ALL,
    FOREIGN KEY (entry_id) REFERENCES bench_entry (id),
    FOREIGN KEY (account_id, currency) REFERENCES ledger_account (id, currency));
CREATE OR REPLACE FUNCTION bench_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM bench_posting WHERE entry_id = NEW.id GROUP BY currency HAVING sum(amount_minor) <> 0) THEN
        RAISE EXCEPTION 'unbalanced';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON bench_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON bench_posting
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
DROP TRIGGER IF EXISTS balances ON bench_entry;
CREATE CONSTRAINT TRIGGER balances AFTER INSERT ON bench_entry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION bench_balances();
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


class Writers:
    """One connection's contenders: our operation through Django, the limits through psycopg."""

    def __init__(self, writer: int) -> None:
        from django.db import connection

        from ledger.books import operations, posting_rules
        from ledger.events.actor import Actor
        from ledger.money import Money

        self.rules, self.operations, self.Money = posting_rules, operations, Money
        self.by, self.at = Actor.system("bench"), datetime.now(UTC)
        self.first = 1_000_000 * (writer + 1)
        self.run, self.number = secrets.token_hex(4), 0
        # The limits act as the owner, whom the grants do not bind; the triggers bind everybody.
        self.raw = raw_connection()
        connection.ensure_connection()
        self.open_accounts()

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
        customer = self.first + n % CUSTOMERS
        return self.rules.charge_added(self.Money(1990, "EUR"), customer_id=customer, charge=ref, on=ON)

    def ours(self) -> None:
        self.operations.post_entry(self.charge(self.number), by=self.by, at=self.at)

    def ours_batch(self) -> None:
        entries = [self.charge(n) for n in range(BATCH)]
        self.operations.post_entries(entries, by=self.by, at=self.at)

    def limit(self, entry: str, posting: str) -> Act:
        sql = ONE.format(entry=entry, posting=posting)
        revenue = self.accounts[""]

        def act() -> None:
            self.number += 1
            key, customer = f"raw:{self.run}{self.number}", self.first + self.number % CUSTOMERS
            unbilled = self.accounts[f"customer:{customer}"]
            self.raw.execute(
                sql, [key, key, customer, ON, self.at, key, ON, unbilled, 1990, revenue, 1990], prepare=True
            )

        return act

    def limit_batch(self, entry: str, posting: str) -> Act:
        sql = MANY.format(entry=entry, posting=posting)
        ids = f"SELECT nextval('{entry}_id_seq') FROM generate_series(1, {BATCH})"
        revenue = self.accounts[""]

        def act() -> None:
            drawn = [row[0] for row in self.raw.execute(ids)]
            customers = [self.first + n % CUSTOMERS for n in range(BATCH)]
            unbilled = [self.accounts[f"customer:{customer}"] for customer in customers]
            self.number += 1
            keys = [f"raw:{self.run}{self.number}/{n}" for n in range(BATCH)]
            amounts = [1990] * BATCH + [-1990] * BATCH
            self.raw.execute(
                sql,
                [ON, self.at, drawn, keys, customers, ON, drawn * 2, unbilled + [revenue] * BATCH, amounts],
                prepare=True,
            )

        return act

    def single(self) -> dict[str, Act]:
        """Return the contenders that write one entry per commit."""
        return {
            "ours": self.ours,
            "laws": self.limit("ledger_journalentry", "ledger_posting"),
            "bare": self.limit("bench_entry", "bench_posting"),
        }

    def batch(self) -> dict[str, Act]:
        """Return the contenders that write a thousand entries per commit."""
        return {
            "ours": self.ours_batch,
            "laws": self.limit_batch("ledger_journalentry", "ledger_posting"),
            "bare": self.limit_batch("bench_entry", "bench_posting"),
        }


def raw_connection() -> Any:
    """Return a plain psycopg connection to Django's database, as the user Django connects with."""
    import psycopg
    from django.db import connection

    parameters = {
        k: v for k, v in connection.get_connection_params().items() if k in {"dbname", "user", "host", "port"}
    }
    if password := connection.settings_dict.get("PASSWORD"):
        parameters["password"] = password
    return psycopg.connect(**parameters, autocommit=True, prepare_threshold=3)


def run_slice(act: Act, seconds: float) -> tuple[int, float, float]:
    """Run for a while; return how often, in how many seconds, with how much CPU of ours."""
    count, started, cpu = 0, time.perf_counter(), time.process_time()
    while (elapsed := time.perf_counter() - started) < seconds:
        act()
        count += 1
    return count, elapsed, time.process_time() - cpu


def one_writer(kind: str, pairs: int, seconds: float) -> list[dict[str, float]]:
    """Return the rate of each contender in each round, and its CPU seconds per act under "name cpu"."""
    acts: dict[str, Act] = getattr(Writers(99), kind)()
    for act in acts.values():
        run_slice(act, seconds)
    rounds = []
    for number in range(pairs):
        names = list(acts) if number % 2 else list(reversed(acts))
        done = {name: run_slice(acts[name], seconds) for name in names}
        rounds.append(
            {name: count / elapsed for name, (count, elapsed, _) in done.items()}
            | {f"{name} cpu": cpu / count for name, (count, _, cpu) in done.items()}
        )
    return rounds


def many_writers(writers: int, pairs: int, seconds: float) -> list[dict[str, float]]:
    """Return the rate of all writers together for each contender in each round."""
    barrier = multiprocessing.Barrier(writers)
    results: multiprocessing.Queue[tuple[int, str, float]] = multiprocessing.Queue()
    arguments = (barrier, results, pairs, seconds)
    processes = [multiprocessing.Process(target=_writer, args=(n, *arguments)) for n in range(writers)]
    for process in processes:
        process.start()
    rounds: list[dict[str, float]] = [{"ours": 0.0, "laws": 0.0, "bare": 0.0} for _ in range(pairs)]
    for _ in range(writers * pairs * 3):
        number, name, rate = results.get(timeout=300)
        rounds[number][name] += rate
    for process in processes:
        process.join()
    return rounds


def _writer(writer: int, barrier: Barrier, results: Any, pairs: int, seconds: float) -> None:
    acts = Writers(writer).single()
    for name in acts:
        barrier.wait()
        run_slice(acts[name], seconds)
    for number in range(pairs):
        for name in list(acts) if number % 2 else list(reversed(acts)):
            barrier.wait()
            count, elapsed, _ = run_slice(acts[name], seconds)
            results.put((number, name, count / elapsed))


def report(title: str, rounds: list[dict[str, float]], *, times: int = 1) -> None:
    """Print the median rates and the paired ratios of ours to each limit."""
    rate = {name: times * statistics.median(r[name] for r in rounds) for name in ("ours", "laws", "bare")}
    print(f"\n{title}: ours {rate['ours']:,.0f}/s, laws {rate['laws']:,.0f}/s, bare {rate['bare']:,.0f}/s")
    for limit in ("laws", "bare"):
        ratios = sorted(r["ours"] / r[limit] for r in rounds)
        low, high = ratios[len(ratios) // 10], ratios[-1 - len(ratios) // 10]
        spread = f"10th {low:.2f}, 90th {high:.2f}, {len(ratios)} pairs"
        print(f"  ratio to {limit}: {statistics.median(ratios):.2f} ({spread})")
    if "ours cpu" in rounds[0]:
        for name in ("ours", "laws"):
            cpu = statistics.median(r[f"{name} cpu"] for r in rounds) / times
            print(f"  client CPU per entry, {name}: {cpu * 1e6:.0f} µs")


def server() -> Iterator[None]:
    """Start a durable PostgreSQL of our own and migrate it, unless DATABASE_URL names one."""
    from billing_desk import embedded

    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    folder.chmod(0o755)
    running = None
    if "DATABASE_URL" not in os.environ:
        os.environ["BILLING_DESK_DATA"] = str(folder)
        running = embedded.start_postgres(folder)
        os.environ["DATABASE_URL"] = embedded.database_url(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "billing_desk.settings"
    try:
        for command in (["migrate", "-v0"], ["sync_roles"]):
            subprocess.run([sys.executable, "manage.py", *command], check=True, env={**os.environ, "DATABASE_ROLE": ""})
        os.environ["DATABASE_ROLE"] = "billing_desk_app"
        yield
    finally:
        if running is not None:
            running.stop()
        shutil.rmtree(folder, ignore_errors=True)


def measure(pairs: int, seconds: float) -> None:
    """Run the three measurements and the proof of the books after them."""
    import django

    django.setup()
    from django.db import connection

    with raw_connection() as owner:
        owner.execute(TWINS)
        version = owner.execute("SELECT version()").fetchone()[0].split(" on ")[0]
    print(f"{version}; Python {platform.python_version()}; {os.cpu_count()} cores; load {os.getloadavg()[0]:.1f}")
    report("1 writer, one entry per commit", one_writer("single", pairs, seconds))
    report(f"1 writer, {BATCH} entries per commit", one_writer("batch", pairs, seconds), times=BATCH)
    connection.close()
    report("8 writers, one entry per commit, hot revenue account", many_writers(8, pairs, seconds))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--slice", type=float, default=0.25)
    given = parser.parse_args()
    for _ in server():
        measure(given.pairs, given.slice)
