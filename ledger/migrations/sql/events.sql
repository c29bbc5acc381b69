-- Events are facts: written once, sealed once, never changed or deleted, by nobody.

CREATE OR REPLACE FUNCTION event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.position IS NULL AND NEW.position IS NOT NULL
           AND (to_jsonb(NEW) - 'position' - 'previous_hash' - 'hash')
             = (to_jsonb(OLD) - 'position' - 'previous_hash' - 'hash') THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'events are append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON ledger_event
    FOR EACH ROW EXECUTE FUNCTION event_is_append_only();
CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON ledger_event
    FOR EACH STATEMENT EXECUTE FUNCTION event_is_append_only();

-- What an event says, as one text: the same bytes whoever reads it, in whatever time zone.
CREATE OR REPLACE FUNCTION event_text(e ledger_event) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(
        e.id, e.kind, e.subject, e.customer_id, e.actor, e.on_behalf_of,
        to_char(e.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        to_char(e.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        e.data, e.position
    )::text
$$;

CREATE OR REPLACE FUNCTION event_hash(e ledger_event, previous text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(previous || event_text(e), 'UTF8')), 'hex')
$$;

-- The last link of the chain, kept beside it so that cutting off the tail is noticed.
CREATE TABLE ledger_event_head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint NOT NULL,
    hash varchar(64) NOT NULL
);
INSERT INTO ledger_event_head (position, hash) VALUES (0, '');

-- Chains committed events in the order of their ids, one sealer at a time; writers never wait for it.
CREATE OR REPLACE FUNCTION seal_events(most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    head ledger_event_head;
    found ledger_event;
    sealed integer := 0;
BEGIN
    SELECT * INTO head FROM ledger_event_head FOR UPDATE;
    FOR found IN SELECT * FROM ledger_event WHERE position IS NULL ORDER BY id LIMIT most LOOP
        found.position := head.position + 1;
        found.previous_hash := head.hash;
        found.hash := event_hash(found, head.hash);
        UPDATE ledger_event SET position = found.position, previous_hash = found.previous_hash, hash = found.hash
            WHERE id = found.id;
        head.position := found.position;
        head.hash := found.hash;
        sealed := sealed + 1;
    END LOOP;
    UPDATE ledger_event_head SET position = head.position, hash = head.hash;
    RETURN sealed;
END $$;
