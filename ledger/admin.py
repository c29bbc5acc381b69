"""Table of contents: every admin page of the ledger."""

from ledger.adjustments.admin import (
    AdjustmentAdmin,
    AdjustmentReasonAdmin,
    CorrectionBatchAdmin,
    CorrectionItemAdmin,
    TeamBudgetAdmin,
)
from ledger.agreements.admin import AgreementAdmin
from ledger.authority.admin import (
    ApprovalAdmin,
    ApprovalRuleAdmin,
    ApprovalVoteAdmin,
    AuthorityLimitAdmin,
    FreezeAdmin,
    LimitChangeAdmin,
)
from ledger.billing.admin import BillingExceptionAdmin, BillingRunAdmin
from ledger.books.admin import AccountAdmin, JournalEntryAdmin
from ledger.catalogue.admin import AddOnAdmin, OneOffItemAdmin, PlanAdmin
from ledger.charges.admin import ChargeAdmin
from ledger.closing.admin import MonthCloseAdmin, RecognitionAdmin
from ledger.collections.admin import DunningStepAdmin, LadderAdmin, LateFeeAdmin, PaymentPromiseAdmin
from ledger.customers.admin import CustomerAdmin
from ledger.discounts.admin import DiscountGrantAdmin
from ledger.disputes.admin import ChargebackAdmin, DisputeAdmin, DisputeDraftAdmin, ProvisionalCreditAdmin
from ledger.documents.admin import DocumentAdmin
from ledger.entitlements.admin import AccessAdmin, AccessOverrideAdmin, AccessPolicyAdmin
from ledger.events.admin import EventAdmin, ReactionAdmin
from ledger.explanations.admin import GivenExplanationAdmin
from ledger.fx.admin import ExchangeAdmin, ExchangeRateAdmin, PositionStepAdmin
from ledger.hardship.admin import HardshipCaseAdmin
from ledger.holds.admin import HoldAdmin
from ledger.imports.admin import ImportProblemAdmin, ImportRunAdmin
from ledger.instalments.admin import InstalmentAdmin, PaymentPlanAdmin, PlanAcceptanceAdmin
from ledger.invoices.admin import CreditNoteAdmin, InvoiceAdmin
from ledger.jurisdictions.admin import JurisdictionRuleAdmin, TaxIdCheckAdmin
from ledger.offers.admin import SaveOfferAdmin, ShownOfferAdmin
from ledger.payments.admin import (
    AttemptAdmin,
    GatewayCircuitAdmin,
    GatewayReportAdmin,
    PaymentAdmin,
    PaymentLinkAdmin,
    PaymentMethodAdmin,
)
from ledger.payments.choice_admin import MethodChoiceAdmin
from ledger.payments.retry_admin import NetworkRuleAdmin, RetryAdmin, RetryScheduleAdmin
from ledger.printing.admin import DeliveryChoiceAdmin, LetterAdmin, PrintBatchAdmin
from ledger.reconciliation.admin import BreakAdmin, SettlementFileAdmin, SettlementLineAdmin
from ledger.refunds.admin import RefundAdmin
from ledger.subscriptions.admin import SubscriptionAdmin, SubscriptionChangeAdmin
from ledger.usage.admin import UsageEventAdmin

__all__ = [
    "AccessAdmin",
    "AccessOverrideAdmin",
    "AccessPolicyAdmin",
    "AccountAdmin",
    "AddOnAdmin",
    "AdjustmentAdmin",
    "AdjustmentReasonAdmin",
    "AgreementAdmin",
    "ApprovalAdmin",
    "ApprovalRuleAdmin",
    "ApprovalVoteAdmin",
    "AttemptAdmin",
    "AuthorityLimitAdmin",
    "BillingExceptionAdmin",
    "BillingRunAdmin",
    "BreakAdmin",
    "ChargeAdmin",
    "ChargebackAdmin",
    "CorrectionBatchAdmin",
    "CorrectionItemAdmin",
    "CreditNoteAdmin",
    "CustomerAdmin",
    "DeliveryChoiceAdmin",
    "DiscountGrantAdmin",
    "DisputeAdmin",
    "DisputeDraftAdmin",
    "DocumentAdmin",
    "DunningStepAdmin",
    "EventAdmin",
    "ExchangeAdmin",
    "ExchangeRateAdmin",
    "FreezeAdmin",
    "GatewayCircuitAdmin",
    "GatewayReportAdmin",
    "GivenExplanationAdmin",
    "HardshipCaseAdmin",
    "HoldAdmin",
    "ImportProblemAdmin",
    "ImportRunAdmin",
    "InstalmentAdmin",
    "InvoiceAdmin",
    "JournalEntryAdmin",
    "JurisdictionRuleAdmin",
    "LadderAdmin",
    "LateFeeAdmin",
    "LetterAdmin",
    "LimitChangeAdmin",
    "MethodChoiceAdmin",
    "MonthCloseAdmin",
    "NetworkRuleAdmin",
    "OneOffItemAdmin",
    "PaymentAdmin",
    "PaymentLinkAdmin",
    "PaymentMethodAdmin",
    "PaymentPlanAdmin",
    "PaymentPromiseAdmin",
    "PlanAcceptanceAdmin",
    "PlanAdmin",
    "PositionStepAdmin",
    "PrintBatchAdmin",
    "ProvisionalCreditAdmin",
    "ReactionAdmin",
    "RecognitionAdmin",
    "RefundAdmin",
    "RetryAdmin",
    "RetryScheduleAdmin",
    "SaveOfferAdmin",
    "SettlementFileAdmin",
    "SettlementLineAdmin",
    "ShownOfferAdmin",
    "SubscriptionAdmin",
    "SubscriptionChangeAdmin",
    "TaxIdCheckAdmin",
    "TeamBudgetAdmin",
    "UsageEventAdmin",
]
