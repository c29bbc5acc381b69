"""Table of contents: every admin page of the ledger."""

from ledger.agreements.admin import AgreementAdmin
from ledger.authority.admin import ApprovalAdmin, AuthorityLimitAdmin
from ledger.billing.admin import BillingExceptionAdmin, BillingRunAdmin
from ledger.books.admin import AccountAdmin, JournalEntryAdmin
from ledger.catalogue.admin import AddOnAdmin, OneOffItemAdmin, PlanAdmin
from ledger.charges.admin import ChargeAdmin
from ledger.closing.admin import MonthCloseAdmin, RecognitionAdmin
from ledger.customers.admin import CustomerAdmin
from ledger.discounts.admin import DiscountGrantAdmin
from ledger.disputes.admin import ChargebackAdmin, DisputeAdmin
from ledger.documents.admin import DocumentAdmin
from ledger.events.admin import EventAdmin, ReactionAdmin
from ledger.explanations.admin import GivenExplanationAdmin
from ledger.fx.admin import ExchangeAdmin, ExchangeRateAdmin, PositionStepAdmin
from ledger.holds.admin import HoldAdmin
from ledger.invoices.admin import CreditNoteAdmin, InvoiceAdmin
from ledger.jurisdictions.admin import JurisdictionRuleAdmin, TaxIdCheckAdmin
from ledger.payments.admin import PaymentAdmin, PaymentMethodAdmin
from ledger.refunds.admin import RefundAdmin
from ledger.subscriptions.admin import SubscriptionAdmin, SubscriptionChangeAdmin
from ledger.usage.admin import UsageEventAdmin

__all__ = [
    "AccountAdmin",
    "AddOnAdmin",
    "AgreementAdmin",
    "ApprovalAdmin",
    "AuthorityLimitAdmin",
    "BillingExceptionAdmin",
    "BillingRunAdmin",
    "ChargeAdmin",
    "ChargebackAdmin",
    "CreditNoteAdmin",
    "CustomerAdmin",
    "DiscountGrantAdmin",
    "DisputeAdmin",
    "DocumentAdmin",
    "EventAdmin",
    "ExchangeAdmin",
    "ExchangeRateAdmin",
    "GivenExplanationAdmin",
    "HoldAdmin",
    "InvoiceAdmin",
    "JournalEntryAdmin",
    "JurisdictionRuleAdmin",
    "MonthCloseAdmin",
    "OneOffItemAdmin",
    "PaymentAdmin",
    "PaymentMethodAdmin",
    "PlanAdmin",
    "PositionStepAdmin",
    "ReactionAdmin",
    "RecognitionAdmin",
    "RefundAdmin",
    "SubscriptionAdmin",
    "SubscriptionChangeAdmin",
    "TaxIdCheckAdmin",
    "UsageEventAdmin",
]
