-- Run after every migrate: a change of a limit stays on file; all that is ever written to it is what became of it.
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_limitchange FROM billing_desk_app;
GRANT UPDATE (in_force_by, in_force_at, dropped_by, dropped_at) ON ledger_limitchange TO billing_desk_app;
