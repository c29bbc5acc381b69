-- Run after every migrate: rules are ended, not deleted; checks are evidence.
REVOKE DELETE, TRUNCATE ON ledger_jurisdictionrule FROM billing_desk_app;
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_taxidcheck FROM billing_desk_app;
