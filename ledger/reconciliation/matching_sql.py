"""The statements that match the lines of one file with the books and list what differs; each may be run again."""

#: A line and a payment belong together when the line's reference is the gateway's, ours, or the caller's.
MATCH_PAYMENTS = [
    f"""
UPDATE ledger_settlementline AS line SET payment_id = payment.id
FROM ledger_payment AS payment
WHERE line.account = %(account)s AND line.payment_id IS NULL AND line.refund_id IS NULL
  AND line.kind IN ('payment', 'fee') AND line.reference <> '' AND payment.{column} = line.reference
"""
    for column in ("gateway_reference", "number", "external_id")
]

#: A transfer names the bill it pays: in the reference or in its words. The amount has to be the same, and so does the
#: span of days; of two payments alike the one nearest to the line's day is meant.
MATCH_BILLS = """
UPDATE ledger_settlementline AS line SET payment_id = found.payment_id
FROM (
    SELECT DISTINCT ON (l.id) l.id AS line_id, payment.id AS payment_id
    FROM ledger_settlementline l
    JOIN ledger_invoice invoice
      ON invoice.number = l.reference
      OR invoice.number = ANY (regexp_split_to_array(l.text, '[\\s,;:/]+'))
    JOIN ledger_paymentallocation part ON part.invoice_id = invoice.id
    JOIN ledger_payment payment ON payment.id = part.payment_id AND payment.state = 'succeeded'
     AND payment.amount_minor = l.amount_minor AND payment.currency = l.currency
     AND payment.received_on BETWEEN l.booked_on - 7 AND l.booked_on + 7
    WHERE l.file_id = %(file)s AND l.kind = 'payment' AND l.payment_id IS NULL AND NOT l.is_reversal
      AND NOT EXISTS (SELECT 1 FROM ledger_settlementline other
                      WHERE other.payment_id = payment.id AND NOT other.is_reversal)
    ORDER BY l.id, abs(payment.received_on - l.booked_on), payment.id
) AS found
WHERE line.id = found.line_id
"""

MATCH_REFUNDS = [
    f"""
UPDATE ledger_settlementline AS line SET refund_id = refund.id
FROM ledger_refund AS refund
WHERE line.account = %(account)s AND line.payment_id IS NULL AND line.refund_id IS NULL
  AND line.kind = 'refund' AND line.reference <> '' AND refund.{column} = line.reference
"""
    for column in ("gateway_reference", "number", "external_id")
]

_BREAK = """
INSERT INTO ledger_break (file_id, line_id, payment_id, refund_id, kind, in_books_minor, in_file_minor, currency, state,
                          found_at, how, note, resolved_by)
"""

#: Money moved there that the books know nothing of, or know as failed.
MISSING_IN_BOOKS = (
    _BREAK
    + """
SELECT line.file_id, line.id, line.payment_id, line.refund_id, 'missing_in_books', NULL, line.amount_minor,
       line.currency, 'open', %(at)s, '', '', ''
FROM ledger_settlementline line
LEFT JOIN ledger_payment payment ON payment.id = line.payment_id
LEFT JOIN ledger_refund refund ON refund.id = line.refund_id
WHERE line.file_id = %(file)s AND NOT line.is_reversal AND line.kind IN ('payment', 'refund', 'chargeback', 'fee')
  AND (
    (line.payment_id IS NULL AND line.refund_id IS NULL
     AND NOT (line.kind = 'chargeback'
              AND EXISTS (SELECT 1 FROM ledger_chargeback c WHERE c.external_id = line.reference)))
    OR payment.state <> 'succeeded'
    OR refund.state NOT IN ('submitted', 'paid', 'settled')
  )
ON CONFLICT DO NOTHING
"""
)

CURRENCY_DIFFERS = (
    _BREAK
    + """
SELECT line.file_id, line.id, line.payment_id, line.refund_id, 'currency_differs',
       coalesce(payment.amount_minor, refund.amount_minor), line.amount_minor, line.currency, 'open', %(at)s, '', '', ''
FROM ledger_settlementline line
LEFT JOIN ledger_payment payment ON payment.id = line.payment_id
LEFT JOIN ledger_refund refund ON refund.id = line.refund_id
WHERE line.file_id = %(file)s AND coalesce(payment.currency, refund.currency) <> line.currency
ON CONFLICT DO NOTHING
"""
)

