-- The only doors for the application's role: it may call these functions and read, nothing else.

CREATE FUNCTION ledger_content_hash(
    p_kind text, p_customer bigint, p_effective date, p_source text, p_reason text, p_reverses bigint, p_lines text
) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to(
        p_kind || chr(31) || coalesce(p_customer::text, '') || chr(31) || (p_effective - date '2000-01-01')::text
        || chr(31) || p_source || chr(31) || coalesce(p_reverses::text, '') || chr(31) || p_lines || chr(31) || p_reason,
        'UTF8'))
$$;

-- Accounts are opened on first use, in one order, so that two transactions never wait for each other.
CREATE FUNCTION ledger_open_accounts(
    p_code text[], p_owner text[], p_currency text[], p_side text[], p_buffered boolean[], p_floor bigint[]
) RETURNS void LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO ledger_account (code, owner, currency, normal_side, buffered, floor_minor)
    SELECT w.code, w.owner, w.currency, w.side, w.buffered, w.floor_minor
    FROM unnest(p_code, p_owner, p_currency, p_side, p_buffered, p_floor)
        AS w (code, owner, currency, side, buffered, floor_minor)
    WHERE NOT EXISTS (SELECT FROM ledger_account a
                      WHERE a.code = w.code AND a.owner = w.owner AND a.currency = w.currency)
    ORDER BY w.code COLLATE "C", w.owner COLLATE "C", w.currency COLLATE "C"
    ON CONFLICT (code, owner, currency) DO NOTHING
$$;

-- The ids of accounts, in the order asked; those that do not exist are opened.
CREATE FUNCTION ledger_account_ids(
    p_code text[], p_owner text[], p_currency text[], p_side text[], p_buffered boolean[], p_floor bigint[]
) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    v_ids bigint[];
BEGIN
    FOR v_try IN 1..2 LOOP
        v_ids := ARRAY(
            SELECT (SELECT a.id FROM ledger_account a
                    WHERE a.code = w.code AND a.owner = w.owner AND a.currency = w.currency)
            FROM unnest(p_code, p_owner, p_currency) AS w (code, owner, currency));
        EXIT WHEN array_position(v_ids, NULL) IS NULL;
        PERFORM ledger_open_accounts(p_code, p_owner, p_currency, p_side, p_buffered, p_floor);
    END LOOP;
    RETURN v_ids;
END $$;

CREATE FUNCTION ledger_refuse_other_content() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The key of a journal entry was used for other content.'
        USING ERRCODE = 'unique_violation', CONSTRAINT = 'journal_entry_key_means_one_content';
END $$;

-- Writes one journal entry with one posting per account. If the key exists with the same content, the answer is the
-- first entry (replayed); with other content it is refused.
CREATE FUNCTION ledger_post_entry(
    p_key text, p_kind text, p_customer bigint, p_source text, p_reason text, p_effective date, p_reverses bigint,
    p_account_code text[], p_account_owner text[], p_account_currency text[], p_account_side text[],
    p_account_buffered boolean[], p_account_floor bigint[],
    p_amount bigint[], p_actor text, p_at timestamptz, OUT entry_id bigint, OUT replayed boolean
) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    v_accounts bigint[];
    v_lower integer;
    v_lines text;
    v_hash bytea;
    v_id bigint;
    v_same boolean;
