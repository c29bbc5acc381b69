-- The laws of the books for less. Entries of two lines, which nearly all are, get a posting function of their own with
-- plain arguments: what it writes balances by construction, and it keeps the other laws itself, in fewer queries than
-- triggers can. It runs as a role that nobody can log in as; the triggers bind everybody else, as before.

-- A posting names an entry and an account that can never go or change: both tables refuse UPDATE, DELETE and TRUNCATE.
-- So it is enough to look once, when postings are added: for a whole statement together, in place of two foreign keys.
ALTER TABLE ledger_posting DROP CONSTRAINT IF EXISTS posting_belongs_to_an_entry;
ALTER TABLE ledger_posting DROP CONSTRAINT IF EXISTS posting_is_in_the_currency_of_its_account;
-- Django makes one for every unique text, to serve LIKE 'x%', which nobody asks of keys.
DROP INDEX IF EXISTS ledger_journalentry_key_ad9d956a_like;

-- At commit, once per entry: as many postings as declared, zero per currency. Nearly every entry has one currency.
CREATE OR REPLACE FUNCTION ledger_entry_balances() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_postings bigint;
    v_balanced boolean;
BEGIN
    IF (SELECT count(*) = NEW.posting_count AND sum(p.amount_minor) = 0 AND min(p.currency) = max(p.currency)
        FROM ledger_posting p WHERE p.entry_id = NEW.id)
    THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(sum(c.postings), 0), coalesce(bool_and(c.total = 0), false) INTO v_postings, v_balanced
    FROM (SELECT count(*) AS postings, sum(p.amount_minor) AS total
          FROM ledger_posting p WHERE p.entry_id = NEW.id GROUP BY p.currency) c;
    IF NOT v_balanced OR v_postings <> NEW.posting_count THEN
        RAISE EXCEPTION 'Journal entry % does not balance.', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_entry_balances_in_every_currency';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER journal_entry_balances_in_every_currency ON ledger_journalentry;
CREATE CONSTRAINT TRIGGER journal_entry_balances_in_every_currency AFTER INSERT ON ledger_journalentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (current_user <> 'billing_desk_poster')
    EXECUTE FUNCTION ledger_entry_balances();

-- One refusal each, for the trigger and for the posting function.
CREATE OR REPLACE FUNCTION ledger_refuse_closed_period() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The period is closed.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_takes_effect_in_an_open_period',
              DETAIL = (SELECT max(upper(span)) FROM public.ledger_period WHERE closed_at IS NOT NULL)::text;
END $$;

