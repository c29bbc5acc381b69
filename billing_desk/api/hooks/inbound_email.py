"""A mail provider posts a raw e-mail (RFC 5322): `POST /hooks/email?mailbox=billing@…`."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from billing_desk.api.errors import answer
from billing_desk.api.hooks.signature import signed_hook
from ledger.errors import InvalidInput
from tickets.intake.operations import receive_email


@signed_hook
def inbound_email(request: HttpRequest, at: datetime) -> HttpResponse:
    """Take one mail. 2xx means that it is stored; anything else means: deliver it again."""
    if not request.body.strip():
        raise InvalidInput("The body is empty: send the raw e-mail.")
    mailbox = request.GET.get("mailbox", "").strip().lower() or settings.SUPPORT_ADDRESS
    ticket = receive_email(request.body, mailbox=mailbox, at=at)
    # None: the mail was here before, or is kept aside as a machine's; either way it need not come again.
    return answer(202, {"ticket": ticket.pk if ticket else None})
