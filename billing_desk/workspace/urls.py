"""`/desk/…`: the agents' workspace."""

from django.urls import path

from billing_desk.workspace import (
    calls,
    composer,
    customers,
    disputes,
    files,
    queues,
    refunds,
    search,
    security,
    sign_in,
    tickets,
    why,
)

app_name = "desk"
urlpatterns = [
    path("", queues.desk, name="desk"),
    path("sign-in", sign_in.sign_in, name="sign-in"),
    path("sign-in/code", sign_in.second_factor, name="second-factor"),
    path("sign-out", sign_in.sign_out, name="sign-out"),
    path("security", security.security, name="security"),
    path("security/recovery-codes", security.new_recovery_codes, name="recovery-codes"),
    path("tickets/next", queues.next_ticket, name="next-ticket"),
    path("tickets/<int:ticket_id>/", tickets.ticket, name="ticket"),
    path("tickets/<int:ticket_id>/news", tickets.news, name="news"),
    path("tickets/<int:ticket_id>/reply", composer.reply, name="reply"),
    path("tickets/<int:ticket_id>/note", composer.note, name="note"),
    path("tickets/<int:ticket_id>/template", composer.use_template, name="template"),
    path("tickets/<int:ticket_id>/check", composer.check, name="check"),
    path("tickets/<int:ticket_id>/resolve", tickets.resolve, name="resolve"),
    path("tickets/<int:ticket_id>/take", tickets.take, name="take"),
    path("tickets/<int:ticket_id>/references/<int:reference_id>", tickets.choose, name="choose"),
    path("tickets/<int:ticket_id>/why", why.why, name="why"),
    path("tickets/<int:ticket_id>/explain", why.put_into_reply, name="explain"),
    path("tickets/<int:ticket_id>/<slug:name>", tickets.panel, name="panel"),
    path("disputes/<int:dispute_id>/uphold", disputes.decide, {"decision": "uphold"}, name="uphold"),
    path("disputes/<int:dispute_id>/reject", disputes.decide, {"decision": "reject"}, name="reject"),
    path("disputes/<int:dispute_id>/withdraw", disputes.decide, {"decision": "withdraw"}, name="withdraw"),
    path("approvals/", refunds.approvals, name="approvals"),
    path("refunds/<int:refund_id>/approve", refunds.approve, name="approve"),
    path("refunds/<int:refund_id>/decline", refunds.decline, name="decline"),
    path("refunds/<int:refund_id>/cancel", refunds.cancel, name="cancel"),
    path("customers/<int:customer_id>/", customers.customer, name="customer"),
    path("invoices/<int:invoice_id>/", customers.invoice, name="invoice"),
    path("entries/<str:source>", customers.entries, name="entries"),
    path("files/<int:attachment_id>", files.attachment, name="file"),
    path("calls/", calls.calls, name="calls"),
    path("search", search.search, name="search"),
]
