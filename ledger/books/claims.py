"""What other concepts claim about the books: sentence, and the SQL that returns every row for which it is not so.

Every query returns the rows that break the claim, described in its first column. `check_books` names the first.
"""

# Sums of one customer account, from the postings themselves and not from the balances kept beside them.
_POSTED = """
    SELECT a.owner, a.currency, sum(p.amount_minor) * CASE a.normal_side WHEN 'debit' THEN 1 ELSE -1 END AS amount
    FROM ledger_account a JOIN ledger_posting p ON p.account_id = a.id
    WHERE a.code = '{code}' AND a.owner <> '' GROUP BY a.owner, a.currency, a.normal_side
"""

_COMPARE = """
WITH posted AS ({posted}), claimed AS ({claimed})
SELECT COALESCE(posted.owner, claimed.owner) || ' ' || COALESCE(posted.currency, claimed.currency) || ': books '
       || COALESCE(posted.amount, 0) || ', {what} ' || COALESCE(claimed.amount, 0)
FROM posted FULL JOIN claimed ON posted.owner = claimed.owner AND posted.currency = claimed.currency
WHERE COALESCE(posted.amount, 0) <> COALESCE(claimed.amount, 0)
ORDER BY 1 LIMIT 20
"""


def _account_equals(code: str, what: str, claimed: str) -> str:
    """Return the SQL that compares one customer account with the sum a concept claims for it."""
    return _COMPARE.format(posted=_POSTED.format(code=code), claimed=claimed, what=what)


