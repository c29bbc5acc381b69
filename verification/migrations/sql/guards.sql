-- The moves of an identity check, whoever writes. guard_state() is the ledger's: the arguments are "from>to".
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON verification_check FOR EACH ROW
    EXECUTE FUNCTION guard_state('open>passed', 'open>locked', 'open>expired', 'passed>expired');
