"""How the queue page and the next ticket grow, and what taking a ticket costs beside the bare statement."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

from tests.benchmarks.harness import (
    Contender,
    Crew,
    Figure,
    backend_of,
    crew,
    explain,
    growth,
    owner_connection,
    rounds_of,
    share,
    use_database,
)
from tests.benchmarks.options import Options
from tests.benchmarks.server import Server

SIZES = {"1x": 50_000, "10x": 500_000}
TARGET = 1.5
AGENTS = 40
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

#: Half of the tickets are closed; of the open ones seven in ten wait for somebody to take them.
LOAD = """
SET session_replication_role = replica;
INSERT INTO ledger_customer (number, name, kind, language, country, region, time_zone, currency, vat_id, opened_at)
SELECT 'B-' || n, 'Customer ' || n, 'consumer', 'en', 'DE', '', 'Europe/Berlin', 'EUR', '', '{now}'
FROM generate_series(1, {tickets} / 10) n;
INSERT INTO tickets_queue (name, slug, purpose) SELECT 'Team ' || n, 'team-' || n, '' FROM generate_series(1, 8) n;
INSERT INTO tickets_membership (queue_id, user_id, excluded_topics)
SELECT q.id, a, '{{}}' FROM tickets_queue q, generate_series(1, {agents}) a
WHERE q.slug LIKE 'team-%' AND (q.id + a) % 2 = 0;
INSERT INTO tickets_ticket (requester, requester_name, linked_because, candidates, subject, channel, state, topic,
    topic_words, language, priority, queue_id, assignee_id, assigned_at, sort_at, token, subject_of_question, opened_at,
    last_message_at, reopened_count, version, customer_id)
SELECT 'c' || n || '@example.com', 'Customer', '', '{{}}', 'Charged twice in March', 'email', s.state, 'double_charge',
    '{{}}', 'en', 1 + n % 3, q.ids[1 + n % cardinality(q.ids)],
    CASE WHEN s.state = 'waiting' OR n % 10 < 3 THEN 1 + n % {agents} END, NULL,
    timestamptz '{now}' - interval '1 day' + (hashint4(n) % 1000000) * interval '1 second', gen_random_uuid()::text, '',
    '{now}', '{now}', 0, 0, c.first + n % ({tickets} / 10)
FROM generate_series(1, {tickets}) n,
     (SELECT array_agg(id) AS ids FROM tickets_queue WHERE slug LIKE 'team-%') q,
     (SELECT min(id) AS first FROM ledger_customer) c,
     LATERAL (SELECT (ARRAY['open','closed','open','closed','waiting','closed','open','closed','resolved','closed'])
                     [1 + (n / 7) % 10]) s (state);
