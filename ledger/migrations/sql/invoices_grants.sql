-- Lines may be deleted while their bill is a draft: a trigger refuses every other one (invoices.sql).
GRANT DELETE ON ledger_invoiceline TO billing_desk_app;
REVOKE DELETE, TRUNCATE ON ledger_creditnoteline FROM billing_desk_app;
REVOKE UPDATE ON ledger_creditnote, ledger_creditnoteline FROM billing_desk_app;
REVOKE DELETE, TRUNCATE ON ledger_numberseries FROM billing_desk_app;
