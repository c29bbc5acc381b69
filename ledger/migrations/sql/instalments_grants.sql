-- Run after every migrate: what was agreed, and what was said in hardship, stays on file.
REVOKE DELETE, TRUNCATE ON ledger_paymentplan, ledger_planbill, ledger_instalment, ledger_hardshipcase
    FROM billing_desk_app;
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_planacceptance FROM billing_desk_app;
