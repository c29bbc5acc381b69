-- Run after every migrate: votes, freezes, adjustments and corrections stay on file.
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_approvalvote FROM billing_desk_app;
REVOKE DELETE, TRUNCATE ON ledger_freeze, ledger_adjustment, ledger_correctionbatch, ledger_correctionitem
    FROM billing_desk_app;
