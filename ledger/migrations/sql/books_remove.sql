-- Undoes books_tables.sql, books_laws.sql and books_posting.sql; the role stays, other tables may need it.

DROP TRIGGER postings_keep_the_laws ON ledger_posting;
DROP TRIGGER journal_entry_balances_in_every_currency ON ledger_journalentry;
DROP TRIGGER period_closes_once ON ledger_period;
DROP TRIGGER books_are_only_added_to ON ledger_account;
DROP TRIGGER books_are_only_added_to ON ledger_journalentry;
DROP TRIGGER books_are_only_added_to ON ledger_posting;
DROP TRIGGER books_are_only_added_to ON ledger_seal;
DROP TRIGGER books_are_only_added_to ON ledger_period;
DROP FUNCTION ledger_seal_entries(timestamptz);
DROP FUNCTION ledger_sealed_text(ledger_journalentry);
DROP FUNCTION ledger_close_period(date, date, text, timestamptz);
DROP FUNCTION ledger_open_period(date, date);
DROP FUNCTION ledger_close_day(date);
DROP FUNCTION ledger_fold_balances();
DROP FUNCTION ledger_post_entries(text[], text[], bigint[], text[], text[], date[], bigint[], text[], text[], text[],
    text[], boolean[], bigint[], integer[], integer[], text[], bigint[], text, timestamptz);
DROP FUNCTION ledger_post_entry(text, text, bigint, text, text, date, bigint, text[], text[], text[], text[], boolean[], bigint[],
    bigint[], text, timestamptz);
DROP FUNCTION ledger_refuse_other_content();
DROP FUNCTION ledger_account_ids(text[], text[], text[], text[], boolean[], bigint[]);
DROP FUNCTION ledger_open_accounts(text[], text[], text[], text[], boolean[], bigint[]);
DROP FUNCTION ledger_content_hash(text, bigint, date, text, text, bigint, text);
DROP FUNCTION ledger_postings_added();
DROP FUNCTION ledger_entry_balances();
DROP FUNCTION ledger_period_only_closes();
DROP FUNCTION ledger_refuse_change();
ALTER TABLE ledger_posting DROP CONSTRAINT posting_is_in_the_currency_of_its_account;
ALTER TABLE ledger_posting DROP CONSTRAINT posting_belongs_to_an_entry;
ALTER TABLE ledger_journalentry DROP CONSTRAINT journal_entry_reverses_one_that_exists;
ALTER TABLE ledger_journalentry DROP COLUMN recorded_at;
ALTER TABLE ledger_journalentry DROP COLUMN xid;
