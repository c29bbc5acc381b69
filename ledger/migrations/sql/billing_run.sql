-- The billing run: its moves are those the model draws, its steps are facts.
DROP TRIGGER IF EXISTS guard_state ON ledger_billingrun;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_billingrun FOR EACH ROW
    EXECUTE FUNCTION guard_state('running>finished', 'running>abandoned');
DROP TRIGGER IF EXISTS billing_step_is_never_changed ON ledger_billingstep;
CREATE TRIGGER billing_step_is_never_changed BEFORE UPDATE OR DELETE ON ledger_billingstep
    FOR EACH ROW EXECUTE FUNCTION fact_is_never_changed();
