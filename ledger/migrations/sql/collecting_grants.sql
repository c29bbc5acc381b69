-- Run after every migrate: attempts, their locks and what gateways told us stay on file.
REVOKE DELETE, TRUNCATE ON ledger_attempt, ledger_collection, ledger_gatewayreport, ledger_gatewaycircuit,
    ledger_paymentlink FROM billing_desk_app;
