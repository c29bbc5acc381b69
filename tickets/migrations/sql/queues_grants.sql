-- Run after every migrate: a pause stays on file; the only thing that is ever written to it is its end.
REVOKE UPDATE, DELETE, TRUNCATE ON tickets_queuepause FROM billing_desk_app;
GRANT UPDATE (resumed_by, resumed_at) ON tickets_queuepause TO billing_desk_app;
