"""`/account/…`: the customers' portal."""

from django.urls import path

from billing_desk.portal import (
    agreements,
    cases,
    conversations,
    documents,
    home,
    invoices,
    plans,
    preferences,
    sign_in,
    statements,
    subscription,
    verification,
)

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("sign-in", sign_in.ask, name="sign-in"),
    path("sign-in/<str:token>", sign_in.confirm, name="confirm"),
    path("accounts", sign_in.choose, name="choose"),
    path("sign-out", sign_in.leave, name="sign-out"),
    path("verify/<str:token>", verification.verify, name="verify"),
    path("invoices/", invoices.bills, name="bills"),
    path("invoices/<int:invoice_id>/", invoices.bill, name="bill"),
    path("invoices/<int:invoice_id>/pdf", documents.bill_file, name="bill-file"),
    path("credit-notes/<int:note_id>/pdf", documents.credit_note_file, name="credit-note-file"),
    path("statement", statements.statement, name="statement"),
    path("statement/pdf", statements.statement_file, name="statement-file"),
    path("conversations/", conversations.conversations, name="conversations"),
    path("conversations/new", conversations.ask, name="ask"),
    path("conversations/<int:ticket_id>/", conversations.conversation, name="conversation"),
    path("conversations/<int:ticket_id>/files/<int:attachment_id>", conversations.attached_file, name="attached-file"),
    path("cases/", cases.cases, name="cases"),
    path("disputes/<int:dispute_id>/", cases.dispute, name="dispute"),
    path("refunds/<int:refund_id>/", cases.refund, name="refund"),
    path("subscriptions/", plans.plans, name="plans"),
    path("subscriptions/<int:subscription_id>/", plans.plan, name="plan"),
    path("subscriptions/<int:subscription_id>/changes/<int:change_id>/", subscription.changed, name="plan-changed"),
    path("subscriptions/<int:subscription_id>/changes/<int:change_id>/undo", subscription.undo, name="plan-undo"),
    path("subscriptions/<int:subscription_id>/<slug:name>", subscription.change, name="plan-change"),
    path("agreements/<int:agreement_id>/", agreements.agreement, name="agreement"),
    path("preferences/", preferences.preferences, name="preferences"),
]
