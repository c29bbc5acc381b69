"""What one customer, or all of them, owed on a day and as it was known then, from the postings themselves."""

#: The accounts that together say what a customer owes us or we owe them, whoever holds which part of it for whom.
NET_ACCOUNTS = "'receivable', 'receivable_disputed', 'customer_credit', 'credit_promised', 'refunds_payable'"

_KNOWN = "e.effective_on <= %(day)s::date AND (%(known_at)s::timestamptz IS NULL OR e.posted_at <= %(known_at)s)"
# The thing an entry came from: "invoice:5" is the invoice with the id 5.
_THING = "split_part(e.source, ':', 1)"
_ID = "CASE WHEN e.source ~ '^[a-z]+:[0-9]+$' THEN split_part(e.source, ':', 2)::bigint END"

#: Per account and currency of one customer; a debit above zero.
HELD_ON = f"""
SELECT a.code, a.currency, sum(p.amount_minor)
FROM ledger_account a JOIN ledger_posting p ON p.account_id = a.id JOIN ledger_journalentry e ON e.id = p.entry_id
WHERE a.owner = %(owner)s AND {_KNOWN}
GROUP BY a.code, a.currency ORDER BY a.code, a.currency
"""

#: Entries that change what a customer owes all in all, with the number of the document each came from. What only
#: moves between the accounts (credit applied, a dispute opened, a refund approved) is no movement.
MOVEMENTS = f"""
WITH moved AS (
    SELECT e.id, e.effective_on, e.posted_at, e.kind, e.source, e.reason, {_THING} AS thing, {_ID} AS thing_id,
           sum(p.amount_minor) AS minor
    FROM ledger_account a JOIN ledger_posting p ON p.account_id = a.id JOIN ledger_journalentry e ON e.id = p.entry_id
    WHERE a.owner = %(owner)s AND a.currency = %(currency)s AND a.code IN ({NET_ACCOUNTS})
      AND e.effective_on >= %(first)s::date AND {_KNOWN}
    GROUP BY e.id HAVING sum(p.amount_minor) <> 0
)
SELECT m.id, m.effective_on, m.posted_at, m.kind, m.source, m.reason, m.minor,
       coalesce(i.number, n.number, y.number, r.number, d.number, '')
FROM moved m
LEFT JOIN ledger_invoice i ON m.thing = 'invoice' AND i.id = m.thing_id
LEFT JOIN ledger_creditnote n ON m.thing = 'creditnote' AND n.id = m.thing_id
LEFT JOIN ledger_payment y ON m.thing = 'payment' AND y.id = m.thing_id
LEFT JOIN ledger_refund r ON m.thing = 'refund' AND r.id = m.thing_id
LEFT JOIN ledger_dispute d ON m.thing = 'dispute' AND d.id = m.thing_id
ORDER BY m.effective_on, m.id
"""

CURRENCIES = f"""
SELECT DISTINCT currency FROM ledger_account WHERE owner = %(owner)s AND code IN ({NET_ACCOUNTS}) ORDER BY currency
"""

