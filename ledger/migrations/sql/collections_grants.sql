-- Run after every migrate: what was planned, promised and charged stays on file.
REVOKE DELETE, TRUNCATE ON ledger_dunningstep, ledger_paymentpromise, ledger_promisedinvoice, ledger_latefee
    FROM billing_desk_app;
