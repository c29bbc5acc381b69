"""The customer's own bills as files."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from billing_desk.documents import open_document
from billing_desk.portal.access import page, refuse_foreign, sees_money
from billing_desk.portal.session import SignedIn
from ledger.customers.operations import record_view
from ledger.documents.glyphs import MissingGlyph
from ledger.documents.models import Document
from ledger.errors import DomainError


@require_GET
@sees_money
def bill_file(request: HttpRequest, who: SignedIn, invoice_id: int) -> HttpResponse:
    """Hand out one bill as it was issued."""
    return _hand_out(request, who, f"invoice:{invoice_id}")


@require_GET
@sees_money
def credit_note_file(request: HttpRequest, who: SignedIn, note_id: int) -> HttpResponse:
    """Hand out one credit note as it was issued."""
    return _hand_out(request, who, f"creditnote:{note_id}")


def _hand_out(request: HttpRequest, who: SignedIn, subject: str) -> HttpResponse:
    at = timezone.now()
    try:
        document = open_document(subject, customer_id=who.customer.pk, by=who.actor, at=at)
    except MissingGlyph:
        return page(request, who, "portal/not_found.html", status=404)
    except DomainError:
        refuse_foreign(subject, who)
    record_view(who.customer.pk, what=f"document:{document.pk}", by=who.actor, at=at)
    return as_file(document)


def as_file(document: Document) -> HttpResponse:
    """Return a document as a download under its own name; its bytes never change."""
    answer = HttpResponse(bytes(document.content), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{document.file_name}"'
    answer["ETag"] = f'"{document.sha256}"'
    return answer
