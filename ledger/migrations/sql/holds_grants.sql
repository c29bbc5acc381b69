-- Run after every migrate: a hold stays on file.
REVOKE DELETE, TRUNCATE ON ledger_hold FROM billing_desk_app;
