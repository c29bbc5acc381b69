-- The guards as they stood before disputes, refunds and payments learned more states; later files widen some of them.
DROP TRIGGER IF EXISTS guard_state ON ledger_payment;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_payment FOR EACH ROW
    EXECUTE FUNCTION guard_state('pending>succeeded', 'pending>failed');
DROP TRIGGER IF EXISTS guard_state ON ledger_refund;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_refund FOR EACH ROW
    EXECUTE FUNCTION guard_state('requested>approved', 'requested>declined', 'requested>cancelled',
        'approved>submitted', 'approved>cancelled', 'submitted>paid', 'submitted>failed', 'failed>submitted',
        'failed>cancelled');
DROP TRIGGER IF EXISTS guard_state ON ledger_dispute;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_dispute FOR EACH ROW
    EXECUTE FUNCTION guard_state('opened>in_review', 'opened>upheld', 'opened>rejected', 'opened>withdrawn',
        'in_review>upheld', 'in_review>rejected', 'in_review>withdrawn', 'rejected>in_review');
DROP TRIGGER IF EXISTS guard_state ON ledger_chargeback;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_chargeback FOR EACH ROW
    EXECUTE FUNCTION guard_state('received>won', 'received>lost');
DROP TRIGGER IF EXISTS guard_state ON ledger_approval;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_approval FOR EACH ROW
    EXECUTE FUNCTION guard_state('waiting>approved', 'waiting>declined', 'waiting>cancelled');
