-- Run after every migrate: what was told is added and superseded, never rewritten or deleted.
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_givenexplanation FROM billing_desk_app;
GRANT UPDATE (superseded_at, superseded_by_id) ON ledger_givenexplanation TO billing_desk_app;
