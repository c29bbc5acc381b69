-- Run after every migrate: usage is reported and read, nothing more.
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_usageevent FROM billing_desk_app;
