"""What follows from bills that are not paid in time: the second part of the table in billing_desk/reactions.py."""

from collections.abc import Mapping

from billing_desk.api.webhooks import queue_webhooks
from billing_desk.documents import deliver_reminder
from billing_desk.payment_plans import deliver_plan, tell_plan_declined, tell_plan_offered
from ledger.entitlements.reactions import review_access_of
from ledger.events import kinds
from ledger.events.outbox import Handler
from notifications.reactions import tell_customer
from tickets.reactions import open_delivery_task, open_hardship_case, open_payment_case

ARREARS: Mapping[str, tuple[Handler, ...]] = {
    # Bills nobody paid in time
    kinds.DUNNING_STARTED: (),
    kinds.DUNNING_REMINDED: (deliver_reminder, queue_webhooks),
    kinds.DUNNING_PHONE_TASK_DUE: (open_delivery_task,),
    kinds.DUNNING_STEP_TAKEN: (review_access_of, queue_webhooks),
    kinds.DUNNING_STOPPED: (),
    kinds.DUNNING_FINISHED: (queue_webhooks,),
    kinds.LATE_FEE_CHARGED: (tell_customer, queue_webhooks),
    kinds.LATE_FEE_WAIVER_REQUESTED: (),
    kinds.LATE_FEE_WAIVER_DECLINED: (),
    kinds.LATE_FEE_WAIVED: (tell_customer, queue_webhooks),
    # Tries to collect them
    kinds.RETRIES_PLANNED: (queue_webhooks,),
    kinds.RETRY_SKIPPED: (),
    kinds.RETRIES_CANCELLED: (),
    kinds.RETRIES_EXHAUSTED: (open_payment_case, queue_webhooks),
    kinds.ATTEMPT_STARTED: (),
    kinds.ATTEMPT_PENDING: (),
    kinds.ATTEMPT_UNKNOWN: (),
    kinds.ATTEMPT_UNRESOLVED: (queue_webhooks,),
    kinds.ATTEMPT_ASKED: (),
    kinds.ATTEMPT_SUCCEEDED: (),
    kinds.ATTEMPT_FAILED: (review_access_of,),
    kinds.GATEWAY_RESTING: (queue_webhooks,),
    kinds.GATEWAY_ANSWERING: (queue_webhooks,),
    # What was agreed on about them
    kinds.PAYMENT_PROMISE_MADE: (tell_customer, queue_webhooks),
    kinds.PAYMENT_PROMISE_KEPT: (queue_webhooks,),
    kinds.PAYMENT_PROMISE_PARTLY_KEPT: (tell_customer, queue_webhooks),
    kinds.PAYMENT_PROMISE_BROKEN: (tell_customer, queue_webhooks),
    kinds.PAYMENT_PROMISE_WITHDRAWN: (queue_webhooks,),
    kinds.PAYMENT_PLAN_PROPOSED: (tell_plan_offered, queue_webhooks),
    kinds.PAYMENT_PLAN_APPROVED: (tell_plan_offered, queue_webhooks),
    kinds.PAYMENT_PLAN_DECLINED: (tell_plan_declined, queue_webhooks),
    kinds.PAYMENT_PLAN_AGREED: (deliver_plan, queue_webhooks),
    kinds.PAYMENT_PLAN_CHANGED: (tell_customer, queue_webhooks),
    kinds.PAYMENT_PLAN_KEPT: (tell_customer, queue_webhooks),
    kinds.PAYMENT_PLAN_SETTLED_EARLY: (tell_customer, queue_webhooks),
    kinds.PAYMENT_PLAN_DEFAULTED: (tell_customer, queue_webhooks),
    kinds.PAYMENT_PLAN_CANCELLED: (tell_customer, queue_webhooks),
    kinds.INSTALMENT_COMING: (tell_customer,),
    kinds.INSTALMENT_PAID: (queue_webhooks,),
    kinds.INSTALMENT_NOT_CHARGED: (),
    kinds.INSTALMENT_MISSED: (tell_customer, queue_webhooks),
    # Help, and what stops collection for a while
    kinds.HARDSHIP_STARTED: (tell_customer, open_hardship_case, queue_webhooks),
    kinds.HARDSHIP_REVIEWED: (queue_webhooks,),
    kinds.HARDSHIP_REVIEW_DUE: (open_hardship_case,),
    kinds.HARDSHIP_ENDED: (tell_customer, queue_webhooks),
    kinds.HOLD_PLACED: (review_access_of,),
    kinds.HOLD_LIFTED: (review_access_of,),
    # Whether the customer may use what they pay for
    kinds.ENTITLEMENT_GRACE_STARTED: (queue_webhooks,),
    kinds.ENTITLEMENT_WARNED: (tell_customer, queue_webhooks),
    kinds.ENTITLEMENT_RESTRICTED: (tell_customer, queue_webhooks),
    kinds.ENTITLEMENT_SUSPENDED: (tell_customer, queue_webhooks),
    kinds.ENTITLEMENT_RESTORED: (tell_customer, queue_webhooks),
    kinds.ENTITLEMENT_CLEARED: (queue_webhooks,),
    kinds.ENTITLEMENT_OVERRIDDEN: (),
    kinds.ENTITLEMENT_OVERRIDE_ENDED: (),
}