BEGIN
    -- Before an id is drawn: the sealer relies on it that no id is on its way while it holds this lock alone.
    PERFORM pg_advisory_xact_lock_shared(7301, 1);
    v_accounts := ARRAY(
        SELECT (SELECT a.id FROM ledger_account a
                WHERE a.code = w.code AND a.owner = w.owner AND a.currency = w.currency)
        FROM unnest(p_account_code, p_account_owner, p_account_currency) AS w (code, owner, currency));
    IF array_position(v_accounts, NULL) IS NOT NULL THEN
        v_accounts := ledger_account_ids(
            p_account_code, p_account_owner, p_account_currency, p_account_side, p_account_buffered, p_account_floor);
    END IF;
    -- Nearly every entry has two lines; an expression for them costs a fifth of the query that serves any number.
    IF cardinality(v_accounts) = 2 AND cardinality(p_amount) = 2 THEN
        v_lower := CASE WHEN v_accounts[1] < v_accounts[2] THEN 1 ELSE 2 END;
        v_lines := v_accounts[v_lower]::text || ':' || p_amount[v_lower]::text || ';'
            || v_accounts[3 - v_lower]::text || ':' || p_amount[3 - v_lower]::text;
    ELSE
        v_lines := (SELECT string_agg(l.account::text || ':' || l.amount::text, ';' ORDER BY l.account)
                    FROM unnest(v_accounts, p_amount) AS l (account, amount));
    END IF;
    v_hash := ledger_content_hash(p_kind, p_customer, p_effective, p_source, p_reason, p_reverses, v_lines);
    WITH entry AS (
        INSERT INTO ledger_journalentry (
            key, content_hash, kind, customer_id, effective_on, posted_at, reverses_id, posting_count, source, actor,
            reason)
        VALUES (p_key, v_hash, p_kind, p_customer, p_effective, p_at, p_reverses, cardinality(p_amount), p_source,
                p_actor, p_reason)
        ON CONFLICT (key) DO NOTHING RETURNING id
    ), posted AS (
        INSERT INTO ledger_posting (entry_id, account_id, currency, amount_minor, effective_on)
        SELECT entry.id, l.account, l.currency, l.amount, p_effective
        FROM entry, unnest(v_accounts, p_account_currency, p_amount) AS l (account, currency, amount)
    )
    SELECT entry.id INTO v_id FROM entry;
    replayed := v_id IS NULL;
    IF replayed THEN
        SELECT e.id, e.content_hash = v_hash INTO v_id, v_same FROM ledger_journalentry e WHERE e.key = p_key;
        IF NOT v_same THEN
            PERFORM ledger_refuse_other_content();
        END IF;
    END IF;
    entry_id := v_id;
END $$;

