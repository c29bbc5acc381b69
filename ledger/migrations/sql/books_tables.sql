-- Columns and references of the books that Django's models do not say.

-- The transaction that wrote an entry and the server's own clock: together they prove that nothing was added later.
ALTER TABLE ledger_journalentry ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
ALTER TABLE ledger_journalentry ADD COLUMN recorded_at timestamptz NOT NULL DEFAULT clock_timestamp();

-- Immediate references: Django's are deferred and cost an event per row until the commit.
ALTER TABLE ledger_journalentry ADD CONSTRAINT journal_entry_reverses_one_that_exists
    FOREIGN KEY (reverses_id) REFERENCES ledger_journalentry (id);
ALTER TABLE ledger_posting ADD CONSTRAINT posting_belongs_to_an_entry
    FOREIGN KEY (entry_id) REFERENCES ledger_journalentry (id);
ALTER TABLE ledger_posting ADD CONSTRAINT posting_is_in_the_currency_of_its_account
    FOREIGN KEY (account_id, currency) REFERENCES ledger_account (id, currency);
