-- An import ends once; what stands here for a row of another system is a fact.
DROP TRIGGER IF EXISTS guard_state ON ledger_importrun;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_importrun FOR EACH ROW
    EXECUTE FUNCTION guard_state('waiting>running', 'running>finished', 'running>refused');
DROP TRIGGER IF EXISTS imported_record_is_never_changed ON ledger_importedrecord;
CREATE TRIGGER imported_record_is_never_changed BEFORE UPDATE OR DELETE ON ledger_importedrecord
    FOR EACH ROW EXECUTE FUNCTION fact_is_never_changed();
