"""The billing run against statements that write the same rows by hand, and its memory at ten times the customers."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

from tests.benchmarks.harness import Contender, Crew, Figure, Rounds, backend_of, crew, middle, owner_connection, share
from tests.benchmarks.options import Options
from tests.benchmarks.server import Server

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)
TARGET, MEMORY_TARGET = 0.40, 1.25
CHUNK = 10_000

#: Six plans; customers in three zones, subscribed for up to three years, due on one of the first two days of March.
LOAD = """
SET session_replication_role = replica;
INSERT INTO ledger_product (code, name {columns_of_product})
SELECT 'plan-' || n, 'Plan ' || n {values_of_product} FROM generate_series(1, 6) n;
INSERT INTO ledger_price (product_id, currency, amount_minor, tax_rate, valid_from {columns_of_price})
SELECT id, 'EUR', 1000 + 70 * id, 19, '2020-01-01' {values_of_price} FROM ledger_product;
INSERT INTO ledger_customer (id, number, name, language, country, time_zone, currency, opened_at {columns_of_customer})
SELECT n, 'B-' || n, 'Customer ' || n, 'de-DE', 'DE',
       (ARRAY['Europe/Berlin','Europe/Paris','Europe/Madrid'])[1 + n % 3], 'EUR', '{now}' {values_of_customer}
FROM generate_series(1, {subscriptions}) n;
INSERT INTO ledger_contactpoint (customer_id, kind, value, added_at {columns_of_contactpoint})
SELECT n, 'email', 'customer' || n || '@example.com', '{now}' {values_of_contactpoint}
FROM generate_series(1, {subscriptions}) n;
INSERT INTO ledger_subscription (customer_id, plan_id, currency, anchor_on, renews_on, started_at
    {columns_of_subscription})
SELECT n, (SELECT min(id) FROM ledger_product) + n % 6, 'EUR',
       d.day - make_interval(months => abs(hashint4(n)) % 36), d.day, '{now}' {values_of_subscription}
FROM generate_series(1, {subscriptions}) n, LATERAL (SELECT date '2026-03-01' + n % 2) d (day);
RESET session_replication_role;
"""

#: The same rows, a chunk at a time: what is due with every id drawn, then one statement per table.
DUE = """
CREATE TEMP TABLE due ON COMMIT DROP AS
WITH taken AS MATERIALIZED (
    SELECT id FROM ledger_subscription
    WHERE state <> 'paused' AND (ends_on IS NULL OR ends_on > renews_on) AND renews_on <= '2026-03-02'
    ORDER BY renews_on, id LIMIT %(chunk)s FOR NO KEY UPDATE SKIP LOCKED
)
SELECT s.id, s.customer_id, date '2026-03-02' AS today, s.renews_on AS day,
       (s.renews_on + interval '1 month')::date AS until, plan.name AS plan, plan.code, price.id AS price_id,
       price.amount_minor AS net, round(price.amount_minor * 0.19)::bigint AS tax,
       nextval('ledger_charge_id_seq') AS charge_id, nextval('ledger_invoice_id_seq') AS invoice_id,
       nextval('ledger_journalentry_id_seq') AS charge_entry, nextval('ledger_journalentry_id_seq') AS invoice_entry,
       row_number() OVER () AS place
FROM taken JOIN ledger_subscription s ON s.id = taken.id JOIN ledger_product plan ON plan.id = s.plan_id
JOIN ledger_price price ON price.product_id = plan.id AND price.currency = s.currency
"""
WRITE = (
    """
UPDATE ledger_subscription s SET renews_on = due.until, metered_on = due.day FROM due WHERE s.id = due.id
""",
    """
INSERT INTO ledger_charge (id, customer_id, description, kind, amount_minor, currency, basis, tax_rate, charged_on,
    period_start, period_end, source, external_id, added_by, added_at {columns_of_charge})
