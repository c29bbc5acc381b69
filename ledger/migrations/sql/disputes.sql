-- Disputes and chargebacks: the moves their models draw, evidence that only grows, stages that only go forward.
UPDATE ledger_dispute SET received_at = opened_at WHERE received_at IS NULL;
UPDATE ledger_dispute SET outcome = state WHERE outcome = '' AND state IN ('upheld', 'rejected', 'withdrawn');
UPDATE ledger_dispute SET granted_minor = amount_minor WHERE state = 'upheld' AND granted_minor = 0;
UPDATE ledger_chargeback SET is_taken = true
    WHERE NOT is_taken AND state IN ('received', 'lost') AND stage = 'chargeback';

DROP TRIGGER IF EXISTS guard_state ON ledger_dispute;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_dispute FOR EACH ROW
    EXECUTE FUNCTION guard_state('opened>acknowledged', 'opened>in_review', 'acknowledged>in_review',
        'opened>upheld', 'acknowledged>upheld', 'in_review>upheld',
        'opened>partly_upheld', 'acknowledged>partly_upheld', 'in_review>partly_upheld',
        'opened>rejected', 'acknowledged>rejected', 'in_review>rejected',
        'opened>withdrawn', 'acknowledged>withdrawn', 'in_review>withdrawn',
        'rejected>in_review', 'partly_upheld>in_review',
        'upheld>closed', 'partly_upheld>closed', 'rejected>closed', 'withdrawn>closed');
DROP TRIGGER IF EXISTS guard_state ON ledger_provisionalcredit;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_provisionalcredit FOR EACH ROW
    EXECUTE FUNCTION guard_state('given>settled', 'announced>settled', 'given>announced', 'announced>given',
        'announced>reversed');
DROP TRIGGER IF EXISTS guard_state ON ledger_chargeback;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_chargeback FOR EACH ROW
    EXECUTE FUNCTION guard_state('received>won', 'lost>won', 'accepted>won', 'received>lost', 'won>lost',
        'accepted>lost', 'received>accepted', 'won>accepted', 'lost>accepted', 'won>received', 'lost>received',
        'accepted>received');

-- A dispute is appealed once: after that nothing leads back into review.
DROP TRIGGER IF EXISTS dispute_is_appealed_once ON ledger_dispute;
CREATE OR REPLACE FUNCTION dispute_is_appealed_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'dispute % was appealed before', OLD.number
        USING ERRCODE = 'check_violation', CONSTRAINT = 'dispute_is_appealed_once';
END $$;
CREATE TRIGGER dispute_is_appealed_once BEFORE UPDATE OF state ON ledger_dispute FOR EACH ROW
    WHEN (OLD.state IN ('rejected', 'partly_upheld') AND NEW.state = 'in_review' AND OLD.appealed_at IS NOT NULL)
    EXECUTE FUNCTION dispute_is_appealed_once();

-- How far a chargeback has come never becomes less, and a decided stage changes only with a later one.
CREATE OR REPLACE FUNCTION chargeback_rank(p_stage text, p_state text) RETURNS integer
    LANGUAGE sql IMMUTABLE AS $$
    SELECT array_position(ARRAY['early_warning', 'inquiry', 'chargeback', 'pre_arbitration', 'arbitration'], p_stage)
           * 2 + (p_state <> 'received')::int
$$;
DROP TRIGGER IF EXISTS chargeback_goes_forward ON ledger_chargeback;
CREATE OR REPLACE FUNCTION chargeback_goes_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF chargeback_rank(NEW.stage, NEW.state) <= chargeback_rank(OLD.stage, OLD.state) THEN
        RAISE EXCEPTION 'chargeback % may not go from % % to % %', OLD.external_id, OLD.stage, OLD.state, NEW.stage,
            NEW.state USING ERRCODE = 'check_violation', CONSTRAINT = 'chargeback_goes_forward';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chargeback_goes_forward BEFORE UPDATE OF stage, state ON ledger_chargeback FOR EACH ROW
    WHEN (NEW.stage <> OLD.stage OR NEW.state <> OLD.state)
    EXECUTE FUNCTION chargeback_goes_forward();

-- Evidence that came later: each piece follows the one before, under its hash, and none is ever changed.
DROP TRIGGER IF EXISTS evidence_item_follows_the_last ON ledger_evidenceitem;
CREATE OR REPLACE FUNCTION evidence_item_follows_the_last() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_number integer;
    v_hash text;
BEGIN
    PERFORM 1 FROM ledger_dispute WHERE id = NEW.dispute_id FOR UPDATE;
    SELECT number, hash INTO v_number, v_hash FROM ledger_evidenceitem
        WHERE dispute_id = NEW.dispute_id ORDER BY number DESC LIMIT 1;
    IF v_number IS NULL THEN
        SELECT 0, hash INTO v_number, v_hash FROM ledger_evidencebundle WHERE dispute_id = NEW.dispute_id;
    END IF;
    IF NEW.number IS DISTINCT FROM v_number + 1 OR NEW.previous_hash IS DISTINCT FROM v_hash
        OR NEW.hash <> encode(sha256(convert_to(NEW.previous_hash || E'\n' || NEW.content, 'UTF8')), 'hex') THEN
        RAISE EXCEPTION 'evidence % of dispute % does not follow the last', NEW.number, NEW.dispute_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'evidence_item_follows_the_last';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER evidence_item_follows_the_last BEFORE INSERT ON ledger_evidenceitem
    FOR EACH ROW EXECUTE FUNCTION evidence_item_follows_the_last();
DROP TRIGGER IF EXISTS evidence_frozen ON ledger_evidenceitem;
CREATE TRIGGER evidence_frozen BEFORE UPDATE OR DELETE ON ledger_evidenceitem
    FOR EACH ROW EXECUTE FUNCTION evidence_is_frozen();
DROP TRIGGER IF EXISTS evidence_frozen ON ledger_chargebackpack;
CREATE TRIGGER evidence_frozen BEFORE UPDATE OR DELETE ON ledger_chargebackpack
    FOR EACH ROW EXECUTE FUNCTION evidence_is_frozen();
DROP TRIGGER IF EXISTS evidence_frozen ON ledger_chargebackstep;
CREATE TRIGGER evidence_frozen BEFORE UPDATE OR DELETE ON ledger_chargebackstep
    FOR EACH ROW EXECUTE FUNCTION evidence_is_frozen();

-- While a bank questions a payment nothing of it is refunded: that would pay twice.
DROP TRIGGER IF EXISTS refund_waits_for_the_bank ON ledger_refund;
CREATE OR REPLACE FUNCTION refund_waits_for_the_bank() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ledger_payment WHERE id = NEW.payment_id AND contested_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the bank questions payment %: nothing of it is refunded', NEW.payment_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_waits_for_the_bank';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refund_waits_for_the_bank BEFORE INSERT ON ledger_refund
    FOR EACH ROW EXECUTE FUNCTION refund_waits_for_the_bank();
