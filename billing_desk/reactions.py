"""Everything that happens because something happened, in one table.

A kind with an empty tuple is a decision: nothing follows but the record itself. docs/events.md is generated from here.
"""

from collections.abc import Mapping

from billing_desk.api.webhooks import queue_webhooks
from billing_desk.documents import deliver_bill, keep_document
from ledger.discounts.reactions import return_discounts
from ledger.events import kinds
from ledger.events.outbox import Handler
from ledger.explanations.reactions import renew_given_explanations
from ledger.refunds.exchange import book_exchange_difference
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
    open_delivery_task,
    raise_alarm,
    settle_clocks,
    tell_refused_files,
)
from verification import events as proofs

REACTIONS: Mapping[str, tuple[Handler, ...]] = {
    # Customers and what is known of them
    kinds.CUSTOMER_OPENED: (queue_webhooks,),
    kinds.CUSTOMER_CLOSED: (queue_webhooks,),
    kinds.CUSTOMER_ADDRESS_CHANGED: (),
    kinds.CONTACT_POINT_ADDED: (),
    kinds.CONTACT_POINT_REMOVED: (),
    kinds.CONTACT_POINT_FAILED: (open_delivery_task,),
    kinds.CONTACT_POINT_TRUSTED: (),
    kinds.ACCOUNT_VIEWED: (),
    kinds.ACCESS_REFUSED: (note_refused,),
    # Bills
    kinds.CHARGE_ADDED: (queue_webhooks,),
    kinds.CHARGE_REVERSED: (queue_webhooks,),
    kinds.INVOICE_ISSUED: (deliver_bill, queue_webhooks),
    kinds.INVOICE_PAID: (queue_webhooks,),
    kinds.INVOICE_DRAFTED: (),
    kinds.INVOICE_DRAFT_CHANGED: (),
    kinds.INVOICE_DRAFT_DISCARDED: (),
    kinds.INVOICE_VOIDED: (tell_customer, return_discounts, renew_given_explanations, queue_webhooks),
    kinds.WRITE_OFF_REQUESTED: (),
    kinds.WRITE_OFF_DECLINED: (),
    kinds.INVOICE_GIVEN_UP: (queue_webhooks,),
    kinds.WRITE_OFF_RECOVERED: (queue_webhooks,),
    kinds.INVOICE_RECOVERED: (queue_webhooks,),
    kinds.CREDIT_NOTE_ISSUED: (note_progress, tell_customer, keep_document, renew_given_explanations, queue_webhooks),
    kinds.DOCUMENT_ISSUED: (),
    kinds.DOCUMENT_REFUSED: (open_delivery_task,),
    kinds.CREDIT_APPLIED: (queue_webhooks,),
    # Subscriptions
    kinds.SUBSCRIPTION_STARTED: (tell_customer, queue_webhooks),
    kinds.SUBSCRIPTION_RENEWED: (queue_webhooks,),
    kinds.SUBSCRIPTION_PAUSED: (tell_customer, queue_webhooks),
    kinds.SUBSCRIPTION_RESUMED: (tell_customer, queue_webhooks),
    kinds.SUBSCRIPTION_CANCELLED: (tell_customer, queue_webhooks),
    kinds.SUBSCRIPTION_REINSTATED: (tell_customer, queue_webhooks),
    kinds.SUBSCRIPTION_TRIAL_ENDED: (tell_customer, queue_webhooks),
    kinds.SUBSCRIPTION_PAST_DUE: (queue_webhooks,),
    kinds.SUBSCRIPTION_CAUGHT_UP: (queue_webhooks,),
    kinds.SUBSCRIPTION_PLAN_CHANGED: (tell_customer, queue_webhooks),
    kinds.SUBSCRIPTION_QUANTITY_CHANGED: (tell_customer, queue_webhooks),
    kinds.SUBSCRIPTION_ADD_ON_ADDED: (tell_customer, queue_webhooks),
    kinds.SUBSCRIPTION_ADD_ON_REMOVED: (tell_customer, queue_webhooks),
    kinds.SUBSCRIPTION_BILLING_DAY_MOVED: (tell_customer, queue_webhooks),
    kinds.SUBSCRIPTION_CHANGE_SCHEDULED: (tell_customer, queue_webhooks),
    kinds.SUBSCRIPTION_CHANGE_WITHDRAWN: (tell_customer, queue_webhooks),
    kinds.SUBSCRIPTION_CHANGE_REFUSED: (queue_webhooks,),
    # The billing run
    kinds.BILLING_RUN_STARTED: (),
    kinds.BILLING_RUN_TAKEN_OVER: (),
    kinds.BILLING_RUN_FINISHED: (queue_webhooks,),
    kinds.BILLING_RUN_ABANDONED: (queue_webhooks,),
    kinds.BILLING_EXCEPTION_RAISED: (queue_webhooks,),
    kinds.BILLING_EXCEPTION_RESOLVED: (queue_webhooks,),
    # What is sold, what was used, and what was taken off
    kinds.PRODUCT_ADDED: (queue_webhooks,),
    kinds.PRODUCT_RETIRED: (queue_webhooks,),
    kinds.PRODUCT_OFFERED_AGAIN: (queue_webhooks,),
    kinds.PRICE_ADDED: (queue_webhooks,),
    kinds.USAGE_REPORTED: (),
    kinds.DISCOUNT_REQUESTED: (note_progress,),
    kinds.DISCOUNT_GRANTED: (note_progress, queue_webhooks),
    kinds.DISCOUNT_DECLINED: (note_progress, queue_webhooks),
    kinds.DISCOUNT_USED: (),
    kinds.DISCOUNT_ENDED: (note_progress, queue_webhooks),
    kinds.DISCOUNT_RETURNED: (),
    # What was agreed on with one customer
    kinds.AGREEMENT_PROPOSED: (),
    kinds.AGREEMENT_APPROVED: (queue_webhooks,),
    kinds.AGREEMENT_DECLINED: (queue_webhooks,),
    kinds.AGREEMENT_OFFERED: (tell_customer, queue_webhooks),
    kinds.AGREEMENT_ACCEPTED: (queue_webhooks,),
    kinds.AGREEMENT_LAPSED: (queue_webhooks,),
    kinds.AGREEMENT_SUPERSEDED: (),
    kinds.AGREEMENT_ENDED: (queue_webhooks,),
    # Money in
    kinds.PAYMENT_RECEIVED: (tell_customer, queue_webhooks),
    kinds.PAYMENT_FAILED: (tell_customer, queue_webhooks),
    kinds.PROCESSOR_FEE_RECORDED: (),
    kinds.PAYMENT_METHOD_ADDED: (),
    # Money back
    kinds.REFUND_REQUESTED: (note_progress, tell_customer, queue_webhooks),
    kinds.REFUND_APPROVED: (note_progress, tell_customer, queue_webhooks),
    kinds.REFUND_DECLINED: (note_progress, tell_customer, keep_promises, queue_webhooks),
    kinds.REFUND_PAID: (note_progress, tell_customer, keep_promises, book_exchange_difference, queue_webhooks),
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
    # Rules of countries, and other currencies
    kinds.JURISDICTION_RULE_PROPOSED: (),
    kinds.JURISDICTION_RULE_APPROVED: (),
    kinds.JURISDICTION_RULE_DISCARDED: (),
    kinds.JURISDICTION_RULE_ENDED: (),
    kinds.JURISDICTION_RULE_CONFIRMED: (),
    kinds.JURISDICTION_RULE_MISSING: (queue_webhooks,),
    kinds.TAX_ID_CHECKED: (),
    kinds.EXCHANGE_RATES_LOADED: (),
    kinds.CURRENCY_EXCHANGED: (),
    kinds.CURRENCY_GAIN_REALISED: (),
    # What customers were told about their money
    kinds.EXPLANATION_GIVEN: (),
    kinds.EXPLANATION_SUPERSEDED: (queue_webhooks,),
    # The books and who may do what
    kinds.AUTHORITY_LIMIT_CHANGED: (),
    kinds.ENTRY_REVERSED: (renew_given_explanations, queue_webhooks),
    kinds.PERIOD_CLOSED: (queue_webhooks,),
    kinds.REVENUE_RECOGNISED: (),
    kinds.MONTH_PREPARED: (),
    kinds.BOOKS_SEALED: (queue_webhooks,),
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
