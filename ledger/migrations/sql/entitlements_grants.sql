-- Run after every migrate: what access came to, and what a supervisor decided, stays on file.
REVOKE DELETE, TRUNCATE ON ledger_access, ledger_accessoverride FROM billing_desk_app;
