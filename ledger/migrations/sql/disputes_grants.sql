-- Run after every migrate: evidence and what banks reported only grow; nothing about a dispute is deleted.
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_evidenceitem, ledger_chargebackpack, ledger_chargebackstep
    FROM billing_desk_app;
REVOKE DELETE, TRUNCATE ON ledger_disputesight, ledger_provisionalcredit, ledger_disputedraft FROM billing_desk_app;
