-- Run after every migrate: what a sender said, and what was found to differ, stays on file.
REVOKE DELETE, TRUNCATE ON ledger_settlementline, ledger_break FROM billing_desk_app;
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_settlementfile FROM billing_desk_app;
