-- Run after every migrate: what was exchanged, and at which rate, is never changed.
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_exchangerate, ledger_exchange, ledger_positionstep FROM billing_desk_app;