SELECT charge_id, customer_id, plan || ', ' || day || ' to ' || until - 1, 'plan', net, 'EUR', jsonb_build_object(
    'kind', 'plan', 'product', code, 'name', plan, 'model', 'flat', 'currency', 'EUR', 'flat_minor', net, 'unit_minor',
    '0', 'tiers', '[]'::jsonb, 'quantity', '1', 'part', '1', 'days', 31, 'of_days', 31, 'cause', 'renewal', 'unit', '',
    'price_id', price_id, 'price_from', '2020-01-01', 'includes_tax', false, 'discounts', '[]'::jsonb), 19, today, day,
    until, 'subscription:' || id, 'subscription:' || id || ':' || day || ':1', 'system:billing_run', %(at)s
    {values_of_charge}
FROM due
""",
    """
WITH block AS (
    INSERT INTO ledger_numberseries AS series (prefix, year, last) SELECT 'INV', 2026, count(*) FROM due
    ON CONFLICT (prefix, year) DO UPDATE SET last = series.last + excluded.last
    RETURNING last - (SELECT count(*) FROM due) AS before
)
INSERT INTO ledger_invoice (id, number, customer_id, currency, source, period_start, period_end, state, issued_on,
    due_on, issued_at, net_minor, tax_minor, total_minor, book_rate, book_rate_source, book_rate_on
    {columns_of_invoice})
SELECT invoice_id, 'INV-2026-' || lpad((before + place)::text, 6, '0'), customer_id, 'EUR', 'subscription:' || id, day,
       until, 'open', today, today + 14, %(at)s, net, tax, net + tax, 1, 'book currency', today {values_of_invoice}
FROM due, block
""",
    """
INSERT INTO ledger_invoiceline (invoice_id, charge_id, position, description, currency, net_minor, tax_rate, tax_minor
    {columns_of_invoiceline})
SELECT invoice_id, charge_id, 1, plan || ', ' || day || ' to ' || until - 1, 'EUR', net, 19, tax
       {values_of_invoiceline}
FROM due
""",
    """
INSERT INTO ledger_account (code, owner, currency, normal_side, buffered, floor_minor)
SELECT a.code, 'customer:' || customer_id, 'EUR', 'debit', FALSE, NULL
FROM due, (VALUES ('receivable'), ('unbilled')) AS a (code) ON CONFLICT (code, owner, currency) DO NOTHING
""",
    """
INSERT INTO ledger_account (code, owner, currency, normal_side, buffered, floor_minor)
VALUES ('revenue', '', 'EUR', 'credit', TRUE, NULL), ('tax_payable', '', 'EUR', 'credit', TRUE, NULL)
ON CONFLICT (code, owner, currency) DO NOTHING
""",
    """
INSERT INTO ledger_journalentry (id, key, content_hash, kind, customer_id, effective_on, posted_at, posting_count,
    source, actor, reason)
SELECT w.entry, w.key, sha256(convert_to(w.key || due.net, 'UTF8')), w.kind, customer_id, today, %(at)s, w.postings,
       w.source, 'system:billing_run', ''
FROM due, LATERAL (VALUES
    (charge_entry, 'charge_added:charge:' || charge_id, 'charge_added', 2, 'charge:' || charge_id),
    (invoice_entry, 'invoice_issued:invoice:' || invoice_id, 'invoice_issued', 3, 'invoice:' || invoice_id)
) AS w (entry, key, kind, postings, source)
""",
    """
INSERT INTO ledger_posting (entry_id, account_id, currency, amount_minor, effective_on)
SELECT w.entry, w.account, 'EUR', w.amount, today
FROM (SELECT due.*,
             (SELECT id FROM ledger_account WHERE code = 'receivable' AND owner = 'customer:' || customer_id
              AND currency = 'EUR') AS owed,
             (SELECT id FROM ledger_account WHERE code = 'unbilled' AND owner = 'customer:' || customer_id
              AND currency = 'EUR') AS earned,
             (SELECT id FROM ledger_account WHERE code = 'revenue' AND owner = '' AND currency = 'EUR') AS revenue,
             (SELECT id FROM ledger_account WHERE code = 'tax_payable' AND owner = '' AND currency = 'EUR') AS taxes
      FROM due OFFSET 0) due,
LATERAL (VALUES
    (charge_entry, earned, net), (charge_entry, revenue, -net),
    (invoice_entry, owed, net + tax), (invoice_entry, earned, -net), (invoice_entry, taxes, -tax)
) AS w (entry, account, amount)
""",
    """
