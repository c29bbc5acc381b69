"""What happens because a subscription changed, or a customer chose how to pay or get bills: part of the one table."""

from collections.abc import Mapping

from billing_desk.api.webhooks import queue_webhooks
from ledger.events import kinds
from ledger.events.outbox import Handler
from notifications.reactions import tell_customer

SUBSCRIPTIONS: Mapping[str, tuple[Handler, ...]] = {
    # Subscriptions
    kinds.SUBSCRIPTION_STARTED: (tell_customer, queue_webhooks),
    kinds.SUBSCRIPTION_RENEWED: (queue_webhooks,),
    kinds.SUBSCRIPTION_PAUSED: (tell_customer, queue_webhooks),
    kinds.SUBSCRIPTION_RESUMED: (tell_customer, queue_webhooks),
    kinds.SUBSCRIPTION_CANCELLED: (tell_customer, queue_webhooks),
    kinds.SUBSCRIPTION_REINSTATED: (tell_customer, queue_webhooks),
    kinds.SUBSCRIPTION_TRIAL_ENDED: (tell_customer, queue_webhooks),
    kinds.SUBSCRIPTION_ORDERED: (tell_customer, queue_webhooks),
    kinds.SUBSCRIPTION_BEGAN: (tell_customer, queue_webhooks),
    kinds.SUBSCRIPTION_EXPIRED: (tell_customer, queue_webhooks),
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
    kinds.SAVE_OFFER_SHOWN: (),
    kinds.SAVE_OFFER_ACCEPTED: (tell_customer, queue_webhooks),
    kinds.SAVE_OFFER_DECLINED: (),
    # What customers chose: with what they pay, and how their bills come
    kinds.PAYMENT_METHOD_CHOSEN: (tell_customer, queue_webhooks),
    kinds.PAYMENT_METHOD_CHOICE_UNDONE: (tell_customer, queue_webhooks),
    # Bills on paper
    kinds.DELIVERY_CHOSEN: (tell_customer, queue_webhooks),
    kinds.DELIVERY_UNDONE: (tell_customer, queue_webhooks),
    kinds.LETTER_QUEUED: (),
    kinds.LETTERS_TAKEN: (),
    kinds.LETTERS_FETCHED: (),
    kinds.LETTERS_PRINTED: (),
}
