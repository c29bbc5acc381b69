-- Run after every migrate: who proved what, and how often it was tried, is never deleted.
REVOKE DELETE, TRUNCATE ON verification_check, verification_challenge FROM billing_desk_app;
