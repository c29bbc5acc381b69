"""Everything that happens because something happened, in one table.

A kind with an empty tuple is a decision: nothing follows but the record itself. docs/events.md is generated from here.
"""

from collections.abc import Mapping

from billing_desk.api.webhooks import queue_webhooks
from ledger.events import kinds
from ledger.events.outbox import Handler
from notifications import events as told
from notifications.reactions import tell_customer
from tickets import events as cases
from tickets.reactions import (
    acknowledge,
    keep_promises,
    link_found_references,
    note_delivery_trouble,
    note_progress,
    note_refused,
    note_verified,
    obey_keyword,
    raise_alarm,
    settle_clocks,
    tell_refused_files,
)
from verification import events as proofs

REACTIONS: Mapping[str, tuple[Handler, ...]] = {
    # Customers and what is known of them
    kinds.CUSTOMER_OPENED: (queue_webhooks,),
    kinds.CUSTOMER_CLOSED: (queue_webhooks,),
    kinds.CONTACT_POINT_ADDED: (),
    kinds.CONTACT_POINT_REMOVED: (),
    kinds.ACCOUNT_VIEWED: (),
    kinds.ACCESS_REFUSED: (note_refused,),
    # Bills
    kinds.CHARGE_ADDED: (queue_webhooks,),
    kinds.CHARGE_REVERSED: (queue_webhooks,),
    kinds.INVOICE_ISSUED: (tell_customer, queue_webhooks),
    kinds.INVOICE_PAID: (queue_webhooks,),
    kinds.CREDIT_NOTE_ISSUED: (note_progress, queue_webhooks),
    kinds.CREDIT_APPLIED: (queue_webhooks,),
    # Subscriptions
    kinds.SUBSCRIPTION_STARTED: (tell_customer, queue_webhooks),
    kinds.SUBSCRIPTION_RENEWED: (queue_webhooks,),
    kinds.SUBSCRIPTION_PAUSED: (tell_customer, queue_webhooks),
    kinds.SUBSCRIPTION_RESUMED: (tell_customer, queue_webhooks),
    kinds.SUBSCRIPTION_CANCELLED: (tell_customer, queue_webhooks),
    # Money in
    kinds.PAYMENT_RECEIVED: (tell_customer, queue_webhooks),
    kinds.PAYMENT_FAILED: (tell_customer, queue_webhooks),
    kinds.PAYMENT_METHOD_ADDED: (),
    # Money back
    kinds.REFUND_REQUESTED: (note_progress, tell_customer, queue_webhooks),
    kinds.REFUND_APPROVED: (note_progress, tell_customer, queue_webhooks),
    kinds.REFUND_DECLINED: (note_progress, tell_customer, keep_promises, queue_webhooks),
    kinds.REFUND_PAID: (note_progress, tell_customer, keep_promises, queue_webhooks),
    kinds.REFUND_FAILED: (note_progress, tell_customer, queue_webhooks),
    kinds.REFUND_CANCELLED: (note_progress, tell_customer, keep_promises, queue_webhooks),
    # Disputes
    kinds.DISPUTE_OPENED: (note_progress, tell_customer, queue_webhooks),
    kinds.DISPUTE_IN_REVIEW: (note_progress, queue_webhooks),
    kinds.DISPUTE_UPHELD: (note_progress, tell_customer, queue_webhooks),
    kinds.DISPUTE_REJECTED: (note_progress, tell_customer, queue_webhooks),
    kinds.DISPUTE_WITHDRAWN: (note_progress, tell_customer, queue_webhooks),
    kinds.DISPUTE_APPEALED: (note_progress, queue_webhooks),
    kinds.CHARGEBACK_RECEIVED: (note_progress, queue_webhooks),
    kinds.CHARGEBACK_WON: (note_progress, queue_webhooks),
    kinds.CHARGEBACK_LOST: (note_progress, queue_webhooks),
    # The books and who may do what
    kinds.AUTHORITY_LIMIT_CHANGED: (),
    kinds.ENTRY_REVERSED: (queue_webhooks,),
    kinds.PERIOD_CLOSED: (),
    kinds.CONFIGURATION_CHANGED: (),
    # Who somebody is
    proofs.CHECK_STARTED: (note_verified,),
    proofs.CODE_SENT: (),
    proofs.IDENTITY_VERIFIED: (note_verified,),
    proofs.ANSWER_WRONG: (),
    proofs.CHECK_LOCKED: (note_verified, raise_alarm),
    proofs.CHECK_EXPIRED: (note_verified,),
    # Cases
    cases.TICKET_OPENED: (acknowledge, obey_keyword, queue_webhooks),
    cases.TICKET_MESSAGE_RECEIVED: (obey_keyword, queue_webhooks),
    cases.TICKET_REPLY_SENT: (queue_webhooks,),
    cases.TICKET_NOTE_ADDED: (),
    cases.TICKET_ASSIGNED: (),
    cases.TICKET_RELEASED: (),
    cases.TICKET_HANDED_OVER: (queue_webhooks,),
    cases.TICKET_WAITING: (settle_clocks,),
    cases.TICKET_RESOLVED: (settle_clocks, queue_webhooks),
    cases.TICKET_REOPENED: (settle_clocks, queue_webhooks),
    cases.TICKET_CLOSED: (settle_clocks,),
    cases.TICKET_LINKED: (link_found_references,),
    cases.REFERENCE_CHOSEN: (),
    cases.REFERENCE_REFUSED: (),
    cases.MAIL_PARKED: (),
    cases.UPLOAD_REFUSED: (tell_refused_files,),
    cases.SENDER_NOT_KNOWN: (),
    cases.CLOCK_BREACHED: (queue_webhooks,),
    cases.CALL_RECEIVED: (),
    cases.PROMISE_MADE: (),
    cases.PROMISE_KEPT: (),
    cases.PROMISE_BROKEN: (queue_webhooks,),
    cases.PROMISE_WITHDRAWN: (),
    # What customers were told
    told.MESSAGE_SENT: (),
    told.MESSAGE_FAILED: (note_delivery_trouble,),
    told.MESSAGE_BOUNCED: (note_delivery_trouble,),
    told.MESSAGE_NOT_POSSIBLE: (),
    told.MESSAGE_RETRIED: (),
    told.NOTICES_CREATED: (),
    told.CONSENT_RECORDED: (),
    told.PREFERENCE_CHANGED: (),
}
