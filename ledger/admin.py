"""Table of contents: every admin page of the ledger."""

from ledger.authority.admin import ApprovalAdmin, AuthorityLimitAdmin
from ledger.books.admin import AccountAdmin, JournalEntryAdmin
from ledger.charges.admin import ChargeAdmin
from ledger.customers.admin import CustomerAdmin
from ledger.disputes.admin import ChargebackAdmin, DisputeAdmin
from ledger.events.admin import EventAdmin, ReactionAdmin
from ledger.invoices.admin import CreditNoteAdmin, InvoiceAdmin
from ledger.payments.admin import PaymentAdmin, PaymentMethodAdmin
from ledger.refunds.admin import RefundAdmin
from ledger.subscriptions.admin import PlanAdmin, SubscriptionAdmin

__all__ = [
    "AccountAdmin",
    "ApprovalAdmin",
    "AuthorityLimitAdmin",
    "ChargeAdmin",
    "ChargebackAdmin",
    "CreditNoteAdmin",
    "CustomerAdmin",
    "DisputeAdmin",
    "EventAdmin",
    "InvoiceAdmin",
    "JournalEntryAdmin",
    "PaymentAdmin",
    "PaymentMethodAdmin",
    "PlanAdmin",
    "ReactionAdmin",
    "RefundAdmin",
    "SubscriptionAdmin",
]
