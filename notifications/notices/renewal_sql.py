"""The two statements of the notice run: plan notices, and tell a chunk of them."""

#: One notice per active subscription that renews inside its place's window, with the gross price of the next period.
#: The anti-join keeps a second run cheap; the conflict clause keeps two runs at once from telling anybody twice.
PLAN = """
WITH places AS (
    SELECT * FROM unnest(%(countries)s::text[], %(regions)s::text[], %(zones)s::text[], %(intervals)s::text[],
                         %(firsts)s::date[], %(lasts)s::date[])
           AS p(country, region, time_zone, term, first_on, last_on)
), prices AS (
    SELECT product_id, currency, amount_minor + round(amount_minor * tax_rate / 100)::bigint AS gross_minor, valid_from,
           lead(valid_from) OVER (PARTITION BY product_id, currency ORDER BY valid_from) AS valid_until
    FROM ledger_price
)
INSERT INTO notifications_notice (kind, subject, about_on, customer_id, amount_minor, currency, created_at)
SELECT 'renewal', 'subscription:' || s.id, s.renews_on, s.customer_id, price.gross_minor, s.currency, %(at)s
FROM ledger_subscription s
JOIN ledger_product plan ON plan.id = s.plan_id
JOIN ledger_customer c ON c.id = s.customer_id AND c.closed_at IS NULL
JOIN places ON places.country = c.country AND places.region = c.region AND places.time_zone = c.time_zone
           AND places.term = plan.interval AND s.renews_on BETWEEN places.first_on AND places.last_on
JOIN prices price ON price.product_id = s.plan_id AND price.currency = s.currency AND price.valid_from <= s.renews_on
                 AND (price.valid_until IS NULL OR price.valid_until > s.renews_on)
WHERE s.state = 'active' AND s.renews_on BETWEEN %(first)s AND %(last)s
  AND NOT EXISTS (SELECT 1 FROM notifications_notice n
                  WHERE n.kind = 'renewal' AND n.subject = 'subscription:' || s.id AND n.about_on = s.renews_on)
  AND NOT ({rated})
ON CONFLICT (kind, subject, about_on) DO NOTHING
"""

#: What is more than a flat price with a tax rate of its own is rated one by one, by the function that will bill it.
RATED = """
    plan.meter <> ''
    OR EXISTS (SELECT 1 FROM ledger_price p WHERE p.product_id = s.plan_id AND p.currency = s.currency
               AND (p.model <> 'flat' OR p.tax_rate IS NULL OR p.includes_tax OR p.is_for_new_only
                    OR p.existing_from IS NOT NULL))
    OR EXISTS (SELECT 1 FROM ledger_subscriptionaddon a WHERE a.subscription_id = s.id
               AND (a.until IS NULL OR a.until > s.renews_on))
    OR EXISTS (SELECT 1 FROM ledger_subscriptionterms t WHERE t.subscription_id = s.id)
    OR EXISTS (SELECT 1 FROM ledger_subscriptionchange c WHERE c.subscription_id = s.id AND c.state = 'scheduled')
    OR EXISTS (SELECT 1 FROM ledger_discountgrant g WHERE g.customer_id = s.customer_id AND g.state = 'active')
"""
PLAN = PLAN.replace("{rated}", RATED)

#: The next of those that have no notice yet, by key; what could not be rated is passed over by `after`.
TO_RATE = """
WITH places AS (
    SELECT * FROM unnest(%(countries)s::text[], %(regions)s::text[], %(zones)s::text[], %(intervals)s::text[],
                         %(firsts)s::date[], %(lasts)s::date[])
           AS p(country, region, time_zone, term, first_on, last_on)
)
SELECT s.id, s.renews_on, s.customer_id, s.currency
FROM ledger_subscription s
JOIN ledger_product plan ON plan.id = s.plan_id
JOIN ledger_customer c ON c.id = s.customer_id AND c.closed_at IS NULL
JOIN places ON places.country = c.country AND places.region = c.region AND places.time_zone = c.time_zone
           AND places.term = plan.interval AND s.renews_on BETWEEN places.first_on AND places.last_on
WHERE s.state = 'active' AND s.renews_on BETWEEN %(first)s AND %(last)s AND s.id > %(after)s
  AND NOT EXISTS (SELECT 1 FROM notifications_notice n
                  WHERE n.kind = 'renewal' AND n.subject = 'subscription:' || s.id AND n.about_on = s.renews_on)
  AND ({rated})
ORDER BY s.id LIMIT 500
""".replace("{rated}", RATED)

#: A notice is told only while it is still true: the subscription runs, and still renews on that day.
STILL_TRUE = """
    JOIN ledger_subscription s ON s.id = substring(n.subject FROM 14)::bigint
                              AND s.state = 'active' AND s.renews_on = n.about_on
    JOIN ledger_customer c ON c.id = n.customer_id AND c.closed_at IS NULL
"""

