-- Run after every migrate: what was planned, and what came of it, stays on file.
REVOKE DELETE, TRUNCATE ON ledger_retry FROM billing_desk_app;
