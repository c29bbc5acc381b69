"""What a signed-in customer writes in the portal, as an InboundMessage."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from ledger.customers.models import ContactPoint, Customer
from tickets.conversations.inbound import Address, Channel, InboundAttachment, InboundMessage, digest_body
from tickets.conversations.models import Ticket

#: One file of a form: its name, the type the browser declared, and its bytes.
UploadedFile = tuple[str, str, bytes]


def from_portal(
    customer: Customer,
    contact_point: ContactPoint,
    subject: str,
    text: str,
    files: Sequence[UploadedFile] = (),
    *,
    ticket: Ticket | None = None,
    form_id: str = "",
) -> InboundMessage:
    """Return the message; `ticket` is the case it continues, `form_id` makes a form that is sent twice one message."""
    attachments = tuple(InboundAttachment(name, declared, content) for name, declared, content in files)
    digest = digest_body(str(customer.pk), subject, text, *(each.content for each in attachments))
    return InboundMessage(
        channel=Channel.PORTAL,
        message_id=f"<{form_id or uuid.uuid4()}.{customer.pk}@portal>",
        sender=Address(contact_point.value, contact_point.person or customer.name),
        subject=subject,
        text=text,
        reply_text=text,
        attachments=attachments,
        body_digest=digest,
        plus_token=ticket.token if ticket else "",
    )
