-- Run after every migrate: what a month's end did is kept for good.
REVOKE DELETE, TRUNCATE ON ledger_monthclose FROM billing_desk_app;
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_recognition FROM billing_desk_app;
