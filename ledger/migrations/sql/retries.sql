-- A planned try goes one way; its place in the plan, bill and card are never changed. Caps of a network never overlap.
DROP TRIGGER IF EXISTS guard_state ON ledger_retry;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_retry FOR EACH ROW
    EXECUTE FUNCTION guard_state('planned>done', 'planned>skipped', 'planned>cancelled');

DROP TRIGGER IF EXISTS retry_keeps_its_plan ON ledger_retry;
CREATE OR REPLACE FUNCTION retry_keeps_its_plan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.customer_id, NEW.invoice_id, NEW.method_id, NEW.failed_id, NEW.rule, NEW.schedule, NEW.number,
        NEW.amount_minor, NEW.currency, NEW.planned_for, NEW.planned_at)
        IS DISTINCT FROM
        (OLD.customer_id, OLD.invoice_id, OLD.method_id, OLD.failed_id, OLD.rule, OLD.schedule, OLD.number,
        OLD.amount_minor, OLD.currency, OLD.planned_for, OLD.planned_at)
        OR OLD.state <> 'planned'
    THEN
        RAISE EXCEPTION 'retry % keeps its plan; it is made, skipped or cancelled, once', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER retry_keeps_its_plan BEFORE UPDATE ON ledger_retry
    FOR EACH ROW EXECUTE FUNCTION retry_keeps_its_plan();

ALTER TABLE ledger_networkrule DROP CONSTRAINT IF EXISTS network_rule_one_in_force;
ALTER TABLE ledger_networkrule ADD CONSTRAINT network_rule_one_in_force
    EXCLUDE USING gist (network WITH =, category WITH =, basis WITH =, window_days WITH =,
        daterange(valid_from, valid_to) WITH &&);
