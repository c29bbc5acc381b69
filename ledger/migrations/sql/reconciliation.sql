-- A settlement file and its lines are what the sender said: only the match is ours. A break is resolved once.
DROP TRIGGER IF EXISTS guard_state ON ledger_break;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_break FOR EACH ROW
    EXECUTE FUNCTION guard_state('open>resolved');

DROP TRIGGER IF EXISTS settlement_line_keeps_what_was_said ON ledger_settlementline;
CREATE OR REPLACE FUNCTION settlement_line_keeps_what_was_said() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (to_jsonb(NEW) - 'payment_id' - 'refund_id') <> (to_jsonb(OLD) - 'payment_id' - 'refund_id') THEN
        RAISE EXCEPTION 'settlement line % is what the sender said; only its match may be set', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER settlement_line_keeps_what_was_said BEFORE UPDATE ON ledger_settlementline
    FOR EACH ROW EXECUTE FUNCTION settlement_line_keeps_what_was_said();

DROP TRIGGER IF EXISTS settlement_file_is_never_changed ON ledger_settlementfile;
CREATE TRIGGER settlement_file_is_never_changed BEFORE UPDATE ON ledger_settlementfile
    FOR EACH ROW EXECUTE FUNCTION fact_is_never_changed();
