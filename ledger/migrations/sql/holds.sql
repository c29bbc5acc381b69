-- A hold is lifted once; what it stops, why and since when is never changed.
DROP TRIGGER IF EXISTS hold_keeps_its_terms ON ledger_hold;
CREATE OR REPLACE FUNCTION hold_keeps_its_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.lifted_at IS NOT NULL
        OR (to_jsonb(NEW) - 'lifted_at' - 'lifted_by') <> (to_jsonb(OLD) - 'lifted_at' - 'lifted_by') THEN
        RAISE EXCEPTION 'hold % keeps its terms; it can only be lifted, once', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hold_keeps_its_terms BEFORE UPDATE ON ledger_hold
    FOR EACH ROW EXECUTE FUNCTION hold_keeps_its_terms();
