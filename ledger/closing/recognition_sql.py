"""What every charge leaves to later months at the end of one month, counted in one statement."""

# Shares of the days of each month, floor first, the largest remainder gets the next unit: what Money.allocate does.
_DUE = """
WITH before AS (
    SELECT charge_id, sum(deferred_minor - recognised_minor - credited_minor)::bigint AS minor
    FROM ledger_recognition WHERE month < %(first)s::date
    GROUP BY charge_id HAVING sum(deferred_minor - recognised_minor - credited_minor) <> 0
), due AS (
    SELECT c.id, c.currency, c.period_start, c.period_end, coalesce(b.minor, 0) AS before_minor,
           CASE WHEN c.reversed_at < %(ends_at)s::timestamptz THEN 0 ELSE c.amount_minor END AS net
    FROM ledger_charge c LEFT JOIN before b ON b.charge_id = c.id
    WHERE c.kind <> 'late_fee' AND c.charged_on < %(next)s::date AND c.period_start IS NOT NULL
      AND (c.period_end > %(next)s::date OR b.charge_id IS NOT NULL)
      AND NOT EXISTS (SELECT FROM ledger_recognition r WHERE r.charge_id = c.id AND r.month >= %(first)s::date)
), days AS (
    SELECT d.id, d.net, (d.period_end - d.period_start) AS of_days, m.month::date AS month,
           least(d.period_end, (m.month + interval '1 month')::date) - greatest(d.period_start, m.month::date) AS days
    FROM due d CROSS JOIN LATERAL generate_series(
        date_trunc('month', d.period_start::timestamp), (d.period_end - 1)::timestamp, interval '1 month') AS m (month)
), floors AS (
    SELECT id, net, month, div(net::numeric * days, of_days) AS minor,
           row_number() OVER (PARTITION BY id ORDER BY mod(net::numeric * days, of_days) DESC, month) AS place,
           net - sum(div(net::numeric * days, of_days)) OVER (PARTITION BY id) AS units_left
    FROM days
), earned AS (
    SELECT id, sum(minor + CASE WHEN place <= units_left THEN 1 ELSE 0 END)::bigint AS minor
    FROM floors WHERE month <= %(first)s::date GROUP BY id
), credited AS (
    SELECT l.charge_id AS id, sum(n.net_minor) FILTER (WHERE h.issued_on < %(first)s::date)::bigint AS before,
           sum(n.net_minor)::bigint AS all_minor
    FROM due d JOIN ledger_invoiceline l ON l.charge_id = d.id JOIN ledger_creditnoteline n ON n.line_id = l.id
    JOIN ledger_creditnote h ON h.id = n.note_id
    WHERE h.issued_on < %(next)s::date GROUP BY l.charge_id
), figures AS (
    SELECT d.id, d.currency, d.before_minor,
           greatest(0, d.net - coalesce(c.before, 0) - coalesce(e.minor, 0)) AS unearned,
           greatest(0, d.net - coalesce(c.all_minor, 0) - coalesce(e.minor, 0)) AS left_minor
    FROM due d LEFT JOIN earned e ON e.id = d.id LEFT JOIN credited c ON c.id = d.id
), found AS (
    SELECT * FROM figures WHERE before_minor <> unearned OR unearned <> left_minor
)
"""

MISSING = _DUE + "SELECT 'charge ' || id || ' ' || currency FROM found ORDER BY id"

#: Insert what is due, and return per currency the first row and the three sums.
RECOGNISE = (
    _DUE
    + """, made AS (
    INSERT INTO ledger_recognition (
        charge_id, month, currency, deferred_minor, recognised_minor, credited_minor, left_minor, posted_at)
    SELECT id, %(first)s::date, currency, greatest(0, unearned - before_minor), greatest(0, before_minor - unearned),
           unearned - left_minor, left_minor, %(at)s::timestamptz
    FROM found ORDER BY id
    RETURNING id, currency, deferred_minor, recognised_minor, credited_minor
)
SELECT currency, min(id), count(*), sum(deferred_minor)::bigint, sum(recognised_minor)::bigint,
       sum(credited_minor)::bigint
FROM made GROUP BY currency ORDER BY currency"""
)
