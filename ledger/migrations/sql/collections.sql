-- The ladder, promises and fees for late payment: their moves, and what is never charged twice.
DROP TRIGGER IF EXISTS guard_state ON ledger_dunningstep;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_dunningstep FOR EACH ROW
    EXECUTE FUNCTION guard_state('planned>taken', 'planned>stopped', 'stopped>planned');
DROP TRIGGER IF EXISTS guard_state ON ledger_paymentpromise;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_paymentpromise FOR EACH ROW
    EXECUTE FUNCTION guard_state('open>kept', 'open>partly', 'open>broken', 'open>withdrawn');

-- Two charges of interest on one bill never count the same day.
DROP TRIGGER IF EXISTS late_fee_counts_a_day_once ON ledger_latefee;
CREATE OR REPLACE FUNCTION late_fee_counts_a_day_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ledger_latefee f WHERE f.invoice_id = NEW.invoice_id AND f.kind = NEW.kind
               AND daterange(f.span_start, f.span_end) && daterange(NEW.span_start, NEW.span_end)) THEN
        RAISE EXCEPTION 'late payment of invoice % was charged for these days before', NEW.invoice_id
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'late_fee_counts_a_day_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER late_fee_counts_a_day_once BEFORE INSERT ON ledger_latefee
    FOR EACH ROW EXECUTE FUNCTION late_fee_counts_a_day_once();

-- A fee keeps its figures; it can only be waived, once.
DROP TRIGGER IF EXISTS late_fee_keeps_its_figures ON ledger_latefee;
CREATE OR REPLACE FUNCTION late_fee_keeps_its_figures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.waived_at IS NOT NULL
        OR (to_jsonb(NEW) - 'waived_at' - 'waived_by' - 'waiver_reason')
        <> (to_jsonb(OLD) - 'waived_at' - 'waived_by' - 'waiver_reason') THEN
        RAISE EXCEPTION 'late fee % keeps its figures; it can only be waived, once', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER late_fee_keeps_its_figures BEFORE UPDATE ON ledger_latefee
    FOR EACH ROW EXECUTE FUNCTION late_fee_keeps_its_figures();
