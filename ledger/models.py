"""Table of contents: every model of the ledger."""

from ledger.authority.models import Approval, AuthorityLimit
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
from ledger.customers.models import ContactPoint, Customer
from ledger.disputes.models import Chargeback, Dispute, EvidenceBundle
from ledger.events.models import Event, Reaction
from ledger.invoices.models import CreditNote, Invoice, InvoiceLine, NumberSeries
from ledger.payments.models import Payment, PaymentAllocation, PaymentMethod, SandboxTransfer
from ledger.refunds.models import Refund
from ledger.subscriptions.models import Subscription, SubscriptionAddOn
from ledger.usage.models import UsageEvent

__all__ = [
    "Account",
    "AddOn",
    "Approval",
    "AuthorityLimit",
    "Balance",
    "BalanceDelta",
    "Charge",
    "Chargeback",
    "ContactPoint",
    "CreditNote",
    "Customer",
    "DayClose",
    "Dispute",
    "Event",
    "EvidenceBundle",
    "Invoice",
    "InvoiceLine",
    "JournalEntry",
    "NumberSeries",
    "OneOffItem",
    "Payment",
    "PaymentAllocation",
    "PaymentMethod",
    "Period",
    "Plan",
    "Posting",
    "Price",
    "Product",
    "Reaction",
    "Refund",
    "SandboxTransfer",
    "Seal",
    "Subscription",
    "SubscriptionAddOn",
    "UsageEvent",
]
