"""The renewal notice run against one statement that plans and tells with the same rows, and what a second run costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from tests.benchmarks.harness import (
    Contender,
    Crew,
    Figure,
    Rounds,
    backend_of,
    crew,
    middle,
    owner_connection,
    share,
)
from tests.benchmarks.options import Options
from tests.benchmarks.server import Server

AS_OF = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)
RERUN_TARGET = 0.1

#: Everybody renews inside the window of 45 to 15 days; six plans, two languages, three zones.
LOAD = """
SET session_replication_role = replica;
INSERT INTO ledger_plan (code, name, interval, is_on_sale)
SELECT 'plan-' || n, 'Plan ' || n, 'year', TRUE FROM generate_series(1, 6) n;
INSERT INTO ledger_price (plan_id, currency, amount_minor, tax_rate, valid_from)
SELECT id, 'EUR', 10000 + 700 * id, 19, '2025-01-01' FROM ledger_plan;
INSERT INTO ledger_customer (id, number, name, kind, language, country, region, time_zone, currency, vat_id, opened_at)
SELECT n, 'B-' || n, 'Customer ' || n, 'consumer', (ARRAY['en','de-DE'])[1 + n % 2], 'DE', '',
       (ARRAY['Europe/Berlin','Europe/Paris','Europe/Madrid'])[1 + n % 3], 'EUR', '', '{now}'
