"""A file a customer sent: downloaded, never drawn by the browser as a page of ours."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from billing_desk.workspace.access import is_own_account, needs, note_view, refuse_own_account
from ledger.errors import NotFound
from tickets.conversations.queries import get_attachment

#: Pictures may be looked at in place; everything else is saved.
SHOWN = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})


@needs("desk.open")
@require_GET
def attachment(request: HttpRequest, attachment_id: int) -> HttpResponse:
    """Answer with a stored file."""
    try:
        found = get_attachment(attachment_id)
    except NotFound as missing:
        raise Http404(str(missing)) from missing
    customer_id = found.message.ticket.customer_id
    if is_own_account(request, customer_id):
        return refuse_own_account(request, f"attachment:{attachment_id}", int(customer_id or 0))
    if customer_id is not None:
        note_view(request, customer_id, what=f"attachment:{attachment_id}")
    kind = found.media_type if found.media_type in SHOWN else "application/octet-stream"
    answer = HttpResponse(bytes(found.content or b""), content_type=kind)
    answer["Content-Disposition"] = content_disposition_header(kind not in SHOWN, found.name) or "attachment"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
