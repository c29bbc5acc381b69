"""The checks of `ledger.books.proof`: each returns one sentence for the first break it finds, or no row."""

_NAME = "a.code || CASE a.owner WHEN '' THEN '' ELSE ' of ' || a.owner END || ' in ' || a.currency"

#: Which posting was changed: the one on an account whose balance no longer agrees with its postings.
_CULPRIT = f"""
    SELECT 'posting ' || p.id || ' of entry ' || p.entry_id || ' (' || {_NAME} || ')'
    FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id
    WHERE p.entry_id = broken.id
      AND (SELECT sum(q.amount_minor) FROM ledger_posting q WHERE q.account_id = p.account_id)
       <> coalesce((SELECT b.amount_minor FROM ledger_balance b WHERE b.account_id = p.account_id), 0)
        + coalesce((SELECT sum(d.amount_minor) FROM ledger_balancedelta d WHERE d.account_id = p.account_id), 0)
    ORDER BY p.id LIMIT 1
"""

POSTING_WITHOUT_ENTRY = """
SELECT 'posting ' || p.id || ' of entry ' || p.entry_id || ': there is no such entry'
FROM ledger_posting p WHERE NOT EXISTS (SELECT FROM ledger_journalentry e WHERE e.id = p.entry_id) ORDER BY p.id LIMIT 1
"""

POSTING_OF_OTHER_DAY = """
SELECT 'posting ' || p.id || ' of entry ' || p.entry_id || ' takes effect on ' || p.effective_on
    || ', its entry on ' || e.effective_on
FROM ledger_posting p JOIN ledger_journalentry e ON e.id = p.entry_id
WHERE p.effective_on <> e.effective_on ORDER BY p.id LIMIT 1
"""

POSTING_IN_OTHER_CURRENCY = """
SELECT 'posting ' || p.id || ' of entry ' || p.entry_id || ' is in ' || p.currency
    || ', its account ' || coalesce(a.currency, 'is gone')
FROM ledger_posting p LEFT JOIN ledger_account a ON a.id = p.account_id
WHERE a.currency IS DISTINCT FROM p.currency ORDER BY p.id LIMIT 1
"""

ENTRY_DOES_NOT_BALANCE = f"""
WITH broken AS (
    SELECT e.id, e.posting_count, coalesce(sum(c.postings), 0) AS postings,
           min(c.currency || ' differ by ' || c.total) FILTER (WHERE c.total <> 0) AS difference
    FROM ledger_journalentry e
    LEFT JOIN (SELECT entry_id, currency, count(*) AS postings, sum(amount_minor) AS total
               FROM ledger_posting GROUP BY entry_id, currency) c ON c.entry_id = e.id
    GROUP BY e.id
    HAVING coalesce(sum(c.postings), 0) <> e.posting_count OR bool_or(c.total <> 0)
    ORDER BY e.id LIMIT 1
)
SELECT coalesce(({_CULPRIT}), 'entry ' || broken.id) || ': ' || CASE
    WHEN postings <> posting_count THEN 'the entry has ' || postings || ' postings, not ' || posting_count
    ELSE 'the amount was changed, debits and credits in ' || difference || ' minor units' END
FROM broken
"""

ENTRY_WAS_CHANGED = f"""
WITH broken AS (
    SELECT e.id
    FROM ledger_journalentry e
    JOIN (SELECT entry_id, string_agg(account_id::text || ':' || amount_minor::text, ';' ORDER BY account_id) AS lines
          FROM ledger_posting GROUP BY entry_id) p ON p.entry_id = e.id
    WHERE e.content_hash <> ledger_content_hash(
        e.kind, e.customer_id, e.effective_on, e.source, e.reason, e.reverses_id, p.lines)
    ORDER BY e.id LIMIT 1
)
SELECT coalesce(({_CULPRIT}), 'entry ' || broken.id) || ': what is stored is not what was posted' FROM broken
"""

