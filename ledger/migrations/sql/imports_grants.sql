-- Run after every migrate: what was imported, from which file and by whom, stays on file.
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_importedrecord FROM billing_desk_app;
REVOKE DELETE, TRUNCATE ON ledger_importrun FROM billing_desk_app;
