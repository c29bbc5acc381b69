-- Run after every migrate. The posting functions run as a role that may open accounts, add entries, move balances and
-- nothing else; nobody logs in as it. The application may call the one for entries of two lines as well.

DO $$
BEGIN
    CREATE ROLE billing_desk_poster NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END $$;

GRANT USAGE ON SCHEMA public TO billing_desk_poster;
GRANT SELECT ON ledger_period TO billing_desk_poster;
GRANT SELECT, INSERT ON ledger_account, ledger_journalentry, ledger_posting, ledger_balancedelta TO billing_desk_poster;
GRANT SELECT, INSERT, UPDATE ON ledger_balance TO billing_desk_poster;
GRANT SELECT, DELETE ON ledger_dayclose TO billing_desk_poster;
GRANT USAGE ON SEQUENCE ledger_journalentry_id_seq TO billing_desk_poster;

-- Only who may act as a role can give it a function; a superuser may anyway. Having made the role is not enough.
DO $$
BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        EXECUTE format('GRANT billing_desk_poster TO %I', current_user);
    END IF;
END $$;
-- Who is given a function must be allowed to make one at that moment.
GRANT CREATE ON SCHEMA public TO billing_desk_poster;
ALTER FUNCTION ledger_post_pair(text, text, bigint, text, text, date, bigint, text, bigint, text, text, text, text,
    text, timestamptz) OWNER TO billing_desk_poster;
ALTER FUNCTION ledger_post_entries(text[], text[], bigint[], text[], text[], date[], bigint[], text[], text[], text[],
    text[], boolean[], bigint[], integer[], integer[], text[], bigint[], text, timestamptz)
    OWNER TO billing_desk_poster;
REVOKE CREATE ON SCHEMA public FROM billing_desk_poster;

REVOKE ALL ON FUNCTION
    ledger_post_pair(text, text, bigint, text, text, date, bigint, text, bigint, text, text, text, text, text,
        timestamptz),
    ledger_add_postings(bigint[], bigint[], date[], bigint[], integer[], integer[], text[], bigint[]),
    ledger_refuse_closed_period(), ledger_refuse_overdraft(text)
    FROM PUBLIC, billing_desk_app;
GRANT EXECUTE ON FUNCTION
    ledger_post_pair(text, text, bigint, text, text, date, bigint, text, bigint, text, text, text, text, text,
        timestamptz)
    TO billing_desk_app;
GRANT EXECUTE ON FUNCTION
    ledger_open_accounts(text[], text[], text[], text[], boolean[], bigint[]),
    ledger_account_ids(text[], text[], text[], text[], boolean[], bigint[]),
    ledger_add_postings(bigint[], bigint[], date[], bigint[], integer[], integer[], text[], bigint[]),
    ledger_refuse_other_content(), ledger_refuse_closed_period(), ledger_refuse_overdraft(text)
    TO billing_desk_poster;
