-- What customers chose moves as drawn and keeps what it says; a letter is in one file, and a shown offer stays shown.
DROP TRIGGER IF EXISTS guard_state ON ledger_methodchoice;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_methodchoice FOR EACH ROW
    EXECUTE FUNCTION guard_state('in_force>replaced', 'in_force>taken_back', 'replaced>in_force');
DROP TRIGGER IF EXISTS method_choice_keeps_what_was_chosen ON ledger_methodchoice;
CREATE TRIGGER method_choice_keeps_what_was_chosen BEFORE UPDATE ON ledger_methodchoice FOR EACH ROW
    WHEN (ROW(OLD.customer_id, OLD.subscription_id, OLD.invoice_id, OLD.method_id, OLD.before_id, OLD.chosen_by,
        OLD.chosen_at) IS DISTINCT FROM ROW(NEW.customer_id, NEW.subscription_id, NEW.invoice_id, NEW.method_id,
        NEW.before_id, NEW.chosen_by, NEW.chosen_at))
    EXECUTE FUNCTION fact_is_never_changed();
DROP TRIGGER IF EXISTS guard_state ON ledger_deliverychoice;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_deliverychoice FOR EACH ROW
    EXECUTE FUNCTION guard_state('in_force>replaced', 'in_force>taken_back', 'replaced>in_force');
DROP TRIGGER IF EXISTS delivery_choice_keeps_what_was_chosen ON ledger_deliverychoice;
CREATE TRIGGER delivery_choice_keeps_what_was_chosen BEFORE UPDATE ON ledger_deliverychoice FOR EACH ROW
    WHEN (ROW(OLD.customer_id, OLD.way, OLD.before_id, OLD.chosen_by, OLD.chosen_at)
        IS DISTINCT FROM ROW(NEW.customer_id, NEW.way, NEW.before_id, NEW.chosen_by, NEW.chosen_at))
    EXECUTE FUNCTION fact_is_never_changed();
DROP TRIGGER IF EXISTS guard_state ON ledger_printbatch;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_printbatch FOR EACH ROW
    EXECUTE FUNCTION guard_state('taken>printed');
DROP TRIGGER IF EXISTS guard_state ON ledger_letter;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_letter FOR EACH ROW
    EXECUTE FUNCTION guard_state('waiting>taken', 'taken>posted', 'waiting>called_off');
-- Once it stands in a file a letter never stands in another, and never with another bill.
DROP TRIGGER IF EXISTS letter_stays_in_its_file ON ledger_letter;
CREATE TRIGGER letter_stays_in_its_file BEFORE UPDATE ON ledger_letter FOR EACH ROW
    WHEN (OLD.invoice_id <> NEW.invoice_id OR OLD.customer_id <> NEW.customer_id
        OR (OLD.document_id IS NOT NULL AND OLD.document_id IS DISTINCT FROM NEW.document_id)
        OR (OLD.batch_id IS NOT NULL AND OLD.batch_id IS DISTINCT FROM NEW.batch_id))
    EXECUTE FUNCTION fact_is_never_changed();
DROP TRIGGER IF EXISTS guard_state ON ledger_shownoffer;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_shownoffer FOR EACH ROW
    EXECUTE FUNCTION guard_state('shown>accepted', 'shown>declined');
DROP TRIGGER IF EXISTS shown_offer_keeps_what_was_read ON ledger_shownoffer;
CREATE TRIGGER shown_offer_keeps_what_was_read BEFORE UPDATE ON ledger_shownoffer FOR EACH ROW
    WHEN (ROW(OLD.subscription_id, OLD.offer_id, OLD.kind, OLD.text, OLD.percent, OLD.months, OLD.shown_to,
        OLD.shown_at) IS DISTINCT FROM ROW(NEW.subscription_id, NEW.offer_id, NEW.kind, NEW.text, NEW.percent,
        NEW.months, NEW.shown_to, NEW.shown_at))
    EXECUTE FUNCTION fact_is_never_changed();