FROM generate_series(1, {subscriptions}) n;
INSERT INTO ledger_contactpoint (customer_id, kind, value, person, "right", added_at)
SELECT n, 'email', 'customer' || n || '@example.com', '', 'owner', '{now}' FROM generate_series(1, {subscriptions}) n;
INSERT INTO ledger_subscription (customer_id, plan_id, currency, state, anchor_on, renews_on, started_at)
SELECT n, (SELECT min(id) FROM ledger_plan) + n % 6, 'EUR', 'active', d.day, d.day, '{now}'
FROM generate_series(1, {subscriptions}) n, LATERAL (SELECT date '2026-03-19' + (hashint4(n) % 14 + 14)) d (day);
RESET session_replication_role;
"""

#: The same rows in one statement: notices and messages, one of each per subscription, told once.
LIMIT = """
WITH due AS MATERIALIZED (
    SELECT s.id, s.customer_id, s.renews_on, s.currency, contact.value AS recipient, plan.name AS plan, l.language,
           price.amount_minor + round(price.amount_minor * price.tax_rate / 100)::bigint AS minor,
           nextval('notifications_message_id_seq') AS message_id, gen_random_uuid()::text AS name
    FROM ledger_subscription s
    JOIN ledger_plan plan ON plan.id = s.plan_id
    JOIN ledger_price price ON price.plan_id = s.plan_id AND price.currency = s.currency
    JOIN ledger_customer c ON c.id = s.customer_id AND c.closed_at IS NULL
    JOIN (VALUES ('en', 'en'), ('de-DE', 'de')) l (tag, language) ON l.tag = c.language
    JOIN ledger_contactpoint contact ON contact.customer_id = c.id AND contact.kind = 'email' AND removed_at IS NULL
    WHERE s.state = 'active' AND s.renews_on BETWEEN %(first)s AND %(last)s
), told AS (
    INSERT INTO notifications_message (id, key, customer_id, channel, recipient, template, language, subject, body,
        is_secret, message_id, in_reply_to, "references", reply_to, about, conversation, is_automatic, state, queued_at,
        due_at, attempts, last_error)
    SELECT due.message_id, 'subscription:' || id || '@' || renews_on, customer_id, 'email', recipient, t.template,
           language, replace(replace(replace(t.subject, '{{date}}', d.said), '{{amount}}', a.said), '{{plan}}', plan),
           replace(replace(replace(t.body, '{{date}}', d.said), '{{amount}}', a.said), '{{plan}}', plan), FALSE,
           '<' || name || '@nordlicht.example>', '', '{}', 'billing+' || name || '@nordlicht.example',
           'subscription:' || id, '', TRUE, 'queued', %(at)s, %(at)s, 0, ''
    FROM due
    JOIN unnest(%(languages)s::text[], %(subjects)s::text[], %(bodies)s::text[], %(templates)s::text[])
         AS t (spoken, subject, body, template) ON t.spoken = due.language
    JOIN unnest(%(day_languages)s::text[], %(days)s::date[], %(days_said)s::text[]) AS d (spoken, day, said)
      ON d.spoken = due.language AND d.day = renews_on
    JOIN unnest(%(amount_languages)s::text[], %(minors)s::bigint[], %(amounts)s::text[]) AS a (spoken, minor, said)
      ON a.spoken = due.language AND a.minor = due.minor
)
INSERT INTO notifications_notice (kind, subject, about_on, customer_id, amount_minor, currency, message_id, created_at)
SELECT 'renewal', 'subscription:' || id, renews_on, customer_id, minor, currency, message_id, %(at)s FROM due
ON CONFLICT (kind, subject, about_on) DO NOTHING
"""


def contenders(url: str, subscriptions: int) -> dict[str, Contender]:
    """Return the run, its repetition, the limit, and clearing the tables between them."""
    from django.db import connection

    from notifications.notices.renewal import send_renewal_notices

    raw = owner_connection(url)
    words = _words()

    def ours() -> int:
        run = send_renewal_notices(as_of=AS_OF, at=NOW)
        if (run.created, run.told) != (subscriptions, subscriptions):
            raise RuntimeError(f"The run told {run}, not {subscriptions}.")
        return subscriptions

    def rerun() -> int:
        run = send_renewal_notices(as_of=AS_OF, at=NOW)
        if run.created or run.told:
            raise RuntimeError(f"A second run told somebody again: {run}.")
        return subscriptions

    def limit() -> int:
        written = raw.execute(LIMIT, words).rowcount
        if written != subscriptions:
            raise RuntimeError(f"The limit wrote {written} rows.")
        return written

    def clear() -> None:
        raw.execute("TRUNCATE notifications_notice, notifications_message RESTART IDENTITY CASCADE")
        raw.execute("CHECKPOINT")

    backends = (backend_of(connection),)
    return {
        "ours": Contender(ours, backends),
        "rerun": Contender(rerun, backends),
        "limit": Contender(limit, (backend_of(raw),)),
        "clear": Contender(clear),
    }


def _words() -> dict[str, object]:
    """Return the wording and the figures in words, looked up before the clock starts: the limit gets them for free."""
    from datetime import timedelta

    from ledger.catalogue.models import Price
    from ledger.money import Money
    from notifications.wording.figures import say_amount, say_day
    from notifications.wording.render import find_text

    languages = ["en", "de"]
    texts = [find_text("renewal_notice", language) for language in languages]
    days = [(language, AS_OF + timedelta(days=n)) for language in languages for n in range(15, 46)]
    gross = [price.amount_minor + price.amount_minor * 19 // 100 for price in Price.objects.all()]
    sums = [(language, minor) for language in languages for minor in gross]
    return {
        "first": AS_OF + timedelta(days=15),
        "last": AS_OF + timedelta(days=45),
        "at": NOW,
        "languages": languages,
        "subjects": [text.subject for text in texts],
        "bodies": [text.body for text in texts],
        "templates": [text.source for text in texts],
        "day_languages": [language for language, _ in days],
        "days": [day for _, day in days],
        "days_said": [say_day(day, language) for language, day in days],
        "amount_languages": [language for language, _ in sums],
        "minors": [minor for _, minor in sums],
        "amounts": [say_amount(Money(minor, "EUR"), language) for language, minor in sums],
    }


def measure(server: Server, options: Options) -> Iterator[Figure]:
    """Run on all subscriptions, in turns with the limit; every run begins with empty tables."""
    subscriptions = 1_000_000 if options.full else 100_000
    with server.database("notices") as url:
        with owner_connection(url) as owner:
            owner.execute(LOAD.format(subscriptions=subscriptions, now=NOW.isoformat()))
            owner.execute("VACUUM ANALYZE")
        with crew(contenders, url, url, subscriptions) as one:
            rounds = _rounds(one, 3 if options.full else 4)
    title = f"renewal notices, {subscriptions:,} subscriptions"
    figure = share(f"{title}, against one statement", rounds, "ours", "limit", 0.50)
    figure.notes.insert(
        2, " and ".join(f"{name} {subscriptions / middle(rounds, name, 'rate'):.1f} s" for name in ("ours", "limit"))
    )
    yield figure
    ratios = [turn["rerun"].seconds_each / turn["ours"].seconds_each for turn in rounds]
    seconds = subscriptions * middle(rounds, "rerun", "seconds_each")
    yield Figure(
        f"{title}, second run over first", ratios, RERUN_TARGET, is_growth=True, notes=[f"rerun {seconds:.2f} s"]
    )


def _rounds(one: Crew, pairs: int) -> Rounds:
    rounds = []
    for number in range(pairs):
        done = {}
        for name in ("ours", "limit") if number % 2 else ("limit", "ours"):
            one.turn("clear", 0)
            done[name] = one.turn(name, 0)
            if name == "ours":
                done["rerun"] = one.turn("rerun", 0)
        rounds.append(done)
    return rounds
