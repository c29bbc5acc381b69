-- Run after every migrate: messages and notices are never deleted; attempts and consents are only ever added.
REVOKE DELETE, TRUNCATE ON notifications_message, notifications_notice, notifications_preference FROM billing_desk_app;
REVOKE UPDATE, DELETE, TRUNCATE ON notifications_deliveryattempt, notifications_consent FROM billing_desk_app;
