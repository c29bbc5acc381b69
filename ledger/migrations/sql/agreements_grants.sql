-- Run after every migrate: what was agreed on, and who accepted it, stays on file.
REVOKE DELETE, TRUNCATE ON ledger_agreement FROM billing_desk_app;
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_agreementacceptance, ledger_subscriptionterms FROM billing_desk_app;
