-- State machines and facts of billing; the moves are those the models draw.
DROP TRIGGER IF EXISTS guard_state ON ledger_invoice;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_invoice FOR EACH ROW
    EXECUTE FUNCTION guard_state('draft>open', 'draft>void', 'open>paid', 'paid>open', 'open>void',
        'open>uncollectible', 'uncollectible>open', 'uncollectible>paid');
DROP TRIGGER IF EXISTS guard_state ON ledger_subscription;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_subscription FOR EACH ROW
    EXECUTE FUNCTION guard_state('trial>active', 'trial>cancelled', 'active>past_due', 'past_due>active',
        'active>paused', 'paused>active', 'active>cancelled', 'past_due>cancelled', 'paused>cancelled',
        'cancelled>active', 'cancelled>trial');
DROP TRIGGER IF EXISTS guard_state ON ledger_subscriptionchange;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_subscriptionchange FOR EACH ROW
    EXECUTE FUNCTION guard_state('scheduled>applied', 'scheduled>withdrawn', 'scheduled>refused');

CREATE OR REPLACE FUNCTION fact_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never changed: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_TABLE_NAME || '_is_never_changed';
END $$;
-- A price version is what customers agreed to: the next version follows it, nothing rewrites it.
DROP TRIGGER IF EXISTS price_is_never_changed ON ledger_price;
CREATE TRIGGER price_is_never_changed BEFORE UPDATE ON ledger_price
    FOR EACH ROW EXECUTE FUNCTION fact_is_never_changed();
DROP TRIGGER IF EXISTS usage_event_is_never_changed ON ledger_usageevent;
CREATE TRIGGER usage_event_is_never_changed BEFORE UPDATE OR DELETE ON ledger_usageevent
    FOR EACH ROW EXECUTE FUNCTION fact_is_never_changed();