SEAL_BROKEN = """
WITH blocks AS (
    SELECT s.id, s.from_id, s.to_id, s.prev_hash, s.hash,
           lag(s.hash, 1, ''::bytea) OVER chain AS hash_before, lag(s.to_id, 1, 0::bigint) OVER chain AS to_before
    FROM ledger_seal s WINDOW chain AS (ORDER BY s.to_id)
), texts AS (
    SELECT b.to_id, string_agg(ledger_sealed_text(e), chr(30) ORDER BY e.id) AS text
    FROM blocks b JOIN ledger_journalentry e ON e.id > b.to_before AND e.id <= b.to_id GROUP BY b.to_id
)
SELECT 'seal of entries ' || b.from_id || ' to ' || b.to_id || ': ' || CASE
    WHEN b.prev_hash <> b.hash_before THEN 'it does not continue the seal before it'
    ELSE 'an entry was changed, added or removed after sealing' END
FROM blocks b LEFT JOIN texts t USING (to_id)
WHERE b.prev_hash <> b.hash_before OR b.hash <> sha256(b.prev_hash || convert_to(coalesce(t.text, ''), 'UTF8'))
ORDER BY b.to_id LIMIT 1
"""

BALANCE_DIFFERS = f"""
WITH stored AS (
    SELECT account_id, sum(amount_minor) AS minor
    FROM (SELECT account_id, amount_minor FROM ledger_balance
          UNION ALL SELECT account_id, amount_minor FROM ledger_balancedelta) s GROUP BY account_id
), posted AS (SELECT account_id, sum(amount_minor) AS minor FROM ledger_posting GROUP BY account_id)
SELECT 'balance of account ' || a.id || ' (' || {_NAME} || '): stored ' || coalesce(s.minor, 0)
    || ', its postings add up to ' || coalesce(p.minor, 0)
FROM stored s FULL JOIN posted p USING (account_id) LEFT JOIN ledger_account a ON a.id = account_id
WHERE coalesce(s.minor, 0) <> coalesce(p.minor, 0) ORDER BY a.id LIMIT 1
"""

DAY_CLOSE_DIFFERS = f"""
WITH days AS (
    SELECT account_id, effective_on,
           sum(sum(amount_minor)) OVER (PARTITION BY account_id ORDER BY effective_on) AS minor
    FROM ledger_posting GROUP BY account_id, effective_on
)
SELECT 'closing of ' || c.day || ' of account ' || a.id || ' (' || {_NAME} || '): stored ' || c.closing_minor
    || ', its postings add up to ' || coalesce(d.minor, 0)
FROM ledger_dayclose c JOIN ledger_account a ON a.id = c.account_id
LEFT JOIN days d ON d.account_id = c.account_id AND d.effective_on = c.day
WHERE d.minor IS DISTINCT FROM c.closing_minor ORDER BY c.day, a.id LIMIT 1
"""

BELOW_FLOOR = f"""
SELECT 'account ' || a.id || ' (' || {_NAME} || ') is below its floor'
FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id
WHERE b.amount_minor * CASE a.normal_side WHEN 'debit' THEN 1 ELSE -1 END < a.floor_minor ORDER BY a.id LIMIT 1
"""

CHECKS = (
    POSTING_WITHOUT_ENTRY,
    POSTING_IN_OTHER_CURRENCY,
    POSTING_OF_OTHER_DAY,
    ENTRY_DOES_NOT_BALANCE,
    ENTRY_WAS_CHANGED,
    SEAL_BROKEN,
    BALANCE_DIFFERS,
    DAY_CLOSE_DIFFERS,
    BELOW_FLOOR,
)

EXTENT = """
SELECT (SELECT count(*) FROM ledger_journalentry), (SELECT count(*) FROM ledger_posting),
       (SELECT count(*) FROM ledger_account), coalesce((SELECT max(to_id) FROM ledger_seal), 0),
       coalesce((SELECT encode(hash, 'hex') FROM ledger_seal ORDER BY to_id DESC LIMIT 1), '')
"""
