"""`/api/v1/…` and `/hooks/…`; billing_desk/urls.py includes both lists at the root."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from billing_desk.api.hooks.calls import call_event
from billing_desk.api.hooks.inbound_email import inbound_email
from billing_desk.api.hooks.inbound_sms import inbound_sms
from billing_desk.api.hooks.payment_gateway import payment_report
from billing_desk.api.schema import docs, schema
from billing_desk.api.v1 import (
    access,
    billing_runs,
    calls,
    catalogue,
    changes,
    charges,
    credit_notes,
    customers,
    dispute_decisions,
    disputes,
    drafts,
    events,
    explanations,
    invoices,
    payments,
    refunds,
    subscriptions,
    tickets,
    usage,
)

api_urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/customers", customers.Customers.as_view()),
    path("api/v1/customers/<int:pk>", customers.OneCustomer.as_view()),
    path("api/v1/customers/<int:pk>/account", customers.CustomerAccount.as_view()),
    path("api/v1/customers/<int:pk>/access", access.CustomerAccess.as_view()),
    path("api/v1/customers/<int:pk>/statement", explanations.CustomerStatement.as_view()),
    path("api/v1/customers/<int:pk>/contact_points", customers.ContactPoints.as_view()),
    path("api/v1/charges", charges.Charges.as_view()),
    path("api/v1/charges/<int:pk>", charges.OneCharge.as_view()),
    path("api/v1/charges/<int:pk>/reverse", charges.ChargeReversal.as_view()),
    path("api/v1/invoices", invoices.Invoices.as_view()),
    path("api/v1/invoices/<int:pk>", invoices.OneInvoice.as_view()),
    path("api/v1/invoices/<int:pk>/explanation", explanations.InvoiceExplanation.as_view()),
    path("api/v1/invoices/<int:pk>/pdf", explanations.InvoicePdf.as_view()),
    path("api/v1/invoices/<int:pk>/void", drafts.InvoiceVoid.as_view()),
    path("api/v1/invoice_drafts", drafts.Drafts.as_view()),
    path("api/v1/invoice_drafts/<int:pk>/issue", drafts.DraftIssue.as_view()),
    path("api/v1/invoice_drafts/<int:pk>/discard", drafts.DraftDiscard.as_view()),
    path("api/v1/credit_notes", credit_notes.CreditNotes.as_view()),
    path("api/v1/credit_notes/<int:pk>", credit_notes.OneCreditNote.as_view()),
    path("api/v1/products", catalogue.Products.as_view()),
    path("api/v1/products/<int:pk>", catalogue.OneProduct.as_view()),
    path("api/v1/billing_runs", billing_runs.BillingRuns.as_view()),
    path("api/v1/billing_runs/<int:pk>", billing_runs.OneBillingRun.as_view()),
    path("api/v1/aged_receivables", billing_runs.AgedReceivables.as_view()),
    path("api/v1/payments", payments.Payments.as_view()),
    path("api/v1/payments/failures", payments.PaymentFailures.as_view()),
    path("api/v1/payments/<int:pk>", payments.OnePayment.as_view()),
    path("api/v1/payments/<int:pk>/move", payments.PaymentMove.as_view()),
    path("api/v1/refunds", refunds.Refunds.as_view()),
    path("api/v1/refunds/<int:pk>", refunds.OneRefund.as_view()),
    path("api/v1/refunds/<int:pk>/approve", refunds.RefundApproval.as_view()),
    path("api/v1/refunds/<int:pk>/decline", refunds.RefundDecline.as_view()),
    path("api/v1/refunds/<int:pk>/cancel", refunds.RefundCancel.as_view()),
    path("api/v1/refunds/<int:pk>/reroute", refunds.RefundReroute.as_view()),
    path("api/v1/disputes", disputes.Disputes.as_view()),
    path("api/v1/disputes/<int:pk>", disputes.OneDispute.as_view()),
    path("api/v1/disputes/<int:pk>/withdraw", disputes.DisputeWithdrawal.as_view()),
    path("api/v1/disputes/<int:pk>/review", dispute_decisions.DisputeReview.as_view()),
    path("api/v1/disputes/<int:pk>/decision", dispute_decisions.DisputeDecision.as_view()),
    path("api/v1/subscriptions", subscriptions.Subscriptions.as_view()),
    path("api/v1/subscriptions/<int:pk>", subscriptions.OneSubscription.as_view()),
    path("api/v1/subscriptions/<int:pk>/pause", subscriptions.SubscriptionPause.as_view()),
    path("api/v1/subscriptions/<int:pk>/resume", subscriptions.SubscriptionResume.as_view()),
    path("api/v1/subscriptions/<int:pk>/cancel", subscriptions.SubscriptionCancel.as_view()),
    path("api/v1/subscriptions/<int:pk>/changes", changes.SubscriptionChanges.as_view()),
    path("api/v1/subscriptions/<int:pk>/changes/preview", changes.SubscriptionPreview.as_view()),
    path("api/v1/subscriptions/<int:pk>/forecast", changes.SubscriptionForecast.as_view()),
    path("api/v1/subscription_changes/<int:pk>/withdraw", changes.ChangeWithdrawal.as_view()),
    path("api/v1/usage", usage.Usage.as_view()),
    path("api/v1/tickets", tickets.Tickets.as_view()),
    path("api/v1/tickets/<int:pk>", tickets.OneTicket.as_view()),
    path("api/v1/tickets/<int:pk>/messages", tickets.TicketMessages.as_view()),
    path("api/v1/events", events.Events.as_view()),
    path("api/v1/calls", calls.Calls.as_view()),
    path("api/v1/schema", schema, name="api_schema"),
    path("api/v1/docs", docs, name="api_docs"),
]

hook_urlpatterns: list[URLPattern | URLResolver] = [
    path("hooks/email", inbound_email, name="hook_email"),
    path("hooks/sms", inbound_sms, name="hook_sms"),
    path("hooks/calls", call_event, name="hook_calls"),
    path("hooks/payments", payment_report, name="hook_payments"),
]
