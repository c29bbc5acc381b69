-- The moves of a message, whoever writes. guard_state() is the ledger's: the arguments are "from>to".
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON notifications_message FOR EACH ROW
    EXECUTE FUNCTION guard_state('queued>sent', 'queued>failed', 'queued>bounced', 'sent>bounced', 'failed>queued');

-- What was tried and what a customer agreed to are facts: they are added, never changed.
CREATE FUNCTION fact_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON notifications_deliveryattempt
    FOR EACH ROW EXECUTE FUNCTION fact_is_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON notifications_consent
    FOR EACH ROW EXECUTE FUNCTION fact_is_append_only();
