-- Run after every migrate: a document is only ever added.
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_document FROM billing_desk_app;
