-- Answers to chargebacks, mandates, parked reports, subscriptions that never start, and credit that never comes back.
DROP TRIGGER IF EXISTS guard_state ON ledger_subscription;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_subscription FOR EACH ROW
    EXECUTE FUNCTION guard_state('starting>active', 'starting>expired', 'trial>active', 'trial>cancelled',
        'active>past_due', 'past_due>active', 'active>paused', 'paused>active', 'active>cancelled',
        'past_due>cancelled', 'paused>cancelled', 'cancelled>active', 'cancelled>trial');
DROP TRIGGER IF EXISTS guard_state ON ledger_chargebackanswer;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_chargebackanswer FOR EACH ROW
    EXECUTE FUNCTION guard_state('waiting>sending', 'unknown>sending', 'sending>unknown', 'sending>sent',
        'unknown>sent', 'missed>sent', 'sending>refused', 'unknown>refused', 'waiting>missed', 'unknown>missed');
DROP TRIGGER IF EXISTS guard_state ON ledger_parkedreport;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_parkedreport FOR EACH ROW
    EXECUTE FUNCTION guard_state('waiting>taken', 'waiting>shown', 'shown>taken');

-- What became credit never left us: it cannot come back.
DROP TRIGGER IF EXISTS refund_credit_never_comes_back ON ledger_refund;
CREATE OR REPLACE FUNCTION refund_credit_never_comes_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'refund % became credit: it never left, so it cannot come back', OLD.number
        USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_credit_never_comes_back';
END $$;
CREATE TRIGGER refund_credit_never_comes_back BEFORE UPDATE OF state ON ledger_refund FOR EACH ROW
    WHEN (OLD.route = 'credit' AND OLD.state IN ('paid', 'settled') AND NEW.state = 'failed')
    EXECUTE FUNCTION refund_credit_never_comes_back();

-- An answer belongs to one pack, one key and one deadline for ever.
DROP TRIGGER IF EXISTS chargeback_answer_keeps_its_pack ON ledger_chargebackanswer;
CREATE TRIGGER chargeback_answer_keeps_its_pack BEFORE UPDATE OF pack_id, key, gateway, due_at
    ON ledger_chargebackanswer FOR EACH ROW
    WHEN (ROW(OLD.pack_id, OLD.key, OLD.gateway, OLD.due_at) IS DISTINCT FROM
        ROW(NEW.pack_id, NEW.key, NEW.gateway, NEW.due_at))
    EXECUTE FUNCTION fact_is_never_changed();

-- A mandate keeps the words that were accepted; what is open in it is filled once, a new card takes
-- the place of the old one, and it is revoked once.
DROP TRIGGER IF EXISTS mandate_keeps_what_was_accepted ON ledger_mandate;
CREATE OR REPLACE FUNCTION mandate_keeps_what_was_accepted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF ROW(NEW.customer_id, NEW.wording, NEW.language, NEW.accepted_at, NEW.accepted_on, NEW.accepted_by, NEW.attempt_id)
        IS DISTINCT FROM
        ROW(OLD.customer_id, OLD.wording, OLD.language, OLD.accepted_at, OLD.accepted_on, OLD.accepted_by, OLD.attempt_id)
        OR (OLD.method_id IS NOT NULL AND (NEW.method_id IS NULL OR ROW(NEW.kind, NEW.reference, NEW.notice_days)
            IS DISTINCT FROM ROW(OLD.kind, OLD.reference, OLD.notice_days)))
        OR (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at) THEN
        RAISE EXCEPTION 'mandate % keeps what was accepted', OLD.reference
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'mandate_keeps_what_was_accepted';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER mandate_keeps_what_was_accepted BEFORE UPDATE ON ledger_mandate
    FOR EACH ROW EXECUTE FUNCTION mandate_keeps_what_was_accepted();
