"""A file a customer sent: downloaded, never drawn by the browser as a page of ours; and the file of a whole case."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from billing_desk.workspace.access import is_own_account, needs, note_view, refuse_own_account, staff_actor
from billing_desk.workspace.answers import go
from billing_desk.workspace.tickets import open_case
from ledger.errors import DomainError, InvalidInput, NotFound
from tickets.casefile.operations import export_case_file
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


@needs("case.export")
@require_GET
def case_file(request: HttpRequest, ticket_id: int, form: str) -> HttpResponseBase:
    """Hand the file of a case over; who took it out and its hash are on record."""
    found = open_case(request, ticket_id)
    if isinstance(found, HttpResponse):
        return found
    try:
        made = export_case_file(ticket_id, form=form, by=staff_actor(request), at=timezone.now())
    except InvalidInput as unknown:
        raise Http404(str(unknown)) from unknown
    except DomainError as refusal:
        return go(request, f"/desk/tickets/{ticket_id}/", refusal=str(refusal))
    answer = FileResponse(made.content, as_attachment=True, filename=made.file_name)
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
