-- The close of a month: it only closes; what was recognised is a fact.
DROP TRIGGER IF EXISTS guard_state ON ledger_monthclose;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_monthclose FOR EACH ROW
    EXECUTE FUNCTION guard_state('open>closed');
DROP TRIGGER IF EXISTS recognition_is_never_changed ON ledger_recognition;
CREATE TRIGGER recognition_is_never_changed BEFORE UPDATE OR DELETE ON ledger_recognition
    FOR EACH ROW EXECUTE FUNCTION fact_is_never_changed();
