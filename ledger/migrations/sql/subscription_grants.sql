-- What was taken and what was asked for stays on file.
REVOKE DELETE, TRUNCATE ON ledger_subscription, ledger_subscriptionaddon, ledger_subscriptionchange FROM billing_desk_app;
