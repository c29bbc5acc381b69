-- The laws of the books, for everybody who reaches the database, its owner included.
-- Every refusal carries the name of its law as a constraint name; ledger/books/operations.py puts it into words.

-- Lock (7301, 1): held shared by every transaction that writes an entry, exclusively by closing and sealing.

CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never changed or deleted: correct it by an opposite entry.', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'books_are_only_added_to';
END $$;

CREATE TRIGGER books_are_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER books_are_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_journalentry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER books_are_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_posting
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER books_are_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_seal
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER books_are_only_added_to BEFORE DELETE OR TRUNCATE ON ledger_period
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

CREATE FUNCTION ledger_period_only_closes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.closed_at IS NOT NULL OR NEW.closed_at IS NULL OR NEW.span <> OLD.span OR NEW.id <> OLD.id THEN
        RAISE EXCEPTION 'A period is closed once and never opens or moves.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'period_closes_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER period_closes_once BEFORE UPDATE ON ledger_period
    FOR EACH ROW EXECUTE FUNCTION ledger_period_only_closes();

-- At commit, once per entry (per posting it would be quadratic): as many postings as declared, zero per currency.
CREATE FUNCTION ledger_entry_balances() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_postings bigint;
    v_balanced boolean;
BEGIN
    SELECT coalesce(sum(c.postings), 0), coalesce(bool_and(c.total = 0), false) INTO v_postings, v_balanced
    FROM (SELECT count(*) AS postings, sum(p.amount_minor) AS total
          FROM ledger_posting p WHERE p.entry_id = NEW.id GROUP BY p.currency) c;
    IF NOT v_balanced OR v_postings <> NEW.posting_count THEN
        RAISE EXCEPTION 'Journal entry % does not balance.', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_entry_balances_in_every_currency';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER journal_entry_balances_in_every_currency AFTER INSERT ON ledger_journalentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_balances();

-- After postings were written, once per statement: they belong to an entry of this very transaction, on its day, in
-- an open period; stored closings they make wrong go; balances move, customers' at once and under lock in the order
-- of ids, the company's as a delta to fold; no account falls below its floor.
CREATE FUNCTION ledger_postings_added() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    v_of_now boolean;
    v_same_day boolean;
    v_period_closed boolean;
    v_day_closed boolean;
    v_stale bigint;
    v_code text;
BEGIN
    -- Held already by the posting functions; here for whoever writes without them. A close under way is waited for.
    PERFORM pg_advisory_xact_lock_shared(7301, 1);
    SELECT v.of_now, v.same_day,
           EXISTS (SELECT FROM ledger_period
                   WHERE closed_at IS NOT NULL AND span && daterange(v.first_on, v.last_on, '[]')),
           EXISTS (SELECT FROM ledger_dayclose WHERE day >= v.first_on)
    INTO v_of_now, v_same_day, v_period_closed, v_day_closed
    FROM (SELECT min(p.effective_on) AS first_on, max(p.effective_on) AS last_on,
                 bool_and(coalesce(e.xid = pg_current_xact_id() AND e.recorded_at >= transaction_timestamp(), false))
                     AS of_now,
                 bool_and(coalesce(e.effective_on = p.effective_on, false)) AS same_day
          FROM added p LEFT JOIN ledger_journalentry e ON e.id = p.entry_id) v;
    IF v_of_now IS NULL THEN
        RETURN NULL;
    END IF;
    IF NOT v_of_now THEN
        RAISE EXCEPTION 'A posting was to be added to a journal entry that is already in the books.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_entry_takes_no_late_postings';
    END IF;
    IF NOT v_same_day THEN
        RAISE EXCEPTION 'A posting takes effect on another day than its entry.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_takes_effect_with_its_entry';
    END IF;
    IF v_period_closed
       AND EXISTS (SELECT FROM added p JOIN ledger_period c ON c.span @> p.effective_on WHERE c.closed_at IS NOT NULL)
    THEN
        RAISE EXCEPTION 'The period is closed.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_takes_effect_in_an_open_period',
                  DETAIL = (SELECT max(upper(span)) FROM ledger_period WHERE closed_at IS NOT NULL)::text;
    END IF;
    IF v_day_closed THEN
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
        RAISE EXCEPTION 'The account % would fall below its floor.', v_code
            USING ERRCODE = 'check_violation', CONSTRAINT = CASE v_code
                WHEN 'customer_credit' THEN 'customer_credit_is_never_overdrawn'
                ELSE 'account_stays_above_its_floor' END;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER postings_keep_the_laws AFTER INSERT ON ledger_posting REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_postings_added();
