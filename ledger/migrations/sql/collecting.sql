-- Attempts and the gateway's circuit move as their models draw it.
DROP TRIGGER IF EXISTS guard_state ON ledger_attempt;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_attempt FOR EACH ROW
    EXECUTE FUNCTION guard_state('started>unknown', 'started>pending', 'unknown>pending', 'started>succeeded',
        'unknown>succeeded', 'pending>succeeded', 'failed>succeeded', 'started>failed', 'unknown>failed',
        'pending>failed');
DROP TRIGGER IF EXISTS guard_state ON ledger_gatewaycircuit;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_gatewaycircuit FOR EACH ROW
    EXECUTE FUNCTION guard_state('closed>open', 'open>half_open', 'half_open>closed', 'half_open>open');
-- The lock on a bill opens only when the answer of its attempt is final, and is never closed a second time.
DROP TRIGGER IF EXISTS collection_ends_with_its_attempt ON ledger_collection;
CREATE OR REPLACE FUNCTION collection_ends_with_its_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.closed_at IS NOT NULL OR NEW.invoice_id <> OLD.invoice_id OR NEW.attempt_id <> OLD.attempt_id THEN
        RAISE EXCEPTION 'collection % is closed once and never changed', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.closed_at IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM ledger_attempt WHERE id = NEW.attempt_id AND state IN ('succeeded', 'failed')) THEN
        RAISE EXCEPTION 'collection % stays open until the answer is final', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER collection_ends_with_its_attempt BEFORE UPDATE ON ledger_collection
    FOR EACH ROW EXECUTE FUNCTION collection_ends_with_its_attempt();