CREATE OR REPLACE FUNCTION ledger_refuse_overdraft(p_code text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The account % would fall below its floor.', p_code
        USING ERRCODE = 'check_violation', CONSTRAINT = CASE p_code
            WHEN 'customer_credit' THEN 'customer_credit_is_never_overdrawn'
            ELSE 'account_stays_above_its_floor' END;
END $$;

-- After postings were written, once per statement: they belong to an entry of this very transaction, on its day, in an
-- open period, and to an account in its currency; stored closings they make wrong go; balances move, customers' at
-- once and under lock in the order of ids, the company's as a delta to fold; no account falls below its floor.
CREATE OR REPLACE FUNCTION ledger_postings_added() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    v record;
    v_stale bigint;
    v_code text;
BEGIN
    -- Held already by the posting functions; here for whoever writes without them. A close under way is waited for.
    PERFORM pg_advisory_xact_lock_shared(7301, 1);
    SELECT w.*,
           EXISTS (SELECT FROM ledger_period
                   WHERE closed_at IS NOT NULL AND span && daterange(w.first_on, w.last_on, '[]')) AS period_closed,
           EXISTS (SELECT FROM ledger_dayclose WHERE day >= w.first_on) AS day_closed
    INTO v
    FROM (SELECT min(p.effective_on) AS first_on, max(p.effective_on) AS last_on,
                 bool_and(e.id IS NOT NULL) AS has_entry,
                 bool_and(coalesce(e.xid = pg_current_xact_id() AND e.recorded_at >= transaction_timestamp(), false))
                     AS of_now,
                 bool_and(coalesce(e.effective_on = p.effective_on, false)) AS same_day,
                 bool_and(a.id IS NOT NULL) AS has_account
          FROM added p
          LEFT JOIN ledger_journalentry e ON e.id = p.entry_id
          LEFT JOIN ledger_account a ON a.id = p.account_id AND a.currency = p.currency) w;
    IF v.first_on IS NULL THEN
        RETURN NULL;
    END IF;
    IF NOT v.has_entry THEN
        RAISE EXCEPTION 'A posting names a journal entry that is not in the books.'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'posting_belongs_to_an_entry';
    END IF;
    IF NOT v.of_now THEN
        RAISE EXCEPTION 'A posting was to be added to a journal entry that is already in the books.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_entry_takes_no_late_postings';
    END IF;
    IF NOT v.same_day THEN
        RAISE EXCEPTION 'A posting takes effect on another day than its entry.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_takes_effect_with_its_entry';
    END IF;
    IF NOT v.has_account THEN
        RAISE EXCEPTION 'A posting names an account that is not in the books in its currency.'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'posting_is_in_the_currency_of_its_account';
    END IF;
    IF v.period_closed
       AND EXISTS (SELECT FROM added p JOIN ledger_period c ON c.span @> p.effective_on WHERE c.closed_at IS NOT NULL)
    THEN
        PERFORM ledger_refuse_closed_period();
    END IF;
    IF v.day_closed THEN
        FOR v_stale IN
            SELECT DISTINCT c.id FROM added p
            JOIN ledger_dayclose c ON c.account_id = p.account_id AND c.day >= p.effective_on ORDER BY c.id
        LOOP
            DELETE FROM ledger_dayclose WHERE id = v_stale;
        END LOOP;
    END IF;
    WITH sums AS (
        SELECT p.account_id, p.minor, a.code, a.buffered, a.floor_minor,
               CASE a.normal_side WHEN 'debit' THEN 1 ELSE -1 END AS side
        FROM (SELECT account_id, sum(amount_minor) AS minor FROM added GROUP BY account_id) p
        JOIN ledger_account a ON a.id = p.account_id
    ), moved AS (
        INSERT INTO ledger_balance AS b (account_id, amount_minor, version)
        SELECT account_id, minor, 1 FROM sums WHERE NOT buffered ORDER BY account_id
        ON CONFLICT (account_id)
        DO UPDATE SET amount_minor = b.amount_minor + excluded.amount_minor, version = b.version + 1
        RETURNING account_id, amount_minor
    ), waiting AS (
        INSERT INTO ledger_balancedelta (account_id, amount_minor) SELECT account_id, minor FROM sums WHERE buffered
    )
    SELECT s.code INTO v_code FROM moved m JOIN sums s USING (account_id)
    WHERE s.floor_minor IS NOT NULL AND m.amount_minor * s.side < s.floor_minor AND s.minor * s.side < 0 LIMIT 1;
    IF v_code IS NOT NULL THEN
        PERFORM ledger_refuse_overdraft(v_code);
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER postings_keep_the_laws ON ledger_posting;
CREATE TRIGGER postings_keep_the_laws AFTER INSERT ON ledger_posting REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT WHEN (current_user <> 'billing_desk_poster') EXECUTE FUNCTION ledger_postings_added();

-- Writes one journal entry of two lines: `p_minor` on one account, its opposite on the other, in the same currency.
-- The answer is the entry's id; below zero, the entry was there before with the same content. NULL: nothing was
-- written, because one of the accounts is not open yet; `ledger_post_entry` opens it.
CREATE OR REPLACE FUNCTION ledger_post_pair(
    p_key text, p_kind text, p_customer bigint, p_source text, p_reason text, p_effective date, p_reverses bigint,
    p_currency text, p_minor bigint, p_code text, p_owner text, p_other_code text, p_other_owner text,
    p_actor text, p_at timestamptz
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    v_entry bigint;
    v_hash bytea;
    v_same boolean;
    v_account bigint;
    v_account_buffered boolean;
    v_account_floor bigint;
    v_account_side integer;
    v_other bigint;
    v_other_buffered boolean;
    v_other_floor bigint;
    v_other_side integer;
    v_period_closed boolean;
    v_day_closed boolean;
    v_stale bigint;
    v_moved bigint;
    v_minor bigint;
    v_buffered boolean;
    v_floor bigint;
    v_side integer;
    v_balance bigint;
BEGIN
    -- As anybody else it would move balances twice, for the triggers would move them too. A restored database may have
    -- lost the role, which a dump does not hold.
    IF current_user <> 'billing_desk_poster' THEN
        RAISE EXCEPTION 'The posting function has lost its role: run manage.py sync_roles.'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- Before an id is drawn: the sealer relies on it that no id is on its way while it holds this lock alone.
    IF pg_advisory_xact_lock_shared(7301, 1) IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT a.id, a.buffered, a.floor_minor, CASE a.normal_side WHEN 'debit' THEN 1 ELSE -1 END,
           o.id, o.buffered, o.floor_minor, CASE o.normal_side WHEN 'debit' THEN 1 ELSE -1 END,
           EXISTS (SELECT FROM ledger_period c WHERE c.closed_at IS NOT NULL AND c.span @> p_effective),
           EXISTS (SELECT FROM ledger_dayclose d WHERE d.day >= p_effective)
    INTO v_account, v_account_buffered, v_account_floor, v_account_side,
         v_other, v_other_buffered, v_other_floor, v_other_side, v_period_closed, v_day_closed
    FROM ledger_account a, ledger_account o
    WHERE a.code = p_code AND a.owner = p_owner AND a.currency = p_currency
      AND o.code = p_other_code AND o.owner = p_other_owner AND o.currency = p_currency;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    v_hash := ledger_content_hash(
        p_kind, p_customer, p_effective, p_source, p_reason, p_reverses,
        CASE WHEN v_account < v_other
            THEN v_account::text || ':' || p_minor::text || ';' || v_other::text || ':' || (-p_minor)::text
            ELSE v_other::text || ':' || (-p_minor)::text || ';' || v_account::text || ':' || p_minor::text END);
    INSERT INTO ledger_journalentry (
        key, content_hash, kind, customer_id, effective_on, posted_at, reverses_id, posting_count, source, actor,
        reason)
    VALUES (p_key, v_hash, p_kind, p_customer, p_effective, p_at, p_reverses, 2, p_source, p_actor, p_reason)
    ON CONFLICT (key) DO NOTHING RETURNING id INTO v_entry;
    IF v_entry IS NULL THEN
        SELECT e.id, e.content_hash = v_hash INTO v_entry, v_same FROM ledger_journalentry e WHERE e.key = p_key;
        IF NOT v_same THEN
            PERFORM ledger_refuse_other_content();
        END IF;
        RETURN -v_entry;
    END IF;
    IF v_period_closed THEN
        PERFORM ledger_refuse_closed_period();
    END IF;
    INSERT INTO ledger_posting (entry_id, account_id, currency, amount_minor, effective_on)
    VALUES (v_entry, v_account, p_currency, p_minor, p_effective),
           (v_entry, v_other, p_currency, -p_minor, p_effective);
    IF v_day_closed THEN
        FOR v_stale IN
            SELECT d.id FROM ledger_dayclose d
            WHERE d.account_id IN (v_account, v_other) AND d.day >= p_effective ORDER BY d.id
        LOOP
            DELETE FROM ledger_dayclose WHERE id = v_stale;
        END LOOP;
    END IF;
    -- The lower id first, so that two entries on the same accounts never wait for each other.
    FOR v_turn IN 1..2 LOOP
        IF (v_turn = 1) = (v_account < v_other) THEN
            v_moved := v_account;
            v_minor := p_minor;
            v_buffered := v_account_buffered;
            v_floor := v_account_floor;
            v_side := v_account_side;
        ELSE
            v_moved := v_other;
            v_minor := -p_minor;
            v_buffered := v_other_buffered;
            v_floor := v_other_floor;
            v_side := v_other_side;
        END IF;
        IF v_buffered THEN
            INSERT INTO ledger_balancedelta (account_id, amount_minor) VALUES (v_moved, v_minor);
            CONTINUE;
        END IF;
        UPDATE ledger_balance SET amount_minor = amount_minor + v_minor, version = version + 1
        WHERE account_id = v_moved RETURNING amount_minor INTO v_balance;
        IF NOT FOUND THEN
            INSERT INTO ledger_balance AS b (account_id, amount_minor, version) VALUES (v_moved, v_minor, 1)
            ON CONFLICT (account_id)
            DO UPDATE SET amount_minor = b.amount_minor + excluded.amount_minor, version = b.version + 1
            RETURNING b.amount_minor INTO v_balance;
        END IF;
        IF v_balance * v_side < v_floor AND v_minor * v_side < 0 THEN
            PERFORM ledger_refuse_overdraft(CASE v_moved WHEN v_account THEN p_code ELSE p_other_code END);
        END IF;
    END LOOP;
    RETURN v_entry;
END $$;

-- Adds the lines of those entries that are new; as the owner, so that the trigger of the laws holds for them.
CREATE OR REPLACE FUNCTION ledger_add_postings(
    p_ids bigint[], p_found bigint[], p_effective date[], p_accounts bigint[], p_line_entry integer[],
    p_line_account integer[], p_line_currency text[], p_line_amount bigint[]
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO ledger_posting (entry_id, account_id, currency, amount_minor, effective_on)
    SELECT p_ids[l.entry], p_accounts[l.account], l.currency, l.amount, p_effective[l.entry]
    FROM unnest(p_line_entry, p_line_account, p_line_currency, p_line_amount) AS l (entry, account, currency, amount)
    WHERE p_ids[l.entry] = p_found[l.entry];
END $$;

-- Writes many entries in a few statements. Lines name their entry and their account by place, from 1. That each entry
-- balances is asked of all lines together, before anything is written; the other laws are left to the trigger.
CREATE OR REPLACE FUNCTION ledger_post_entries(
    p_key text[], p_kind text[], p_customer bigint[], p_source text[], p_reason text[], p_effective date[],
    p_reverses bigint[],
    p_account_code text[], p_account_owner text[], p_account_currency text[], p_account_side text[],
    p_account_buffered boolean[], p_account_floor bigint[],
    p_line_entry integer[], p_line_account integer[], p_line_currency text[], p_line_amount bigint[],
    p_actor text, p_at timestamptz
) RETURNS TABLE (entry_id bigint, replayed boolean) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    v_entries integer := cardinality(p_key);
    v_accounts bigint[];
    v_ids bigint[];
    v_lines text[];
    v_counts integer[];
    v_written integer;
    v_found bigint[];
    v_differs boolean := false;
BEGIN
    -- Before an id is drawn: the sealer relies on it that no id is on its way while it holds this lock alone.
    PERFORM pg_advisory_xact_lock_shared(7301, 1);
    v_accounts := ledger_account_ids(
        p_account_code, p_account_owner, p_account_currency, p_account_side, p_account_buffered, p_account_floor);
    SELECT array_agg(c.lines ORDER BY c.entry), array_agg(c.postings ORDER BY c.entry) INTO v_lines, v_counts
    FROM (SELECT l.entry, count(*)::integer AS postings,
                 string_agg(v_accounts[l.account]::text || ':' || l.amount::text, ';'
                            ORDER BY v_accounts[l.account]) AS lines
          FROM unnest(p_line_entry, p_line_account, p_line_amount) AS l (entry, account, amount)
          GROUP BY l.entry) c;
    IF cardinality(v_lines) IS DISTINCT FROM v_entries
       OR EXISTS (SELECT FROM unnest(p_line_entry) AS l (entry)
                  WHERE (l.entry BETWEEN 1 AND v_entries) IS NOT TRUE) THEN
        RAISE EXCEPTION 'A journal entry has no lines.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_entry_has_two_postings_or_more';
    END IF;
    IF EXISTS (SELECT FROM unnest(p_line_entry, p_line_currency, p_line_amount) AS l (entry, currency, amount)
               GROUP BY l.entry, l.currency HAVING sum(l.amount) IS DISTINCT FROM 0) THEN
        RAISE EXCEPTION 'A journal entry does not balance.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_entry_balances_in_every_currency';
    END IF;
    v_ids := ARRAY(SELECT nextval('ledger_journalentry_id_seq') FROM generate_series(1, v_entries));

    INSERT INTO ledger_journalentry (
        id, key, content_hash, kind, customer_id, effective_on, posted_at, reverses_id, posting_count, source, actor,
        reason)
    SELECT w.id, w.key,
           ledger_content_hash(w.kind, w.customer, w.effective, w.source, w.reason, w.reverses, w.lines),
           w.kind, w.customer, w.effective, p_at, w.reverses, w.postings, w.source, p_actor, w.reason
    FROM unnest(v_ids, p_key, p_kind, p_customer, p_source, p_reason, p_effective, p_reverses, v_lines, v_counts)
        AS w (id, key, kind, customer, source, reason, effective, reverses, lines, postings)
    ORDER BY w.key COLLATE "C"
    ON CONFLICT (key) DO NOTHING;
    GET DIAGNOSTICS v_written = ROW_COUNT;

    v_found := v_ids;
    IF v_written < v_entries THEN
        SELECT array_agg(e.id ORDER BY w.place),
               bool_or(e.content_hash <> ledger_content_hash(
                   w.kind, w.customer, w.effective, w.source, w.reason, w.reverses, w.lines))
        INTO v_found, v_differs
        FROM unnest(p_key, p_kind, p_customer, p_source, p_reason, p_effective, p_reverses, v_lines) WITH ORDINALITY
            AS w (key, kind, customer, source, reason, effective, reverses, lines, place)
        JOIN ledger_journalentry e ON e.key = w.key;
        IF v_differs THEN
            PERFORM ledger_refuse_other_content();
        END IF;
    END IF;

    IF v_written > 0 THEN
        PERFORM ledger_add_postings(
            v_ids, v_found, p_effective, v_accounts, p_line_entry, p_line_account, p_line_currency, p_line_amount);
    END IF;
    RETURN QUERY SELECT w.found, w.found <> w.drawn FROM unnest(v_found, v_ids) AS w (found, drawn);
END $$;