RESET session_replication_role;
"""

#: The best single statement with the same result: the most urgent ticket of the queues, taken and recorded.
LIMIT = """
WITH taken AS (
    UPDATE tickets_ticket SET assignee_id = %(user)s, assigned_at = %(at)s, version = version + 1
    WHERE id = (SELECT t.id FROM tickets_ticket t WHERE t.queue_id = %(queue)s AND t.state = 'open'
                  AND t.assignee_id IS NULL
                ORDER BY t.priority, t.sort_at, t.id FOR UPDATE SKIP LOCKED LIMIT 1)
    RETURNING *
), recorded AS (
    INSERT INTO ledger_event (kind, subject, customer_id, actor, on_behalf_of, occurred_at, data, previous_hash, hash)
    SELECT 'ticket.assigned', 'ticket:' || id, customer_id, %(actor)s, '', %(at)s,
           jsonb_build_object('assignee', 'agent:' || assignee_id, 'conversation', 'ticket:' || id,
                              'number', '#' || id), '', ''
    FROM taken
)
SELECT * FROM taken
"""


def load(url: str, tickets: int) -> None:
    """Fill a database with tickets."""
    with owner_connection(url) as owner:
        owner.execute(LOAD.format(tickets=tickets, agents=AGENTS, now=NOW.isoformat()))
        owner.execute("VACUUM ANALYZE")


def contenders(url: str) -> dict[str, Contender]:
    """Return the pages, taking a ticket, and the bare statement that takes one."""
    from django.db import connection

    from ledger.events.actor import Actor
    from tickets.queues.operations import take_next_ticket
    from tickets.queues.queries import queue_page

    raw = owner_connection(url)
    queues = [row[0] for row in raw.execute("SELECT id FROM tickets_queue WHERE slug LIKE 'team-%'")]
    ours, theirs = (backend_of(connection),), (backend_of(raw),)
    numbers = count()
    deep = queue_page(1, filter="team", at=NOW, limit=200).next_key

    def take() -> None:
        if take_next_ticket(by=Actor.agent(1 + next(numbers) % AGENTS, name="Mia"), at=NOW) is None:
            raise RuntimeError("The queues ran empty.")

    def take_raw() -> None:
        user = 1 + next(numbers) % AGENTS
        given = {"user": user, "at": NOW, "queue": queues[user % len(queues)], "actor": f"agent:{user}"}
        if raw.execute(LIMIT, given, prepare=True).fetchone() is None:
            raise RuntimeError("The queues ran empty.")

    return {
        "page": Contender(lambda: queue_page(1 + next(numbers) % AGENTS, filter="team", at=NOW) and None, ours),
        "later page": Contender(lambda: queue_page(1, filter="team", at=NOW, after=deep) and None, ours),
        "breaching": Contender(lambda: queue_page(1, filter="breaching", at=NOW) and None, ours),
        "take": Contender(take, ours),
        "take, bare": Contender(take_raw, theirs),
    }


def measure(server: Server, options: Options) -> Iterator[Figure]:
    """Show pages and take tickets at ten times the tickets against one time."""
    with server.database("tickets_1x") as small, server.database("tickets_10x") as large:
        load(small, SIZES["1x"])
        load(large, SIZES["10x"])
        with crew(contenders, small, small) as few, crew(contenders, large, large) as many:
            yield from _measure(few, many, options)
        asked = {size: _number_of_queries(url) for size, url in (("1x", small), ("10x", large))}
        print(f"queries of a page and of taking a ticket, at 1x and 10x: {asked['1x']}, {asked['10x']}")
        if asked["1x"] != asked["10x"]:
            raise RuntimeError("The number of queries grows with the number of tickets.")
        options.plans["Slowest of the queue: page of an agent's queues at 10x"] = _plan(large)


def _measure(few: Crew, many: Crew, options: Options) -> Iterator[Figure]:
    spans = f"{SIZES['1x']:,} → {SIZES['10x']:,} tickets"
    for title, name in (
        ("queue page", "page"),
        ("later queue page", "later page"),
        ("queue page, breaching", "breaching"),
        ("take_next_ticket", "take"),
    ):
        rounds = rounds_of({"1x": (few, name), "10x": (many, name)}, options.pairs, 0.1)
        yield growth(f"{title}, {spans}", rounds, *SIZES, TARGET)
    rounds = rounds_of({"ours": (many, "take"), "bare": (many, "take, bare")}, options.pairs)
    yield share(f"take_next_ticket at {SIZES['10x']:,} tickets, against one statement", rounds, "ours", "bare")


def _number_of_queries(url: str) -> tuple[int, int]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from ledger.events.actor import Actor
    from tickets.queues.operations import take_next_ticket
    from tickets.queues.queries import queue_page

    use_database(url)
    with CaptureQueriesContext(connection) as page:
        queue_page(1, filter="team", at=NOW)
    with CaptureQueriesContext(connection) as take:
        take_next_ticket(by=Actor.agent(1, name="Mia"), at=NOW)
    connection.close()
    return len(page), len(take)


def _plan(url: str) -> str:
    from tickets.queues.queries import BEGINNING, PAGES

    with owner_connection(url) as owner:
        queues = [row[0] for row in owner.execute("SELECT queue_id FROM tickets_membership WHERE user_id = 1")]
    return explain(
        url, PAGES["team"], {"queues": queues, "limit": 51, "after_at": BEGINNING[0], "after_id": BEGINNING[1]}
    )
