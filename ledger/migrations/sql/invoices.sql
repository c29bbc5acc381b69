-- A bill that was asked for is a fact: its number, its sums and its lines stay. A draft may still change.
CREATE OR REPLACE FUNCTION invoice_keeps_what_was_asked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' AND (
        NEW.number <> OLD.number OR NEW.customer_id <> OLD.customer_id OR NEW.currency <> OLD.currency
        OR NEW.net_minor <> OLD.net_minor OR NEW.tax_minor <> OLD.tax_minor OR NEW.total_minor <> OLD.total_minor
        OR NEW.issued_on <> OLD.issued_on OR NEW.tax_evidence <> OLD.tax_evidence
    ) THEN
        RAISE EXCEPTION 'invoice % was issued: its number, sums and day stay', OLD.number
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoice_keeps_what_was_asked';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS invoice_keeps_what_was_asked ON ledger_invoice;
CREATE TRIGGER invoice_keeps_what_was_asked BEFORE UPDATE ON ledger_invoice
    FOR EACH ROW EXECUTE FUNCTION invoice_keeps_what_was_asked();

CREATE OR REPLACE FUNCTION invoice_line_keeps_what_was_asked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.invoice_id = OLD.invoice_id AND NEW.charge_id = OLD.charge_id
       AND NEW.position = OLD.position AND NEW.net_minor = OLD.net_minor AND NEW.tax_minor = OLD.tax_minor
       AND NEW.tax_rate = OLD.tax_rate AND NEW.description = OLD.description AND NEW.currency = OLD.currency THEN
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT FROM ledger_invoice i WHERE i.id = OLD.invoice_id AND i.state <> 'draft') THEN
        RAISE EXCEPTION 'a line of an issued bill is never changed or deleted: % refused', TG_OP
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'invoice_line_keeps_what_was_asked';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
DROP TRIGGER IF EXISTS invoice_line_keeps_what_was_asked ON ledger_invoiceline;
CREATE TRIGGER invoice_line_keeps_what_was_asked BEFORE UPDATE OR DELETE ON ledger_invoiceline
    FOR EACH ROW EXECUTE FUNCTION invoice_line_keeps_what_was_asked();

DROP TRIGGER IF EXISTS credit_note_is_never_changed ON ledger_creditnote;
CREATE TRIGGER credit_note_is_never_changed BEFORE UPDATE OR DELETE ON ledger_creditnote
    FOR EACH ROW EXECUTE FUNCTION fact_is_never_changed();
DROP TRIGGER IF EXISTS credit_note_line_is_never_changed ON ledger_creditnoteline;
CREATE TRIGGER credit_note_line_is_never_changed BEFORE UPDATE OR DELETE ON ledger_creditnoteline
    FOR EACH ROW EXECUTE FUNCTION fact_is_never_changed();
