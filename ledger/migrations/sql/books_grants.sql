-- What the application may do with the books: read, and call the posting functions. Safe to run again at any time.
-- A role that only calls functions cannot write an unbalanced, late or changed fact, whatever the code above does.

DO $$
BEGIN
    CREATE ROLE billing_desk_app NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END $$;

GRANT USAGE ON SCHEMA public TO billing_desk_app;

REVOKE ALL ON ledger_account, ledger_journalentry, ledger_posting, ledger_balance, ledger_balancedelta,
    ledger_dayclose, ledger_period, ledger_seal FROM PUBLIC, billing_desk_app;
GRANT SELECT ON ledger_account, ledger_journalentry, ledger_posting, ledger_balance, ledger_balancedelta,
    ledger_dayclose, ledger_period, ledger_seal TO billing_desk_app;
REVOKE ALL ON SEQUENCE ledger_account_id_seq, ledger_journalentry_id_seq, ledger_posting_id_seq,
    ledger_balancedelta_id_seq, ledger_dayclose_id_seq, ledger_period_id_seq, ledger_seal_id_seq
    FROM PUBLIC, billing_desk_app;

REVOKE ALL ON FUNCTION
    ledger_open_accounts(text[], text[], text[], text[], boolean[], bigint[]),
    ledger_account_ids(text[], text[], text[], text[], boolean[], bigint[]), ledger_refuse_other_content(),
    ledger_post_entry(text, text, bigint, text, text, date, bigint, text[], text[], text[], text[], boolean[], bigint[],
        bigint[], text, timestamptz),
    ledger_post_entries(text[], text[], bigint[], text[], text[], date[], bigint[], text[], text[], text[], text[],
        boolean[], bigint[], integer[], integer[], text[], bigint[], text, timestamptz),
    ledger_fold_balances(), ledger_close_day(date), ledger_open_period(date, date),
    ledger_close_period(date, date, text, timestamptz), ledger_seal_entries(timestamptz)
    FROM PUBLIC, billing_desk_app;
GRANT EXECUTE ON FUNCTION
    ledger_post_entry(text, text, bigint, text, text, date, bigint, text[], text[], text[], text[], boolean[], bigint[],
        bigint[], text, timestamptz),
    ledger_post_entries(text[], text[], bigint[], text[], text[], date[], bigint[], text[], text[], text[], text[],
        boolean[], bigint[], integer[], integer[], text[], bigint[], text, timestamptz),
    ledger_fold_balances(), ledger_close_day(date), ledger_open_period(date, date),
    ledger_close_period(date, date, text, timestamptz), ledger_seal_entries(timestamptz)
    TO billing_desk_app;