WITH recorded AS (
    INSERT INTO ledger_event (kind, subject, customer_id, actor, on_behalf_of, occurred_at, data, previous_hash, hash)
    SELECT w.kind, w.subject, customer_id, 'system:billing_run', '', %(at)s, w.data, '', ''
    FROM due, LATERAL (VALUES
        ('charge.added', 'charge:' || charge_id, jsonb_build_object('amount_minor', net, 'currency', 'EUR',
            'description', plan || ', ' || day || ' to ' || until - 1, 'charge_kind', 'plan', 'cause', 'billingrun:1',
            'actor_name', 'billing_run')),
        ('invoice.issued', 'invoice:' || invoice_id, jsonb_build_object('number', 'INV-2026-' || place, 'amount_minor',
            net + tax, 'currency', 'EUR', 'due_on', today + 14, 'cause', 'billingrun:1', 'actor_name', 'billing_run')),
        ('subscription.renewed', 'subscription:' || id, jsonb_build_object('plan', plan, 'invoice_id', invoice_id,
            'period_start', day, 'period_end', until, 'cause', 'billingrun:1', 'actor_name', 'billing_run'))
    ) AS w (kind, subject, data)
    RETURNING id, kind, customer_id
)
INSERT INTO ledger_reaction (event_id, handler, stream, due_at, attempts, last_error)
SELECT r.id, h.handler, 'customer:' || r.customer_id, %(at)s, 0, ''
FROM recorded r JOIN unnest(%(kinds)s::text[], %(handlers)s::text[]) AS h (kind, handler) ON h.kind = r.kind
""",
)
#: The rows both must have written when they are done.
WRITTEN = """
SELECT (SELECT count(*) FROM ledger_charge), (SELECT count(*) FROM ledger_invoice),
       (SELECT count(*) FROM ledger_invoiceline), (SELECT count(*) FROM ledger_journalentry),
       (SELECT count(*) FROM ledger_posting), (SELECT sum(total_minor)::bigint FROM ledger_invoice),
       (SELECT count(*) FROM ledger_event WHERE subject NOT LIKE 'billingrun:%'),
       (SELECT count(*) FROM ledger_reaction WHERE stream LIKE 'customer:%')
"""
#: As on a fresh database; the books refuse to forget, so their triggers are told to look away.
CLEAR = """
SET session_replication_role = replica;
TRUNCATE ledger_invoiceline, ledger_invoice, ledger_charge, ledger_numberseries, ledger_journalentry, ledger_posting,
    ledger_balance, ledger_balancedelta, ledger_account, ledger_reaction, ledger_event, ledger_billingexception,
    ledger_billingstep, ledger_billingrun RESTART IDENTITY CASCADE;
