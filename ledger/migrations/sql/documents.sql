-- A document is what a customer was handed: it is what its hash says, and it is never changed.
ALTER TABLE ledger_document DROP CONSTRAINT IF EXISTS document_is_what_its_hash_says;
ALTER TABLE ledger_document ADD CONSTRAINT document_is_what_its_hash_says
    CHECK (sha256 = encode(sha256(content), 'hex') AND size = length(content));
DROP TRIGGER IF EXISTS document_is_never_changed ON ledger_document;
CREATE TRIGGER document_is_never_changed BEFORE UPDATE OR DELETE ON ledger_document
    FOR EACH ROW EXECUTE FUNCTION fact_is_never_changed();
