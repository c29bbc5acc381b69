-- Refunds, approvals, freezes, adjustments and corrections: the moves their models draw, and laws across rows.
DROP TRIGGER IF EXISTS guard_state ON ledger_refund;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_refund FOR EACH ROW
    EXECUTE FUNCTION guard_state('requested>approved', 'requested>declined', 'requested>cancelled',
        'approved>submitted', 'approved>cancelled', 'submitted>paid', 'submitted>failed', 'failed>submitted',
        'failed>cancelled', 'paid>settled', 'paid>failed', 'settled>failed', 'approved>settled', 'failed>settled');
DROP TRIGGER IF EXISTS guard_state ON ledger_adjustment;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_adjustment FOR EACH ROW
    EXECUTE FUNCTION guard_state('requested>granted', 'granted>reversed', 'requested>declined', 'requested>cancelled');
DROP TRIGGER IF EXISTS guard_state ON ledger_correctionbatch;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_correctionbatch FOR EACH ROW
    EXECUTE FUNCTION guard_state('drafted>requested', 'requested>running', 'running>done', 'done>reversing',
        'reversing>reversed', 'requested>declined', 'drafted>cancelled', 'requested>cancelled');
DROP TRIGGER IF EXISTS guard_state ON ledger_correctionitem;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_correctionitem FOR EACH ROW
    EXECUTE FUNCTION guard_state('pending>corrected', 'corrected>reversed', 'pending>skipped');

-- While refunds are frozen none is approved or sent, whoever writes.
DROP TRIGGER IF EXISTS refund_waits_while_frozen ON ledger_refund;
CREATE OR REPLACE FUNCTION refund_waits_while_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ledger_freeze WHERE act = 'refund' AND lifted_at IS NULL) THEN
        RAISE EXCEPTION 'refunds are frozen: % may not become %', OLD.number, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_waits_while_frozen';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refund_waits_while_frozen BEFORE UPDATE OF state ON ledger_refund FOR EACH ROW
    WHEN (NEW.state <> OLD.state AND NEW.state IN ('approved', 'submitted'))
    EXECUTE FUNCTION refund_waits_while_frozen();

-- An approval needs the yes of as many different people as it says, none of them who asked.
DROP TRIGGER IF EXISTS approval_has_enough_votes ON ledger_approval;
CREATE OR REPLACE FUNCTION approval_has_enough_votes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM ledger_approvalvote WHERE approval_id = NEW.id) < NEW.needed
        AND NEW.decided_by NOT LIKE 'authority:%' THEN
        RAISE EXCEPTION 'approval % needs % people', NEW.id, NEW.needed
            USING ERRCODE = 'check_violation', CONSTRAINT = 'approval_has_enough_votes';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approval_has_enough_votes AFTER UPDATE OF state ON ledger_approval FOR EACH ROW
    WHEN (NEW.state = 'approved' AND OLD.state <> 'approved') EXECUTE FUNCTION approval_has_enough_votes();
DROP TRIGGER IF EXISTS nobody_votes_for_their_own ON ledger_approvalvote;
CREATE OR REPLACE FUNCTION nobody_votes_for_their_own() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ledger_approval WHERE id = NEW.approval_id AND requested_by = NEW.voter) THEN
        RAISE EXCEPTION '% asked for it', NEW.voter
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_votes_for_their_own';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER nobody_votes_for_their_own BEFORE INSERT ON ledger_approvalvote FOR EACH ROW
    EXECUTE FUNCTION nobody_votes_for_their_own();
DROP TRIGGER IF EXISTS vote_is_never_changed ON ledger_approvalvote;
CREATE TRIGGER vote_is_never_changed BEFORE UPDATE OR DELETE ON ledger_approvalvote
    FOR EACH ROW EXECUTE FUNCTION fact_is_never_changed();

-- A freeze keeps its beginning; it is lifted once.
DROP TRIGGER IF EXISTS freeze_is_lifted_once ON ledger_freeze;
CREATE OR REPLACE FUNCTION freeze_is_lifted_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.lifted_at IS NOT NULL
        OR ROW(OLD.act, OLD.why, OLD.frozen_by, OLD.frozen_at) <> ROW(NEW.act, NEW.why, NEW.frozen_by, NEW.frozen_at)
        OR (OLD.lift_asked_by <> '' AND OLD.lift_asked_by <> NEW.lift_asked_by) THEN
        RAISE EXCEPTION 'freeze % is lifted once and else never changed', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER freeze_is_lifted_once BEFORE UPDATE ON ledger_freeze
    FOR EACH ROW EXECUTE FUNCTION freeze_is_lifted_once();

-- What is to be corrected by how much does not change once it is listed.
DROP TRIGGER IF EXISTS correction_item_keeps_its_terms ON ledger_correctionitem;
CREATE TRIGGER correction_item_keeps_its_terms BEFORE UPDATE OF batch_id, finding, line_id, customer_id, amount_minor,
    currency ON ledger_correctionitem FOR EACH ROW
    WHEN (ROW(OLD.batch_id, OLD.finding, OLD.line_id, OLD.customer_id, OLD.amount_minor, OLD.currency)
        IS DISTINCT FROM ROW(NEW.batch_id, NEW.finding, NEW.line_id, NEW.customer_id, NEW.amount_minor, NEW.currency))
    EXECUTE FUNCTION fact_is_never_changed();
