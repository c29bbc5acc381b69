-- Moves of a payment plan and of its instalments are those their models draw.
DROP TRIGGER IF EXISTS guard_state ON ledger_paymentplan;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_paymentplan FOR EACH ROW
    EXECUTE FUNCTION guard_state('waiting_approval>proposed', 'waiting_approval>declined', 'proposed>active',
        'active>kept', 'active>settled_early', 'active>defaulted', 'waiting_approval>cancelled', 'proposed>cancelled',
        'active>cancelled');
DROP TRIGGER IF EXISTS guard_state ON ledger_instalment;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_instalment FOR EACH ROW
    EXECUTE FUNCTION guard_state('due>paid', 'missed>paid', 'due>waived', 'missed>waived', 'due>missed', 'paid>due',
        'waived>due');

-- What was agreed is never rewritten: the words, for how much, over which bills, and who said yes.
DROP TRIGGER IF EXISTS payment_plan_keeps_its_terms ON ledger_paymentplan;
CREATE TRIGGER payment_plan_keeps_its_terms BEFORE UPDATE ON ledger_paymentplan FOR EACH ROW
    WHEN (ROW(OLD.number, OLD.customer_id, OLD.currency, OLD.agreed_minor, OLD.can_pay_monthly_minor, OLD.every,
        OLD.language, OLD.wording_version, OLD.wording, OLD.wording_hash, OLD.requested_by) IS DISTINCT FROM
        ROW(NEW.number, NEW.customer_id, NEW.currency, NEW.agreed_minor, NEW.can_pay_monthly_minor, NEW.every,
        NEW.language, NEW.wording_version, NEW.wording, NEW.wording_hash, NEW.requested_by))
    EXECUTE FUNCTION fact_is_never_changed();
DROP TRIGGER IF EXISTS instalment_keeps_its_terms ON ledger_instalment;
CREATE TRIGGER instalment_keeps_its_terms BEFORE UPDATE ON ledger_instalment FOR EACH ROW
    WHEN (ROW(OLD.plan_id, OLD.position, OLD.currency, OLD.agreed_on, OLD.agreed_minor) IS DISTINCT FROM
        ROW(NEW.plan_id, NEW.position, NEW.currency, NEW.agreed_on, NEW.agreed_minor))
    EXECUTE FUNCTION fact_is_never_changed();
DROP TRIGGER IF EXISTS plan_acceptance_is_never_changed ON ledger_planacceptance;
CREATE TRIGGER plan_acceptance_is_never_changed BEFORE UPDATE OR DELETE ON ledger_planacceptance
    FOR EACH ROW EXECUTE FUNCTION fact_is_never_changed();

-- The instalments of a plan add up to what it covers, at the end of every transaction.
CREATE OR REPLACE FUNCTION payment_plan_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint;
    covered bigint;
    together bigint;
BEGIN
    IF TG_TABLE_NAME = 'ledger_paymentplan' THEN
        wanted := NEW.id;
    ELSE
        wanted := NEW.plan_id;
    END IF;
    SELECT covered_minor INTO covered FROM ledger_paymentplan WHERE id = wanted;
    SELECT coalesce(sum(amount_minor), 0) INTO together FROM ledger_instalment WHERE plan_id = wanted;
    IF together IS DISTINCT FROM covered THEN
        RAISE EXCEPTION 'the instalments of plan % add up to %, not to the % it covers', wanted, together, covered
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_plan_adds_up';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS payment_plan_adds_up ON ledger_paymentplan;
CREATE CONSTRAINT TRIGGER payment_plan_adds_up AFTER INSERT OR UPDATE OF covered_minor ON ledger_paymentplan
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payment_plan_adds_up();
DROP TRIGGER IF EXISTS payment_plan_adds_up ON ledger_instalment;
CREATE CONSTRAINT TRIGGER payment_plan_adds_up AFTER INSERT OR UPDATE OF amount_minor ON ledger_instalment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payment_plan_adds_up();

-- A hardship case moves as drawn, and what was said stays as it was said.
DROP TRIGGER IF EXISTS guard_state ON ledger_hardshipcase;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_hardshipcase FOR EACH ROW
    EXECUTE FUNCTION guard_state('opened>reviewed', 'opened>ended', 'reviewed>ended');
DROP TRIGGER IF EXISTS hardship_case_keeps_what_was_said ON ledger_hardshipcase;
CREATE TRIGGER hardship_case_keeps_what_was_said BEFORE UPDATE ON ledger_hardshipcase FOR EACH ROW
    WHEN (ROW(OLD.customer_id, OLD.words, OLD.said_by, OLD.opened_by, OLD.opened_at) IS DISTINCT FROM
        ROW(NEW.customer_id, NEW.words, NEW.said_by, NEW.opened_by, NEW.opened_at))
    EXECUTE FUNCTION fact_is_never_changed();
