-- Run after every migrate: what was said, when it was promised and what it led to is never deleted.
REVOKE DELETE, TRUNCATE ON tickets_ticket, tickets_message, tickets_attachment, tickets_reference, tickets_clock,
    tickets_caselink, tickets_promise, tickets_parkedmail, tickets_calllog FROM billing_desk_app;
