-- Run after every migrate: what was answered, agreed to and reported stays on file.
REVOKE DELETE, TRUNCATE ON ledger_chargebackanswer, ledger_mandate, ledger_parkedreport FROM billing_desk_app;
