"""Table of contents: every model of the ledger."""

from ledger.adjustments.correction_models import CorrectionBatch, CorrectionItem
from ledger.adjustments.models import Adjustment, AdjustmentReason, TeamBudget
from ledger.agreements.models import Agreement, AgreementAcceptance
from ledger.authority.models import Approval, ApprovalRule, ApprovalVote, AuthorityLimit, Freeze, LimitChange
from ledger.billing.models import BillingException, BillingRun, BillingStep
from ledger.books.models import (
    Account,
    Balance,
    BalanceDelta,
    DayClose,
    JournalEntry,
    Period,
    Posting,
    Seal,
)
from ledger.catalogue.models import AddOn, OneOffItem, Plan, Price, Product
from ledger.charges.models import Charge
from ledger.closing.models import MonthClose, Recognition
from ledger.collections.fee_models import LateFee
from ledger.collections.models import DunningStep, Ladder, PaymentPromise, PromisedInvoice, Rung
from ledger.customers.models import ContactPoint, Customer
from ledger.discounts.models import DiscountGrant, DiscountUse
from ledger.disputes.answer_models import ChargebackAnswer
from ledger.disputes.models import (
    Chargeback,
    ChargebackPack,
    ChargebackStep,
    Dispute,
    DisputeDraft,
    DisputeSight,
    EvidenceBundle,
    EvidenceItem,
    ProvisionalCredit,
)
from ledger.documents.models import Document
from ledger.entitlements.models import Access, AccessOverride, AccessPolicy
from ledger.events.models import Event, Reaction
from ledger.explanations.models import GivenExplanation
from ledger.fx.models import Exchange, ExchangeRate, PositionStep
from ledger.hardship.models import HardshipCase
from ledger.holds.models import Hold
from ledger.imports.models import ImportedRecord, ImportFilePart, ImportProblem, ImportRun
from ledger.instalments.acceptance import PlanAcceptance
from ledger.instalments.models import Instalment, PaymentPlan, PlanBill
from ledger.invoices.models import CreditNote, CreditNoteLine, Invoice, InvoiceLine, NumberSeries
from ledger.jurisdictions.models import JurisdictionRule, TaxIdCheck
from ledger.offers.models import SaveOffer, ShownOffer
from ledger.payments.attempt_models import Attempt, Collection, GatewayCircuit, GatewayReport, PaymentLink
from ledger.payments.choice_models import MethodChoice
from ledger.payments.mandate_models import Mandate
from ledger.payments.models import Payment, PaymentAllocation, PaymentMethod, SandboxTransfer
from ledger.payments.retry_models import NetworkRule, Retry, RetrySchedule
from ledger.printing.models import DeliveryChoice, Letter, PrintBatch
from ledger.reconciliation.models import Break, SettlementFile, SettlementLine
from ledger.reconciliation.parked_models import ParkedReport
from ledger.refunds.models import Refund
from ledger.subscriptions.models import Subscription, SubscriptionAddOn, SubscriptionChange, SubscriptionTerms
from ledger.usage.models import UsageEvent

__all__ = [
    "Access",
    "AccessOverride",
    "AccessPolicy",
    "Account",
    "AddOn",
    "Adjustment",
    "AdjustmentReason",
    "Agreement",
    "AgreementAcceptance",
    "Approval",
    "ApprovalRule",
    "ApprovalVote",
    "Attempt",
    "AuthorityLimit",
    "Balance",
    "BalanceDelta",
    "BillingException",
    "BillingRun",
    "BillingStep",
    "Break",
    "Charge",
    "Chargeback",
    "ChargebackAnswer",
    "ChargebackPack",
    "ChargebackStep",
    "Collection",
    "ContactPoint",
    "CorrectionBatch",
    "CorrectionItem",
    "CreditNote",
    "CreditNoteLine",
    "Customer",
    "DayClose",
    "DeliveryChoice",
    "DiscountGrant",
    "DiscountUse",
    "Dispute",
    "DisputeDraft",
    "DisputeSight",
    "Document",
    "DunningStep",
    "Event",
    "EvidenceBundle",
    "EvidenceItem",
    "Exchange",
    "ExchangeRate",
    "Freeze",
    "GatewayCircuit",
    "GatewayReport",
    "GivenExplanation",
    "HardshipCase",
    "Hold",
    "ImportFilePart",
    "ImportProblem",
    "ImportRun",
    "ImportedRecord",
    "Instalment",
    "Invoice",
    "InvoiceLine",
    "JournalEntry",
    "JurisdictionRule",
    "Ladder",
    "LateFee",
    "Letter",
    "LimitChange",
    "Mandate",
    "MethodChoice",
    "MonthClose",
    "NetworkRule",
    "NumberSeries",
    "OneOffItem",
    "ParkedReport",
    "Payment",
    "PaymentAllocation",
    "PaymentLink",
    "PaymentMethod",
    "PaymentPlan",
    "PaymentPromise",
    "Period",
    "Plan",
    "PlanAcceptance",
    "PlanBill",
    "PositionStep",
    "Posting",
    "Price",
    "PrintBatch",
    "Product",
    "PromisedInvoice",
    "ProvisionalCredit",
    "Reaction",
    "Recognition",
    "Refund",
    "Retry",
    "RetrySchedule",
    "Rung",
    "SandboxTransfer",
    "SaveOffer",
    "Seal",
    "SettlementFile",
    "SettlementLine",
    "ShownOffer",
    "Subscription",
    "SubscriptionAddOn",
    "SubscriptionChange",
    "SubscriptionTerms",
    "TaxIdCheck",
    "TeamBudget",
    "UsageEvent",
]
