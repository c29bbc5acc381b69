-- Moves of an agreement are those its model draws; what it says is never rewritten, and who accepted it stays.
DROP TRIGGER IF EXISTS guard_state ON ledger_agreement;
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON ledger_agreement FOR EACH ROW
    EXECUTE FUNCTION guard_state('waiting_approval>proposed', 'proposed>offered', 'offered>accepted',
        'waiting_approval>declined', 'proposed>declined', 'offered>declined', 'offered>lapsed', 'accepted>superseded',
        'accepted>ended');
DROP TRIGGER IF EXISTS agreement_keeps_its_terms ON ledger_agreement;
CREATE TRIGGER agreement_keeps_its_terms BEFORE UPDATE ON ledger_agreement FOR EACH ROW
    WHEN (ROW(OLD.customer_id, OLD.subscription_id, OLD.version, OLD.replaces_id, OLD.plan_id, OLD.currency,
        OLD.price_minor, OLD.percent, OLD.starts_on, OLD.ends_on, OLD.renews_months, OLD.notice_days, OLD.language,
        OLD.wording, OLD.wording_hash, OLD.worth_minor, OLD.requested_by) IS DISTINCT FROM ROW(NEW.customer_id,
        NEW.subscription_id, NEW.version, NEW.replaces_id, NEW.plan_id, NEW.currency, NEW.price_minor, NEW.percent,
        NEW.starts_on, NEW.ends_on, NEW.renews_months, NEW.notice_days, NEW.language, NEW.wording, NEW.wording_hash,
        NEW.worth_minor, NEW.requested_by))
    EXECUTE FUNCTION fact_is_never_changed();
DROP TRIGGER IF EXISTS agreement_acceptance_is_never_changed ON ledger_agreementacceptance;
CREATE TRIGGER agreement_acceptance_is_never_changed BEFORE UPDATE OR DELETE ON ledger_agreementacceptance
    FOR EACH ROW EXECUTE FUNCTION fact_is_never_changed();
DROP TRIGGER IF EXISTS subscription_terms_are_never_changed ON ledger_subscriptionterms;
CREATE TRIGGER subscription_terms_are_never_changed BEFORE UPDATE OR DELETE ON ledger_subscriptionterms
    FOR EACH ROW EXECUTE FUNCTION fact_is_never_changed();

-- What bills follow was accepted by the customer: an amendment nobody accepted never reaches rating.
CREATE OR REPLACE FUNCTION terms_come_from_what_was_accepted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM ledger_agreementacceptance a JOIN ledger_agreement g ON g.id = a.agreement_id
                   WHERE 'agreement:' || g.id = NEW.source AND g.subscription_id = NEW.subscription_id) THEN
        RAISE EXCEPTION 'nobody accepted %', NEW.source
            USING ERRCODE = 'check_violation', CONSTRAINT = 'subscription_terms_were_accepted';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS subscription_terms_were_accepted ON ledger_subscriptionterms;
CREATE TRIGGER subscription_terms_were_accepted BEFORE INSERT ON ledger_subscriptionterms
    FOR EACH ROW EXECUTE FUNCTION terms_come_from_what_was_accepted();
