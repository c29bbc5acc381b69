-- Rates, exchanges and positions are facts: the next one follows, nothing rewrites them.
DROP TRIGGER IF EXISTS exchange_rate_is_never_changed ON ledger_exchangerate;
CREATE TRIGGER exchange_rate_is_never_changed BEFORE UPDATE OR DELETE ON ledger_exchangerate
    FOR EACH ROW EXECUTE FUNCTION fact_is_never_changed();
DROP TRIGGER IF EXISTS exchange_is_never_changed ON ledger_exchange;
CREATE TRIGGER exchange_is_never_changed BEFORE UPDATE OR DELETE ON ledger_exchange
    FOR EACH ROW EXECUTE FUNCTION fact_is_never_changed();
DROP TRIGGER IF EXISTS position_step_is_never_changed ON ledger_positionstep;
CREATE TRIGGER position_step_is_never_changed BEFORE UPDATE OR DELETE ON ledger_positionstep
    FOR EACH ROW EXECUTE FUNCTION fact_is_never_changed();