-- The same for many entries in a few statements. Lines name their entry and their account by place, from 1.
CREATE FUNCTION ledger_post_entries(
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
    IF cardinality(v_lines) IS DISTINCT FROM v_entries THEN
        RAISE EXCEPTION 'A journal entry has no lines.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_entry_has_two_postings_or_more';
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
        INSERT INTO ledger_posting (entry_id, account_id, currency, amount_minor, effective_on)
        SELECT v_ids[l.entry], v_accounts[l.account], l.currency, l.amount, p_effective[l.entry]
        FROM unnest(p_line_entry, p_line_account, p_line_currency, p_line_amount)
            AS l (entry, account, currency, amount)
        WHERE v_ids[l.entry] = v_found[l.entry];
    END IF;
    RETURN QUERY SELECT w.found, w.found <> w.drawn FROM unnest(v_found, v_ids) AS w (found, drawn);
END $$;

-- Moves the waiting deltas into the balances of buffered accounts, in one statement.
CREATE FUNCTION ledger_fold_balances() RETURNS bigint LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
    WITH gone AS (
        DELETE FROM ledger_balancedelta
        WHERE id IN (SELECT id FROM ledger_balancedelta ORDER BY id LIMIT 1000000 FOR UPDATE SKIP LOCKED)
        RETURNING account_id, amount_minor
    ), folded AS (
        INSERT INTO ledger_balance AS b (account_id, amount_minor, version)
        SELECT account_id, sum(amount_minor), 1 FROM gone GROUP BY account_id ORDER BY account_id
        ON CONFLICT (account_id)
        DO UPDATE SET amount_minor = b.amount_minor + excluded.amount_minor, version = b.version + 1
    )
    SELECT count(*) FROM gone
$$;

-- Stores the closing balance of every account that moved on a day. Entries wait meanwhile, so none is missed.
CREATE FUNCTION ledger_close_day(p_day date) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_stored bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(7301, 1);
    INSERT INTO ledger_dayclose (account_id, day, closing_minor)
    SELECT a.account_id, p_day, coalesce(c.closing_minor, 0) + (
        SELECT sum(p.amount_minor) FROM ledger_posting p
        WHERE p.account_id = a.account_id AND p.effective_on > coalesce(c.day, '-infinity'::date)
          AND p.effective_on <= p_day)
    FROM (SELECT DISTINCT account_id FROM ledger_posting WHERE effective_on = p_day) a
    LEFT JOIN LATERAL (
        SELECT d.day, d.closing_minor FROM ledger_dayclose d
        WHERE d.account_id = a.account_id AND d.day < p_day ORDER BY d.day DESC LIMIT 1) c ON true
    ON CONFLICT (account_id, day) DO NOTHING;
    GET DIAGNOSTICS v_stored = ROW_COUNT;
    RETURN v_stored;
END $$;

CREATE FUNCTION ledger_open_period(p_first date, p_last date) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO ledger_period (span, closed_at, closed_by) VALUES (daterange(p_first, p_last, '[]'), NULL, '')
$$;

-- Closes a span of days for ever; waits for entries under way, and entries under way wait for it.
CREATE FUNCTION ledger_close_period(p_first date, p_last date, p_by text, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7301, 1);
    UPDATE ledger_period SET closed_at = p_at, closed_by = p_by WHERE span = daterange(p_first, p_last, '[]');
    IF NOT FOUND THEN
        INSERT INTO ledger_period (span, closed_at, closed_by)
        VALUES (daterange(p_first, p_last, '[]'), p_at, p_by);
    END IF;
END $$;

-- The text of one entry that a seal covers; its postings are in the content hash.
CREATE FUNCTION ledger_sealed_text(e ledger_journalentry) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT e.id::text || chr(31) || e.key || chr(31) || encode(e.content_hash, 'hex') || chr(31)
        || (extract(epoch FROM e.posted_at) * 1000000)::bigint::text || chr(31) || e.posting_count::text
        || chr(31) || e.actor
$$;

-- Chains all settled entries in blocks of a thousand. The lock is held only to learn the last settled id: once it is
-- ours alone no entry is under way, and every later one draws a greater id.
CREATE FUNCTION ledger_seal_entries(p_at timestamptz) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_settled bigint;
    v_sealed bigint := 0;
    v_count bigint;
    v_prev bytea := ''::bytea;
    v_from bigint;
    v_last bigint;
    v_to bigint;
    v_text text;
BEGIN
    PERFORM pg_advisory_xact_lock(7301, 2);
    PERFORM pg_advisory_lock(7301, 1);
    SELECT max(id) INTO v_settled FROM ledger_journalentry;
    PERFORM pg_advisory_unlock(7301, 1);
    SELECT s.to_id, s.hash INTO v_to, v_prev FROM ledger_seal s ORDER BY s.to_id DESC LIMIT 1;
    v_to := coalesce(v_to, 0);
    v_prev := coalesce(v_prev, ''::bytea);
    LOOP
        SELECT count(*), min(b.id), max(b.id), string_agg(ledger_sealed_text(b.e), chr(30) ORDER BY b.id)
        INTO v_count, v_from, v_last, v_text
        FROM (SELECT e, e.id FROM ledger_journalentry e
              WHERE e.id > v_to AND e.id <= v_settled ORDER BY e.id LIMIT 1000) b;
        EXIT WHEN v_count = 0;
        INSERT INTO ledger_seal (from_id, to_id, prev_hash, hash, sealed_at)
        VALUES (v_from, v_last, v_prev, sha256(v_prev || convert_to(v_text, 'UTF8')), p_at)
        RETURNING to_id, hash INTO v_to, v_prev;
        v_sealed := v_sealed + v_count;
    END LOOP;
    RETURN v_sealed;
END $$;
