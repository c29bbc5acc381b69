-- Corrections of tax: what is to be corrected keeps its right rate too, and no notes take more than a line has.
DROP TRIGGER IF EXISTS correction_item_keeps_its_right_tax ON ledger_correctionitem;
CREATE TRIGGER correction_item_keeps_its_right_tax BEFORE UPDATE OF right_tax_rate, right_tax_treatment
    ON ledger_correctionitem FOR EACH ROW
    WHEN (ROW(OLD.right_tax_rate, OLD.right_tax_treatment) IS DISTINCT FROM
          ROW(NEW.right_tax_rate, NEW.right_tax_treatment))
    EXECUTE FUNCTION fact_is_never_changed();

-- Whoever credits holds the line, so what other notes took of it stands still.
DROP TRIGGER IF EXISTS credit_notes_stay_within_the_line ON ledger_creditnoteline;
CREATE OR REPLACE FUNCTION credit_notes_stay_within_the_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    line ledger_invoiceline;
    net bigint;
    tax bigint;
BEGIN
    SELECT * INTO line FROM ledger_invoiceline WHERE id = NEW.line_id;
    SELECT sum(net_minor), sum(tax_minor) INTO net, tax FROM ledger_creditnoteline WHERE line_id = NEW.line_id;
    IF net > line.net_minor OR tax > line.tax_minor THEN
        RAISE EXCEPTION 'credit notes take more than line % has', NEW.line_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'credit_notes_stay_within_the_line';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER credit_notes_stay_within_the_line AFTER INSERT ON ledger_creditnoteline FOR EACH ROW
    EXECUTE FUNCTION credit_notes_stay_within_the_line();
