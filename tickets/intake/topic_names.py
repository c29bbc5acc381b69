"""The billing topics a message can be about. Pure."""

from enum import StrEnum


class Topic(StrEnum):
    """What a message is about, in the words of the queue rules."""

    DUPLICATE_CHARGE = "duplicate_charge"
    HIGHER_BILL = "higher_bill"
    REFUND_REQUEST = "refund_request"
    PAYMENT_FAILED = "payment_failed"
    RENEWAL = "renewal"
    PRICE_CHANGE = "price_change"
    CANCEL = "cancel"
    PLAN_CHANGE = "plan_change"
    INVOICE_COPY = "invoice_copy"
    ACCOUNT_ACCESS = "account_access"
    GENERAL = "general"
