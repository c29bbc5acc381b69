-- Run after every migrate: what a run did is kept for good.
REVOKE DELETE, TRUNCATE ON ledger_billingrun, ledger_billingexception FROM billing_desk_app;
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_billingstep FROM billing_desk_app;
