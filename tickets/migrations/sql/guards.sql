-- The moves of cases and clocks, whoever writes. guard_state() is the ledger's: the arguments are "from>to".
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON tickets_ticket FOR EACH ROW
    EXECUTE FUNCTION guard_state('open>waiting', 'open>resolved', 'waiting>resolved', 'waiting>open', 'resolved>open',
        'resolved>closed');
CREATE TRIGGER guard_state BEFORE UPDATE OF state ON tickets_clock FOR EACH ROW
    EXECUTE FUNCTION guard_state('running>paused', 'paused>running', 'running>stopped', 'paused>stopped');
