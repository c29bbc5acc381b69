-- Run after every migrate: the application may add events and read them, nothing more.
REVOKE ALL ON ledger_event, ledger_event_head FROM billing_desk_app;
GRANT SELECT, INSERT ON ledger_event TO billing_desk_app;
GRANT SELECT ON ledger_event_head TO billing_desk_app;
REVOKE ALL ON FUNCTION seal_events(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION seal_events(integer) TO billing_desk_app;
REVOKE DELETE, TRUNCATE ON ledger_reaction FROM billing_desk_app;