#: What all files together say of a payment is held against what is booked, so a second settlement shows as well.
AMOUNT_DIFFERS = (
    _BREAK
    + """
SELECT line.file_id, line.id, line.payment_id, line.refund_id, 'amount_differs',
       coalesce(payment.amount_minor, -refund.amount_minor), said.minor, line.currency, 'open', %(at)s, '', '', ''
FROM ledger_settlementline line
LEFT JOIN ledger_payment payment ON payment.id = line.payment_id AND payment.state = 'succeeded'
LEFT JOIN ledger_refund refund ON refund.id = line.refund_id
CROSS JOIN LATERAL (
    SELECT sum(all_lines.amount_minor)::bigint AS minor FROM ledger_settlementline all_lines
    WHERE (all_lines.payment_id = line.payment_id OR all_lines.refund_id = line.refund_id)
      AND all_lines.kind = line.kind AND NOT all_lines.is_reversal
) said
WHERE line.file_id = %(file)s AND NOT line.is_reversal AND line.kind IN ('payment', 'refund')
  AND coalesce(payment.currency, refund.currency) = line.currency
  AND coalesce(payment.amount_minor, -refund.amount_minor) <> said.minor
ON CONFLICT DO NOTHING
"""
)

#: The sender took a movement back; whether the books follow is for a person to decide.
REVERSED = (
    _BREAK
    + """
SELECT line.file_id, line.id, line.payment_id, line.refund_id, 'reversed', payment.amount_minor, line.amount_minor,
       line.currency, 'open', %(at)s, '', '', ''
FROM ledger_settlementline line LEFT JOIN ledger_payment payment ON payment.id = line.payment_id
WHERE line.file_id = %(file)s AND line.is_reversal AND line.kind IN ('payment', 'refund', 'chargeback')
ON CONFLICT DO NOTHING
"""
)

#: A provider's file covers what went through its gateway; a bank's statement what came by transfer.
MISSING_PAYMENTS = (
    _BREAK
    + """
SELECT %(file)s, NULL, payment.id, NULL, 'missing_in_file', payment.amount_minor, NULL, payment.currency, 'open',
       %(at)s, '', '', ''
FROM ledger_payment payment
LEFT JOIN ledger_attempt attempt ON attempt.payment_id = payment.id
LEFT JOIN ledger_paymentmethod method ON method.id = payment.method_id
WHERE payment.state = 'succeeded' AND payment.currency = ANY (%(currencies)s)
  AND payment.received_on BETWEEN %(first)s AND %(last)s
  AND CASE WHEN %(is_bank)s THEN method.kind = 'transfer' AND payment.gateway_reference IS NULL
           ELSE payment.gateway_reference IS NOT NULL AND coalesce(attempt.gateway, %(account)s) = %(account)s END
  AND NOT EXISTS (SELECT 1 FROM ledger_settlementline line WHERE line.payment_id = payment.id)
ON CONFLICT DO NOTHING
"""
)

MISSING_REFUNDS = (
    _BREAK
    + """
SELECT %(file)s, NULL, NULL, refund.id, 'missing_in_file', -refund.amount_minor, NULL, refund.currency, 'open',
       %(at)s, '', '', ''
FROM ledger_refund refund
WHERE NOT %(is_bank)s AND refund.state IN ('paid', 'settled') AND refund.gateway_reference <> ''
  AND refund.currency = ANY (%(currencies)s)
  AND refund.closed_at::date BETWEEN %(first)s AND %(last)s
  AND NOT EXISTS (SELECT 1 FROM ledger_settlementline line WHERE line.refund_id = refund.id)
ON CONFLICT DO NOTHING
"""
)

BREAKS = (MISSING_IN_BOOKS, CURRENCY_DIFFERS, AMOUNT_DIFFERS, REVERSED, MISSING_PAYMENTS, MISSING_REFUNDS)

#: Breaks that time has answered: what was missing in a file came with a later one, what was missing here is booked.
CAME_LATER = """
SELECT gap.id FROM ledger_break gap
WHERE gap.state = 'open' AND gap.kind = 'missing_in_file'
  AND EXISTS (SELECT 1 FROM ledger_settlementline line
              WHERE line.payment_id = gap.payment_id OR line.refund_id = gap.refund_id)
ORDER BY gap.id
"""
BOOKED_SINCE = """
SELECT gap.id FROM ledger_break gap
JOIN ledger_settlementline line ON line.id = gap.line_id
LEFT JOIN ledger_payment payment ON payment.id = line.payment_id
LEFT JOIN ledger_refund refund ON refund.id = line.refund_id
WHERE gap.state = 'open' AND gap.kind = 'missing_in_books'
  AND (payment.state = 'succeeded' OR refund.state IN ('paid', 'settled'))
ORDER BY gap.id
"""
