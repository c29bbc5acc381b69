-- Run after every migrate: what was sold is retired, a price version is for good.
REVOKE DELETE, TRUNCATE ON ledger_product FROM billing_desk_app;
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_price FROM billing_desk_app;
