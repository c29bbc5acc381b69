-- Moves of a discount are those its model draws; what it was given as is never rewritten.
DROP TRIGGER IF EXISTS guard_state ON ledger_discountgrant;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_discountgrant FOR EACH ROW
    EXECUTE FUNCTION guard_state('requested>active', 'requested>declined', 'requested>ended', 'active>used_up',
        'active>ended', 'used_up>active');
DROP TRIGGER IF EXISTS discount_keeps_its_terms ON ledger_discountgrant;
CREATE TRIGGER discount_keeps_its_terms BEFORE UPDATE OF customer_id, percent, amount_minor, currency, targets,
    duration, worth_minor, stacks_on_original, requested_by ON ledger_discountgrant FOR EACH ROW
    WHEN (ROW(OLD.customer_id, OLD.percent, OLD.amount_minor, OLD.currency, OLD.targets, OLD.duration, OLD.worth_minor,
        OLD.stacks_on_original, OLD.requested_by) IS DISTINCT FROM ROW(NEW.customer_id, NEW.percent, NEW.amount_minor,
        NEW.currency, NEW.targets, NEW.duration, NEW.worth_minor, NEW.stacks_on_original, NEW.requested_by))
    EXECUTE FUNCTION fact_is_never_changed();
