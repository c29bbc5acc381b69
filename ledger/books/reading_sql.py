"""The statements behind `ledger.books.queries`; each reads one consistent snapshot in one round trip."""

_ACCOUNT = """
    SELECT id FROM ledger_account WHERE code = %s::text AND owner = %s::text AND currency = %s::text
"""

BALANCE = f"""
SELECT coalesce((SELECT b.amount_minor FROM ledger_balance b WHERE b.account_id = a.id), 0)
     + coalesce((SELECT sum(d.amount_minor) FROM ledger_balancedelta d WHERE d.account_id = a.id), 0)
FROM ({_ACCOUNT}) a
"""

#: The last stored day up to the one asked for, plus the days since.
BALANCE_AS_OF = f"""
WITH a AS ({_ACCOUNT}), asked AS (SELECT %s::date AS day), closed AS (
    SELECT day, closing_minor FROM ledger_dayclose
    WHERE account_id = (SELECT id FROM a) AND day <= (SELECT day FROM asked) ORDER BY day DESC LIMIT 1
)
SELECT coalesce((SELECT closing_minor FROM closed), 0) + coalesce(sum(amount_minor), 0)
FROM ledger_posting
WHERE account_id = (SELECT id FROM a) AND effective_on > coalesce((SELECT day FROM closed), '-infinity'::date)
  AND effective_on <= (SELECT day FROM asked)
"""

CUSTOMER_BALANCES = """
SELECT a.code, a.currency, b.amount_minor
FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id WHERE a.owner = %s::text ORDER BY a.code, a.currency
"""

_PAGE = """
SELECT e.id, e.effective_on, e.posted_at, e.kind, e.source, e.reason, page.amount_minor,
       top.minor - coalesce(sum(page.amount_minor) OVER newer, 0)
FROM page CROSS JOIN top JOIN ledger_journalentry e ON e.id = page.entry_id
WINDOW newer AS (ORDER BY page.effective_on DESC, page.entry_id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
ORDER BY page.effective_on DESC, page.entry_id DESC
"""

#: The first page starts from the balance and walks back.
STATEMENT = f"""
WITH a AS MATERIALIZED ({_ACCOUNT}), top AS MATERIALIZED (
    SELECT coalesce((SELECT b.amount_minor FROM ledger_balance b WHERE b.account_id = a.id), 0)
         + coalesce((SELECT sum(d.amount_minor) FROM ledger_balancedelta d WHERE d.account_id = a.id), 0) AS minor
    FROM a
), page AS (
    SELECT entry_id, effective_on, amount_minor FROM ledger_posting
    WHERE account_id = (SELECT id FROM a) ORDER BY effective_on DESC, entry_id DESC LIMIT %s::bigint
)
{_PAGE}
"""

#: A later page starts from the last stored day before it, plus what came between.
STATEMENT_BEFORE = f"""
WITH a AS ({_ACCOUNT}), closed AS (
    SELECT day, closing_minor FROM ledger_dayclose
    WHERE account_id = (SELECT id FROM a) AND day < %s::date ORDER BY day DESC LIMIT 1
), top AS MATERIALIZED (
    SELECT coalesce((SELECT closing_minor FROM closed), 0) + coalesce(sum(amount_minor), 0) AS minor
    FROM ledger_posting
    WHERE account_id = (SELECT id FROM a) AND effective_on > coalesce((SELECT day FROM closed), '-infinity'::date)
      AND (effective_on, entry_id) < (%s::date, %s::bigint)
), page AS (
    SELECT entry_id, effective_on, amount_minor FROM ledger_posting
    WHERE account_id = (SELECT id FROM a) AND (effective_on, entry_id) < (%s::date, %s::bigint)
    ORDER BY effective_on DESC, entry_id DESC LIMIT %s::bigint
)
{_PAGE}
"""

