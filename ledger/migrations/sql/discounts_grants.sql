-- Run after every migrate: discounts and their uses are never deleted.
REVOKE DELETE, TRUNCATE ON ledger_discountgrant, ledger_discountuse FROM billing_desk_app;