CLAIMS: list[tuple[str, str]] = [
    (
        "What is set aside of revenue is what the months have left of their charges.",
        """WITH posted AS (
               SELECT p.currency, -sum(p.amount_minor) AS minor FROM ledger_posting p
               JOIN ledger_account a ON a.id = p.account_id WHERE a.code = 'deferred_revenue' GROUP BY p.currency
           ), claimed AS (
               SELECT currency, sum(deferred_minor - recognised_minor - credited_minor) AS minor
               FROM ledger_recognition GROUP BY currency
           )
           SELECT currency || ': books ' || COALESCE(posted.minor, 0) || ', months ' || COALESCE(claimed.minor, 0)
           FROM posted FULL JOIN claimed USING (currency)
           WHERE COALESCE(posted.minor, 0) <> COALESCE(claimed.minor, 0) ORDER BY 1 LIMIT 20""",
    ),
    (
        "What customers owe is the open amount of their invoices, less what is on hold.",
        _account_equals(
            "receivable",
            "invoices",
            """SELECT 'customer:' || customer_id AS owner, currency,
                      sum(total_minor - paid_minor - credited_minor - disputed_minor - written_off_minor) AS amount
               FROM ledger_invoice WHERE state NOT IN ('draft', 'void') GROUP BY customer_id, currency""",
        ),
    ),
    (
        "What is on hold unpaid is the unpaid part of open disputes.",
        _account_equals(
            "receivable_disputed",
            "disputes",
            """SELECT 'customer:' || customer_id AS owner, currency, sum(unpaid_minor) AS amount
               FROM ledger_dispute WHERE state IN ('opened', 'acknowledged', 'in_review')
               GROUP BY customer_id, currency""",
        ),
    ),
    (
        "What was given before a decision is the provisional credits nobody has decided yet.",
        _account_equals(
            "provisional_credits",
            "provisional credits",
            """SELECT 'customer:' || d.customer_id AS owner, p.currency, sum(p.amount_minor - p.kept_minor) AS amount
               FROM ledger_provisionalcredit p JOIN ledger_dispute d ON d.id = p.dispute_id
               WHERE p.state IN ('given', 'announced') GROUP BY d.customer_id, p.currency""",
        ),
    ),
    (
        "What is held for customers is the paid part of open disputes.",
        _account_equals(
            "dispute_hold",
            "disputes",
            """SELECT 'customer:' || customer_id AS owner, currency, sum(paid_minor) AS amount
               FROM ledger_dispute WHERE state IN ('opened', 'acknowledged', 'in_review')
               GROUP BY customer_id, currency""",
        ),
    ),
    (
        "What waits for a bill is the charges without an invoice, or on a draft.",
        _account_equals(
            "unbilled",
            "charges",
            """SELECT 'customer:' || c.customer_id AS owner, c.currency, sum(c.amount_minor) AS amount
               FROM ledger_charge c LEFT JOIN ledger_invoiceline l ON l.charge_id = c.id
               LEFT JOIN ledger_invoice i ON i.id = l.invoice_id
               WHERE (l.id IS NULL OR i.state = 'draft') AND c.reversed_at IS NULL
               GROUP BY c.customer_id, c.currency""",
        ),
    ),
    (
        "What is set aside of customers' credit is the refunds that wait for approval.",
        _account_equals(
            "credit_promised",
            "refunds",
            """SELECT 'customer:' || customer_id AS owner, currency, sum(amount_minor) AS amount
               FROM ledger_refund WHERE state = 'requested' AND NOT is_goodwill GROUP BY customer_id, currency""",
        ),
    ),
    (
        "What we owe in refunds is the approved refunds that are not paid yet.",
        _account_equals(
            "refunds_payable",
            "refunds",
            """SELECT 'customer:' || customer_id AS owner, currency, sum(amount_minor) AS amount
               FROM ledger_refund WHERE state IN ('approved', 'submitted', 'failed') GROUP BY customer_id, currency""",
        ),
    ),
    (
        "What a payment gave back is the refunds that stand on it.",
        """SELECT p.number || ': payment ' || p.refunded_minor || ', refunds ' || COALESCE(sum(r.amount_minor), 0)
           FROM ledger_payment p LEFT JOIN ledger_refund r
                ON r.payment_id = p.id AND r.state NOT IN ('declined', 'cancelled')
                AND NOT (r.route = 'credit' AND r.state = 'settled')
           GROUP BY p.id HAVING p.refunded_minor <> COALESCE(sum(r.amount_minor), 0) ORDER BY 1 LIMIT 20""",
    ),
    (
        "Every invoice is the sum of its lines.",
        """SELECT i.number || ': total ' || i.total_minor || ', lines ' || COALESCE(sum(l.net_minor + l.tax_minor), 0)
           FROM ledger_invoice i LEFT JOIN ledger_invoiceline l ON l.invoice_id = i.id
           WHERE NOT (i.state = 'void' AND i.number LIKE 'DRAFT-%')
           GROUP BY i.id HAVING i.total_minor <> COALESCE(sum(l.net_minor + l.tax_minor), 0) ORDER BY 1 LIMIT 20""",
    ),
    (
        "Every credit note is the sum of its lines.",
        """SELECT n.number || ': net ' || n.net_minor || ' and tax ' || n.tax_minor || ', lines '
                  || COALESCE(sum(l.net_minor), 0) || ' and ' || COALESCE(sum(l.tax_minor), 0)
           FROM ledger_creditnote n LEFT JOIN ledger_creditnoteline l ON l.note_id = n.id GROUP BY n.id
           HAVING n.net_minor <> COALESCE(sum(l.net_minor), 0) OR n.tax_minor <> COALESCE(sum(l.tax_minor), 0)
           ORDER BY 1 LIMIT 20""",
    ),
    (
        "What a line was credited is the credit notes that name it.",
        """SELECT i.number || ' line ' || l.position || ': credited ' || l.credited_minor || ', notes '
                  || COALESCE(sum(n.net_minor + n.tax_minor), 0)
           FROM ledger_invoiceline l JOIN ledger_invoice i ON i.id = l.invoice_id
           LEFT JOIN ledger_creditnoteline n ON n.line_id = l.id
           GROUP BY i.number, l.id HAVING l.credited_minor <> COALESCE(sum(n.net_minor + n.tax_minor), 0)
           ORDER BY 1 LIMIT 20""",
    ),
]
