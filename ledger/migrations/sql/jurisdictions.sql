-- Rules of countries: never rewritten, never two in force for one place; checks of VAT ids are facts.
-- btree_gist comes with PostgreSQL (contrib, trusted): it lets an exclusion compare texts beside ranges.
CREATE EXTENSION IF NOT EXISTS btree_gist;
DROP TRIGGER IF EXISTS guard_state ON ledger_jurisdictionrule;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_jurisdictionrule FOR EACH ROW
    EXECUTE FUNCTION guard_state('proposed>approved', 'proposed>discarded');

ALTER TABLE ledger_jurisdictionrule DROP CONSTRAINT IF EXISTS jurisdiction_rule_one_in_force_per_place;
ALTER TABLE ledger_jurisdictionrule ADD CONSTRAINT jurisdiction_rule_one_in_force_per_place
    EXCLUDE USING gist (kind WITH =, country WITH =, region WITH =, customer_type WITH =, category WITH =,
        daterange(valid_from, valid_to) WITH &&) WHERE (state = 'approved');

CREATE OR REPLACE FUNCTION jurisdiction_rule_keeps_its_content() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.kind, NEW.country, NEW.region, NEW.customer_type, NEW.category, NEW.params, NEW.wording, NEW.note,
        NEW.source, NEW.owner, NEW.examples, NEW.valid_from, NEW.author, NEW.proposed_at)
        IS DISTINCT FROM
        (OLD.kind, OLD.country, OLD.region, OLD.customer_type, OLD.category, OLD.params, OLD.wording, OLD.note,
        OLD.source, OLD.owner, OLD.examples, OLD.valid_from, OLD.author, OLD.proposed_at)
    THEN
        RAISE EXCEPTION 'a rule is never rewritten: propose the one that follows it'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'jurisdiction_rule_keeps_its_content';
    END IF;
    IF NEW.valid_to IS DISTINCT FROM OLD.valid_to AND (NEW.valid_to IS NULL OR NEW.valid_to > OLD.valid_to) THEN
        RAISE EXCEPTION 'the end of a rule only comes nearer'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'jurisdiction_rule_keeps_its_content';
    END IF;
    IF OLD.reviewed_by <> '' AND (NEW.reviewed_by, NEW.reviewed_at) IS DISTINCT FROM (OLD.reviewed_by, OLD.reviewed_at)
    THEN
        RAISE EXCEPTION 'who reviewed a rule is not rewritten'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'jurisdiction_rule_keeps_its_content';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS jurisdiction_rule_keeps_its_content ON ledger_jurisdictionrule;
CREATE TRIGGER jurisdiction_rule_keeps_its_content BEFORE UPDATE ON ledger_jurisdictionrule
    FOR EACH ROW EXECUTE FUNCTION jurisdiction_rule_keeps_its_content();

DROP TRIGGER IF EXISTS tax_id_check_is_never_changed ON ledger_taxidcheck;
CREATE TRIGGER tax_id_check_is_never_changed BEFORE UPDATE OR DELETE ON ledger_taxidcheck
    FOR EACH ROW EXECUTE FUNCTION fact_is_never_changed();