#: Messages of one chunk, each with its own Message-ID and Reply-To, and the notices that are told by them. By e-mail in
#: every case: the law wants a notice that can be kept. `plan` is filled last, so braces in its name stay as they are.
#: A chunk is claimed before anything is joined, in the order of the index of untold notices, so that it costs the same
#: however many are waiting; {size} is a literal, so that the planner knows how few rows the joins get.
TELL = """
WITH claimed AS MATERIALIZED (
    SELECT n.id, n.subject, n.customer_id, n.amount_minor, n.currency, n.about_on FROM notifications_notice n
    WHERE n.message_id IS NULL AND n.kind = 'renewal' AND n.id > %(after)s AND n.about_on >= %(today)s
    ORDER BY n.id LIMIT {size}
    FOR UPDATE SKIP LOCKED
), told_to AS (
    SELECT n.id, n.subject, n.customer_id, n.amount_minor, n.currency, n.about_on, s.plan_id, c.time_zone,
           coalesce(nullif(pref.language, ''), c.language) AS tag, pref.quiet_from, pref.quiet_until,
           contact.value AS recipient
    FROM claimed n
    {still_true}
    LEFT JOIN notifications_preference pref ON pref.customer_id = c.id
    JOIN LATERAL (SELECT value FROM ledger_contactpoint
                  WHERE customer_id = c.id AND removed_at IS NULL AND failed_at IS NULL AND kind = 'email'
                    AND "right" IN ('owner', 'finance')
                  ORDER BY id LIMIT 1) contact ON TRUE
), filled AS MATERIALIZED (
    SELECT told_to.*, nextval(%(sequence)s::text::regclass) AS message_pk,
           gen_random_uuid()::text AS name, text.template, text.language,
           replace(replace(replace(text.subject, '{{date}}', day.said), '{{amount}}', amount.said),
                   '{{plan}}', plan.name) AS message_subject,
           replace(replace(replace(text.body, '{{date}}', day.said), '{{amount}}', amount.said),
                   '{{plan}}', plan.name) AS message_body
    FROM told_to
    JOIN ledger_product plan ON plan.id = told_to.plan_id
    JOIN unnest(%(tags)s::text[], %(subjects)s::text[], %(bodies)s::text[], %(templates)s::text[],
                %(languages)s::text[]) AS text(tag, subject, body, template, language) ON text.tag = told_to.tag
    JOIN unnest(%(amount_languages)s::text[], %(minors)s::bigint[], %(currencies)s::text[], %(amounts)s::text[])
         AS amount(language, minor, currency, said)
      ON amount.language = text.language AND amount.minor = told_to.amount_minor AND amount.currency = told_to.currency
    JOIN unnest(%(day_languages)s::text[], %(days)s::date[], %(days_said)s::text[]) AS day(language, day, said)
      ON day.language = text.language AND day.day = told_to.about_on
), sent AS (
    INSERT INTO notifications_message (id, key, customer_id, channel, recipient, template, language, subject, body,
        is_secret, message_id, in_reply_to, "references", reply_to, about, conversation, is_automatic, state,
        queued_at, due_at, attempts, last_error)
    SELECT message_pk, 'notice:' || id, customer_id, 'email', recipient, template, language, left(message_subject, 200),
           message_body, FALSE, '<' || name || '@' || %(domain)s || '>', '', '{}',
           %(mailbox)s || '+' || name || '@' || %(support_domain)s, subject, '', TRUE, 'queued', %(at)s,
           CASE WHEN quiet_from IS NULL THEN %(at)s
                WHEN quiet_from <= quiet_until AND (%(at)s AT TIME ZONE time_zone)::time >= quiet_from
                     AND (%(at)s AT TIME ZONE time_zone)::time < quiet_until
                     OR quiet_from > quiet_until AND (%(at)s AT TIME ZONE time_zone)::time < quiet_until
                THEN ((%(at)s AT TIME ZONE time_zone)::date + quiet_until) AT TIME ZONE time_zone
                WHEN quiet_from > quiet_until AND (%(at)s AT TIME ZONE time_zone)::time >= quiet_from
                THEN ((%(at)s AT TIME ZONE time_zone)::date + 1 + quiet_until) AT TIME ZONE time_zone
                ELSE %(at)s END,
           0, ''
    FROM filled
), told AS (
    UPDATE notifications_notice n SET message_id = filled.message_pk FROM filled WHERE n.id = filled.id RETURNING n.id
)
SELECT (SELECT max(id) FROM claimed), (SELECT count(*) FROM told)
""".replace("{still_true}", STILL_TRUE)

#: Planned and still true, but not told: no e-mail address on file that may see money.
UNREACHABLE = """
SELECT count(*) FROM notifications_notice n {still_true}
WHERE n.kind = 'renewal' AND n.message_id IS NULL AND n.about_on >= %s
""".replace("{still_true}", STILL_TRUE)

#: Renewing soon with no price in the customer's currency: there is no true amount to tell.
UNPRICED = """
SELECT count(*) FROM ledger_subscription s
WHERE s.state = 'active' AND s.renews_on BETWEEN %s AND %s
  AND NOT EXISTS (SELECT 1 FROM ledger_price p
                  WHERE p.product_id = s.plan_id AND p.currency = s.currency AND p.valid_from <= s.renews_on)
"""

#: Keep the notices of what was rated; of two runs at once one keeps each.
KEEP_RATED = """
INSERT INTO notifications_notice (kind, subject, about_on, customer_id, amount_minor, currency, created_at)
SELECT 'renewal', 'subscription:' || r.id, r.about_on, r.customer_id, r.amount_minor, r.currency, %s
FROM unnest(%s::bigint[], %s::date[], %s::bigint[], %s::bigint[], %s::text[])
     AS r (id, about_on, customer_id, amount_minor, currency)
ON CONFLICT (kind, subject, about_on) DO NOTHING
"""
