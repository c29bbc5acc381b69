-- Run after every migrate: money objects are never deleted, evidence never changed.
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_evidencebundle FROM billing_desk_app;
REVOKE DELETE, TRUNCATE ON ledger_customer, ledger_contactpoint, ledger_charge, ledger_invoice, ledger_invoiceline,
    ledger_creditnote, ledger_payment, ledger_paymentallocation, ledger_refund, ledger_dispute, ledger_chargeback,
    ledger_approval, ledger_subscription FROM billing_desk_app;
