"""What may be wrong with a month: each statement returns one row per finding, in words."""

UNBALANCED = """
SELECT currency || ': debits and credits differ by ' || sum(amount_minor)
FROM ledger_posting WHERE effective_on < %(next)s::date GROUP BY currency HAVING sum(amount_minor) <> 0 ORDER BY 1
"""

# Tax is in the books as bills and credit notes say it: drafts and void bills have none, that of imported bills stands
# in the books of the system that issued them.
TAX = """
WITH claimed AS (
    SELECT currency, sum(minor) AS minor FROM (
        SELECT currency, tax_minor AS minor FROM ledger_invoice
        WHERE state NOT IN ('draft', 'void') AND source NOT LIKE 'import:%%'
        UNION ALL SELECT currency, -tax_minor FROM ledger_creditnote) t GROUP BY currency
), posted AS (
    SELECT p.currency, -sum(p.amount_minor) AS minor
    FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id WHERE a.code = 'tax_payable' GROUP BY p.currency
)
SELECT currency || ': books ' || coalesce(p.minor, 0) || ', bills less credit notes ' || coalesce(c.minor, 0)
FROM posted p FULL JOIN claimed c USING (currency) WHERE coalesce(p.minor, 0) <> coalesce(c.minor, 0) ORDER BY 1
"""

NOT_SEALED = """
SELECT 'entry ' || id || ' ' || kind || ' ' || source FROM ledger_journalentry
WHERE effective_on < %(next)s::date AND id > coalesce((SELECT max(to_id) FROM ledger_seal), 0) ORDER BY id
"""

DAYS_NOT_CLOSED = """
SELECT DISTINCT p.effective_on::text FROM ledger_posting p
WHERE p.effective_on >= %(first)s::date AND p.effective_on < %(next)s::date
  AND NOT EXISTS (SELECT FROM ledger_dayclose d WHERE d.account_id = p.account_id AND d.day = p.effective_on)
ORDER BY 1
"""

# Money of a customer that no bill asked for, and nobody touched for a while: perhaps it is somebody else's.
UNALLOCATED = """
SELECT c.number || ': ' || b.amount_minor * -1 || ' ' || a.currency || ' minor units since ' || (
           SELECT max(p.effective_on) FROM ledger_posting p WHERE p.account_id = a.id)
FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id
JOIN ledger_customer c ON a.owner = 'customer:' || c.id
WHERE a.code = 'customer_credit' AND b.amount_minor <> 0
  AND (SELECT max(p.effective_on) FROM ledger_posting p WHERE p.account_id = a.id) < %(aged)s::date
ORDER BY 1
"""

NOT_BILLED = """
SELECT 'subscription ' || subscription_id || ' since ' || due_on || ': ' || reason FROM ledger_billingexception
WHERE resolved_at IS NULL AND due_on < %(next)s::date ORDER BY due_on, id
"""

WITHOUT_RATE = """
SELECT number || ' in ' || currency FROM ledger_invoice
WHERE issued_on >= %(first)s::date AND issued_on < %(next)s::date AND state NOT IN ('draft', 'void')
  AND currency <> %(book)s AND book_rate IS NULL ORDER BY id
"""

DRAFTS = """
SELECT number FROM ledger_invoice
WHERE state = 'draft' AND issued_on >= %(first)s::date AND issued_on < %(next)s::date ORDER BY id
"""

UNBILLED = """
SELECT 'charge ' || c.id || ' of ' || c.charged_on || ': ' || c.description
FROM ledger_charge c LEFT JOIN ledger_invoiceline l ON l.charge_id = c.id
WHERE l.id IS NULL AND c.reversed_at IS NULL AND c.amount_minor > 0 AND c.charged_on < %(next)s::date ORDER BY c.id
"""
