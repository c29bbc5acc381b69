-- State machines are guarded here as well: only the moves the models draw, whoever writes.
-- The allowed moves of a table are the trigger's arguments, each "from>to".
CREATE OR REPLACE FUNCTION guard_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = OLD.state OR (OLD.state || '>' || NEW.state) = ANY (TG_ARGV) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% % may not go from % to %', TG_TABLE_NAME, OLD.id, OLD.state, NEW.state
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_moves_as_drawn';
END $$;

CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_invoice FOR EACH ROW
    EXECUTE FUNCTION guard_state('open>paid', 'paid>open', 'open>void');
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_subscription FOR EACH ROW
    EXECUTE FUNCTION guard_state('active>paused', 'paused>active', 'active>cancelled', 'paused>cancelled');
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_payment FOR EACH ROW
    EXECUTE FUNCTION guard_state('pending>succeeded', 'pending>failed');
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_refund FOR EACH ROW
    EXECUTE FUNCTION guard_state('requested>approved', 'requested>declined', 'requested>cancelled',
        'approved>submitted', 'approved>cancelled', 'submitted>paid', 'submitted>failed', 'failed>submitted',
        'failed>cancelled');
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_dispute FOR EACH ROW
    EXECUTE FUNCTION guard_state('opened>in_review', 'opened>upheld', 'opened>rejected', 'opened>withdrawn',
        'in_review>upheld', 'in_review>rejected', 'in_review>withdrawn', 'rejected>in_review');
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_chargeback FOR EACH ROW
    EXECUTE FUNCTION guard_state('received>won', 'received>lost');
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_approval FOR EACH ROW
    EXECUTE FUNCTION guard_state('waiting>approved', 'waiting>declined', 'waiting>cancelled');

-- Evidence is frozen when it is taken.
CREATE OR REPLACE FUNCTION evidence_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'evidence is frozen: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER evidence_frozen BEFORE UPDATE OR DELETE ON ledger_evidencebundle
    FOR EACH ROW EXECUTE FUNCTION evidence_is_frozen();
CREATE TRIGGER evidence_no_truncate BEFORE TRUNCATE ON ledger_evidencebundle
    FOR EACH STATEMENT EXECUTE FUNCTION evidence_is_frozen();

-- Customer numbers may have gaps; invoice numbers may not and come from ledger_numberseries.
CREATE SEQUENCE ledger_customer_number;
