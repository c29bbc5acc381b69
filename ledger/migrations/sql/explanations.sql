-- What a customer was told is a fact: it can be superseded once, and nothing else about it changes.
DROP TRIGGER IF EXISTS given_explanation_is_only_superseded ON ledger_givenexplanation;
DROP TRIGGER IF EXISTS given_explanation_no_truncate ON ledger_givenexplanation;
CREATE OR REPLACE FUNCTION given_explanation_is_only_superseded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.superseded_at IS NULL OR OLD.superseded_at = NEW.superseded_at)
       AND (OLD.superseded_by_id IS NULL OR OLD.superseded_by_id = NEW.superseded_by_id)
       AND to_jsonb(NEW) - 'superseded_at' - 'superseded_by_id' = to_jsonb(OLD) - 'superseded_at' - 'superseded_by_id'
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a given explanation is never changed: % refused', TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'given_explanation_is_only_superseded';
END $$;
CREATE TRIGGER given_explanation_is_only_superseded BEFORE UPDATE OR DELETE ON ledger_givenexplanation
    FOR EACH ROW EXECUTE FUNCTION given_explanation_is_only_superseded();
CREATE TRIGGER given_explanation_no_truncate BEFORE TRUNCATE ON ledger_givenexplanation
    FOR EACH STATEMENT EXECUTE FUNCTION given_explanation_is_only_superseded();