# Every posting on a receivable up to a day, by the bill it is about. A payment may settle several bills: its parts are
# its allocations, with the sign of the posting, so that its reversal undoes them.
_OPEN_ITEMS = f"""
moved AS MATERIALIZED (
    SELECT a.owner, a.currency, {_THING} AS thing, {_ID} AS thing_id, p.amount_minor
    FROM ledger_account a JOIN ledger_posting p ON p.account_id = a.id JOIN ledger_journalentry e ON e.id = p.entry_id
    WHERE a.code = 'receivable' AND a.owner IN (SELECT owner FROM chosen) AND {_KNOWN}
), by_invoice AS (
    SELECT thing_id AS invoice_id, owner, currency, amount_minor FROM moved WHERE thing = 'invoice'
    UNION ALL
    SELECT n.invoice_id, m.owner, m.currency, m.amount_minor
    FROM moved m JOIN ledger_creditnote n ON n.id = m.thing_id WHERE m.thing = 'creditnote'
    UNION ALL
    SELECT l.invoice_id, m.owner, m.currency, m.amount_minor
    FROM moved m JOIN ledger_dispute d ON d.id = m.thing_id JOIN ledger_invoiceline l ON l.id = d.line_id
    WHERE m.thing = 'dispute'
    UNION ALL
    SELECT x.invoice_id, m.owner, m.currency, sign(m.amount_minor)::bigint * x.amount_minor
    FROM moved m JOIN ledger_paymentallocation x ON x.payment_id = m.thing_id WHERE m.thing = 'payment'
), items AS (
    SELECT invoice_id, owner, currency, sum(amount_minor) AS minor
    FROM by_invoice GROUP BY invoice_id, owner, currency HAVING sum(amount_minor) <> 0
)
"""

#: The bills of one customer that were asked for on a day, with what was due of each, disputed parts left out.
OPEN_ITEMS = f"""
WITH chosen AS (SELECT %(owner)s::text AS owner), {_OPEN_ITEMS}
SELECT t.invoice_id, i.number, t.currency, i.due_on, t.minor
FROM items t JOIN ledger_invoice i ON i.id = t.invoice_id ORDER BY i.due_on, t.invoice_id
"""

#: A page of customers by id: the balance of each receivable, what is on hold, and the open bills by days overdue.
AGED_PAGE = f"""
WITH chosen AS (
    SELECT id AS customer_id, 'customer:' || id AS owner FROM ledger_customer
    WHERE id > %(after)s ORDER BY id LIMIT %(limit)s
), {_OPEN_ITEMS}, held AS (
    SELECT a.owner, a.currency,
           coalesce(sum(p.amount_minor) FILTER (WHERE a.code = 'receivable'), 0) AS due,
           coalesce(sum(p.amount_minor) FILTER (WHERE a.code = 'receivable_disputed'), 0) AS disputed
    FROM ledger_account a JOIN ledger_posting p ON p.account_id = a.id JOIN ledger_journalentry e ON e.id = p.entry_id
    WHERE a.code IN ('receivable', 'receivable_disputed') AND a.owner IN (SELECT owner FROM chosen) AND {_KNOWN}
    GROUP BY a.owner, a.currency
), aged AS (
    SELECT t.owner, t.currency,
           coalesce(sum(t.minor) FILTER (WHERE %(day)s::date - i.due_on <= 0), 0) AS not_yet,
           coalesce(sum(t.minor) FILTER (WHERE %(day)s::date - i.due_on BETWEEN 1 AND 30), 0) AS to_30,
           coalesce(sum(t.minor) FILTER (WHERE %(day)s::date - i.due_on BETWEEN 31 AND 60), 0) AS to_60,
           coalesce(sum(t.minor) FILTER (WHERE %(day)s::date - i.due_on BETWEEN 61 AND 90), 0) AS to_90,
           coalesce(sum(t.minor) FILTER (WHERE %(day)s::date - i.due_on > 90), 0) AS over_90
    FROM items t JOIN ledger_invoice i ON i.id = t.invoice_id GROUP BY t.owner, t.currency
)
SELECT c.customer_id, h.currency, h.due, h.disputed,
       coalesce(g.not_yet, 0), coalesce(g.to_30, 0), coalesce(g.to_60, 0), coalesce(g.to_90, 0), coalesce(g.over_90, 0)
FROM held h JOIN chosen c ON c.owner = h.owner LEFT JOIN aged g ON g.owner = h.owner AND g.currency = h.currency
WHERE h.due <> 0 OR h.disputed <> 0 ORDER BY c.customer_id, h.currency
"""

LAST_OF_PAGE = """
SELECT max(id) FROM (SELECT id FROM ledger_customer WHERE id > %(after)s ORDER BY id LIMIT %(limit)s) page
"""
