"""`/account/…`: the customers' portal."""

from django.urls import path

from billing_desk.portal import (
    cases,
    conversations,
    home,
    invoices,
    preferences,
    sign_in,
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
    path("conversations/", conversations.conversations, name="conversations"),
    path("conversations/new", conversations.ask, name="ask"),
    path("conversations/<int:ticket_id>/", conversations.conversation, name="conversation"),
    path("conversations/<int:ticket_id>/files/<int:attachment_id>", conversations.attached_file, name="attached-file"),
    path("cases/", cases.cases, name="cases"),
    path("disputes/<int:dispute_id>/", cases.dispute, name="dispute"),
    path("refunds/<int:refund_id>/", cases.refund, name="refund"),
    path("subscriptions/", subscription.plans, name="plans"),
    path("subscriptions/<int:subscription_id>/", subscription.plan, name="plan"),
    path("subscriptions/<int:subscription_id>/<slug:name>", subscription.change, name="plan-change"),
    path("preferences/", preferences.preferences, name="preferences"),
]