UPDATE ledger_subscription SET renews_on = metered_on, metered_on = NULL WHERE metered_on IS NOT NULL;
RESET session_replication_role;
"""


def contenders(url: str, subscriptions: int) -> dict[str, Contender]:
    """Return the run, the limit, and clearing the tables between them."""
    from django.db import connection

    from ledger.billing.operations import run_billing

    raw = owner_connection(url)
    # Row by row through the indexes, as the posting functions do: the statistics say that the tables are still empty.
    raw.execute("SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off")
    write = [filled(statement) for statement in WRITE]
    given = {"at": NOW, "chunk": CHUNK, **_handlers()}
    first: list[tuple[object, ...]] = []

    def check() -> None:
        first.append(raw.execute(WRITTEN).fetchone())
        if first[-1] != first[0]:
            raise RuntimeError(f"The rows differ: {first}")

    def ours() -> int:
        run = run_billing(at=NOW)
        if (run.billed, run.exceptions, run.is_balanced) != (subscriptions, 0, True):
            raise RuntimeError(f"The run billed {run.billed}, with {run.exceptions} exceptions.")
        return subscriptions

    def limit() -> int:
        while True:
            with raw.transaction():
                if not raw.execute(DUE, given).rowcount:
                    return subscriptions
                raw.execute("ANALYZE due")
                for statement in write:
                    raw.execute(statement, given)

    def clear() -> None:
        if raw.execute("SELECT count(*) FROM ledger_invoice").fetchone()[0]:
            check()
        raw.execute(CLEAR)
        raw.execute("VACUUM ANALYZE ledger_subscription")
        raw.execute("CHECKPOINT")

    return {
        "ours": Contender(ours, (backend_of(connection),)),
        "limit": Contender(limit, (backend_of(raw),)),
        "clear": Contender(clear),
    }


def _handlers() -> dict[str, list[str]]:
    """Return who reacts to what the run records, as the limit writes it too."""
    from ledger.events import kinds, outbox

    pairs = [
        (kind, outbox.name_of(handler))
        for kind in (kinds.CHARGE_ADDED, kinds.INVOICE_ISSUED, kinds.SUBSCRIPTION_RENEWED)
        for handler in outbox.handlers_of(kind) or ()
    ]
    return {"kinds": [kind for kind, _ in pairs], "handlers": [handler for _, handler in pairs]}


def measure(server: Server, options: Options) -> Iterator[Figure]:
    """Bill all subscriptions, in turns with the limit; then look at the memory of a run with ten times as many."""
    subscriptions = 100_000 if options.full else 10_000
    with server.database("billing_run") as url:
        _load(url, subscriptions)
        with crew(contenders, url, url, subscriptions) as one:
            rounds = _rounds(one, 3 if options.full else 4)
    figure = share(f"billing run, {subscriptions:,} subscriptions", rounds, "ours", "limit", TARGET, " bills")
    figure.notes.insert(
        2, " and ".join(f"{name} {subscriptions / middle(rounds, name, 'rate'):.1f} s" for name in ("ours", "limit"))
    )
    yield figure
    sizes = (subscriptions // 10, subscriptions)
    peaks = [_peak(server, size) for size in sizes]
    notes = [f"{size:,}: {peak / 1024:.0f} MB" for size, peak in zip(sizes, peaks, strict=True)]
    yield Figure(
        "billing run, peak memory at 10x over 1x", [peaks[1] / peaks[0]], MEMORY_TARGET, is_growth=True, notes=notes
    )


def _load(url: str, subscriptions: int) -> None:
    with owner_connection(url) as owner:
        owner.execute(filled(LOAD, subscriptions=subscriptions, now=NOW.isoformat()))
        owner.execute("VACUUM ANALYZE")


def filled(text: str, **given: object) -> str:
    """Put into SQL what it names in braces, and what its models fill in where it names no value."""
    from django.apps import apps
    from django.db import connection
    from psycopg.sql import Literal

    parts: dict[str, str] = {}
    for name in set(re.findall(r"{columns_of_(\w+)}", text)):
        model = apps.get_model("ledger", name)
        named = re.search(rf"INTO {model._meta.db_table} \(([^{{]*)", text)
        known = {column.strip().strip('"') for column in named[1].split(",")}
        others = {
            field.column: field.get_default()
            for field in model._meta.concrete_fields
            if field.column not in known and not field.null and not field.primary_key and not field.has_db_default()
        }
        values = [
            Literal(json.dumps(value) if isinstance(value, dict | list) else value).as_string(connection.connection)
            for value in others.values()
        ]
        parts["columns_of_" + name] = "".join(f', "{column}"' for column in others)
        parts["values_of_" + name] = "".join(f", {value}" for value in values)
    for name, value in {**parts, **given}.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def _peak(server: Server, subscriptions: int) -> int:
    """Return the largest memory, in KiB, of a process of its own that bills so many."""
    with server.database("billing_memory") as url:
        _load(url, subscriptions)
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.billing_run", url], capture_output=True, text=True, check=True
        )
    return int(done.stdout.split()[-1])


def main() -> None:
    """Bill what is due in the named database; print the largest memory this process had, in KiB."""
    import django

    from tests.benchmarks.harness import use_database

    django.setup()
    use_database(sys.argv[1])
    from ledger.billing.operations import run_billing

    run_billing(at=NOW)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _rounds(one: Crew, pairs: int) -> Rounds:
    rounds = []
    one.turn("clear", 0)
    for number in range(pairs):
        done = {}
        for name in ("ours", "limit") if number % 2 else ("limit", "ours"):
            done[name] = one.turn(name, 0)
            one.turn("clear", 0)
        rounds.append(done)
    return rounds


if __name__ == "__main__":
    main()
