"""What follows from what banks and gateways say: the third part of the table in billing_desk/reactions.py."""

from collections.abc import Mapping

from billing_desk.api.webhooks import queue_webhooks
from ledger.disputes.reactions import answer_refunded_chargeback
from ledger.entitlements.reactions import review_access_of
from ledger.events import kinds
from ledger.events.outbox import Handler
from ledger.instalments.reactions import follow_plans
from notifications.reactions import tell_customer
from tickets.reactions import note_progress

BANKS: Mapping[str, tuple[Handler, ...]] = {
    # The customer's bank against us
    kinds.CHARGEBACK_RECEIVED: (
        review_access_of,
        follow_plans,
        note_progress,
        answer_refunded_chargeback,
        queue_webhooks,
    ),
    kinds.CHARGEBACK_INQUIRY_RECEIVED: (note_progress, queue_webhooks),
    kinds.CHARGEBACK_ESCALATED: (note_progress, answer_refunded_chargeback, queue_webhooks),
    kinds.CHARGEBACK_ANSWERED: (note_progress, queue_webhooks),
    kinds.CHARGEBACK_ANSWER_SENT: (note_progress, queue_webhooks),
    kinds.CHARGEBACK_ANSWER_UNKNOWN: (note_progress,),
    kinds.CHARGEBACK_ANSWER_REFUSED: (note_progress, queue_webhooks),
    kinds.CHARGEBACK_ANSWER_MISSED: (note_progress, queue_webhooks),
    kinds.CHARGEBACK_ACCEPTED: (review_access_of, follow_plans, note_progress, queue_webhooks),
    kinds.CHARGEBACK_DEADLINE_NEARS: (note_progress, queue_webhooks),
    kinds.CHARGEBACK_WON: (review_access_of, follow_plans, note_progress, queue_webhooks),
    kinds.CHARGEBACK_LOST: (review_access_of, follow_plans, note_progress, queue_webhooks),
    # What a gateway reported that fits nothing of ours, or not yet
    kinds.BREAK_FOUND: (queue_webhooks,),
    kinds.GATEWAY_REPORT_PARKED: (),
    kinds.GATEWAY_REPORT_TAKEN_UP: (),
    # What customers agreed to, so that a card or account is kept
    kinds.MANDATE_ACCEPTED: (),
    kinds.MANDATE_IN_FORCE: (tell_customer,),
    kinds.MANDATE_REVOKED: (tell_customer,),
    kinds.MANDATE_NOT_KEPT: (),
}
