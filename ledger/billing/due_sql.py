"""The statements that say what is due, and take it; `ledger.billing.claiming` runs them."""

#: A period to bill in advance has begun, it is served, and no change has to be made first.
PERIOD_DUE = """
s.state <> 'paused' AND (s.ends_on IS NULL OR s.ends_on > s.renews_on)
AND s.renews_on <= %(horizon)s AND s.renews_on <= z.today AND (s.state <> 'trial' OR s.trial_ends_on <= z.today)
AND (s.state <> 'starting' OR s.renews_on = s.anchor_on)
AND NOT EXISTS (SELECT FROM ledger_subscriptionchange x WHERE x.subscription_id = s.id AND x.state = 'scheduled'
                AND x.effective_on <= s.renews_on)
"""
#: Service is over, and the use of its last days is not billed yet.
LAST_USE_DUE = """
s.ends_on > COALESCE(s.metered_on, s.renews_on) AND s.ends_on <= %(horizon)s AND s.ends_on <= z.today
AND s.ends_on <= s.renews_on
"""
#: A change was planned for a day that has come, and no period before it is still to be billed.
CHANGE_DUE = """
x.state = 'scheduled' AND x.effective_on <= %(horizon)s AND x.effective_on <= z.today
AND (x.effective_on <= s.renews_on OR s.state = 'paused' OR s.renews_on > z.today OR s.ends_on <= s.renews_on
     OR (s.state = 'trial' AND s.trial_ends_on > z.today))
"""
NOT_MET = """
NOT EXISTS (SELECT FROM ledger_billingexception e
            WHERE e.subscription_id = s.id AND e.last_run_id = %(run)s AND e.resolved_at IS NULL)
"""
PLACES = """
JOIN ledger_customer c ON c.id = s.customer_id
JOIN unnest(%(zones)s::text[], %(days)s::date[]) AS z (zone, today) ON z.zone = c.time_zone
"""

COUNT = f"""
SELECT (SELECT count(*) FROM ledger_subscription s {PLACES} WHERE {PERIOD_DUE} AND {NOT_MET})
     + (SELECT count(*) FROM ledger_subscription s {PLACES} WHERE {LAST_USE_DUE} AND {NOT_MET})
     + (SELECT count(*) FROM ledger_subscriptionchange x JOIN ledger_subscription s ON s.id = x.subscription_id {PLACES}
        WHERE {CHANGE_DUE} AND {NOT_MET})
"""

CLAIM = """
SELECT s.id, s.customer_id, s.plan_id, s.quantity, s.currency, s.state, s.anchor_on, s.renews_on, s.priced_on,
       s.metered_on, s.trial_ends_on, s.ends_on, z.today, c.time_zone, c.closed_at IS NOT NULL, c.country, c.region,
       c.kind, c.vat_id, c.postal_code, c.city,
       EXISTS (SELECT FROM ledger_contactpoint p WHERE p.customer_id = c.id AND p.removed_at IS NULL
               AND p.kind = 'email' AND p."right" IN ('owner', 'finance'))
FROM ledger_subscription s {places} WHERE {due} AND {not_met}
ORDER BY s.{by}, s.id LIMIT %(limit)s
FOR NO KEY UPDATE OF s, c SKIP LOCKED
"""
CLAIM_PERIODS = CLAIM.format(places=PLACES, due=PERIOD_DUE, not_met=NOT_MET, by="renews_on")
CLAIM_LAST_USE = CLAIM.format(places=PLACES, due=LAST_USE_DUE, not_met=NOT_MET, by="ends_on")

CLAIM_CHANGES = f"""
SELECT x.id, s.id, s.customer_id, x.effective_on
FROM ledger_subscriptionchange x JOIN ledger_subscription s ON s.id = x.subscription_id {PLACES}
WHERE {CHANGE_DUE} AND {NOT_MET}
ORDER BY x.effective_on, x.id LIMIT %(limit)s
FOR NO KEY UPDATE OF s, c, x SKIP LOCKED
"""
