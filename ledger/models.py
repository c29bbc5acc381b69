"""Table of contents: every model of the ledger."""

from ledger.agreements.models import Agreement, AgreementAcceptance
from ledger.authority.models import Approval, AuthorityLimit
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
from ledger.customers.models import ContactPoint, Customer
from ledger.discounts.models import DiscountGrant, DiscountUse
from ledger.disputes.models import Chargeback, Dispute, EvidenceBundle
from ledger.documents.models import Document
from ledger.events.models import Event, Reaction
from ledger.explanations.models import GivenExplanation
from ledger.fx.models import Exchange, ExchangeRate, PositionStep
from ledger.holds.models import Hold
from ledger.invoices.models import CreditNote, CreditNoteLine, Invoice, InvoiceLine, NumberSeries
from ledger.jurisdictions.models import JurisdictionRule, TaxIdCheck
from ledger.payments.models import Payment, PaymentAllocation, PaymentMethod, SandboxTransfer
from ledger.refunds.models import Refund
from ledger.subscriptions.models import Subscription, SubscriptionAddOn, SubscriptionChange, SubscriptionTerms
from ledger.usage.models import UsageEvent

__all__ = [
    "Account",
    "AddOn",
    "Agreement",
    "AgreementAcceptance",
    "Approval",
    "AuthorityLimit",
    "Balance",
    "BalanceDelta",
    "BillingException",
    "BillingRun",
    "BillingStep",
    "Charge",
    "Chargeback",
    "ContactPoint",
    "CreditNote",
    "CreditNoteLine",
    "Customer",
    "DayClose",
    "DiscountGrant",
    "DiscountUse",
    "Dispute",
    "Document",
    "Event",
    "EvidenceBundle",
    "Exchange",
    "ExchangeRate",
    "GivenExplanation",
    "Hold",
    "Invoice",
    "InvoiceLine",
    "JournalEntry",
    "JurisdictionRule",
    "MonthClose",
    "NumberSeries",
    "OneOffItem",
    "Payment",
    "PaymentAllocation",
    "PaymentMethod",
    "Period",
    "Plan",
    "PositionStep",
    "Posting",
    "Price",
    "Product",
    "Reaction",
    "Recognition",
    "Refund",
    "SandboxTransfer",
    "Seal",
    "Subscription",
    "SubscriptionAddOn",
    "SubscriptionChange",
    "SubscriptionTerms",
    "TaxIdCheck",
    "UsageEvent",
]