_ENTRY = """
SELECT e.id, e.key, e.kind, e.customer_id, e.source, e.effective_on, e.posted_at, e.actor, e.reason, e.reverses_id,
       a.code, a.currency, p.amount_minor
FROM ledger_journalentry e JOIN ledger_posting p ON p.entry_id = e.id JOIN ledger_account a ON a.id = p.account_id
"""

ENTRIES_OF_SOURCE = f"{_ENTRY} WHERE e.source = %s::text ORDER BY e.id, p.id"

ENTRIES_OF_SOURCES = f"{_ENTRY} WHERE e.source = ANY (%s::text[]) ORDER BY e.id, p.id"

ENTRY_BY_ID = f"{_ENTRY} WHERE e.id = %s::bigint ORDER BY p.id"

TRIAL_BALANCE = """
SELECT a.code, a.currency, sum(s.amount_minor)
FROM (SELECT account_id, amount_minor FROM ledger_balance
      UNION ALL SELECT account_id, amount_minor FROM ledger_balancedelta) s
JOIN ledger_account a ON a.id = s.account_id
GROUP BY a.code, a.currency ORDER BY a.code, a.currency
"""

TRIAL_BALANCE_AS_OF = """
SELECT a.code, a.currency, sum(p.amount_minor)
FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id WHERE p.effective_on <= %s::date
GROUP BY a.code, a.currency ORDER BY a.code, a.currency
"""

#: A page of entries by id; those with lines in one currency, or all when it is empty.
JOURNAL_PAGE = """
SELECT j.id FROM ledger_journalentry j
WHERE j.id > %(after)s AND j.effective_on >= %(first)s::date AND j.effective_on <= %(last)s::date
  AND (%(currency)s::text = '' OR EXISTS (
      SELECT FROM ledger_posting q WHERE q.entry_id = j.id AND q.currency = %(currency)s::text))
ORDER BY j.id LIMIT %(limit)s
"""

#: The page with its lines. Both sides are told the ids, so that even without statistics none is read per row.
JOURNAL_LINES = f"""
{_ENTRY}
WHERE e.id = ANY (%(ids)s::bigint[]) AND p.entry_id = ANY (%(ids)s::bigint[])
  AND (%(currency)s::text = '' OR p.currency = %(currency)s::text)
ORDER BY e.id, p.id
"""

JOURNAL_TOTALS = """
SELECT count(DISTINCT p.entry_id), coalesce(sum(p.amount_minor) FILTER (WHERE p.amount_minor > 0), 0)
FROM ledger_posting p
WHERE p.currency = %(currency)s AND p.effective_on >= %(first)s::date AND p.effective_on <= %(last)s::date
"""

#: A page of the accounts with what each held before a day and at the end of another; a debit above zero.
ACCOUNTS_PAGE = """
SELECT a.id, a.code, a.owner, a.currency,
       coalesce(sum(p.amount_minor) FILTER (WHERE p.effective_on < %(first)s::date), 0)::bigint,
       coalesce(sum(p.amount_minor), 0)::bigint
FROM (SELECT * FROM ledger_account WHERE id > %(after)s ORDER BY id LIMIT %(limit)s) a
LEFT JOIN ledger_posting p ON p.account_id = a.id AND p.effective_on <= %(last)s::date
GROUP BY a.id, a.code, a.owner, a.currency ORDER BY a.id
"""

FIRST_DAY = "SELECT min(effective_on) FROM ledger_journalentry"

#: What entries of some customers moved on one account of the company since a day.
MOVED_BY_CUSTOMERS = """
SELECT a.currency, sum(p.amount_minor)
FROM ledger_journalentry e JOIN ledger_posting p ON p.entry_id = e.id JOIN ledger_account a ON a.id = p.account_id
WHERE a.code = %s AND a.owner = '' AND e.customer_id = ANY(%s) AND e.effective_on >= %s
GROUP BY a.currency HAVING sum(p.amount_minor) <> 0 ORDER BY a.currency
"""
